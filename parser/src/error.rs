//! Why bytes are not a content file, of whatever format: what is wrong, where, what was expected and what was found. No text is
//! allocated, so that a sensor can keep errors too.

use core::fmt;
use core::ops::Range;

/// One reason for which a file is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What kind of reason.
    pub kind: ErrorKind,
    /// The bytes at fault, as offsets into the file; `None` if it is about no particular bytes.
    pub span: Option<Range<u64>>,
    /// The place in the content's structure.
    pub path: Path,
    /// What had to be there.
    pub expected: Value,
    /// What is there.
    pub found: Value,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $text:literal,)*) => {
        /// What kind of reason, for whichever formats can have it. Each is one rule of the validator.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ErrorKind { $($(#[$doc])* $kind,)* }

        impl ErrorKind {
            /// Every kind; those of the channel file in the order in which its reader looks for them, then those that only
            /// a rule blob can have.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// One sentence for people.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$kind => $text),* }
            }
        }
    };
}

kinds! {
    /// No bytes at all.
    Empty = "the file is empty",
    /// Only zero bytes: the disk never received the content.
    AllZero = "every byte of the file is zero",
    /// The first bytes are not those of any known format.
    Magic = "the file is of no known format",
    /// A version of the format that this reader does not know.
    Version = "the format's version is not known",
    /// A file, a table or a directory past the limits of [`crate::limits`].
    Limit = "a limit of the format is exceeded",
    /// Torn, cut or extended; cut inside a structure.
    Length = "the file is not as long as it says",
    /// The bytes are not those that were written.
    Checksum = "the checksum does not match the bytes before it",
    /// A section missing, twice, out of order, or not where the one before it ends.
    Directory = "the section directory is not in order",
    /// A section that a reader must know, and this one does not.
    UnknownSection = "a critical section is not known",
    /// A table's rows do not fill its section.
    Rows = "the rows of a table do not fill its section",
    /// A column of ends goes down, or does not end where its table ends.
    Ends = "a column of ends is not in order",
    /// A detection without an include instance, a clause without a pattern, a name without a letter, a blob without an
    /// event.
    Hollow = "something that must hold at least one holds none",
    /// Bytes that must be zero are not.
    Reserved = "bytes that must be zero are not",
    /// Template types not strictly ascending by id.
    TypeOrder = "the template types are not in order of their ids",
    /// An index that points at nothing.
    Reference = "a reference points at nothing",
    /// An operator, quantifier, level, default or combination that the format does not have.
    Word = "a number stands for no known word",
    /// Text that is not UTF-8.
    Utf8 = "text is not UTF-8",
    /// An operand that its operator cannot take.
    Operand = "an operand does not fit its operator",
    /// An offset past the end.
    Outside = "an offset points outside the file",
    /// An offset that is no multiple of eight.
    Alignment = "a structure does not start at a multiple of eight",
    /// A filter behind the next event, or an aggregation before the first.
    Order = "a structure does not follow its event",
    /// An offset into bytes that another structure owns.
    Overlap = "two structures claim the same bytes",
    /// An offset back to a structure that was there before: the sensor would never come to the end of the list.
    Cycle = "a list comes back to where it was",
    /// Bytes that belong to no structure.
    Gap = "bytes belong to no structure",
    /// A number of things that are not that many.
    Count = "a count disagrees with the list",
    /// A data size that is odd or zero: the sensor drops the filter and all that follow it.
    DataSize = "the size of the data is no number of UTF-16 units",
    /// Text without a zero at its end, or with one before it.
    Terminator = "text is not ended by one zero",
    /// A filter and its aggregation disagree.
    Aggregation = "a filter and its aggregation disagree",
}

impl ErrorKind {
    /// Whether the tables and the lists can still be told apart, so that the rest of the content can be judged as well.
    pub const fn spares_the_rest(self) -> bool {
        use ErrorKind::*;
        matches!(
            self,
            Reserved
                | TypeOrder
                | Reference
                | Word
                | Utf8
                | Operand
                | Gap
                | Count
                | DataSize
                | Terminator
                | Aggregation
        )
    }
}

impl Error {
    /// An error about these bytes.
    pub(crate) const fn at(
        kind: ErrorKind,
        span: Range<u64>,
        path: Path,
        expected: Value,
        found: Value,
    ) -> Self {
        Self { kind, span: Some(span), path, expected, found }
    }
}

/// One side of a contradiction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number.
    Number(u64),
    /// At most this.
    AtMost(u64),
    /// At least this.
    AtLeast(u64),
    /// Less than this.
    Below(u64),
    /// So many bytes.
    Bytes(u64),
    /// A number best read in hexadecimal.
    Hex(u64),
    /// Up to eight bytes as they stand in the file, and how many of them.
    Raw([u8; 8], u8),
    /// A word or a phrase.
    Phrase(&'static str),
}

impl Value {
    /// The first bytes of a slice, at most eight.
    pub fn raw(bytes: &[u8]) -> Self {
        let mut first = [0; 8];
        let mut length = 0u8;
        for (to, from) in first.iter_mut().zip(bytes) {
            *to = *from;
            length = length.saturating_add(1);
        }
        Self::Raw(first, length)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Number(n) => write!(f, "{n}"),
            Self::AtMost(n) => write!(f, "at most {n}"),
            Self::AtLeast(n) => write!(f, "at least {n}"),
            Self::Below(n) => write!(f, "below {n}"),
            Self::Bytes(n) => write!(f, "{n} bytes"),
            Self::Hex(n) => write!(f, "{n:#x}"),
            Self::Raw(bytes, length) => {
                f.write_str("the bytes")?;
                bytes.iter().take(length.into()).try_for_each(|b| write!(f, " {b:02x}"))
            }
            Self::Phrase(phrase) => f.write_str(phrase),
        }
    }
}

/// A place in the structure of a content file, such as `instances[3].template`. It has at most four steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    steps: [Option<(&'static str, Option<u32>)>; 4],
}

impl Path {
    /// One step without an index: `header`.
    pub const fn of(name: &'static str) -> Self {
        Self { steps: [Some((name, None)), None, None, None] }
    }

    /// One step with an index: `instances[3]`.
    pub const fn at(name: &'static str, index: u32) -> Self {
        Self { steps: [Some((name, Some(index))), None, None, None] }
    }

    /// One more step without an index.
    pub fn then(self, name: &'static str) -> Self {
        self.push(name, None)
    }

    /// One more step with an index.
    pub fn then_at(self, name: &'static str, index: u32) -> Self {
        self.push(name, Some(index))
    }

    fn push(mut self, name: &'static str, index: Option<u32>) -> Self {
        if let Some(free) = self.steps.iter_mut().find(|step| step.is_none()) {
            *free = Some((name, index));
        }
        self
    }

    /// The steps, outermost first.
    pub fn steps(&self) -> impl Iterator<Item = (&'static str, Option<u32>)> + '_ {
        self.steps.iter().map_while(|step| *step)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (name, index)) in self.steps().enumerate() {
            if i > 0 {
                f.write_str(".")?;
            }
            f.write_str(name)?;
            if let Some(index) = index {
                write!(f, "[{index}]")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.kind.sentence(), self.expected, self.found)
    }
}

impl core::error::Error for Error {}
