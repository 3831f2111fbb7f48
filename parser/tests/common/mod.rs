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

/// Compares an output with the file that holds what it should be; with `BLESS=1` it is written there.
pub fn blessed(expected: &Path, output: &str) {
    if env::var_os("BLESS").is_some() {
        fs::write(expected, output).unwrap();
    }
    let wanted = fs::read_to_string(expected).unwrap_or_default();
    assert_eq!(output, wanted, "{} differs; if the output is right, BLESS=1 writes it", expected.display());
}
