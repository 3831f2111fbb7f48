//! Events from files, as the sensor of a contract would have handed them to its interpreter.
//!
//! A file is told apart by its first bytes: JSON lines, an EVTX log (`ElfFile`), or either of them in gzip. A line is one of
//!
//! - an event as a log holds it: `{"id": 1, "fields": {"Image": "C:\\a.exe", ...}}`. Fields are found by their name and
//!   typed as the contract says. `id` alone is an event id of Sysmon; with `channel`, of that channel of the event
//!   log. `provider`, `level` and `type` (a template type by id or name, whatever the others say) may be given; other keys
//!   are of no account;
//! - an event by position, as witnesses are written: `{"type": 7, "inputs": ["text", 5, "10.0.0.1", null]}`;
//! - an event as dumps of EVTX logs have it: `{"Event": {"System": ..., "EventData": ...}}`.
//!
//! What a recorder did to an event cannot be undone here. A field that it dropped for being empty is absent, text that it
//! escaped for HTML stays escaped, and an event that is there twice is run twice. A number or an address that is written
//! `-` or is empty is absent. A value that is longer than the sensor hands over is cut as the sensor would, and one that
//! is not of the type that the contract states is absent; both are told ([`Loose`]).
//!
//! What it leaves to others: which files, and what becomes of the events.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::string_slice
    )
)]

mod each;
#[cfg(feature = "evtx")]
mod evtx;
mod json;
mod log;
mod origin;
mod parallel;
mod part;
mod quick;
mod reader;
mod replay;
mod scan;
mod sources;
mod special;
#[cfg(test)]
mod tests;
mod typing;

pub use each::each_event;
pub use parallel::in_order;
pub use part::{Part, Told, replayed};
pub use reader::{Batch, EventFile};
pub use replay::{Fired, Replay, Ruled, Seen};
pub use sources::{EventFiles, Piece, Sources, event_files};
pub use typing::{Loose, Typing, Why};

use crate::Record;
use channel_interpreter::Event;

/// What became of one line, or of one record of a log.
#[derive(Debug)]
pub enum Handed<'e> {
    /// An event that the sensor supplies.
    Event(&'e Event<'e>, Vec<Loose>),
    /// An event of a source that no template type of the sensor serves: the name of the source.
    Elsewhere(String),
    /// It could not be read, and why.
    Unread(String),
}

/// The same, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Taken {
    Event(Record, Vec<Loose>),
    Elsewhere(String),
    Unread(String),
}

impl Taken {
    fn hand(self, number: u64, each: &mut dyn FnMut(u64, Handed<'_>)) {
        match self {
            Self::Event(record, loose) => {
                each(number, Handed::Event(&record.view().event(), loose));
            }
            Self::Elsewhere(source) => each(number, Handed::Elsewhere(source)),
            Self::Unread(why) => each(number, Handed::Unread(why)),
        }
    }
}
