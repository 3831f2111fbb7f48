//! What the tests share: where data lies, and the template types of the shipped contract.
#![allow(dead_code, reason = "each test uses its part")]

pub mod event;
pub mod judge;
pub mod naive;

use channel_parser::model::{InputType, TypeId, TypeRevision};
use channel_sources::{Input, SourceFile, Template};
use flate2::read::GzDecoder;
use std::io::Read;
use std::path::{Path, PathBuf};

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Third-party data, which is not part of the project. Says which test did not run where it is absent.
pub fn data(file: &str, test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("CONTENTGATE_DATA").map(PathBuf::from);
    let path = folder.unwrap_or_else(|| root().join("../shared/data")).join(file);
    if path.exists() {
        return Some(path);
    }
    not_run(format_args!("{test} did not run: there is no {}", path.display()));
    None
}

pub fn unpacked(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

/// The rules of an archive.
pub fn rules(path: &Path) -> Vec<SourceFile> {
    let bytes = unpacked(path);
    let mut files = Vec::new();
    for entry in tar::Archive::new(bytes.as_slice()).entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".yml") {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            files.push(SourceFile { name, bytes });
        }
    }
    files
}

/// The shipped contract for a Windows sensor.
pub fn contract() -> toml::Table {
    let text = std::fs::read_to_string(root().join("corpus/contracts/windows/sensor.toml")).unwrap();
    text.parse().unwrap()
}

/// Its template types.
pub fn templates() -> Vec<Template> {
    contract()["types"].as_array().unwrap().iter().map(template).collect()
}

fn template(value: &toml::Value) -> Template {
    let number = |key: &str| u32::try_from(value[key].as_integer().unwrap()).unwrap();
    let fields = value["fields"].as_array().unwrap();
    assert_eq!(number("supplied"), u32::try_from(fields.len()).unwrap());
    let input = |field: &toml::Value| Input {
        name: field["name"].as_str().unwrap().to_string(),
        input: InputType::from_word(field["input"].as_str().unwrap()).unwrap(),
    };
    Template {
        id: TypeId(number("id")),
        revision: TypeRevision(number("revision")),
        name: value["name"].as_str().unwrap().to_string(),
        inputs: fields.iter().map(input).collect(),
        unsupplied: vec![],
    }
}

/// Says what did not run, past the capture of the test runner: one who runs the tests must see it.
pub fn not_run(what: std::fmt::Arguments<'_>) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "\n{what}");
}
