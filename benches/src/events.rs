//! Recorded Sysmon events, one JSON object a line: `{"src", "id", "version", "computer", "time", "fields"}`; and how `contentgate
//! run` makes events of a sensor of them.

use crate::data;
use channel_gate::Record;
use channel_gate::events::{EventFile, Handed, Typing};
use channel_interpreter::Event;
use std::fs;
use std::io::{Cursor, Read};
use std::sync::Arc;

const SETS: [&str; 4] =
    ["mixed-mordor", "benign-dfir-museum", "benign-evtx-rs-sample", "malicious-sigma-regression"];

/// The lines of all sets, if these are at hand.
pub fn lines() -> Option<Arc<[u8]>> {
    let mut text = Vec::new();
    for set in SETS {
        let file = fs::File::open(data().join(format!("events/{set}.jsonl.gz"))).ok()?;
        flate2::read::GzDecoder::new(file).read_to_end(&mut text).ok()?;
    }
    Some(text.into())
}

/// Reads lines as `contentgate run` does, and hands over each event.
pub fn read(lines: &Arc<[u8]>, typing: &Typing<'_>, mut each: impl FnMut(&Event<'_>)) {
    let mut file = EventFile::open(Cursor::new(Arc::clone(lines))).expect("lines");
    while let Some(batch) = file.batch() {
        batch.read(typing, &mut |number, handed| match handed {
            Handed::Event(event, _) => each(event),
            other => panic!("line {number} is no event of the sensor: {other:?}"),
        });
    }
}

/// All events, decoded.
pub fn records(lines: &Arc<[u8]>, typing: &Typing<'_>) -> Vec<Record> {
    let mut records = Vec::new();
    read(lines, typing, |event| records.push(Record::from(event)));
    records
}
