//! Whether one filter of Sysmon's holds for one text, by the definitions of `SYSMON.md`: UTF-16 unit by unit, always
//! without case. Nothing is allocated.

use crate::text;
use channel_parser::sysmon::Wide;
use core::cmp::Ordering;

macro_rules! operators {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// What a filter asks of an input.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Operator { $($(#[$doc])* $name,)* }

        impl Operator {
            /// Every one, in the order of the numbers that binary version 14.0 and later give them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name in a configuration.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }

            /// The operator with this name.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)* _ => None }
            }
        }
    };
}

operators! {
    /// The input is the value.
    Is = "is",
    /// It is not.
    IsNot = "is not",
    /// The value stands in the input.
    Contains = "contains",
    /// One of several values stands in the input.
    ContainsAny = "contains any",
    /// The input is one of several values.
    IsAny = "is any",
    /// Each of several values stands in the input.
    ContainsAll = "contains all",
    /// The value does not stand in the input.
    Excludes = "excludes",
    /// None of several values stands in the input.
    ExcludesAny = "excludes any",
    /// One of several values does not stand in the input.
    ExcludesAll = "excludes all",
    /// The input begins with the value.
    BeginWith = "begin with",
    /// The input ends with the value.
    EndWith = "end with",
    /// The input comes before the value, compared as text.
    LessThan = "less than",
    /// The input comes after the value, compared as text.
    MoreThan = "more than",
    /// The input is the value, or its file name is if the value has no backslash.
    Image = "image",
    /// The input does not begin with the value.
    NotBeginWith = "not begin with",
    /// The input does not end with the value.
    NotEndWith = "not end with",
}

/// A unit of UTF-16 without case: its simple lower-case mapping where that is one unit, else itself.
pub fn fold(unit: u16) -> u16 {
    let lower = char::from_u32(unit.into()).map(|c| u32::from(text::fold(c)));
    lower.and_then(|lower| u16::try_from(lower).ok()).unwrap_or(unit)
}

impl Operator {
    /// Whether it holds for an input.
    ///
    /// ```
    /// use channel_interpreter::sysmon::Operator;
    /// use channel_parser::sysmon;
    ///
    /// let holds = |filter: &str, input| {
    ///     let text = format!("sysmon-rules 1\nversion 15.00 schema 4.70\nevent 1 default include combine or\n{filter}\n");
    ///     let blob = sysmon::assemble(&text).unwrap();
    ///     let blob = sysmon::parse(&blob).unwrap();
    ///     let filter = blob.events().next().unwrap().filters().next().unwrap();
    ///     Operator::ALL[filter.operator() as usize].holds(input, filter.value())
    /// };
    /// assert!(holds("filter 0 operator 13: 'CMD.exe'", r"C:\Windows\cmd.EXE"));
    /// assert!(holds("filter 0 operator 11: '9'", "10"), "less than, as text");
    /// assert!(holds("filter 0 operator 3: 'a;'", "b"), "an empty value at the end stands in every text");
    /// ```
    pub fn holds(self, input: &str, value: Wide<'_>) -> bool {
        match self {
            Self::Is => is(input, value),
            Self::IsNot => !is(input, value),
            Self::Contains => stands_in(input, folded(value)),
            Self::Excludes => !stands_in(input, folded(value)),
            Self::ContainsAny => parts(input, value).any(|stands| stands),
            Self::ExcludesAny => !parts(input, value).any(|stands| stands),
            Self::ContainsAll => parts(input, value).all(|stands| stands),
            Self::ExcludesAll => !parts(input, value).all(|stands| stands),
            Self::IsAny => value.values().any(|one| is(input, one)),
            Self::BeginWith => begins(input, value),
            Self::NotBeginWith => !begins(input, value),
            Self::EndWith => ends(input, value),
            Self::NotEndWith => !ends(input, value),
            Self::LessThan => units(input).cmp(folded(value)) == Ordering::Less,
            Self::MoreThan => units(input).cmp(folded(value)) == Ordering::Greater,
            Self::Image if value.units().any(|unit| unit == u16::from(b'\\')) => is(input, value),
            Self::Image => is(file_name(input), value),
        }
    }
}

/// Up to the first zero.
fn units(input: &str) -> impl Iterator<Item = u16> + Clone {
    input.encode_utf16().take_while(|unit| *unit != 0).map(fold)
}

/// What follows the last backslash.
fn file_name(input: &str) -> &str {
    let (mut name, mut rest) = (input, input.chars());
    while let Some(c) = rest.next().filter(|c| *c != '\0') {
        if c == '\\' {
            name = rest.as_str();
        }
    }
    name
}

fn folded(value: Wide<'_>) -> impl Iterator<Item = u16> + Clone {
    value.units().map(fold)
}

fn is(input: &str, value: Wide<'_>) -> bool {
    units(input).eq(folded(value))
}

fn begins(input: &str, value: Wide<'_>) -> bool {
    starts(units(input), folded(value))
}

fn starts(mut input: impl Iterator<Item = u16>, mut value: impl Iterator<Item = u16>) -> bool {
    value.all(|unit| input.next() == Some(unit))
}

fn ends(input: &str, value: Wide<'_>) -> bool {
    let before = units(input).count().checked_sub(value.len());
    before.is_some_and(|before| units(input).skip(before).eq(folded(value)))
}

/// In an empty input nothing stands, not even nothing.
fn stands_in(input: &str, value: impl Iterator<Item = u16> + Clone) -> bool {
    let mut rest = units(input);
    loop {
        let here = rest.clone();
        if rest.next().is_none() {
            return false;
        }
        if starts(here, value.clone()) {
            return true;
        }
    }
}

/// Of each of several values whether it stands in an input. Of an empty one the sensor does not see the end: it looks for
/// all that is left, separators too.
fn parts<'a>(input: &'a str, value: Wide<'a>) -> impl Iterator<Item = bool> + 'a {
    let mut start = 0usize;
    value.values().map(move |one| {
        let length = if one.is_empty() { usize::MAX } else { one.len() };
        let stands = stands_in(input, folded(value).skip(start).take(length));
        start = start.saturating_add(one.len()).saturating_add(1);
        stands
    })
}
