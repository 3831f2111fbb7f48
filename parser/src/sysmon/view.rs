//! Views over the bytes of a blob. Those of a blob for which nothing was reported are all there; those of any other end
//! where the lists do, and never go back.

use super::layout::*;
use super::walk::{Node, Walk, span};
use super::{Blob, Header};
use crate::error::Path;
use crate::model::view::Effect;
use core::fmt;
use core::ops::Range;

/// A version as the header has it, major above minor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u32);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 >> 16, self.0 & 0xffff)
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident: $($(#[$word_doc:meta])* $word:ident = $number:literal $text:literal,)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$word_doc])* $word,)* }

        impl $name {
            /// The word for a number of the format.
            pub const fn from_number(number: u32) -> Option<Self> {
                match number { $($number => Some(Self::$word),)* _ => None }
            }

            /// Its number in the format.
            pub const fn number(self) -> u32 {
                match self { $(Self::$word => $number),* }
            }

            /// Its name in the text form.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$word => $text),* }
            }
        }
    };
}

words! {
    /// What happens to an event that no filter matches.
    DefaultAction:
    /// It is logged: the filters exclude.
    Include = 0 "include",
    /// It is dropped: the filters include.
    Exclude = 1 "exclude",
}

words! {
    /// How the filters of a group work together.
    Combine:
    /// One that matches suffices.
    Or = 0 "or",
    /// All must match.
    And = 1 "and",
}

/// UTF-16LE in place, without the zero that ends it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wide<'a>(&'a [[u8; 2]]);

impl<'a> Wide<'a> {
    /// The text up to the first zero.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let units = bytes.as_chunks::<2>().0;
        Self(units.split(|unit| *unit == [0, 0]).next().unwrap_or_default())
    }

    /// Whether nothing is written there.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// How many units it has.
    pub fn len(self) -> usize {
        self.0.len()
    }

    /// Its units.
    pub fn units(self) -> impl Iterator<Item = u16> + Clone + 'a {
        self.0.iter().map(|unit| u16::from_le_bytes(*unit))
    }

    /// Its characters; a half of a surrogate pair without the other becomes U+FFFD.
    pub fn chars(self) -> impl Iterator<Item = char> + 'a {
        char::decode_utf16(self.units()).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// The values of an operator that takes several, which `;` separates.
    pub fn values(self) -> impl Iterator<Item = Wide<'a>> + 'a {
        self.0.split(|unit| *unit == [b';', 0]).map(Wide)
    }
}

impl fmt::Display for Wide<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.chars().try_for_each(|c| fmt::Write::write_char(f, c))
    }
}

/// The rules for one event id.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    bytes: &'a [u8],
    at: u64,
    index: u32,
    /// The first aggregation behind it, and its position in the blob.
    groups: (u64, u32),
}

/// One filter of an event.
#[derive(Clone, Copy, Debug)]
pub struct Filter<'a> {
    bytes: &'a [u8],
    at: u64,
    event: u32,
    index: u32,
}

/// A group of filters inside an event: a `<Rule>`.
#[derive(Clone, Copy, Debug)]
pub struct Aggregation<'a> {
    bytes: &'a [u8],
    at: u64,
    index: u32,
}

macro_rules! structure {
    ($name:ident, $path:expr) => {
        impl $name<'_> {
            /// Its first byte, as an offset into the blob.
            pub fn offset(&self) -> u64 {
                self.at
            }

            /// Its place in the blob.
            pub fn path(&self) -> Path {
                let path: fn(&Self) -> Path = $path;
                path(self)
            }

            /// The bytes of its field at this offset in it.
            fn field_span(&self, at: u64, length: u64) -> Range<u64> {
                span(self.at.saturating_add(at), length)
            }

            fn number_at(&self, at: u64) -> u32 {
                number(self.bytes, self.at.saturating_add(at))
            }
        }
    };
}

structure!(Event, |e| Path::at("events", e.index));
structure!(Filter, |f| Path::at("events", f.event).then_at("filters", f.index));
structure!(Aggregation, |a| Path::at("aggregations", a.index));

impl<'a> Blob<'a> {
    /// What the header says.
    pub fn header(&self) -> Header {
        self.header
    }

    /// The whole blob.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The version of the format.
    pub fn version(&self) -> Version {
        Version(self.header.version)
    }

    /// The schema version that the configuration asked for, where the header has one.
    pub fn schema(&self) -> Option<Version> {
        (!self.header.is_short()).then_some(Version(self.header.schema))
    }

