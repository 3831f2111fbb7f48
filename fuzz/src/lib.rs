//! Oracles: what must hold for every input, as ordinary functions. A fuzz target calls one; `cargo test` runs each on
//! the corpus, on what fuzzing has found before, and on noise, without a fuzzer and on stable.
//!
//! An oracle panics where its promise is broken, and returns otherwise.
#![forbid(unsafe_code)]

mod binaries;
mod dictionary;
mod gate;
mod inputs;
mod judging;
mod naive;
mod near;
mod planted;
mod reader;
mod running;
mod second;
mod seeds;
mod smith;
mod tailored;
mod target;

pub use dictionary::dictionary;
pub use gate::{recorded_events, witness_is_one};
pub use inputs::{contract_from_binary, sigma_rules, sysmon_xml};
pub use judging::{contract_grows, reject_has_reason, report_stable};
pub use planted::{PLANTED, Planted, plant, table as planted_table};
pub use reader::{parse_prefix, second_reader, text_roundtrip};
pub use running::{accepted_never_faults, interpreter_agrees};
pub use seeds::{Kind, corpus, files, seeds, seeds_of};
pub use smith::{Made, config, one_break_one_finding, sensor, sensors, smith_is_accepted};
pub use target::{Target, cross, edit, edit_lines};

use channel_parser::channel::{self, CellKind, cells, encode};
use channel_parser::draft::Draft;
use channel_parser::model::view::Content;
use channel_parser::{Error, sysmon, text};
use std::process::ExitCode;

macro_rules! targets {
    ($($kind:ident $oracle:ident,)*) => {
        &[$(Target { name: stringify!($oracle), oracle: $oracle, seeds: Kind::$kind },)*]
    };
}

/// Every target, in one place: a test compares the list with the crate's binaries.
pub const TARGETS: &[Target] = targets! {
    Content parse_bytes,
    Content parse_prefix,
    Content second_reader,
    Content accepted_never_faults,
    Content reject_has_reason,
    Choices smith_is_accepted,
    Choices one_break_one_finding,
    Content interpreter_agrees,
    Content contract_grows,
    Text text_roundtrip,
    Content report_stable,
    Binary contract_from_binary,
    Content sysmon_blob,
    Configuration sysmon_xml,
    Rules sigma_rules,
    Content witness_is_one,
    Events recorded_events,
};

/// The reader on any bytes.
///
/// - Errors lie inside the file, and refusal and acceptance agree between [`channel::parse`] and [`channel::examine`].
/// - The cells cover each byte exactly once, and show it in one line.
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
        one_line(&cell.value(bytes));
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
/// - Errors lie inside the blob, and the cells cover each byte exactly once and show it in one line.
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
        one_line(&cell.value(bytes));
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

/// What is shown of bytes is one line without a control character.
fn one_line(shown: &dyn std::fmt::Display) {
    let shown = shown.to_string();
    assert!(!shown.is_empty() && !shown.contains(char::is_control), "{shown:?}");
}

/// Errors name bytes that are there.
fn inside(errors: &[Error], bytes: &[u8]) {
    let end = bytes.len() as u64;
    for error in errors {
        one_line(error);
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

/// Runs a target on the files that are named: how a finding is reproduced without a fuzzer. A file that cannot be read is
/// told apart from one that shows something: that panics.
pub fn main(target: &str) -> ExitCode {
    plant();
    let oracle = TARGETS.iter().find(|one| one.name == target).expect("a target").oracle;
    let paths: Vec<_> = std::env::args_os().skip(1).collect();
    if paths.is_empty() {
        eprintln!("{target}: name the files to run it on");
        return ExitCode::from(2);
    }
    for path in paths {
        match std::fs::read(&path) {
            Ok(bytes) => oracle(&bytes),
            Err(error) => {
                eprintln!("{}: {error}", path.display());
                return ExitCode::from(2);
            }
        }
        println!("{}: {target} holds", path.display());
    }
    ExitCode::SUCCESS
}
