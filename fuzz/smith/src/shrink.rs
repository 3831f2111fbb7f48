//! Makes a file smaller while something about it stays true: first what it says, then its bytes.

use channel_parser::channel::{self, encode};
use channel_parser::draft::*;
use channel_parser::{Format, sysmon};

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
    match Format::of(bytes) {
        Ok(Format::Channel) => {
            if let Ok(file) = channel::parse(bytes) {
                shrinker.content(Draft::from(&file));
            }
        }
        Ok(Format::Sysmon) => {
            if let Ok(blob) = sysmon::parse(bytes) {
                shrinker.blob(blob.draft());
            }
        }
        Err(_) => {}
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

    fn content(&mut self, draft: Draft) {
        self.cut(draft, content_cuts, |draft| encode(draft).ok());
    }

    fn blob(&mut self, draft: sysmon::draft::Draft) {
        self.cut(draft, blob_cuts, |draft| sysmon::encode(draft).ok());
    }

    /// Applies cuts until none of them holds any more.
    fn cut<D: Clone>(
        &mut self,
        mut draft: D,
        cuts: fn(&D) -> Vec<Cut<D>>,
        encode: fn(&D) -> Option<Vec<u8>>,
    ) {
        loop {
            let mut smaller = false;
            for cut in cuts(&draft) {
                if self.over {
                    return;
                }
                let mut candidate = draft.clone();
                if cut(&mut candidate) && encode(&candidate).is_some_and(|bytes| self.keep(bytes)) {
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

/// Removes the item at a position, if there is one.
fn remove<T>(items: &mut Vec<T>, at: usize) -> bool {
    let there = at < items.len();
    if there {
        items.remove(at);
    }
    there
}

fn instance_mut(draft: &mut Draft, nth: usize) -> Option<&mut Instance> {
    draft.detections.iter_mut().flat_map(|one| one.include.iter_mut().chain(&mut one.exclude)).nth(nth)
}

fn content_cuts(draft: &Draft) -> Vec<Cut<Draft>> {
    let mut cuts: Vec<Cut<Draft>> = Vec::new();
    let count = draft.detections.len();
    // Halves first: most of a large file has nothing to do with one finding.
    let mut half = count / 2;
    while half > 0 {
        for start in (0..count).step_by(half) {
            cuts.push(Box::new(move |draft| {
                let end = (start + half).min(draft.detections.len());
                start < end && draft.detections.drain(start..end).count() > 0
            }));
        }
        half /= 2;
    }
    cuts.push(Box::new(|draft| !std::mem::take(&mut draft.extra).is_empty()));
    for at in (0..count).rev() {
        cuts.push(Box::new(move |draft| remove(&mut draft.detections, at)));
        cuts.push(Box::new(move |draft| {
            draft
                .detections
                .get_mut(at)
                .is_some_and(|one| std::mem::take(&mut one.provenance) != Provenance::default())
        }));
        let Some(detection) = draft.detections.get(at) else { continue };
        for nth in (0..detection.include.len()).rev() {
            cuts.push(Box::new(move |draft| {
                draft.detections.get_mut(at).is_some_and(|one| remove(&mut one.include, nth))
            }));
        }
        for nth in (0..detection.exclude.len()).rev() {
            cuts.push(Box::new(move |draft| {
                draft.detections.get_mut(at).is_some_and(|one| remove(&mut one.exclude, nth))
            }));
        }
    }
    let instances = draft.detections.iter().flat_map(|one| one.include.iter().chain(&one.exclude));
    for (nth, instance) in instances.enumerate() {
        for (field, criterion) in instance.criteria.iter().enumerate() {
            for (clause, patterns) in criterion.clauses.iter().map(|clause| clause.patterns.len()).enumerate()
            {
                cuts.push(Box::new(move |draft| {
                    let criterion = instance_mut(draft, nth).and_then(|one| one.criteria.get_mut(field));
                    criterion.is_some_and(|criterion| remove(&mut criterion.clauses, clause))
                }));
                for pattern in (0..patterns).rev() {
                    cuts.push(Box::new(move |draft| {
                        let criterion = instance_mut(draft, nth).and_then(|one| one.criteria.get_mut(field));
                        let clause = criterion.and_then(|criterion| criterion.clauses.get_mut(clause));
                        clause.is_some_and(|clause| {
                            clause.patterns.len() > 1 && remove(&mut clause.patterns, pattern)
                        })
                    }));
                    cuts.push(Box::new(move |draft| {
                        let criterion = instance_mut(draft, nth).and_then(|one| one.criteria.get_mut(field));
                        let clause = criterion.and_then(|criterion| criterion.clauses.get_mut(clause));
                        clause.and_then(|clause| clause.patterns.get_mut(pattern)).is_some_and(shorten)
                    }));
                }
            }
        }
    }
    for at in (0..draft.types.len()).rev() {
        cuts.push(Box::new(move |draft| drop_type(draft, at)));
    }
    cuts
}

/// Halves the text of a pattern.
fn shorten(pattern: &mut Pattern) -> bool {
    let Pattern::Text { operand, .. } = pattern else { return false };
    let half = operand.chars().count() / 2;
    let shorter: String = operand.chars().take(half).collect();
    let changed = shorter != *operand;
    *operand = shorter;
    changed
}

/// Drops a template type that no instance is for.
fn drop_type(draft: &mut Draft, at: usize) -> bool {
    let all = || draft.detections.iter().flat_map(|one| one.include.iter().chain(&one.exclude));
    if all().any(|instance| instance.template.0 as usize == at) || !remove(&mut draft.types, at) {
        return false;
    }
    for instance in draft.detections.iter_mut().flat_map(|one| one.include.iter_mut().chain(&mut one.exclude))
    {
        if instance.template.0 as usize > at {
            instance.template.0 -= 1;
        }
    }
    true
}

fn blob_cuts(draft: &sysmon::draft::Draft) -> Vec<Cut<sysmon::draft::Draft>> {
    use sysmon::draft::{Draft, Item};
    let mut cuts: Vec<Cut<Draft>> = Vec::new();
    for (at, event) in draft.events.iter().enumerate().rev() {
        cuts.push(Box::new(move |draft| remove(&mut draft.events, at)));
        let mut half = event.items.len() / 2;
        while half > 0 {
            for start in (0..event.items.len()).step_by(half) {
                cuts.push(Box::new(move |draft| {
                    draft.events.get_mut(at).is_some_and(|event| {
                        let end = (start + half).min(event.items.len());
                        start < end && event.items.drain(start..end).count() > 0
                    })
                }));
            }
            half /= 2;
        }
        for (nth, item) in event.items.iter().enumerate().rev() {
            cuts.push(Box::new(move |draft| {
                draft.events.get_mut(at).is_some_and(|event| remove(&mut event.items, nth))
            }));
            let filters = if let Item::Group(group) = item { group.filters.len() } else { 0 };
            for filter in (0..filters).rev() {
                cuts.push(Box::new(move |draft| {
                    match draft.events.get_mut(at).and_then(|event| event.items.get_mut(nth)) {
                        Some(Item::Group(group)) => remove(&mut group.filters, filter),
                        _ => false,
                    }
                }));
            }
        }
    }
    cuts
}
