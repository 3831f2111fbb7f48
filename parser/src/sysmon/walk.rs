//! From structure to structure in the order of the bytes. The three kinds of lists (events, the filters of an event,
//! aggregations) are followed at the same time, each offset only ever forward, so that one pass without memory shows
//! that every byte has one owner. What does not go forward is told apart: a cycle, an overlap, a place outside.

use super::Header;
use super::layout::*;
use crate::error::{Error, ErrorKind, Path, Value};
use core::ops::Range;

/// A structure of a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Event { at: u64, index: u32 },
    Filter { at: u64, event: u32, index: u32 },
    Aggregation { at: u64, index: u32 },
}

impl Node {
    pub fn at(self) -> u64 {
        match self {
            Self::Event { at, .. } | Self::Filter { at, .. } | Self::Aggregation { at, .. } => at,
        }
    }

    pub fn path(self) -> Path {
        match self {
            Self::Event { index, .. } => Path::at("events", index),
            Self::Filter { event, index, .. } => Path::at("events", event).then_at("filters", index),
            Self::Aggregation { index, .. } => Path::at("aggregations", index),
        }
    }

    /// The byte after its fields and its data, and the byte after its padding.
    pub fn ends(self, bytes: &[u8]) -> (u64, u64) {
        let at = self.at();
        let (size, slot) = match self {
            Self::Event { .. } => (EVENT, aligned(EVENT)),
            Self::Aggregation { .. } => (AGGREGATION, aligned(AGGREGATION)),
            Self::Filter { .. } => {
                let data = number(bytes, at.saturating_add(FILTER_SIZE)).into();
                (FILTER.saturating_add(data), filter_slot(data))
            }
        };
        (at.saturating_add(size), at.saturating_add(slot))
    }
}

/// A list that is being followed: where it goes on, and which bytes say so.
#[derive(Clone, Copy, Debug, Default)]
struct Cursor {
    /// The next structure; zero at the end of the list.
    target: u64,
    /// Where the offset stands that leads there.
    link: u64,
    path: Path,
    /// The structures of the list so far.
    seen: u32,
    /// The list could not be followed to its end.
    lost: bool,
}

impl Cursor {
    fn lose(&mut self) {
        (self.target, self.lost) = (0, true);
    }
}

/// Which list, as an index into [`Walk::cursors`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Events = 0,
    Filters = 1,
    Aggregations = 2,
}

/// All structures in the order of the bytes.
#[derive(Clone, Debug)]
pub(super) struct Walk<'a> {
    bytes: &'a [u8],
    events: Cursor,
    filters: Cursor,
    aggregations: Cursor,
    /// Whether the header or an aggregation says where the aggregations go on.
    listed: bool,
    /// The byte after the structure before, its padding included.
    end: u64,
    /// Steps that may still be spent on telling cycles from other ways back.
    budget: u64,
    /// The filters of the event before could not be followed to their end.
    lost_before: bool,
    /// A list was lost anywhere: what is not reached any more is no finding of its own.
    lost: bool,
}

type Report<'r> = &'r mut dyn FnMut(Error);

impl<'a> Walk<'a> {
    /// A walk over a blob with this header.
    pub fn new(bytes: &'a [u8], header: &Header, report: Report<'_>) -> Self {
        let mut walk = Self {
            bytes,
            events: Cursor::default(),
            filters: Cursor::default(),
            aggregations: Cursor::default(),
            listed: header.first_aggregation != 0,
            end: header.bytes(),
            budget: bytes.len() as u64,
            lost_before: false,
            lost: false,
        };
        let path = Path::of("header");
        if header.is_short() {
            walk.events.target = if bytes.len() as u64 > SHORT_HEADER { SHORT_HEADER } else { 0 };
            walk.events.path = path.then("rules");
            walk.events.link = 4;
        } else {
            walk.follow(List::Events, 16, path.then("first_event"), report);
            walk.follow(List::Aggregations, 20, path.then("first_aggregation"), report);
        }
        walk
    }

