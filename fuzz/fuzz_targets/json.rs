//! Any bytes as JSON.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ingest::fuzzing::any_file(bytes, "orders.json"));
