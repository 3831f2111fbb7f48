//! What would have crashed a sensor that trusts its content, or made it do what nobody wrote: what, where, what it would
//! have needed and what it met. No text is allocated, so that a sensor can keep faults too.

use channel_parser::{Path, Value};
use core::fmt;
use core::ops::Range;

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind of fault.
    pub kind: FaultKind,
    /// The bytes of the content that bring it about; `None` if it is about no particular bytes.
    pub span: Option<Range<u64>>,
    /// The place in the content's structure.
    pub path: Path,
    /// What the sensor would have needed.
    pub expected: Value,
    /// What it met.
    pub found: Value,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $word:literal $text:literal,)*) => {
        /// What kind of fault.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FaultKind { $($(#[$doc])* $kind,)* }

        impl FaultKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// Its name in files and reports.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$kind => $word),* }
            }

            /// One sentence for people.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$kind => $text),* }
            }
        }
    };
}

kinds! {
    /// While loading: more of something than the sensor has room for.
    Capacity = "capacity" "the content holds more than the sensor has room for",
    /// A number is cut to the width of the sensor's store: while loading, or of a rule blob on an event.
    Width = "width" "a number does not fit where the sensor stores it",
    /// While loading: a template type, or a revision of it, that the sensor does not have.
    UnknownType = "unknown-type" "the sensor has no such template type",
    /// While loading: as many criteria as fields is what the sensor's loop relies on.
    FieldCount = "field-count" "an instance has not one criterion for each field of the sensor",
    /// While loading: a position at which the sensor has another field than the content means.
    AnotherField = "another-field" "a criterion reads another field than it means",
    /// While loading: a regular expression that cannot be run in linear time.
    Regex = "regex" "a regular expression cannot be run",
    /// While loading: the sensor keeps the content that it had, or none.
    Refused = "refused" "the sensor refuses the content as a whole",
    /// While loading, rule blobs only: a filter at a position past the fields of its event.
    Dead = "dead" "a filter never matches, and nobody is told",
    /// While loading, rule blobs only: a filter that cannot be evaluated where the sensor evaluates it.
    Failed = "failed" "a filter fails, and the rules that it is among",
    /// On an event: what happened in July 2024.
    PastInputs = "past-inputs" "an input is read that the sensor does not supply",
    /// On an event: an operator that the interpreter of the sensor does not implement.
    Operator = "operator" "the sensor does not implement an operator",
    /// On an event: an operator reads an input of another type than it compares.
    Type = "type" "an input is read as another type than it has",
    /// On an event: a question about absence, of an input of which the sensor says that it is always there.
    Null = "null" "an input is asked to be absent that the sensor always supplies",
    /// On an event: more work than the sensor allows.
    Work = "work" "an event costs more work than the sensor allows",
    /// On an event: more instances match than the sensor can count.
    Counter = "counter" "more instances match an event than the sensor can count",
    /// On an event: the event is none that this sensor sends, whatever the content.
    Event = "event" "the event is not one that the sensor supplies",
}

impl FaultKind {
    /// The kind with this name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.kind.sentence(), self.expected, self.found)
    }
}

impl core::error::Error for Fault {}