    /// Whether a list could not be followed to its end.
    pub fn lost(&self, list: List) -> bool {
        self.cursor(list).lost
    }

    /// Whether the filters of the event before could not be followed to their end.
    pub fn lost_before(&self) -> bool {
        self.lost_before
    }

    /// Whether any list could not be followed to its end.
    pub fn lost_any(&self) -> bool {
        self.lost
    }

    /// Whether an aggregation now is one of an event that nothing leads to any more.
    pub fn is_orphaned(&self) -> bool {
        self.events.lost && self.filters.target == 0
    }

    /// The byte after the last structure so far.
    pub fn end(&self) -> u64 {
        self.end
    }

    fn cursor(&self, list: List) -> &Cursor {
        match list {
            List::Events => &self.events,
            List::Filters => &self.filters,
            List::Aggregations => &self.aggregations,
        }
    }

    fn cursor_mut(&mut self, list: List) -> &mut Cursor {
        match list {
            List::Events => &mut self.events,
            List::Filters => &mut self.filters,
            List::Aggregations => &mut self.aggregations,
        }
    }

    /// The next structure, after a report of what is wrong on the way to it.
    pub fn step(&mut self, report: Report<'_>) -> Option<Node> {
        loop {
            self.unlisted();
            if self.events.target != 0 && self.events.target < self.filters.target {
                let expected = Value::AtMost(self.events.target.saturating_sub(ALIGNMENT));
                self.lose(List::Filters, ErrorKind::Order, expected, report);
            }
            let lists = [List::Events, List::Filters, List::Aggregations];
            let open = lists.into_iter().filter(|list| self.cursor(*list).target != 0);
            let list = open.min_by_key(|list| self.cursor(*list).target)?;
            let Cursor { target: at, seen: index, .. } = *self.cursor(list);
            let node = match list {
                List::Events => Node::Event { at, index },
                List::Filters => Node::Filter { at, event: self.events.seen.saturating_sub(1), index },
                List::Aggregations => Node::Aggregation { at, index },
            };
            if self.fits(list, node, report) {
                self.enter(list, node, report);
                return Some(node);
            }
        }
    }

    /// Where the header names no aggregation, the next filter may: Microsoft's compiler loses the head of the list
    /// when it takes back an event that was the first.
    fn unlisted(&mut self) {
        let filter = self.filters.target;
        if self.listed || filter == 0 {
            return;
        }
        let link = filter.saturating_add(FILTER_AGGREGATION_OFFSET);
        let target = u64::from(number(self.bytes, link));
        if (self.end..filter).contains(&target) && target.is_multiple_of(ALIGNMENT) {
            let node = Node::Filter {
                at: filter,
                event: self.events.seen.saturating_sub(1),
                index: self.filters.seen,
            };
            let path = node.path().then("aggregation_offset");
            (self.aggregations.target, self.aggregations.link, self.aggregations.path) = (target, link, path);
            self.listed = true;
        }
    }

    /// Whether the next structure is inside the blob.
    fn fits(&mut self, list: List, node: Node, report: Report<'_>) -> bool {
        let length = self.bytes.len() as u64;
        let (at, head) = match node {
            Node::Event { at, .. } => (at, EVENT),
            Node::Aggregation { at, .. } => (at, aligned(AGGREGATION)),
            Node::Filter { at, .. } => (at, FILTER),
        };
        let head_fits = at.saturating_add(head) <= length;
        let end = if head_fits { node.ends(self.bytes).1 } else { at.saturating_add(head) };
        if end <= length {
            return true;
        }
        let (span, path) = match node {
            Node::Filter { .. } if head_fits => {
                (span(at.saturating_add(FILTER_SIZE), 4), node.path().then("size"))
            }
            _ => (at..length, node.path()),
        };
        let (expected, found) = (Value::Bytes(end), Value::Bytes(length));
        report(Error::at(ErrorKind::Length, span, path, expected, found));
        self.cursor_mut(list).lose();
        self.lost = true;
        false
    }

