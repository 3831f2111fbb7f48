//! The project's corpus as inputs for fuzz targets: each target starts from files of the kind that it reads.

use crate::binaries;
use crate::target::Target;
use channel_contract::{Contract, bytes, toml};
use channel_parser::{sysmon, text};
use channel_smith::Seed;
use std::fs;
use std::path::{Path, PathBuf};

/// What a target reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Content files of any format, right and broken.
    Content,
    /// Text forms.
    Text,
    /// Contracts: as TOML, as sections, in binaries.
    Binary,
    /// Sysmon configurations.
    Configuration,
    /// Sigma rules.
    Rules,
    /// Recorded events.
    Events,
    /// Choices of a generator.
    Choices,
}

/// All files below a folder, sorted; none if it is not there.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// The project's corpus.
pub fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus")
}

/// Every file of the corpus as bytes: the texts of channel files and of blobs assembled, the rest as it is.
pub fn seeds() -> Vec<Vec<u8>> {
    files(&corpus()).iter().map(|path| seed(path)).collect()
}

fn seed(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).expect("a file of the corpus");
    let name = path.to_string_lossy();
    match std::str::from_utf8(&bytes) {
        Ok(source) if is_channel_text(&name) => {
            text::assemble(source).unwrap_or_else(|error| panic!("{name}:{error}"))
        }
        Ok(source) if is_blob_text(&name) => {
            sysmon::assemble(source).unwrap_or_else(|error| panic!("{name}:{error}"))
        }
        _ => bytes,
    }
}

fn is_channel_text(name: &str) -> bool {
    name.ends_with(".chn.txt")
}

fn is_blob_text(name: &str) -> bool {
    name.ends_with(".blob.txt") || name.ends_with(".rules.txt")
}

impl Target {
    /// What it starts from: the files of its kind, and what it found before.
    pub fn seeds(&self) -> Vec<Vec<u8>> {
        let found = files(&corpus().join("regress").join(self.name));
        let found = found.iter().map(|path| fs::read(path).expect("a file of the corpus"));
        seeds_of(self.seeds).into_iter().chain(found).collect()
    }
}

/// The files of the corpus that a target of this kind starts from: not those that show a planted bug, which are for proof.
pub fn seeds_of(kind: Kind) -> Vec<Vec<u8>> {
    let planted = corpus().join("planted");
    let paths: Vec<_> = files(&corpus()).into_iter().filter(|path| !path.starts_with(&planted)).collect();
    let named = |fits: fn(&str) -> bool| paths.iter().filter(move |path| fits(&path.to_string_lossy()));
    match kind {
        Kind::Content => {
            let content = |name: &str| {
                is_channel_text(name)
                    || is_blob_text(name)
                    || [".sys", ".bin", ".chn"].iter().any(|end| name.ends_with(end))
            };
            named(content).map(|path| seed(path)).collect()
        }
        Kind::Text => {
            let text = |name: &str| is_channel_text(name) || is_blob_text(name);
            named(text).map(|path| fs::read(path).expect("a text of the corpus")).collect()
        }
        Kind::Binary => {
            let texts: Vec<Vec<u8>> = named(|name| name.ends_with(".toml")).map(|path| seed(path)).collect();
            let contracts = texts.iter().filter_map(|text| toml::parse(std::str::from_utf8(text).ok()?).ok());
            // A change of a record without a seal gets past the checksum.
            let both = contracts.flat_map(|one| [Contract { sealed: false, ..one.clone() }, one]);
            let sections: Vec<_> = both.filter_map(|contract| bytes::write(&contract).ok()).collect();
            let smallest = sections.iter().min_by_key(|section| section.len());
            let binaries = smallest.map(|section| binaries::around(section)).unwrap_or_default();
            texts.into_iter().chain(sections).chain(binaries).collect()
        }
        Kind::Configuration => named(|name| name.ends_with(".xml")).map(|path| seed(path)).collect(),
        Kind::Rules => {
            let files: Vec<_> = named(|name| name.ends_with(".yml")).map(|path| seed(path)).collect();
            let alone = |file: &Vec<u8>| -> Vec<Vec<u8>> {
                let text = String::from_utf8_lossy(file);
                text.split("\n---\n").map(|rule| rule.as_bytes().to_vec()).collect()
            };
            files.iter().flat_map(alone).chain(files.clone()).collect()
        }
        Kind::Events => named(|name| name.ends_with(".jsonl")).map(|path| seed(path)).collect(),
        Kind::Choices => (0..64).map(|seed| Seed::new(seed).bytes().to_vec()).collect(),
    }
}
