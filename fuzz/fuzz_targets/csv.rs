//! Any bytes as a delimited text.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ingest::fuzzing::any_file(bytes, "orders.csv"));
