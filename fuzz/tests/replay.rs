//! Every oracle on every file that we have: the corpus, what fuzzing found before, and noise.

use channel_fuzz::{TARGETS, corpus, cross, edit, files, seeds, seeds_of};
use std::fs;
use std::path::Path;

#[test]
fn every_oracle_holds_on_the_corpus() {
    let inputs = seeds();
    let contents = inputs.iter().filter(|bytes| bytes.starts_with(b"\x89CHN")).count();
    assert!(contents > 10, "only {contents} channel files in the corpus");
    for target in TARGETS {
        inputs.iter().for_each(|bytes| (target.oracle)(bytes));
        let seeds = seeds_of(target.seeds);
        assert!(!seeds.is_empty(), "{} starts from nothing", target.name);
        seeds.iter().for_each(|bytes| (target.oracle)(bytes));
    }
}

#[test]
fn every_oracle_holds_on_what_was_found_before() {
    for target in TARGETS {
        for path in files(&corpus().join("regress").join(target.name)) {
            (target.oracle)(&fs::read(path).unwrap());
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
        TARGETS.iter().for_each(|target| (target.oracle)(&bytes));
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
    assert_eq!(binaries, TARGETS.iter().map(|target| target.name).collect::<Vec<_>>());
    for name in binaries {
        let target = fs::read_to_string(here.join(format!("targets/{name}.rs"))).unwrap();
        assert!(target.contains(&format!(" {name});")), "{name} calls another oracle");
    }
}

#[test]
fn every_oracle_holds_on_edited_content() {
    let inputs = seeds_of(channel_fuzz::Kind::Content);
    let (mut accepted, mut edited) = (0, 0);
    for seed in 0..600u32 {
        let (one, other) = (&inputs[seed as usize % inputs.len()], &inputs[seed as usize * 7 % inputs.len()]);
        let mut data = [one.as_slice(), &[0; 512]].concat();
        let most = data.len();
        let size = if seed % 5 == 0 {
            cross(one, other, &mut data, seed)
        } else {
            edit(&mut data, one.len(), most, seed)
        };
        let bytes = &data[..size];
        edited += u32::from(bytes != one.as_slice());
        accepted += u32::from(channel_parser::channel::parse(bytes).is_ok());
        TARGETS.iter().for_each(|target| (target.oracle)(bytes));
    }
    assert!(edited > 400, "only {edited} of 600 were edited");
    assert!(accepted > 100, "only {accepted} of 600 got past the reader");
}

#[test]
fn the_dictionary_has_the_words_of_the_formats() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("contentgate.dict");
    let made = channel_fuzz::dictionary();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &made).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), made, "BLESS=1 writes {}", path.display());
}
