//! What stands in the structures, and whether the counts agree with the lists. The walk has shown before that the
//! structures are inside the blob and own their bytes alone.

use super::Header;
use super::layout::*;
use super::walk::{List, Node, Walk, span};
use crate::error::{Error, ErrorKind, Path, Value};
use crate::limits;
use core::ops::Range;

type Report<'r> = &'r mut dyn FnMut(Error);

/// The header of a blob, if its bytes can be one.
pub(super) fn header(bytes: &[u8]) -> Result<Header, Error> {
    let length = bytes.len() as u64;
    let path = Path::of("header");
    let short = |expected: u64| {
        Error::at(ErrorKind::Length, 0..length, path, Value::AtLeast(expected), Value::Bytes(length))
    };
    if length < SHORT_HEADER {
        return Err(short(SHORT_HEADER));
    }
    if length > limits::FILE_BYTES {
        let (expected, found) = (Value::AtMost(limits::FILE_BYTES), Value::Number(length));
        return Err(Error::at(ErrorKind::Limit, 0..length, path, expected, found));
    }
    let field = |at| number(bytes, at);
    let mut header = Header { version: field(0), rules: field(4), ..Header::default() };
    if header.version < LAST_SHORT {
        let (expected, found) = (Value::AtLeast(LAST_SHORT.into()), Value::Hex(header.version.into()));
        let path = path.then("version");
        return Err(Error::at(ErrorKind::Version, 0..4, path, expected, found));
    }
    if header.is_short() {
        return Ok(header);
    }
    if length < LONG_HEADER {
        return Err(short(LONG_HEADER));
    }
    (header.schema, header.first_event, header.first_aggregation) = (field(12), field(16), field(20));
    if u64::from(field(8)) != LONG_HEADER {
        let (expected, found) = (Value::Number(LONG_HEADER), Value::Number(field(8).into()));
        return Err(Error::at(ErrorKind::Version, 8..12, path.then("size"), expected, found));
    }
    Ok(header)
}

/// A list whose members are counted while the walk goes on.
#[derive(Clone, Copy, Debug)]
struct Counted {
    at: u64,
    path: Path,
    seen: u32,
}

/// The aggregation whose filters come next.
#[derive(Clone, Copy, Debug)]
struct Group {
    list: Counted,
    id: u32,
    /// The first of its filters.
    first: u64,
    /// A filter of something else came after it: it takes no more.
    closed: bool,
    /// Its filters were not reached, or are in doubt: nothing follows from their number.
    lost: bool,
}

/// What is being counted.
struct Check<'a> {
    bytes: &'a [u8],
    events: u32,
    event: Option<Counted>,
    group: Option<Group>,
}

/// Reports everything that is wrong behind the header.
pub(super) fn structures(bytes: &[u8], header: &Header, report: Report<'_>) {
    let mut check = Check { bytes, events: 0, event: None, group: None };
    let mut walk = Walk::new(bytes, header, report);
    // Where the size of the data is in doubt, a gap behind it is a consequence.
    let mut doubt = false;
    while let Some(node) = walk.step(&mut |error| {
        if !doubt || error.kind != ErrorKind::Gap {
            report(error);
        }
    }) {
        doubt = false;
        match node {
            Node::Event { at, .. } => {
                check.close_event(walk.lost_before(), report);
                check.event(at, node.path(), report);
            }
            Node::Filter { at, .. } => {
                doubt = !check.filter(at, node.path(), walk.lost(List::Aggregations), report);
            }
            Node::Aggregation { at, .. } => {
                check.close_group(walk.lost(List::Filters), report);
                check.aggregation(at, node.path(), walk.is_orphaned(), report);
            }
        }
        let (end, slot) = node.ends(bytes);
        // Where data ends in doubt, so does what is behind it.
        if !doubt {
            zero(bytes, end..slot, node.path().then("padding"), report);
        }
    }
    check.close_event(walk.lost(List::Filters), report);
    check.finish(header, &walk, doubt, report);
}

