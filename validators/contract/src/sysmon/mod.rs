//! What a Sysmon sensor has besides: the schema version that its contract speaks for, its filter operators, and what
//! happens to an event that no filter decides.
//!
//! The model needs no feature. With the feature `sysmon` there are also `import`, which turns Sysmon's own manifest
//! into contracts, and the contracts of every public schema version, read from Sysinternals/SysmonCommon.

use alloc::{string::String, vec::Vec};
use channel_parser::model::Operator;
use core::{fmt, num::NonZeroU16, str::FromStr};

#[cfg(feature = "sysmon")]
mod manifest;
#[cfg(feature = "sysmon")]
mod shipped;

#[cfg(feature = "sysmon")]
pub use manifest::{MAX_MANIFEST, import};
#[cfg(feature = "sysmon")]
pub use shipped::{VERSIONS, named_fleet, schema, schema_of, schemas};

/// The filter operators of every Sysmon from binary version 14.0 on, at the positions that blobs store. Its compiler only
/// ever appends to them, whatever the order in a schema's manifest, and stores these positions for older schemas too.
pub const FILTERS: [&str; 16] = [
    "is",
    "is not",
    "contains",
    "contains any",
    "is any",
    "contains all",
    "excludes",
    "excludes any",
    "excludes all",
    "begin with",
    "end with",
    "less than",
    "more than",
    "image",
    "not begin with",
    "not end with",
];

/// The operator of ours that does the work of one of Sysmon's, with quantifiers around it. `less than` and `more than`
/// compare text, which no operator of ours does, and `image` is a choice of two that others stand for.
pub fn operator(filter: &str) -> Option<Operator> {
    Some(match filter {
        "is" | "is not" | "is any" => Operator::Exact,
        "contains" | "contains any" | "contains all" | "excludes" | "excludes any" | "excludes all" => {
            Operator::Contains
        }
        "begin with" | "not begin with" => Operator::Prefix,
        "end with" | "not end with" => Operator::Suffix,
        _ => return None,
    })
}

/// What a Sysmon sensor has besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sysmon {
    /// The schema version: content names the one that it was written for.
    pub schema: Version,
    /// The version of the compiled form. A sensor takes only blobs of its own major version.
    pub binary: Version,
    /// The names of the filter operators. A blob stores positions in this list.
    pub filters: Vec<String>,
}

/// What configurations can say about an event, named by the name of its template type. Several events can share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// What happens to it if no filter decides.
    pub default: Action,
    /// Where it exists.
    pub target: Target,
}

/// What happens to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is written to the log.
    Include,
    /// It is dropped.
    Exclude,
}

/// The systems that something is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// Every one.
    #[default]
    All,
    /// Windows only.
    Windows,
    /// Linux only.
    Linux,
}

macro_rules! words {
    ($name:ident: $($variant:ident = $word:literal $number:literal),+) => {
        impl $name {
            /// Every one, in the order of their numbers in the byte form.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that stands for it in a manifest and in TOML.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Its number in the byte form; of an action also in a blob.
            pub const fn number(self) -> u8 {
                match self { $(Self::$variant => $number),+ }
            }

            /// The one that the word stands for.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word() == word)
            }

            /// The one with this number.
            pub fn from_number(number: u8) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.number() == number)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

words!(Action: Include = "include" 0, Exclude = "exclude" 1);
words!(Target: All = "all" 0, Windows = "win" 1, Linux = "linux" 2);

impl Target {
    /// Whether something for this target is there on the other.
    pub fn includes(self, other: Self) -> bool {
        self == Self::All || other == Self::All || self == other
    }

    /// What a contract calls the platform.
    pub const fn platform(self) -> &'static str {
        match self {
            Self::All => "any",
            Self::Windows => "windows",
            Self::Linux => "linux",
        }
    }
}

/// A version of a schema or of the compiled form, as Sysmon reads it: a decimal number with two places, so that `4.2` is
/// 4.20 and older than 4.21.
///
/// ```
/// use channel_contract::sysmon::Version;
///
/// let version: Version = "4.2".parse()?;
/// assert_eq!((version.to_string(), version.number()), ("4.20".to_owned(), 0x0004_0014));
/// assert!(version < "4.21".parse()?);
/// assert_eq!(Version::from_number(0x0004_0014), Some(version));
/// # Ok::<(), channel_contract::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    major: NonZeroU16,
    minor: u8,
}

impl Version {
    /// What is expected of a version.
    pub(crate) const EXPECTED: &str = "a version from 1.00 to 65535.99 such as \"4.50\"";

    /// The version `major.minor`; the first starts at 1, the second ends at 99.
    pub const fn new(major: u16, minor: u8) -> Option<Self> {
        match NonZeroU16::new(major) {
            Some(major) if minor <= 99 => Some(Self { major, minor }),
            _ => None,
        }
    }

    /// The version as a blob stores it: both parts in 16 bits each.
    pub fn from_number(number: u32) -> Option<Self> {
        let [a, b, c, d] = number.to_be_bytes();
        Self::new(u16::from_be_bytes([a, b]), u8::try_from(u16::from_be_bytes([c, d])).ok()?)
    }

    /// The reverse of [`Version::from_number`].
    pub fn number(self) -> u32 {
        let [a, b] = self.major.get().to_be_bytes();
        u32::from_be_bytes([a, b, 0, self.minor])
    }

    /// The part before the point.
    pub const fn major(self) -> u16 {
        self.major.get()
    }

    /// The part after it, two digits.
    pub const fn minor(self) -> u8 {
        self.minor
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.major, self.minor)
    }
}

impl FromStr for Version {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (major, minor) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str, most: usize| {
            (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        let tens = if minor.len() == 1 { 10_u8 } else { 1 };
        let version = (digits(major, 5) && digits(minor, 2))
            .then(|| Self::new(major.parse().ok()?, minor.parse::<u8>().ok()?.checked_mul(tens)?))
            .flatten();
        version.ok_or_else(|| {
            let found = alloc::format!("\"{}\"", crate::text::excerpt(text));
            crate::Error::new(crate::ErrorKind::Text, Self::EXPECTED, found)
        })
    }
}
