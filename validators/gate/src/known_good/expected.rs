//! Matches that must come about, as a list says.

use super::named::names;
use super::{Ran, Rehearsal, run};
use crate::events::Replay;
use channel_parser::model::view::Content;
use channel_validators::report::Unread;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// One match that must come about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The id of the detection; of a rule blob a name of [`named`](super::named).
    pub detection: String,
    /// The file of events.
    pub events: PathBuf,
    /// The line of it, or the record of a log; otherwise any.
    pub number: Option<u64>,
    /// How many events of the file must match, no more and no less; otherwise one or more.
    pub matches: Option<u64>,
    /// Where the list says so.
    pub place: String,
}

/// What was found where a match must come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// So many matches.
    Matches(u64),
    /// No event: the last one of the file has this number.
    NoEvent {
        /// 0 if it has none.
        last: u64,
    },
}

/// One line of a list.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    detection: String,
    events: PathBuf,
    #[serde(default)]
    number: Option<u64>,
    #[serde(default)]
    matches: Option<u64>,
}

impl Expected {
    /// Reads a list: on each line a JSON object with `detection` (an id, or a name of a rule blob) and `events` (a file, from the folder of the list),
    /// and perhaps `number` (the line or record that must match) or `matches` (how many events must, exactly). Empty lines
    /// and lines that begin with `#` are none.
    ///
    /// ```
    /// use channel_gate::known_good::Expected;
    /// use std::path::Path;
    ///
    /// let list = r#"{"detection": "ipc-0001", "events": "pipes.jsonl", "matches": 2}"#;
    /// let expected = Expected::list(Path::new("known/expected.jsonl"), list)?;
    /// assert_eq!(expected[0].events, Path::new("known/pipes.jsonl"));
    /// assert!(Expected::list(Path::new("list"), r#"{"detection": "a"}"#).is_err());
    /// # Ok::<(), String>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first line that is none, in words.
    pub fn list(path: &Path, text: &str) -> Result<Vec<Self>, String> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut all = Vec::new();
        for (number, line) in (1u64..).zip(text.lines()) {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let read: Line = serde_json::from_str(line).map_err(|error| {
                let text = error.to_string();
                let what = text.split(" at line ").next().unwrap_or_default();
                format!("line {number}, column {}: {what}", error.column())
            })?;
            if read.matches == Some(0) || read.number.is_some() && read.matches.is_some() {
                return Err(format!("line {number}: `matches` counts the events of a file, from 1"));
            }
            let (detection, events) = (read.detection, folder.join(read.events));
            let place = format!("{}:{number}", path.display());
            all.push(Self { detection, events, number: read.number, matches: read.matches, place });
        }
        Ok(all)
    }
}

/// Finds the matches that do not come about.
pub(super) fn missed<'a>(
    replay: &Replay<'a>,
    expected: &'a [Expected],
    seen: &mut Rehearsal<'a>,
    unread: &mut Vec<Unread>,
) {
    let files: BTreeSet<&PathBuf> = expected.iter().map(|one| &one.events).collect();
    let files: Vec<PathBuf> = files.into_iter().cloned().collect();
    let ids: Vec<&str> = match seen.content {
        Content::Channel(file) => file.detections().map(|of| of.id().unwrap_or_default()).collect(),
        Content::Blob(_) => Vec::new(),
    };
    let wanted: BTreeSet<&str> = expected.iter().map(|one| one.detection.as_str()).collect();
    let (mut all, mut single) = (BTreeMap::<(String, &str), u64>::new(), BTreeSet::new());
    let before = unread.len();
    let Ran { events, elsewhere, last } = run(replay, &files, unread, |place, record, what| {
        for name in names(&what, &record, &ids, replay.contract()) {
            let Some(id) = wanted.get(name.as_str()) else { continue };
            let file = place.rsplit_once(':').map_or("", |(file, _)| file);
            let count = all.entry((file.to_owned(), *id)).or_default();
            *count = count.saturating_add(1);
            single.insert((place.clone(), *id));
        }
    });
    seen.events.expected = events;
    seen.events.elsewhere = seen.events.elsewhere.saturating_add(elsewhere);
    // Of a file that could not be read nothing is known.
    let unknown: BTreeSet<&str> = unread.iter().skip(before).map(|one| one.file.as_str()).collect();
    for one in expected {
        let (file, id) = (one.events.display().to_string(), one.detection.as_str());
        let last = last.get(&file).copied().unwrap_or(0);
        let found = match one.number {
            Some(number) if number > last => Found::NoEvent { last },
            Some(number) => Found::Matches(single.contains(&(format!("{file}:{number}"), id)).into()),
            None => Found::Matches(all.get(&(file.clone(), id)).copied().unwrap_or(0)),
        };
        let right = match found {
            Found::Matches(found) => one.matches.map_or(found > 0, |matches| matches == found),
            Found::NoEvent { .. } => false,
        };
        if !right && !unknown.contains(file.as_str()) {
            seen.missed.push((one, found));
        }
    }
}
