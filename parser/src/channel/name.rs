//! The name of a channel file: `C-<channel>-<part>-<revision>.sys`, eight decimal digits each.

use crate::model::{Channel, ContentRevision, Part};
use core::fmt;

/// What a file's name says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileName {
    /// The first number.
    pub channel: Channel,
    /// The second number.
    pub part: Part,
    /// The third number.
    pub revision: ContentRevision,
}

impl FileName {
    /// Reads a name; `None` if it is not one of a channel file.
    ///
    /// ```
    /// use channel_parser::channel::FileName;
    ///
    /// let name = FileName::parse("C-00000291-00000000-00000032.sys").unwrap();
    /// assert_eq!((name.channel.0, name.part.0, name.revision.0), (291, 0, 32));
    /// assert_eq!(name.to_string(), "C-00000291-00000000-00000032.sys");
    /// assert!(FileName::parse("C-291-0-32.sys").is_none());
    /// ```
    pub fn parse(name: &str) -> Option<Self> {
        let numbers = name.as_bytes().strip_prefix(b"C-")?.strip_suffix(b".sys")?;
        let (channel, numbers) = number(numbers)?;
        let (part, numbers) = number(numbers.strip_prefix(b"-")?)?;
        let (revision, rest) = number(numbers.strip_prefix(b"-")?)?;
        let (channel, part, revision) = (Channel(channel), Part(part), ContentRevision(revision));
        rest.is_empty().then_some(Self { channel, part, revision })
    }
}

/// The number in the first eight digits.
fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = bytes.split_first_chunk::<8>()?;
    let number = digits.iter().try_fold(0u32, |number, digit| {
        let digit = char::from(*digit).to_digit(10)?;
        number.checked_mul(10)?.checked_add(digit)
    })?;
    Some((number, rest))
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "C-{:08}-{:08}-{:08}.sys", self.channel.0, self.part.0, self.revision.0)
    }
}
