//! Makes a file smaller while something about it stays true: first what it says, then its bytes. A file is a channel
//! file, a rule blob of Sysmon, the section of a contract, or anything else, of which only bytes go.

mod blob;
mod content;
mod contract;

use crate::parsed::Parsed;

/// The smallest file that was found for which `holds` says yes; `bytes` itself if it says no of them. It is asked at most
/// `tries` times.
///
/// ```
/// use channel_smith::shrink;
///
/// let small = shrink::file(b"xxxxxneedlexxxxx", 1000, &mut |bytes| bytes.windows(6).any(|part| part == b"needle"));
/// assert_eq!(small, b"needle");
/// ```
pub fn file(bytes: &[u8], tries: u32, holds: &mut dyn FnMut(&[u8]) -> bool) -> Vec<u8> {
    let mut left = tries.saturating_add(1);
    until(bytes, &mut |candidate| {
        left = left.checked_sub(1)?;
        Some(holds(candidate))
    })
}

/// As [`file()`], until `holds` says neither yes nor no: it has had its time.
///
/// ```
/// use channel_smith::shrink;
///
/// let mut left = 6;
/// let smaller = shrink::until(b"xxxxxneedlexxxxx", &mut |bytes| {
///     left -= 1;
///     (left > 0).then(|| bytes.windows(6).any(|part| part == b"needle"))
/// });
/// assert_eq!(smaller, b"xneedlexxxxx");
/// ```
pub fn until(bytes: &[u8], holds: &mut dyn FnMut(&[u8]) -> Option<bool>) -> Vec<u8> {
    let mut shrinker = Shrinker { best: bytes.to_vec(), over: false, holds };
    if (shrinker.holds)(bytes) != Some(true) {
        return shrinker.best;
    }
    match Parsed::read(bytes) {
        Some(Parsed::Content(draft)) => shrinker.cut(draft, content::cuts, Parsed::Content),
        Some(Parsed::Blob(draft)) => shrinker.cut(draft, blob::cuts, |mut draft| {
            blob::settle(&mut draft);
            Parsed::Blob(draft)
        }),
        Some(Parsed::Contract(contract)) => {
            shrinker.cut(*contract, contract::cuts, |contract| Parsed::Contract(Box::new(contract)));
        }
        None => {}
    }
    shrinker.bytes();
    shrinker.best
}

struct Shrinker<'h> {
    best: Vec<u8>,
    over: bool,
    holds: &'h mut dyn FnMut(&[u8]) -> Option<bool>,
}

/// One way to make content smaller; false when there is no such part.
type Cut<D> = Box<dyn Fn(&mut D) -> bool>;

impl Shrinker<'_> {
    /// Keeps a candidate if it is smaller and still holds.
    fn keep(&mut self, bytes: Vec<u8>) -> bool {
        if self.over || bytes.len() >= self.best.len() {
            return false;
        }
        let holds = (self.holds)(&bytes);
        self.over = holds.is_none();
        if holds == Some(true) {
            self.best = bytes;
        }
        holds == Some(true)
    }

    /// Applies cuts until none of them holds any more.
    fn cut<D: Clone>(&mut self, mut draft: D, cuts: fn(&D) -> Vec<Cut<D>>, parsed: fn(D) -> Parsed) {
        loop {
            let mut smaller = false;
            for cut in cuts(&draft) {
                if self.over {
                    return;
                }
                let mut candidate = draft.clone();
                if cut(&mut candidate)
                    && parsed(candidate.clone()).write().is_some_and(|bytes| self.keep(bytes))
                {
                    draft = candidate;
                    smaller = true;
                }
            }
            if !smaller {
                return;
            }
        }
    }

    /// Drops stretches of bytes, long ones first.
    fn bytes(&mut self) {
        let mut length = self.best.len() / 2;
        while length > 0 && !self.over {
            let mut at = 0;
            while at < self.best.len() && !self.over {
                let mut candidate = self.best.clone();
                candidate.drain(at..(at + length).min(candidate.len()));
                if !self.keep(candidate) {
                    at += length;
                }
            }
            length /= 2;
        }
    }
}

/// Stretches of a list, long ones first: most of a large file has nothing to do with one finding.
fn halves(count: usize) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    let mut length = count.div_ceil(2);
    while length > 0 {
        all.extend((0..count).step_by(length).rev().map(|start| (start, (start + length).min(count))));
        length = if length == 1 { 0 } else { length.div_ceil(2) };
    }
    all
}

/// Removes a stretch, as far as it is there.
fn drain<T>(items: &mut Vec<T>, start: usize, end: usize) -> bool {
    let end = end.min(items.len());
    start < end && items.drain(start..end).count() > 0
}

/// Removes the item at a position, if there is one.
fn remove<T>(items: &mut Vec<T>, at: usize) -> bool {
    drain(items, at, at.saturating_add(1))
}