impl Check<'_> {
    fn event(&mut self, at: u64, path: Path, report: Report<'_>) {
        self.events = self.events.saturating_add(1);
        self.event = Some(Counted { at, path, seen: 0 });
        self.at_most(at.saturating_add(4), 1, path.then("default"), report);
        self.at_most(at.saturating_add(8), 1, path.then("combine"), report);
    }

    fn aggregation(&mut self, at: u64, path: Path, lost: bool, report: Report<'_>) {
        let id = number(self.bytes, at.saturating_add(AGGREGATION_ID));
        self.group = Some(Group { list: Counted { at, path, seen: 0 }, id, first: 0, closed: false, lost });
        if id == 0 {
            let at = span(at.saturating_add(AGGREGATION_ID), 4);
            let (expected, found) = (Value::AtLeast(1), Value::Number(0));
            report(Error::at(ErrorKind::Aggregation, at, path.then("id"), expected, found));
        }
        if self.event.is_none() {
            let (expected, found) = (Value::Phrase("an event before it"), Value::Phrase("none"));
            let span = span(at, AGGREGATION);
            report(Error::at(ErrorKind::Order, span, path, expected, found));
        }
        self.text(at..at.saturating_add(AGGREGATION_NAME), path.then("name"), report);
        self.at_most(at.saturating_add(280), 1, path.then("combine"), report);
    }

    /// Checks a filter; says whether the size of its data can be right.
    fn filter(&mut self, at: u64, path: Path, groups_lost: bool, report: Report<'_>) -> bool {
        if let Some(event) = &mut self.event {
            event.seen = event.seen.saturating_add(1);
        }
        let name = at.saturating_add(4);
        self.text(name..name.saturating_add(FILTER_NAME), path.then("name"), report);
        let operator = number(self.bytes, at.saturating_add(FILTER_OPERATOR));
        if operator & !(OPERATOR | ENVIRONMENT) != 0 {
            let span = span(at.saturating_add(FILTER_OPERATOR), 4);
            let expected = Value::Phrase("a number of 16 bits, with bit 30 for environment variables");
            let found = Value::Hex(operator.into());
            report(Error::at(ErrorKind::Word, span, path.then("operator"), expected, found));
        }
        self.membership(at, path, groups_lost, report);
        self.data(at, path, report)
    }

    /// The data of a filter: UTF-16 up to one zero.
    fn data(&self, at: u64, path: Path, report: Report<'_>) -> bool {
        let size = u64::from(number(self.bytes, at.saturating_add(FILTER_SIZE)));
        if size == 0 || !size.is_multiple_of(2) {
            let span = span(at.saturating_add(FILTER_SIZE), 4);
            let (expected, found) = (Value::Phrase("an even number above zero"), Value::Number(size));
            report(Error::at(ErrorKind::DataSize, span, path.then("size"), expected, found));
            return false;
        }
        let data = at.saturating_add(FILTER);
        let end = data.saturating_add(size);
        let terminator = end.saturating_sub(2);
        let units = part(self.bytes, data, end).as_chunks::<2>().0;
        let zero =
            (0u64..).zip(units).find(|(_, unit)| **unit == [0, 0]).map(|(index, _)| index.saturating_mul(2));
        let zero = zero.map(|index| data.saturating_add(index));
        if zero != Some(terminator) {
            let place = zero.unwrap_or(terminator);
            let found = Value::raw(part(self.bytes, place, place.saturating_add(2)));
            let expected = match zero {
                Some(_) => Value::Phrase("a zero after the last character only"),
                None => Value::Phrase("a zero after the last character"),
            };
            let path = path.then("data");
            report(Error::at(ErrorKind::Terminator, span(place, 2), path, expected, found));
        }
        zero == Some(terminator)
    }

    /// That a filter stands behind the aggregation that it names, and no other.
    fn membership(&mut self, at: u64, path: Path, groups_lost: bool, report: Report<'_>) {
        let id = number(self.bytes, at.saturating_add(FILTER_AGGREGATION));
        let offset = u64::from(number(self.bytes, at.saturating_add(FILTER_AGGREGATION_OFFSET)));
        let group = self.group.as_mut().filter(|group| !group.closed);
        if id == 0 && offset == 0 {
            if let Some(group) = group {
                group.closed = true;
            }
            return;
        }
        let (expected, wrong_offset) = match group {
            Some(group) if group.list.at == offset => {
                if group.list.seen == 0 {
                    group.first = at;
                }
                group.list.seen = group.list.seen.saturating_add(1);
                if group.id == id {
                    return;
                }
                (Value::Number(group.id.into()), false)
            }
            _ if groups_lost => return,
            Some(group) => {
                group.lost = true;
                (Value::Hex(group.list.at), true)
            }
            None => (Value::Phrase("the aggregation right before it, or none"), true),
        };
        let (field, name, found) = if wrong_offset {
            (FILTER_AGGREGATION_OFFSET, "aggregation_offset", Value::Hex(offset))
        } else {
            (FILTER_AGGREGATION, "aggregation", Value::Number(id.into()))
        };
        let span = span(at.saturating_add(field), 4);
        report(Error::at(ErrorKind::Aggregation, span, path.then(name), expected, found));
    }

    /// Compares what an event says of its filters with what was there.
    fn close_event(&mut self, lost: bool, report: Report<'_>) {
        self.close_group(lost, report);
        if let Some(event) = self.event.take().filter(|_| !lost) {
            self.count(event, EVENT_COUNT, report);
        }
    }

    /// Compares what an aggregation says of its filters with what was there.
    fn close_group(&mut self, lost: bool, report: Report<'_>) {
        let Some(group) = self.group.take().filter(|group| !lost && !group.lost) else { return };
        self.count(group.list, AGGREGATION_COUNT, report);
        let at = group.list.at.saturating_add(AGGREGATION_FIRST);
        let first = number(self.bytes, at).into();
        if first != group.first {
            let (expected, found) = (Value::Hex(group.first), Value::Hex(first));
            let path = group.list.path.then("first");
            report(Error::at(ErrorKind::Aggregation, span(at, 4), path, expected, found));
        }
    }

    fn count(&self, list: Counted, field: u64, report: Report<'_>) {
        let at = list.at.saturating_add(field);
        let found = number(self.bytes, at);
        if found != list.seen && !(planted!("group-count") && field == AGGREGATION_COUNT) {
            let (expected, found) = (Value::Number(list.seen.into()), Value::Number(found.into()));
            let path = list.path.then("count");
            report(Error::at(ErrorKind::Count, span(at, 4), path, expected, found));
        }
    }

    /// What can be said of the blob as a whole.
    fn finish(&self, header: &Header, walk: &Walk<'_>, doubt: bool, report: Report<'_>) {
        let length = self.bytes.len() as u64;
        let path = Path::of("header").then("rules");
        if !walk.lost(List::Events) && header.rules != self.events {
            let (expected, found) = (Value::Number(self.events.into()), Value::Number(header.rules.into()));
            report(Error::at(ErrorKind::Count, 4..8, path, expected, found));
        } else if !walk.lost(List::Events) && self.events == 0 {
            let (expected, found) = (Value::Phrase("at least one event"), Value::Number(0));
            report(Error::at(ErrorKind::Hollow, 4..8, path, expected, found));
        }
        if !walk.lost_any() && !doubt && walk.end() < length {
            let (expected, found) = (Value::Bytes(walk.end()), Value::Bytes(length));
            let path = Path::of("unowned");
            report(Error::at(ErrorKind::Gap, walk.end()..length, path, expected, found));
        }
    }

    /// A name: UTF-16 up to a zero, zeros behind it.
    fn text(&self, field: Range<u64>, path: Path, report: Report<'_>) {
        let units = part(self.bytes, field.start, field.end).as_chunks::<2>().0;
        let length = units.iter().take_while(|unit| **unit != [0, 0]).count() as u64;
        let end = field.start.saturating_add(length.saturating_mul(2));
        if end >= field.end {
            let last = field.end.saturating_sub(2);
            let found = Value::raw(part(self.bytes, last, field.end));
            let expected = Value::Phrase("a zero after the last character");
            report(Error::at(ErrorKind::Terminator, last..field.end, path, expected, found));
        } else {
            zero(self.bytes, end..field.end, path, report);
        }
    }

    fn at_most(&self, at: u64, most: u32, path: Path, report: Report<'_>) {
        let found = number(self.bytes, at);
        if found > most {
            let (expected, found) = (Value::AtMost(most.into()), Value::Hex(found.into()));
            report(Error::at(ErrorKind::Word, span(at, 4), path, expected, found));
        }
    }
}

/// That bytes are zero.
fn zero(bytes: &[u8], field: Range<u64>, path: Path, report: Report<'_>) {
    let part = part(bytes, field.start, field.end);
    // Nearly all of them are zero: one loop that the compiler vectorises says so.
    if part.iter().fold(0, |any, b| any | b) == 0 {
        return;
    }
    if let Some(first) = part.iter().position(|b| *b != 0) {
        let at = field.start.saturating_add(first as u64);
        let found = Value::raw(part.get(first..).unwrap_or_default());
        let (kind, expected) = (ErrorKind::Reserved, Value::Phrase("zero bytes"));
        report(Error::at(kind, at..field.end, path, expected, found));
    }
}
