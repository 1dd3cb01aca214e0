//! Any names over any values.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ingest::fuzzing::any_columns(bytes));
