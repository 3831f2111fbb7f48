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
        let mut numbers = name.strip_prefix("C-")?.strip_suffix(".sys")?.split('-').map(|digits| {
            let decimal = digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_digit());
            decimal.then(|| digits.parse::<u32>().ok()).flatten()
        });
        let mut next = || numbers.next().flatten();
        let name =
            Self { channel: Channel(next()?), part: Part(next()?), revision: ContentRevision(next()?) };
        numbers.next().is_none().then_some(name)
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "C-{:08}-{:08}-{:08}.sys", self.channel.0, self.part.0, self.revision.0)
    }
}
