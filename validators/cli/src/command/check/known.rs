//! What is known of the files of a check: good events, and expected matches.

use crate::content::Content;
use crate::exit::Failure;
use crate::input;
use channel_gate::known_good::{Expected, Given, named};
use channel_validators::{Member, Subject};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The longest list of expected matches.
const LIST_BYTES: u64 = 64 << 20;

/// What is known of each file: all good events, and the matches that are expected of what it has. One that is expected of
/// what no file has is missed by the first.
pub fn of(
    good: &[PathBuf],
    expected: Vec<Expected>,
    files: &[(&PathBuf, Content)],
    fleet: &[Member],
) -> Vec<Given> {
    let mut known = vec![Given { good: good.to_vec(), ..Given::default() }; files.len()];
    let mut names = Vec::new();
    for (_, content) in files.iter().filter(|_| !expected.is_empty()) {
        let subject = Subject::read("", &content.bytes);
        let of = |member: &Member| Some(named(subject.content.as_ref()?, &member.contract).into_keys());
        names.push(fleet.iter().filter_map(of).flatten().collect::<BTreeSet<_>>());
    }
    for expected in expected {
        let of = names.iter().position(|names| names.contains(&expected.detection)).unwrap_or(0);
        if let Some(known) = known.get_mut(of) {
            known.expected.push(expected);
        }
    }
    known
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
