//! Any bytes between the marks of a Parquet file.

#![no_main]

libfuzzer_sys::fuzz_target!(
    init: {
        // The decoder panics on damaged pages, which the importer catches. A panic that gets out still ends the run.
        std::panic::set_hook(Box::new(|info| eprintln!("{info}")));
    },
    |bytes: &[u8]| {
        let mut file = bytes.to_vec();
        if file.len() > 8 {
            let end = file.len() - 4;
            file[..4].copy_from_slice(b"PAR1");
            file[end..].copy_from_slice(b"PAR1");
        }
        ingest::fuzzing::any_file(&file, "orders.parquet");
    }
);
