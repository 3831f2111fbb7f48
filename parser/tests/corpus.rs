//! The corpus: content that the reader accepts, and one broken file for each reason to refuse one.

mod common;

use channel_parser::channel::{CellKind, cells, encode, examine, parse};
use channel_parser::draft::{Draft, Pattern};
use channel_parser::model::{Level, Operator, Quantifier};
use channel_parser::{Error, ErrorKind, sysmon, text};
use common::{blessed, everywhere, texts};
use std::collections::BTreeSet;
use std::fmt::Write;

const VALID: &str = "../corpus/valid";
const BROKEN: &str = "../corpus/broken";

fn assemble(source: &str) -> Vec<u8> {
    text::assemble(source).unwrap_or_else(|error| panic!("{error} in\n{source}"))
}

fn valid() -> Vec<Vec<u8>> {
    texts(VALID, ".chn.txt").iter().map(|(_, source)| assemble(source)).collect()
}

fn drafts() -> Vec<Draft> {
    valid().iter().map(|bytes| Draft::from(&parse(bytes).unwrap())).collect()
}

fn errors(bytes: &[u8]) -> Vec<Error> {
    let mut errors = Vec::new();
    examine(bytes, &mut |error| errors.push(error));
    errors
}

fn blob_errors(bytes: &[u8]) -> Vec<Error> {
    let mut errors = Vec::new();
    sysmon::examine(bytes, &mut |error| errors.push(error));
    errors
}

#[test]
fn valid_texts_are_canonical_but_for_their_comments() {
    for (path, source) in texts(VALID, ".chn.txt") {
        let bytes = assemble(&source);
        let file =
            parse(&bytes).unwrap_or_else(|error| panic!("{}: {}: {error}", path.display(), error.path));
        let bare: String = source.split_inclusive('\n').filter(|line| !line.starts_with('#')).collect();
        assert_eq!(text::print(&file), bare, "{}", path.display());
        assert_eq!(encode(&Draft::from(&file)).unwrap(), bytes);
    }
}

#[test]
fn valid_texts_use_every_word() {
    let drafts = drafts();
    let detections = || drafts.iter().flat_map(|draft| &draft.detections);
    let levels: BTreeSet<_> = detections().map(|detection| detection.level).collect();
    assert!(levels.into_iter().eq(Level::ALL.iter().copied()));
    let instances = || detections().flat_map(|detection| detection.include.iter().chain(&detection.exclude));
    let clauses = || instances().flat_map(|one| &one.criteria).flat_map(|criterion| &criterion.clauses);
    let quantifiers: BTreeSet<_> = clauses().map(|clause| clause.quantifier).collect();
    assert!(quantifiers.into_iter().eq(Quantifier::ALL.iter().copied()));
    let mut patterns = BTreeSet::new();
    for pattern in clauses().flat_map(|clause| &clause.patterns) {
        patterns.insert((pattern.operator(), matches!(pattern, Pattern::Text { nocase: true, .. })));
    }
    assert!(Operator::ALL.iter().all(|operator| patterns.contains(&(*operator, false))));
    assert!(
        drafts.iter().any(|draft| draft.types.len() > 1) && detections().any(|one| !one.exclude.is_empty())
    );
    assert!(drafts.iter().any(|draft| !draft.extra.is_empty()));
}

/// Every channel file that a text anywhere in the corpus makes and that the reader accepts, each once.
fn accepted() -> BTreeSet<Vec<u8>> {
    let files =
        everywhere(".chn.txt").into_iter().map(|(_, text)| assemble(&String::from_utf8(text).unwrap()));
    files.filter(|bytes| parse(bytes).is_ok()).collect()
}

/// The checksum finds it, wherever it is; the other checks are tried below.
#[test]
fn every_change_of_one_byte_is_refused() {
    let files = accepted();
    assert!(files.len() > valid().len() + 2, "the incidents and the rules have some too");
    for mut bytes in files {
        for at in 0..bytes.len() {
            let right = bytes[at];
            for wrong in (0..=255).filter(|wrong| *wrong != right) {
                bytes[at] = wrong;
                assert!(parse(&bytes).is_err(), "byte {at} = {wrong:#x}");
            }
            bytes[at] = right;
        }
    }
}

