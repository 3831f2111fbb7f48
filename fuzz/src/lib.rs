//! Oracles: what must hold for every input, as ordinary functions. A fuzz target calls one; `cargo test` runs each on
//! the corpus, on what fuzzing has found before, and on noise, without a fuzzer and on stable.
//!
//! An oracle panics where its promise is broken, and returns otherwise.
#![forbid(unsafe_code)]

mod inputs;
mod judging;
mod reader;
mod second;
mod smith;

pub use inputs::{contract_from_binary, sigma_rules, sysmon_xml};
pub use judging::{contract_grows, reject_has_reason, report_stable};
pub use reader::{parse_prefix, second_reader, text_roundtrip};
pub use smith::{one_break_one_finding, sensor, sensors, smith_is_accepted};

use channel_parser::channel::{self, CellKind, cells, encode};
use channel_parser::draft::Draft;
use channel_parser::model::view::Content;
use channel_parser::{Error, sysmon, text};
use std::fs;
use std::path::{Path, PathBuf};

/// An oracle.
pub type Oracle = fn(&[u8]);

/// Every target, in one place: a test compares the list with the crate's binaries.
pub const TARGETS: &[(&str, Oracle)] = &[
    ("parse_bytes", parse_bytes),
    ("parse_prefix", parse_prefix),
    ("second_reader", second_reader),
    ("reject_has_reason", reject_has_reason),
    ("smith_is_accepted", smith_is_accepted),
    ("one_break_one_finding", one_break_one_finding),
    ("contract_grows", contract_grows),
    ("text_roundtrip", text_roundtrip),
    ("report_stable", report_stable),
    ("contract_from_binary", contract_from_binary),
    ("sysmon_blob", sysmon_blob),
    ("sysmon_xml", sysmon_xml),
    ("sigma_rules", sigma_rules),
];

/// The reader on any bytes.
///
/// - Errors lie inside the file, and refusal and acceptance agree between [`channel::parse`] and [`channel::examine`].
/// - The cells cover each byte exactly once.
/// - What is accepted says the same when it is written again: encoding gives the same bytes, directly and by way of
///   the text form.
pub fn parse_bytes(bytes: &[u8]) {
    let end = bytes.len() as u64;
    let mut errors = Vec::new();
    let examined = channel::examine(bytes, &mut |error| errors.push(error));
    inside(&errors, bytes);
    let mut next = 0;
    for cell in cells(bytes) {
        assert_eq!(cell.span.start, next, "{} does not follow the cell before it", cell.path);
        assert!(cell.span.end > next, "{} is empty", cell.path);
        next = cell.span.end;
    }
    assert_eq!(next, end, "the cells end before the file");
    match channel::parse(bytes) {
        Err(error) => assert_eq!(errors.first(), Some(&error)),
        Ok(file) => {
            assert!(errors.is_empty() && examined.is_some());
            assert!(!cells(bytes).any(|cell| matches!(cell.kind, CellKind::Undecoded(_))));
            let draft = Draft::from(&file);
            assert_eq!(encode(&draft).expect("what was read can be written"), bytes);
            let printed = text::print(&file);
            assert_eq!(text::assemble(&printed).expect("what was printed can be assembled"), bytes);
            nested(&file);
            views(&Content::Channel(file));
        }
    }
}

