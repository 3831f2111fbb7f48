//! The files of the corpus, and blessed outputs.

#![allow(dead_code, reason = "each test uses its part")]

use std::path::{Path, PathBuf};
use std::{env, fs};

/// The files with this ending in a folder, sorted: name and content.
pub fn texts(folder: &str, ending: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.to_str().unwrap().ends_with(ending));
    paths.sort();
    assert!(!paths.is_empty(), "no {ending} in {}", folder.display());
    paths.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// The files with this ending anywhere in the corpus, sorted: name and bytes.
pub fn everywhere(ending: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_str().unwrap().ends_with(ending) {
                found.push((path.clone(), fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// Compares an output with the file that holds what it should be; with `BLESS=1` it is written there.
pub fn blessed(expected: &Path, output: &str) {
    if env::var_os("BLESS").is_some() {
        fs::write(expected, output).unwrap();
    }
    let wanted = fs::read_to_string(expected).unwrap_or_default();
    assert_eq!(output, wanted, "{} differs; if the output is right, BLESS=1 writes it", expected.display());
}