    /// The structures in the order of the bytes.
    pub(super) fn nodes(&self) -> impl Iterator<Item = Node> + use<'a> {
        let mut walk = Walk::new(self.bytes, &self.header, &mut |_| {});
        core::iter::from_fn(move || walk.step(&mut |_| {}))
    }

    /// The events in the order of the list.
    pub fn events(&self) -> impl Iterator<Item = Event<'a>> + use<'a> {
        let target = if self.header.is_short() { SHORT_HEADER } else { self.header.first_event.into() };
        let bytes = self.bytes;
        let mut list = List { bytes, target, free: self.free() };
        let mut aggregations = self.aggregations();
        let mut group = aggregations.next();
        (0u32..).map_while(move |index| {
            let at = list.next(EVENT_NEXT, |_, _| EVENT)?;
            while group.is_some_and(|one| one.at < at) {
                group = aggregations.next();
            }
            let groups = group.map_or((0, 0), |one| (one.at, one.index));
            Some(Event { bytes, at, index, groups })
        })
    }

    /// The aggregations in the order of the list, those that the header fails to name too.
    pub fn aggregations(&self) -> impl Iterator<Item = Aggregation<'a>> + use<'a> {
        let first = match self.header.first_aggregation {
            0 => self.nodes().find(|node| matches!(node, Node::Aggregation { .. })).map_or(0, Node::at),
            first => first.into(),
        };
        aggregations(List { bytes: self.bytes, target: first, free: self.free() }, 0)
    }

    fn free(&self) -> Range<u64> {
        self.header.bytes()..self.bytes.len() as u64
    }
}

/// The aggregations of a list, the first of which is at a position in the blob.
fn aggregations(mut list: List<'_>, first: u32) -> impl Iterator<Item = Aggregation<'_>> {
    (first..).map_while(move |index| {
        let at = list.next(AGGREGATION_NEXT, |_, _| aligned(AGGREGATION))?;
        Some(Aggregation { bytes: list.bytes, at, index })
    })
}

/// A list inside a range of a blob, as long as it goes forward and its structures own their bytes alone: all views
/// together then cost no more than the bytes, however broken a blob is.
struct List<'a> {
    bytes: &'a [u8],
    /// Where the list goes on; zero at its end.
    target: u64,
    /// The bytes that are not taken yet.
    free: Range<u64>,
}

impl List<'_> {
    fn next(&mut self, next: u64, slot: fn(&[u8], u64) -> u64) -> Option<u64> {
        let at = self.target;
        let end = at.saturating_add(slot(self.bytes, at));
        if at < self.free.start || end > self.free.end {
            return None;
        }
        self.free.start = end;
        self.target = number(self.bytes, at.saturating_add(next)).into();
        Some(at)
    }
}

impl<'a> Event<'a> {
    /// Its position in the blob.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// The id of the event that it is about.
    pub fn id(&self) -> u32 {
        self.number_at(0)
    }

    /// The bytes of the id.
    pub fn id_span(&self) -> Range<u64> {
        self.field_span(0, 4)
    }

    /// What happens where no filter matches.
    pub fn default(&self) -> Option<DefaultAction> {
        DefaultAction::from_number(self.number_at(4))
    }

    /// The bytes of the default.
    pub fn default_span(&self) -> Range<u64> {
        self.field_span(4, 4)
    }

    /// How its filters work together.
    pub fn combine(&self) -> Option<Combine> {
        Combine::from_number(self.number_at(8))
    }

    /// How many filters it says it has.
    pub fn count(&self) -> u32 {
        self.number_at(EVENT_COUNT)
    }

    /// Its bytes, those of its filters not counted.
    pub fn span(&self) -> Range<u64> {
        self.field_span(0, EVENT)
    }

    /// Its filters in the order of the list, those of its aggregations too.
    pub fn filters(&self) -> impl Iterator<Item = Filter<'a>> + use<'a> {
        self.filters_from(self.number_at(EVENT_FIRST).into(), 0)
    }

    /// Those of its filters that follow from an offset on, where the one of this position stands.
    pub(super) fn filters_from(&self, first: u64, index: u32) -> impl Iterator<Item = Filter<'a>> + use<'a> {
        let Self { bytes, index: event, .. } = *self;
        let mut list = List { bytes, target: first, free: self.free() };
        let slot = |bytes: &[u8], at: u64| filter_slot(number(bytes, at.saturating_add(FILTER_SIZE)).into());
        (index..)
            .map_while(move |index| Some(Filter { bytes, at: list.next(FILTER_NEXT, slot)?, event, index }))
    }

    /// Its aggregations.
    pub fn aggregations(&self) -> impl Iterator<Item = Aggregation<'a>> + use<'a> {
        let (target, index) = self.groups;
        aggregations(List { bytes: self.bytes, target, free: self.free() }, index)
    }

