//! Which filters of a blob match everything that another one matches. Values are compared without case, as the sensor
//! does. What cannot be decided from the text alone covers nothing and is covered by nothing.

use crate::BlobFilter;
use std::cell::Cell;
use std::collections::{BTreeSet, HashMap};

/// Units that one search looks at before it gives up: what is not found is not reported, and a blob made to be slow
/// costs no more than a large honest one.
const BUDGET: u64 = 1 << 26;

/// What is left of the units of one search.
pub(crate) struct Budget(Cell<u64>);

impl Budget {
    pub fn new() -> Self {
        Self(Cell::new(BUDGET))
    }

    /// Takes so many units; says whether any are left.
    fn spend(&self, units: usize) -> bool {
        self.0.set(self.0.get().saturating_sub(units as u64));
        self.0.get() > 0
    }
}
/// Units of a substring that it is looked up by.
const KEY: usize = 3;

/// How a single value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum How {
    Is,
    Contains,
    Begin,
    End,
    Image,
}

/// What a filter accepts: values of which one must match, or, for all, of which each must.
struct Condition {
    how: How,
    values: Vec<Vec<u16>>,
    all: bool,
}

fn condition(filter: &BlobFilter<'_>) -> Option<Condition> {
    let (how, several, all) = match filter.operator? {
        "is" => (How::Is, false, false),
        "is any" => (How::Is, true, false),
        "contains" => (How::Contains, false, false),
        "contains any" => (How::Contains, true, false),
        "contains all" => (How::Contains, true, true),
        "begin with" => (How::Begin, false, false),
        "end with" => (How::End, false, false),
        "image" => (How::Image, false, false),
        _ => return None,
    };
    let value = folded(filter);
    let values: Vec<_> = if several {
        value.split(|unit| *unit == u16::from(b';')).map(<[u16]>::to_vec).collect()
    } else {
        vec![value]
    };
    if filter.filter.has_environment() || values.iter().any(Vec::is_empty) {
        return None;
    }
    // A path is compared as a whole, a bare name with the last part.
    let path = how == How::Image && values.iter().flatten().any(|unit| *unit == BACKSLASH);
    Some(Condition { how: if path { How::Is } else { how }, values, all })
}

const BACKSLASH: u16 = b'\\' as u16;

/// The value of a filter without case.
pub(crate) fn folded(filter: &BlobFilter<'_>) -> Vec<u16> {
    let mut units = Vec::new();
    for c in filter.filter.value().chars() {
        let mut lower = c.to_lowercase();
        match (lower.next(), lower.next()) {
            (Some(one), None) => units.extend_from_slice(one.encode_utf16(&mut [0; 2])),
            _ => units.extend_from_slice(c.encode_utf16(&mut [0; 2])),
        }
    }
    units
}

/// Filters on one field of which each suffices, to be asked which of them covers another.
pub(crate) struct Alternatives<'b> {
    /// The first filter with each value, by how it is compared.
    owners: HashMap<(How, Vec<u16>), usize>,
    /// The lengths of what is compared with the beginning and with the end.
    lengths: [BTreeSet<usize>; 2],
    /// Substrings by their first units.
    parts: HashMap<Vec<u16>, Vec<(Vec<u16>, usize)>>,
    budget: &'b Budget,
}

impl<'b> Alternatives<'b> {
    /// None so far.
    pub fn new(budget: &'b Budget) -> Self {
        Self { owners: HashMap::new(), lengths: Default::default(), parts: HashMap::new(), budget }
    }

    /// Adds a filter under a number; numbers ascend.
    pub fn add(&mut self, number: usize, filter: &BlobFilter<'_>) {
        let Some(Condition { how, values, all }) = condition(filter) else { return };
        if all && values.len() > 1 {
            return;
        }
        for value in values {
            match how {
                How::Begin => _ = self.lengths[0].insert(value.len()),
                How::End => _ = self.lengths[1].insert(value.len()),
                How::Contains => {
                    let key = value.get(..KEY).unwrap_or(&value).to_vec();
                    self.parts.entry(key).or_default().push((value.clone(), number));
                }
                How::Is | How::Image => {}
            }
            self.owners.entry((how, value)).or_insert(number);
        }
    }

    /// A filter other than the one of this number that matches whenever the asked one does. Of equal ones the first is
    /// the wider.
    pub fn cover(&self, number: Option<usize>, filter: &BlobFilter<'_>) -> Option<usize> {
        let Condition { how, values, all } = condition(filter)?;
        let mut covers = values.iter().map(|value| self.cover_value(number, how, value));
        if all {
            covers.find_map(|cover| cover)
        } else {
            covers.collect::<Option<Vec<_>>>()?.first().copied()
        }
    }

    fn cover_value(&self, number: Option<usize>, how: How, value: &[u16]) -> Option<usize> {
        let other = |owner: &usize| Some(*owner) != number;
        let same = self.owners.get(&(how, value.to_vec())).copied();
        if let Some(same) = same.filter(|same| number.is_none_or(|number| *same < number)) {
            return Some(same);
        }
        if let Some(owner) = self.part_of(number, how, value) {
            return Some(owner);
        }
        if !self.budget.spend(self.lengths.iter().map(BTreeSet::len).sum()) {
            return None;
        }
        let mut wider = Vec::new();
        if matches!(how, How::Is | How::Begin) {
            wider.extend(
                self.lengths[0].iter().filter_map(|length| Some((How::Begin, value.get(..*length)?))),
            );
        }
        if matches!(how, How::Is | How::End | How::Image) {
            let from = |length: &usize| value.len().checked_sub(*length);
            wider.extend(
                self.lengths[1].iter().filter_map(|length| Some((How::End, value.get(from(length)?..)?))),
            );
        }
        if matches!(how, How::Is | How::End)
            && let Some(at) = value.iter().rposition(|unit| *unit == BACKSLASH)
        {
            wider.push((How::Image, value.get(at.saturating_add(1)..)?));
        }
        for (wide, part) in wider.into_iter().filter(|wide| *wide != (how, value)) {
            let owner =
                if self.budget.spend(part.len()) { self.owners.get(&(wide, part.to_vec())) } else { None };
            if let Some(owner) = owner.filter(|owner| other(owner)) {
                return Some(*owner);
            }
        }
        None
    }

    /// A filter with a substring of the value.
    fn part_of(&self, number: Option<usize>, how: How, value: &[u16]) -> Option<usize> {
        if self.parts.is_empty() {
            return None;
        }
        for at in 0..value.len() {
            let rest = value.get(at..)?;
            for length in 1..=KEY.min(rest.len()) {
                for (part, owner) in
                    rest.get(..length).and_then(|key| self.parts.get(key)).into_iter().flatten()
                {
                    if !self.budget.spend(part.len()) {
                        return None;
                    }
                    let equal = how == How::Contains && part == value;
                    if Some(*owner) != number && !equal && rest.starts_with(part) {
                        return Some(*owner);
                    }
                }
            }
        }
        None
    }
}
