//! Why bytes are no rule blob that its compiler could have written: what is wrong, where, what was expected and what
//! was found.

use crate::error::{Path, Value};
use core::fmt;
use core::ops::Range;

/// One thing that is wrong with a rule blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind of fault.
    pub kind: FaultKind,
    /// The bytes at fault, as offsets into the blob.
    pub span: Range<u64>,
    /// The place in the blob's structure.
    pub path: Path,
    /// What had to be there.
    pub expected: Value,
    /// What is there.
    pub found: Value,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $text:literal,)*) => {
        /// What kind of fault a rule blob can have.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FaultKind { $($(#[$doc])* $kind,)* }

        impl FaultKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// One sentence for people.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$kind => $text),* }
            }
        }
    };
}

kinds! {
    /// Shorter than its header, or than its last structure.
    Length = "the blob ends inside a structure",
    /// A version or a header that no compiler has written.
    Version = "the header is not that of a rule blob",
    /// Past the limits of [`crate::limits`].
    Limit = "a limit of the format is exceeded",
    /// Not a single event: the sensor refuses the blob.
    Hollow = "the blob holds no event",
    /// An offset past the end.
    Outside = "an offset points outside the blob",
    /// An offset that is no multiple of eight.
    Alignment = "a structure does not start at a multiple of eight",
    /// An offset into bytes that another structure owns.
    Overlap = "two structures claim the same bytes",
    /// An offset back to a structure that was there before: the sensor would never come to the end of the list.
    Cycle = "a list comes back to where it was",
    /// A filter behind the next event, or an aggregation before the first.
    Order = "a structure does not follow its event",
    /// Bytes that belong to no structure.
    Gap = "bytes belong to no structure",
    /// A number of things that are not that many.
    Count = "a count disagrees with the list",
    /// A data size that is odd or zero: the sensor drops the filter and all that follow it.
    DataSize = "the size of the data is no number of UTF-16 units",
    /// Text without a zero at its end, or with one before it.
    Terminator = "text is not ended by one zero",
    /// Padding or unused bits that are not zero.
    Padding = "bytes that must be zero are not",
    /// A default, a combination or an operator that this format does not have.
    Word = "a number stands for no known word",
    /// A filter and its aggregation disagree.
    Aggregation = "a filter and its aggregation disagree",
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.kind.sentence(), self.expected, self.found)
    }
}

impl core::error::Error for Fault {}