    /// Where its filters and aggregations stand: before the next event.
    fn free(&self) -> Range<u64> {
        let (start, next, length) =
            (self.span().end, self.number_at(EVENT_NEXT).into(), self.bytes.len() as u64);
        start..if (start..length).contains(&next) { next } else { length }
    }

    /// What its filters do to an event that they match.
    pub fn effect(&self) -> Option<Effect> {
        Some(match self.default()? {
            DefaultAction::Include => Effect::Exclude,
            DefaultAction::Exclude => Effect::Include,
        })
    }
}

impl<'a> Filter<'a> {
    /// The positions of its event in the blob and of the filter in its event.
    pub fn indices(&self) -> (u32, u32) {
        (self.event, self.index)
    }

    /// The position of the field in the event, from 0.
    pub fn field(&self) -> u32 {
        self.number_at(0)
    }

    /// The bytes of the field's position.
    pub fn field_index_span(&self) -> Range<u64> {
        self.field_span(0, 4)
    }

    /// The rule's name, for the analyst.
    pub fn name(&self) -> Wide<'a> {
        let name = self.at.saturating_add(4);
        Wide::new(part(self.bytes, name, name.saturating_add(FILTER_NAME)))
    }

    /// The bytes of the name.
    pub fn name_span(&self) -> Range<u64> {
        self.field_span(4, FILTER_NAME)
    }

    /// The number of its operator.
    pub fn operator(&self) -> u32 {
        self.number_at(FILTER_OPERATOR) & OPERATOR
    }

    /// Whether it is marked as holding environment variables, which the driver cannot expand.
    pub fn has_environment(&self) -> bool {
        self.number_at(FILTER_OPERATOR) & ENVIRONMENT != 0
    }

    /// The bytes of the operator and of that mark.
    pub fn operator_span(&self) -> Range<u64> {
        self.field_span(FILTER_OPERATOR, 4)
    }

    /// The text that it compares with; [`Wide::values`] are those of an operator that takes several.
    pub fn value(&self) -> Wide<'a> {
        let value = self.value_span();
        Wide::new(part(self.bytes, value.start, value.end))
    }

    /// The bytes of the value and of the zero that ends it.
    pub fn value_span(&self) -> Range<u64> {
        self.field_span(FILTER, self.number_at(FILTER_SIZE).into())
    }

    /// Its bytes, padding not counted.
    pub fn span(&self) -> Range<u64> {
        self.field_span(0, FILTER.saturating_add(self.number_at(FILTER_SIZE).into()))
    }

    /// The id and the offset of its aggregation, if it is in one.
    pub fn aggregation(&self) -> Option<(u32, u64)> {
        let (id, offset) = (self.number_at(FILTER_AGGREGATION), self.number_at(FILTER_AGGREGATION_OFFSET));
        (id != 0 || offset != 0).then_some((id, offset.into()))
    }

    /// The name of its aggregation, and how the filters of that work together: read where the filter says that it is, as
    /// the sensor does.
    pub fn group(&self) -> Option<(Wide<'a>, Option<Combine>)> {
        let (_, at) = self.aggregation()?;
        let group = Aggregation { bytes: self.bytes, at, index: 0 };
        Some((group.name(), group.combine()))
    }
}

impl<'a> Aggregation<'a> {
    /// Its position in the blob.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// Its id, which its filters repeat.
    pub fn id(&self) -> u32 {
        self.number_at(AGGREGATION_ID)
    }

    /// The rule's name, for the analyst.
    pub fn name(&self) -> Wide<'a> {
        Wide::new(part(self.bytes, self.at, self.at.saturating_add(AGGREGATION_NAME)))
    }

    /// The bytes of the name.
    pub fn name_span(&self) -> Range<u64> {
        self.field_span(0, AGGREGATION_NAME)
    }

    /// How its filters work together.
    pub fn combine(&self) -> Option<Combine> {
        Combine::from_number(self.number_at(280))
    }

    /// How many filters it says it has.
    pub fn count(&self) -> u32 {
        self.number_at(AGGREGATION_COUNT)
    }

    /// Where its first filter is.
    pub fn first(&self) -> u64 {
        self.number_at(AGGREGATION_FIRST).into()
    }

    /// The sensor's working memory: message id, filters checked, filters matched.
    pub fn memory(&self) -> (u64, u32, u32) {
        let message = u64::from(self.number_at(260)) << 32 | u64::from(self.number_at(256));
        (message, self.number_at(284), self.number_at(288))
    }

    /// Its bytes.
    pub fn span(&self) -> Range<u64> {
        self.field_span(0, AGGREGATION)
    }
}
