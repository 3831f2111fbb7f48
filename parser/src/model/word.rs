//! Closed sets: each member has a name for people and a number for files. The numbers are part of the formats and
//! never reused.

use core::fmt;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $n:literal $word:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[$vdoc])* $variant = $n,)* }

        impl $name {
            /// Every member, in the order of the numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The number that files store.
            pub const fn number(self) -> u8 {
                match self { $(Self::$variant => $n),* }
            }

            /// The member with this number, if there is one.
            pub const fn from_number(n: u8) -> Option<Self> {
                match n { $($n => Some(Self::$variant),)* _ => None }
            }

            /// The word that people read and write.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The member with this word, if there is one.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.word())
            }
        }
    )*};
}

words! {
    /// How a pattern compares its operand with an input.
    Operator {
        /// The input is the operand, whole.
        Exact = 0 "exact",
        /// The input starts with the operand.
        Prefix = 1 "prefix",
        /// The input ends with the operand.
        Suffix = 2 "suffix",
        /// The operand stands somewhere in the input.
        Contains = 3 "contains",
        /// The whole input fits the operand, in which `*` is any text, `?` any one character and `\` takes the
        /// meaning from the next character.
        Glob = 4 "glob",
        /// The operand, a linear-time regular expression, is found somewhere in the input.
        Regex = 5 "regex",
        /// The input is this integer.
        Equal = 6 "equal",
        /// The input is an integer between two, both included.
        Range = 7 "range",
        /// The input's bits under a mask are this value.
        Mask = 8 "mask",
        /// The input is an address inside this network.
        Network = 9 "network",
        /// There is an input; it may be empty.
        Present = 10 "present",
        /// There is no input; an empty one is one.
        Absent = 11 "absent",
    }

    /// Whether a clause wants one of its patterns or none of them.
    Quantifier {
        /// At least one pattern matches.
        AnyOf = 0 "any of",
        /// No pattern matches. An absent input is matched by no pattern but `absent`.
        NoneOf = 1 "none of",
    }

    /// How grave the author of a detection takes a match to be.
    Level {
        /// To know about.
        Informational = 0 "informational",
        /// Seldom worth an alert.
        Low = 1 "low",
        /// Worth a look.
        Medium = 2 "medium",
        /// Worth an alert.
        High = 3 "high",
        /// Worth waking someone.
        Critical = 4 "critical",
    }

    /// What a sensor hands to the interpreter for one field.
    InputType {
        /// UTF-8 text.
        Text = 0 "text",
        /// A signed 64-bit integer.
        Integer = 1 "integer",
        /// An IPv4 or IPv6 address.
        Address = 2 "address",
    }
}

impl Operator {
    /// Whether the operand is text that may be compared without case.
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Exact | Self::Prefix | Self::Suffix | Self::Contains | Self::Glob | Self::Regex)
    }

    /// The type of input that the operator can compare; `None` for the two that look only whether there is one.
    pub const fn reads(self) -> Option<InputType> {
        match self {
            Self::Exact | Self::Prefix | Self::Suffix | Self::Contains | Self::Glob | Self::Regex => {
                Some(InputType::Text)
            }
            Self::Equal | Self::Range | Self::Mask => Some(InputType::Integer),
            Self::Network => Some(InputType::Address),
            Self::Present | Self::Absent => None,
        }
    }
}
