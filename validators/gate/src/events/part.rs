//! What content did on one piece of a file of events.

use super::{Batch, Handed, Loose, Piece, Replay, Ruled, Seen, Sources, Typing, Why, in_order};
use crate::Record;
use channel_interpreter::Scratch;
use channel_parser::model::TypeId;
use std::collections::BTreeMap;

/// What a piece came to.
#[derive(Debug, Default)]
pub struct Part {
    /// The number of its file.
    pub file: usize,
    /// What there is to tell, in the order of the file: each by its line, or the record of its log.
    pub told: Vec<(u64, Told)>,
    /// The number of its last event, of whatever kind; 0 if it has none.
    pub last: u64,
    /// How many events were run.
    pub events: u64,
    /// How many were of a source that the sensor does not serve, by the names of the sources.
    pub elsewhere: BTreeMap<String, u64>,
    /// What Sysmon does with them, by event id, outcome and name.
    pub ruled: BTreeMap<(TypeId, bool, Option<String>), u64>,
    /// Values that were not handed over as they were recorded: how many there are of each kind, and where the first is.
    pub loose: BTreeMap<(TypeId, String, Why), (u64, u64)>,
}

/// What there is to tell of one event.
#[derive(Debug)]
pub enum Told {
    /// A detection matched, a filter decided, Sysmon logs it by default, or a fault came true.
    Seen(Record, Seen),
    /// It could not be read, and why.
    Unread(String),
}

/// Runs content on every event of some files, on every core. What it came to is handed over in the order of the files.
///
/// # Errors
///
/// That of `sink`, which ends it.
pub fn replayed<E>(
    replay: &Replay<'_>,
    files: Vec<std::path::PathBuf>,
    sink: impl FnMut(Part) -> Result<(), E>,
) -> Result<(), E> {
    let typing = Typing::new(replay.contract());
    let mut sources = Sources::new(files);
    let work = |scratch: &mut Scratch, piece| match piece {
        Piece::Batch(file, batch) => part(replay, scratch, &typing, file, &batch),
        Piece::Unread(file, why) => Part { file, told: vec![(0, Told::Unread(why))], ..Part::default() },
    };
    in_order(|| sources.next_piece(), Scratch::default, work, sink)
}

fn part(replay: &Replay<'_>, scratch: &mut Scratch, typing: &Typing<'_>, file: usize, batch: &Batch) -> Part {
    let mut part = Part { file, ..Part::default() };
    batch.read(typing, &mut |number, handed| {
        part.last = number;
        match handed {
            Handed::Event(event, loose) => {
                part.events = part.events.saturating_add(1);
                for Loose { field, why } in loose {
                    let (count, _) = part.loose.entry((event.template, field, why)).or_insert((0, number));
                    *count = count.saturating_add(1);
                }
                let seen = replay.run(event, scratch);
                if let Some(Ruled { logged, by, name }) = &seen.ruled {
                    let name = by.map(|_| name.clone());
                    let count = part.ruled.entry((event.template, *logged, name)).or_default();
                    *count = count.saturating_add(1);
                }
                if seen.is_told() {
                    part.told.push((number, Told::Seen(Record::from(event), seen)));
                }
            }
            Handed::Elsewhere(source) => {
                let count = part.elsewhere.entry(source).or_default();
                *count = count.saturating_add(1);
            }
            Handed::Unread(why) => part.told.push((number, Told::Unread(why))),
        }
    });
    part
}