/// The reader of Sysmon's rule blobs on any bytes.
///
/// - Errors lie inside the blob, and the cells cover each byte exactly once.
/// - Walking all views of a broken blob ends, and costs no more than its bytes; those of the model show each filter
///   once.
/// - What is accepted says the same when it is written again, directly and by way of the text form.
pub fn sysmon_blob(bytes: &[u8]) {
    let end = bytes.len() as u64;
    let mut errors = Vec::new();
    let examined = sysmon::examine(bytes, &mut |error| errors.push(error));
    inside(&errors, bytes);
    assert!(errors.iter().all(|error| error.span.is_some()), "an error about no bytes");
    let mut next = 0;
    for cell in sysmon::cells(bytes) {
        assert_eq!(cell.span.start, next, "{} does not follow the cell before it", cell.path);
        assert!(cell.span.end > next, "{} is empty", cell.path);
        next = cell.span.end;
    }
    assert_eq!(next, end, "the cells end before the blob");
    let filters = examined.map_or(0, |blob| blob.events().map(|event| event.filters().count()).sum());
    assert!(filters <= bytes.len(), "{filters} filters in {end} bytes");
    if let Some(content @ Content::Blob(_)) = Content::examine(bytes, &mut |_| {}) {
        assert_eq!(content.criteria().count(), filters);
        views(&content);
    }
    match sysmon::parse(bytes) {
        Err(error) => assert_eq!(errors.first(), Some(&error)),
        Ok(blob) => {
            assert!(errors.is_empty());
            assert_eq!(sysmon::encode(&blob.draft()).expect("what was read can be written"), bytes);
            let printed = sysmon::print(&blob, &());
            assert_eq!(sysmon::assemble(&printed).expect("what was printed can be assembled"), bytes);
        }
    }
}

/// Errors name bytes that are there.
fn inside(errors: &[Error], bytes: &[u8]) {
    let end = bytes.len() as u64;
    for error in errors {
        if let Some(span) = &error.span {
            assert!(span.start <= span.end && span.end <= end, "{error} at {span:?} of {end} bytes");
        }
    }
}

/// The views that all formats share lie in the file, and each knows what it belongs to.
fn views(content: &Content<'_>) {
    let end = content.bytes().len() as u64;
    for detection in content.detections() {
        assert!(detection.span().end <= end);
        for instance in detection.instances() {
            assert_eq!(instance.detection().map(|own| own.path()), Some(detection.path()));
            for criterion in instance.criteria() {
                assert_eq!(criterion.instance().path(), instance.path());
                assert!(criterion.span().end <= end, "{} ends at {}", criterion.path(), criterion.span().end);
            }
        }
    }
}

/// Every view of an accepted file answers, and lies inside the file and in its parent's order.
fn nested(file: &channel::ChannelFile<'_>) {
    let end = file.bytes().len() as u64;
    let mut next = 0;
    for detection in file.detections() {
        assert!(detection.id().is_some() && detection.level().is_some() && detection.provenance().is_some());
        for instance in detection.include().chain(detection.exclude()) {
            assert_eq!(instance.index().0, next);
            next += 1;
            assert_eq!(instance.detection().map(|own| own.index()), Some(detection.index()));
            assert!(instance.template().is_some());
            assert_eq!(instance.criteria().len() as u32, instance.field_count());
        }
    }
    assert_eq!(next as usize, file.instances().len());
    let mut operands = 0;
    for pattern in file.patterns() {
        assert!(pattern.operand().is_some());
        let span = pattern.operand_span();
        assert!(span.start >= operands && span.end <= end);
        operands = span.end;
    }
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
    let seed = |path: PathBuf| {
        let bytes = fs::read(&path).expect("a file of the corpus");
        let name = path.to_string_lossy().into_owned();
        match std::str::from_utf8(&bytes) {
            Ok(source) if name.ends_with(".chn.txt") => {
                text::assemble(source).unwrap_or_else(|error| panic!("{name}:{error}"))
            }
            Ok(source) if name.ends_with(".blob.txt") || name.ends_with(".rules.txt") => {
                sysmon::assemble(source).unwrap_or_else(|error| panic!("{name}:{error}"))
            }
            _ => bytes,
        }
    };
    files(&corpus()).into_iter().map(seed).collect()
}

/// Runs a target on the files that are named: how a finding is reproduced without a fuzzer.
pub fn main(target: &str) {
    let oracle =
        TARGETS.iter().find(|(name, _)| *name == target).map(|(_, oracle)| oracle).expect("a target");
    for path in std::env::args_os().skip(1) {
        let bytes = std::fs::read(&path).expect("a file to run the target on");
        oracle(&bytes);
        println!("{}: {target} holds", path.to_string_lossy());
    }
}