/// Behind a right checksum a changed byte is refused, or is other content that is written in just this way.
#[test]
fn every_flipped_bit_behind_a_right_checksum_is_refused_or_means_something_else() {
    for bytes in valid() {
        let before = Draft::from(&parse(&bytes).unwrap());
        let mut changed = bytes[..bytes.len() - 16].to_vec();
        for bit in 0..changed.len() * 8 {
            changed[bit / 8] ^= 1 << (bit % 8);
            let mut sealed = changed.clone();
            sealed.extend(channel_parser::channel::checksum(&changed).iter().flat_map(|n| n.to_le_bytes()));
            if let Ok(file) = parse(&sealed) {
                let draft = Draft::from(&file);
                assert_ne!(draft, before, "bit {bit} means nothing");
                assert_eq!(encode(&draft).unwrap(), sealed, "bit {bit} is a second spelling");
            }
            changed[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

#[test]
fn every_truncation_and_extension_is_refused() {
    for mut bytes in valid() {
        for length in 0..bytes.len() {
            assert!(parse(&bytes[..length]).is_err(), "cut to {length}");
        }
        for more in 0..100 {
            bytes.push(more);
            assert!(parse(&bytes).is_err(), "{more} bytes more");
        }
    }
}

#[test]
fn every_zero_filled_tail_is_refused() {
    for bytes in valid() {
        for from in 0..bytes.len() - 16 {
            let mut torn = bytes.clone();
            torn[from..].fill(0);
            assert!(parse(&torn).is_err(), "zero from {from}");
        }
    }
}

#[test]
fn broken_files_are_refused_for_the_blessed_reason() {
    let files = texts(BROKEN, ".chn.txt").into_iter().map(|(path, text)| (path, errors(&assemble(&text))));
    let blobs = texts(BROKEN, ".blob.txt").into_iter().map(|(path, text)| {
        let bytes = sysmon::assemble(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path, blob_errors(&bytes))
    });
    for (path, errors) in files.chain(blobs) {
        let mut output = String::new();
        assert!(!errors.is_empty(), "{} is accepted", path.display());
        for error in errors {
            let span =
                error.span.as_ref().map_or("no bytes".into(), |span| format!("{}..{}", span.start, span.end));
            writeln!(output, "{:?} at {} ({span})\n  {error}", error.kind, error.path).unwrap();
        }
        blessed(&path.with_extension("").with_extension("expect"), &output);
    }
}

#[test]
fn every_kind_of_error_has_a_broken_file() {
    let sources = texts(BROKEN, ".chn.txt");
    let mut kinds: BTreeSet<_> =
        sources.iter().flat_map(|(_, source)| errors(&assemble(source))).map(|e| e.kind).collect();
    for (path, blob) in everywhere(".blob.txt") {
        let blob = sysmon::assemble(std::str::from_utf8(&blob).unwrap());
        let bytes = blob.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        sysmon::examine(&bytes, &mut |error| _ = kinds.insert(error.kind));
    }
    let missing: Vec<_> = ErrorKind::ALL.iter().filter(|kind| !kinds.contains(kind)).collect();
    assert!(missing.is_empty(), "no broken file shows {missing:?}");
}

#[test]
fn every_error_points_into_the_file_at_labelled_bytes() {
    for (path, source) in texts(BROKEN, ".chn.txt") {
        let bytes = assemble(&source);
        for error in errors(&bytes) {
            let Some(span) = error.span else {
                assert!(bytes.is_empty(), "{}: {error} at no bytes", path.display());
                continue;
            };
            assert!(span.start < span.end && span.end <= bytes.len() as u64, "{}: {span:?}", path.display());
            assert!(cells(&bytes).any(|cell| cell.span.contains(&span.start)));
        }
    }
}

/// A value that makes no sense is at fault where the cell of the same label stands.
#[test]
fn the_label_of_a_wrong_value_is_that_of_its_cell() {
    for (path, source) in texts(BROKEN, ".chn.txt") {
        let bytes = assemble(&source);
        for error in errors(&bytes).into_iter().filter(|error| error.kind.spares_the_rest()) {
            let span = error.span.unwrap();
            let cell = cells(&bytes).find(|cell| cell.span.contains(&span.start)).unwrap();
            assert_eq!(cell.path.to_string(), error.path.to_string(), "{}", path.display());
            assert!(!matches!(cell.kind, CellKind::Undecoded(_)));
        }
    }
}

/// Each broken text is damaged in as many places as it has errors, whatever follows from them.
#[test]
fn independent_errors_are_reported_without_their_consequences() {
    for (path, source) in texts(BROKEN, ".chn.txt") {
        let sets = source.lines().filter(|line| line.starts_with("set ")).count().max(1);
        let errors = errors(&assemble(&source));
        assert!((1..=sets).contains(&errors.len()), "{}: {errors:?}", path.display());
    }
}
