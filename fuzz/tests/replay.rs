//! Every oracle on every file that we have: the corpus, what fuzzing found before, and noise.

use channel_fuzz::{TARGETS, corpus, files, seeds};
use std::fs;
use std::path::Path;

#[test]
fn every_oracle_holds_on_the_corpus() {
    let inputs = seeds();
    let contents = inputs.iter().filter(|bytes| bytes.starts_with(b"\x89CHN")).count();
    assert!(contents > 10, "only {contents} channel files in the corpus");
    for (_, oracle) in TARGETS {
        inputs.iter().for_each(|bytes| oracle(bytes));
    }
}

#[test]
fn every_oracle_holds_on_what_was_found_before() {
    for (name, oracle) in TARGETS {
        for path in files(&corpus().join("regress").join(name)) {
            oracle(&fs::read(path).unwrap());
        }
    }
}

#[test]
fn every_oracle_holds_on_noise() {
    let inputs = seeds();
    let mut state = 1u64;
    let mut next = move || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize
    };
    for _ in 0..2_000 {
        let mut bytes = inputs[next() % inputs.len()].clone();
        bytes.truncate(4096);
        for _ in 0..1 + next() % 4 {
            if !bytes.is_empty() {
                let at = next() % bytes.len();
                bytes[at] = next() as u8;
            }
        }
        // Half of the noise gets past the checksum.
        if next() % 2 == 0 && bytes.len() >= 16 {
            let body = bytes.len() - 16;
            let sums = channel_parser::channel::checksum(&bytes[..body]);
            bytes.truncate(body);
            bytes.extend(sums.iter().flat_map(|sum| sum.to_le_bytes()));
        }
        TARGETS.iter().for_each(|(_, oracle)| oracle(&bytes));
    }
}

#[test]
fn the_list_of_targets_is_that_of_the_binaries() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(here.join("Cargo.toml")).unwrap();
    let binaries: Vec<_> = manifest
        .split("[[bin]]")
        .skip(1)
        .filter_map(|bin| bin.split("name = \"").nth(1)?.split('"').next())
        .collect();
    assert_eq!(binaries, TARGETS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for name in binaries {
        let target = fs::read_to_string(here.join(format!("targets/{name}.rs"))).unwrap();
        assert!(target.contains(&format!("channel_fuzz::{name}(")), "{name} calls another oracle");
    }
}
