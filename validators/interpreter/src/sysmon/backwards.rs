//! The events of a blob from the last to the first. The list can only be followed forwards, and nothing is allocated: so
//! the last few are kept at a time.

use channel_parser::sysmon::{Blob, Event};

const AT_ONCE: usize = 32;

/// The events of a blob that are wanted, the last one first.
pub struct Backwards<'a, F> {
    blob: &'a Blob<'a>,
    wanted: F,
    /// Those before this offset are not looked at yet.
    before: u64,
    /// The last of them, each at its position among all, modulo the room there is.
    kept: [Option<Event<'a>>; AT_ONCE],
    /// How many of them precede the next one.
    left: usize,
}

impl<'a, F: Fn(&Event<'_>) -> bool> Backwards<'a, F> {
    pub fn new(blob: &'a Blob<'a>, wanted: F) -> Self {
        Self { blob, wanted, before: u64::MAX, kept: [None; AT_ONCE], left: 0 }
    }

    fn take(&mut self) -> Option<Event<'a>> {
        let last = self.left.checked_sub(1)?;
        let event = self.kept.get_mut(last.checked_rem(AT_ONCE)?)?.take()?;
        self.left = last;
        self.before = event.offset();
        Some(event)
    }
}

impl<'a, F: Fn(&Event<'_>) -> bool> Iterator for Backwards<'a, F> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        if let Some(event) = self.take() {
            return Some(event);
        }
        self.left = 0;
        for event in self.blob.events().take_while(|event| event.offset() < self.before) {
            if !(self.wanted)(&event) {
                continue;
            }
            if let Some(place) = self.left.checked_rem(AT_ONCE).and_then(|at| self.kept.get_mut(at)) {
                *place = Some(event);
            }
            self.left = self.left.saturating_add(1);
        }
        self.take()
    }
}
