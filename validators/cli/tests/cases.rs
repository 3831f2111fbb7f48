//! Whole runs as text: each file in `cases/` holds commands as one types them, what they print, and their exit status; comments
//! stand above the first.
//! `$TMP` is a folder of the case's own.

mod common;

use std::fmt::Write;
use std::path::Path;

#[test]
fn every_case_prints_what_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() > 5);
    for case in cases {
        let text = std::fs::read_to_string(&case).unwrap();
        common::blessed(&case, replayed(&text).as_bytes());
    }
}

/// The case with what its commands print now.
fn replayed(case: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().to_str().unwrap();
    let mut out = String::new();
    for line in case.lines() {
        if line.starts_with('#') && !out.contains("$ ") {
            writeln!(out, "{line}").unwrap();
        } else if let Some(command) = line.strip_prefix("$ ") {
            let words: Vec<String> =
                command.split_whitespace().map(|word| word.replace("$TMP", here)).collect();
            let (program, arguments) = words.split_first().unwrap();
            assert_eq!(program, "contentgate");
            let (stdout, stderr, status) =
                common::run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
            let printed = format!("{stdout}{stderr}").replace(here, "$TMP");
            write!(out, "$ {command}\n{printed}[exit {status}]\n\n").unwrap();
        }
    }
    out
}
