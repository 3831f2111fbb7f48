//! Every blob of our corpus, cut at every byte, with every byte changed, and with every offset bent to every structure:
//! whatever comes of it is told with its place, and reading it costs no more than its bytes.

mod common;

use channel_parser::ErrorKind;
use channel_parser::model::view::{Content, Criterion};
use channel_parser::sysmon::draft::Draft;
use channel_parser::sysmon::{self, Cell, Kind};
use common::everywhere;
use std::collections::BTreeSet;

/// Those that are whole, each once: what our compiler made, and what the texts beside the rules describe.
fn blobs() -> BTreeSet<Vec<u8>> {
    let texts = everywhere(".blob.txt").into_iter().map(|(path, text)| {
        let text = String::from_utf8(text).expect("a text");
        sysmon::assemble(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    });
    let made = everywhere(".bin").into_iter().map(|(_, bytes)| bytes);
    let blobs: BTreeSet<_> = made.chain(texts).filter(|bytes| sysmon::parse(bytes).is_ok()).collect();
    assert!(blobs.len() > 30, "only {} blobs", blobs.len());
    blobs
}

/// Reads bytes and looks at every view; says whether they are accepted.
fn read(bytes: &[u8]) -> bool {
    let length = bytes.len() as u64;
    let mut errors = 0;
    let blob = sysmon::examine(bytes, &mut |error| {
        let span = error.span.clone().unwrap_or_else(|| panic!("{error} about no bytes"));
        assert!(span.start <= span.end && span.end <= length, "{error} at {span:?} of {length}");
        assert!(error.path.steps().next().is_some(), "{error} at no place");
        errors += 1;
    });
    assert!(errors <= bytes.len() / 4 + 8, "{errors} errors in {length} bytes");
    let content = blob.map(Content::Blob);
    let mut seen = 0;
    for criterion in content.iter().flat_map(|content| content.criteria()) {
        let Criterion::Blob { item, filter } = criterion else { panic!("a filter") };
        assert!(criterion.span().end <= length && item.event().offset() < filter.offset());
        seen += filter.span().end - filter.offset();
    }
    assert!(seen <= length, "views of {seen} bytes in {length}");
    errors == 0
}

/// What is accepted says something else than before, and only in this way.
fn means_something_else(bytes: &[u8], before: &Draft, what: impl Fn() -> String) {
    let draft = sysmon::parse(bytes).unwrap().draft();
    assert_ne!(&draft, before, "{}", what());
    assert_eq!(sysmon::encode(&draft).as_deref(), Ok(bytes), "{}", what());
}

#[test]
fn every_truncation_is_refused() {
    for bytes in blobs() {
        for length in 0..bytes.len() {
            assert!(!read(&bytes[..length]), "cut to {length} of {}", bytes.len());
        }
    }
}

/// The values that a byte is changed to: all of them where it is part of a number of a small blob, one for text of the
/// largest.
fn values(at: usize, byte: u8, cell: &Cell, length: usize) -> impl Iterator<Item = u8> {
    let all = cell.kind == Kind::Number && length < 2048;
    let few = [0, 0xff, byte ^ 1, byte ^ 0x80];
    let one = (cell.kind != Kind::Number && length > LARGE).then_some(byte ^ 1 << (at % 8));
    (0..=255)
        .filter(move |value| *value != byte && one.map_or(all || few.contains(value), |one| one == *value))
}

/// A blob of hundreds of filters.
const LARGE: usize = 1 << 16;

#[test]
fn every_changed_byte_is_refused_or_means_something_else() {
    for mut bytes in blobs() {
        let before = sysmon::parse(&bytes).unwrap().draft();
        let cells: Vec<_> = sysmon::cells(&bytes).collect();
        for cell in &cells {
            for at in cell.span.start as usize..cell.span.end as usize {
                let right = bytes[at];
                for value in values(at, right, cell, bytes.len()) {
                    bytes[at] = value;
                    if read(&bytes) {
                        means_something_else(&bytes, &before, || format!("{} = {value:#x}", cell.path));
                    }
                }
                bytes[at] = right;
            }
        }
    }
}

#[test]
fn every_offset_bent_to_every_structure_is_refused_or_means_something_else() {
    let mut kinds = BTreeSet::new();
    for mut bytes in blobs() {
        let before = sysmon::parse(&bytes).unwrap().draft();
        let cells: Vec<_> = sysmon::cells(&bytes).collect();
        let last = |cell: &Cell| cell.path.steps().last().map_or("", |(name, _)| name);
        let offsets = ["next", "first", "first_event", "first_aggregation", "aggregation_offset"];
        let links = cells.iter().filter(|cell| offsets.contains(&last(cell)));
        let starts = cells.iter().filter(|cell| ["version", "id", "field", "name"].contains(&last(cell)));
        let starts: BTreeSet<_> = starts.map(|cell| cell.span.start as u32).collect();
        let length = bytes.len() as u32;
        let step = if bytes.len() > LARGE { 8 } else { 1 };
        for (nth, link) in links.enumerate() {
            let at = link.span.start as usize..link.span.end as usize;
            let right: [u8; 4] = bytes[at.clone()].try_into().unwrap();
            let structures = starts.iter().copied().skip(nth % step).step_by(step);
            for target in structures.chain([length - 8, length, length + 8, u32::MAX - 7]) {
                bytes[at.clone()].copy_from_slice(&target.to_le_bytes());
                if bytes[at.clone()] == right {
                    continue;
                }
                if read(&bytes) {
                    means_something_else(&bytes, &before, || format!("{} = {target:#x}", link.path));
                } else {
                    sysmon::examine(&bytes, &mut |error| _ = kinds.insert(error.kind));
                }
            }
            bytes[at].copy_from_slice(&right);
        }
    }
    for kind in
        [ErrorKind::Cycle, ErrorKind::Overlap, ErrorKind::Outside, ErrorKind::Order, ErrorKind::Length]
    {
        assert!(kinds.contains(&kind), "no bent list is told as {kind:?}");
    }
}
