//! `fuzz csv|json|parquet|mapping SECONDS SEED FILE...`: mutated files through the checks of `ingest::fuzzing`.
//!
//! For where libFuzzer is not at hand. The input of a round that fails is written to `fuzz-failed.bin`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Xorshift: the same seed makes the same inputs.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0) % below.max(1)
    }
}

const PIECES: &[&[u8]] = &[
    b"\"",
    b",",
    b"\n",
    b"\r",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b"\\",
    b"\0",
    b"\xFF",
    b"\xFF\xFE",
    b"2024-03-04",
    b"1e9",
    b"-",
    b"\t",
    b";",
    b"PAR1",
    b"PK\x03\x04",
    b"null",
    b"\\u0000",
    b"{\"a\":",
    b"\x1f\x8b\x08",
];

fn mutate(input: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
    for _ in 0..=dice.roll(6) {
        let at = dice.roll(input.len() + 1);
        match dice.roll(7) {
            0 if at < input.len() => input[at] ^= 1 << dice.roll(8),
            1 if at < input.len() => input[at] = u8::try_from(dice.roll(256)).unwrap_or(0),
            2 => {
                let end = (at + dice.roll(40)).min(input.len());
                input.drain(at..end);
            }
            3 => {
                let piece = PIECES[dice.roll(PIECES.len())];
                input.splice(at..at, piece.iter().copied());
            }
            4 if !other.is_empty() => {
                let from = dice.roll(other.len());
                let to = (from + dice.roll(200)).min(other.len());
                input.splice(at..at, other[from..to].iter().copied());
            }
            5 => {
                let end = (at + dice.roll(60)).min(input.len());
                let again = input[at..end].to_vec();
                input.splice(at..at, again);
            }
            _ => input.truncate(input.len() - dice.roll(input.len().min(30) + 1)),
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let usage = "usage: fuzz csv|json|parquet|mapping SECONDS SEED FILE...";
    let mut arguments = std::env::args().skip(1);
    let target = arguments.next().ok_or(usage)?;
    let seconds: u64 = arguments.next().ok_or(usage)?.parse()?;
    let seed: u64 = arguments.next().ok_or(usage)?.parse()?;
    let mut seeds = vec![b"order,date,item,qty,price\n1,2024-03-04,Mug,1,4.50\n".to_vec()];
    for path in arguments {
        let bytes = std::fs::read(path)?;
        if bytes.len() < 100_000 {
            seeds.push(bytes);
        }
    }
    println!("{target}: {} files, seed {seed}", seeds.len());
    let mut dice = Dice(seed | 1);
    let end = Instant::now() + Duration::from_secs(seconds);
    let (mut rounds, mut slowest) = (0_u64, Duration::ZERO);
    while Instant::now() < end {
        let mut input = seeds[dice.roll(seeds.len())].clone();
        let other = seeds[dice.roll(seeds.len())].clone();
        mutate(&mut input, &other, &mut dice);
        let start = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| match target.as_str() {
            "mapping" => ingest::fuzzing::any_columns(&input),
            other => ingest::fuzzing::any_file(&input, &format!("file.{other}")),
        }));
        rounds += 1;
        let took = start.elapsed();
        if took > slowest {
            slowest = took;
            if took > Duration::from_secs(2) {
                std::fs::write("fuzz-slow.bin", &input)?;
            }
        }
        if outcome.is_err() {
            std::fs::write("fuzz-failed.bin", &input)?;
            return Err(
                format!("round {rounds} of seed {seed} failed: see fuzz-failed.bin").into(),
            );
        }
    }
    println!("{target}: {rounds} rounds without a failure, the slowest {slowest:?}");
    Ok(())
}