    /// Takes possession of a structure and reads where the lists go on.
    fn enter(&mut self, list: List, node: Node, report: Report<'_>) {
        let (at, before, path) = (node.at(), self.end, node.path());
        if at > before && !self.lost {
            let (expected, found) = (Value::Hex(before), Value::Hex(at));
            report(Error::at(ErrorKind::Gap, before..at, path, expected, found));
        }
        self.end = node.ends(self.bytes).1;
        let cursor = self.cursor_mut(list);
        cursor.seen = cursor.seen.saturating_add(1);
        cursor.target = 0;
        for other in [List::Events, List::Filters, List::Aggregations] {
            let target = self.cursor(other).target;
            if target != 0 && target < self.end && !planted!("overlap-forgotten") {
                self.lose(other, ErrorKind::Overlap, Value::AtLeast(self.end), report);
            }
        }
        match list {
            List::Events => {
                self.lost_before = self.filters.lost;
                self.filters = Cursor::default();
                self.follow(List::Events, at.saturating_add(EVENT_NEXT), path.then("next"), report);
                self.follow(List::Filters, at.saturating_add(EVENT_FIRST), path.then("first"), report);
            }
            List::Filters => {
                self.follow(List::Filters, at.saturating_add(FILTER_NEXT), path.then("next"), report);
            }
            List::Aggregations => {
                let link = at.saturating_add(AGGREGATION_NEXT);
                self.follow(List::Aggregations, link, path.then("next"), report);
            }
        }
    }

    /// Goes on with a list where an offset says.
    fn follow(&mut self, list: List, link: u64, path: Path, report: Report<'_>) {
        let target = u64::from(number(self.bytes, link));
        let (end, length) = (self.end, self.bytes.len() as u64);
        let end = if planted!("no-cycle-check") { 0 } else { end };
        let cursor = self.cursor_mut(list);
        (cursor.target, cursor.link, cursor.path) = (target, link, path);
        let (kind, expected) =
            if target == 0 || (target >= end && target < length && target.is_multiple_of(ALIGNMENT)) {
                return;
            } else if target >= length {
                (ErrorKind::Outside, Value::AtMost(length.saturating_sub(ALIGNMENT)))
            } else if target < end && self.cycles(list, target) {
                (ErrorKind::Cycle, Value::AtLeast(end))
            } else if target < end {
                (ErrorKind::Overlap, Value::AtLeast(end))
            } else {
                (ErrorKind::Alignment, Value::Phrase("a multiple of eight"))
            };
        self.lose(list, kind, expected, report);
    }

    /// Reports where a list can not be followed, and gives it up.
    fn lose(&mut self, list: List, kind: ErrorKind, expected: Value, report: Report<'_>) {
        let Cursor { target, link, path, .. } = *self.cursor(list);
        report(Error::at(kind, span(link, 4), path, expected, Value::Hex(target)));
        self.cursor_mut(list).lose();
        self.lost = true;
    }

    /// Whether a list that goes on at an offset never ends, with two readers of which one is twice as fast.
    fn cycles(&mut self, list: List, start: u64) -> bool {
        let next = match list {
            List::Events => EVENT_NEXT,
            List::Filters => FILTER_NEXT,
            List::Aggregations => AGGREGATION_NEXT,
        };
        let bytes = self.bytes;
        let after = |at: u64| if at == 0 { 0 } else { u64::from(number(bytes, at.saturating_add(next))) };
        let (mut slow, mut fast) = (start, start);
        while fast != 0 && self.budget > 0 {
            self.budget = self.budget.saturating_sub(1);
            slow = after(slow);
            fast = after(after(fast));
            if slow == fast && fast != 0 {
                return true;
            }
        }
        false
    }
}

/// So many bytes from an offset on.
pub(super) fn span(start: u64, length: u64) -> Range<u64> {
    start..start.saturating_add(length)
}
