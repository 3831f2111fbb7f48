//! What is known of the files of a check: good events, and expected matches.

use crate::content::Content;
use crate::exit::Failure;
use crate::input;
use channel_gate::known_good::{Expected, Given};
use channel_parser::Format;
use channel_validators::Subject;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The longest list of expected matches.
const LIST_BYTES: u64 = 64 << 20;

/// What is known of each file: all good events, and the matches that are expected of its detections. One that is expected of
/// a detection that no file has is missed by the first.
pub fn of(
    good: &[PathBuf],
    expected: Vec<Expected>,
    files: &[(&PathBuf, Content)],
) -> Result<Vec<Given>, Failure> {
    let asked = !good.is_empty() || !expected.is_empty();
    let other =
        |(_, content): &&(&PathBuf, Content)| asked && Format::of(&content.bytes) == Ok(Format::Sysmon);
    if let Some((path, _)) = files.iter().find(other) {
        let why = format!("--known-good and --expect are for channel files, and {} is none", path.display());
        return Err(Failure::wrong_use(why));
    }
    let mut known = vec![Given { good: good.to_vec(), ..Given::default() }; files.len()];
    let mut ids = Vec::new();
    for (_, content) in files.iter().filter(|_| !expected.is_empty()) {
        let subject = Subject::read("", &content.bytes);
        let own = subject.file().into_iter().flat_map(|file| file.detections());
        ids.push(own.map(|detection| detection.id().unwrap_or_default().to_owned()).collect::<BTreeSet<_>>());
    }
    for expected in expected {
        let of = ids.iter().position(|ids| ids.contains(&expected.detection)).unwrap_or(0);
        if let Some(known) = known.get_mut(of) {
            known.expected.push(expected);
        }
    }
    Ok(known)
}

/// The matches that are expected, and the files that they name noted as read.
pub fn lists(paths: &[PathBuf]) -> Result<Vec<Expected>, Failure> {
    let mut all = Vec::new();
    for path in paths {
        let text = input::read_text(path, LIST_BYTES)?;
        let list = Expected::list(path, &text);
        let list = list.map_err(|why| Failure::wrong_use(format!("{}: {why}", path.display())))?;
        if list.is_empty() {
            return Err(Failure::file(path, "expects nothing"));
        }
        input::will_read(list.iter().map(|expected| &expected.events));
        all.extend(list);
    }
    Ok(all)
}
