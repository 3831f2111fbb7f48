//! What is counted, and of each kind of thing that was found the first neighbour that shows it.

use super::asked::Answer;
use crate::consumer::ProblemKind;
use channel_validators::Code;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What was counted over neighbours.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Tally {
    /// Those that were tried.
    pub neighbours: u64,
    /// Those that could not be written, and were not tried.
    pub unwritten: u64,
    /// Those that the validator accepts for a sensor at least.
    pub accepted: u64,
    /// Those that it refuses for every sensor.
    pub refused: u64,
    /// Those of which it cannot judge everything.
    pub unjudged: u64,
    /// Events that accepted ones were executed on, over all sensors that take them.
    pub events: u64,
    /// By rule those that it refuses for a sensor at least. One neighbour can be refused by several.
    pub refusals: BTreeMap<Code, Refusals>,
    /// Accepted ones that the consumer answered as our interpreter.
    pub agreed: u64,
    /// Its answers on them.
    pub answers: u64,
    /// Those that it was to be asked about and was not.
    pub not_asked: u64,
    /// Why not, of the first of these with its number.
    pub why_not: Option<(u64, String)>,
    /// By what was found, the first neighbour of each kind.
    #[serde(skip)]
    pub(super) first: BTreeMap<Option<Code>, Raw>,
}

/// What a rule refuses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Refusals {
    /// Neighbours.
    pub neighbours: u64,
    /// Of these, those that the consumer was given all the same.
    pub given: u64,
    /// Of these, those that it lived through; what it answered is not looked at, for nobody promised anything.
    pub lived: u64,
}

/// The first neighbour of a kind of things that must not be.
#[derive(Clone, Debug)]
pub(super) struct Raw {
    /// The rule that is about it; `None` for a fault of the gate itself.
    pub(super) code: Option<Code>,
    pub(super) number: u64,
    /// How many neighbours there are of the kind.
    pub(super) count: u64,
    pub(super) what: String,
    pub(super) bytes: Vec<u8>,
}

/// What became of one neighbour.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) accepted: bool,
    /// The rules that refuse it for any sensor.
    pub(super) refused: BTreeSet<Code>,
    /// Events that it was executed on.
    pub(super) events: u64,
    /// What execution finds although it was accepted.
    pub(super) ours: Option<(Code, String)>,
    /// What the consumer did, if it was given it.
    pub(super) theirs: Option<Answer>,
}

impl Tally {
    /// How many kinds of things were found that must not be.
    pub fn kinds(&self) -> usize {
        self.first.len()
    }

    /// Adds what was counted elsewhere.
    pub(super) fn add(&mut self, other: Self) {
        let sums = [
            (&mut self.neighbours, other.neighbours),
            (&mut self.unwritten, other.unwritten),
            (&mut self.accepted, other.accepted),
            (&mut self.refused, other.refused),
            (&mut self.unjudged, other.unjudged),
            (&mut self.events, other.events),
            (&mut self.agreed, other.agreed),
            (&mut self.answers, other.answers),
            (&mut self.not_asked, other.not_asked),
        ];
        sums.into_iter().for_each(|(sum, more)| *sum = sum.saturating_add(more));
        for (code, more) in other.refusals {
            let sum = self.refusals.entry(code).or_default();
            sum.neighbours = sum.neighbours.saturating_add(more.neighbours);
            sum.given = sum.given.saturating_add(more.given);
            sum.lived = sum.lived.saturating_add(more.lived);
        }
        self.why_not = self.why_not.take().into_iter().chain(other.why_not).min();
        other.first.into_values().for_each(|raw| self.found(raw));
    }

    /// Adds one neighbour.
    pub(super) fn seen(&mut self, number: u64, bytes: &[u8], seen: Seen) {
        let one = |sum: &mut u64| *sum = sum.saturating_add(1);
        one(&mut self.neighbours);
        one(match (seen.accepted, seen.refused.is_empty()) {
            (true, _) => &mut self.accepted,
            (_, true) => &mut self.unjudged,
            (_, false) => &mut self.refused,
        });
        self.events = self.events.saturating_add(seen.events);
        for code in &seen.refused {
            let sum = self.refusals.entry(*code).or_default();
            one(&mut sum.neighbours);
            let given = matches!(seen.theirs, Some(Answer::Same(_) | Answer::Problem(..)));
            let lived =
                matches!(seen.theirs, Some(Answer::Same(_) | Answer::Problem(ProblemKind::Disagrees, _)));
            sum.given = sum.given.saturating_add(u64::from(given));
            sum.lived = sum.lived.saturating_add(u64::from(lived));
        }
        let raw = |code, what| Raw { code: Some(code), number, count: 1, what, bytes: bytes.to_vec() };
        if let Some((code, what)) = seen.ours {
            self.found(raw(code, what));
        }
        match seen.theirs {
            Some(Answer::NotAsked(why)) => {
                one(&mut self.not_asked);
                self.why_not = self.why_not.take().into_iter().chain([(number, why)]).min();
            }
            Some(Answer::Same(answers)) if seen.accepted => {
                one(&mut self.agreed);
                self.answers = self.answers.saturating_add(answers);
            }
            Some(Answer::Problem(kind, what)) if seen.accepted => self.found(raw(kind.rule().code, what)),
            _ => {}
        }
    }

    /// Adds a neighbour on which the gate itself failed.
    pub(super) fn panicked(&mut self, number: u64, bytes: Vec<u8>, what: String) {
        self.neighbours = self.neighbours.saturating_add(1);
        self.found(Raw { code: None, number, count: 1, what, bytes });
    }

    /// Keeps the first of a kind, and counts the others.
    fn found(&mut self, raw: Raw) {
        let first = self.first.entry(raw.code).or_insert_with(|| Raw { count: 0, ..raw.clone() });
        let count = first.count.saturating_add(raw.count);
        if raw.number < first.number {
            *first = raw;
        }
        first.count = count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use channel_validators::Code;
    use proptest::prelude::*;

    fn seen() -> impl Strategy<Value = Seen> {
        let refused = proptest::collection::btree_set((301u16..304).prop_map(Code), 0..3);
        let kind = proptest::sample::select(ProblemKind::ALL);
        let theirs = prop_oneof![
            Just(None),
            (0..9u64).prop_map(|answers| Some(Answer::Same(answers))),
            kind.prop_map(|kind| Some(Answer::Problem(kind, "did it".into()))),
            "[ab]".prop_map(|why| Some(Answer::NotAsked(why))),
        ];
        let ours = proptest::option::of((601u16..603).prop_map(|code| (Code(code), "fault".to_owned())));
        (any::<bool>(), refused, 0..9u64, ours, theirs).prop_map(
            |(accepted, refused, events, ours, theirs)| {
                let ours = ours.filter(|_| accepted);
                Seen { accepted, refused, events, ours, theirs }
            },
        )
    }

    fn told(tally: &Tally) -> String {
        format!("{tally:?}")
    }

    proptest! {
        /// Blocks come in any order, and from any thread.
        #[test]
        fn the_order_of_blocks_makes_no_difference(
            all in proptest::collection::vec((seen(), 0..4usize, any::<bool>()), 0..40),
        ) {
            let mut blocks: Vec<Tally> = (0..4).map(|_| Tally::default()).collect();
            let (mut panics, mut problems) = (0, 0);
            for (number, (seen, block, panicked)) in (0..).zip(all) {
                if panicked {
                    panics += 1;
                    blocks[block].panicked(number, vec![1], "panicked".into());
                } else {
                    problems += u64::from(seen.ours.is_some());
                    problems += u64::from(seen.accepted && matches!(seen.theirs, Some(Answer::Problem(..))));
                    blocks[block].seen(number, &[0], seen);
                }
            }
            let sum = |blocks: &mut dyn Iterator<Item = &Tally>| {
                let mut sum = Tally::default();
                blocks.for_each(|block| sum.add(block.clone()));
                sum
            };
            let whole = sum(&mut blocks.iter());
            prop_assert_eq!(told(&whole), told(&sum(&mut blocks.iter().rev())));
            let counted: u64 = whole.first.values().map(|raw| raw.count).sum();
            prop_assert_eq!(counted, panics + problems);
            prop_assert_eq!(whole.accepted + whole.refused + whole.unjudged + panics, whole.neighbours);
            let least = blocks.iter().flat_map(|block| block.first.get(&None)).map(|raw| raw.number).min();
            prop_assert_eq!(whole.first.get(&None).map(|raw| raw.number), least);
        }
    }
}
