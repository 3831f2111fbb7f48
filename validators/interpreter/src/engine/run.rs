//! What is done on an event: keys are looked up, candidates are asked. Each question is asked at most once, each doubt
//! settled at most once.

use super::operand::{Doubt, How};
use super::plan::{Field, Plan, Question, Test, Texts};
use crate::interpreter::is_in;
use crate::text::{fold, matches};
use crate::{Automata, Event, Input};
use alloc::string::String;
use alloc::vec::Vec;
use channel_parser::channel::Detection;
use core::ops::Range;
use memchr::memmem;

/// So many looks at what is known of a key cost as much as one search for it.
const SEARCH: usize = 4;

/// What is known so far, one cell a thing. It need not be cleared for the next event: a cell holds in which it was written.
#[derive(Clone, Debug, Default)]
struct Known(Vec<u32>);

impl Known {
    fn grow(&mut self, to: usize) {
        if self.0.len() < to {
            self.0.resize(to, 0);
        }
    }

    fn get(&self, at: u32, event: u32) -> Option<bool> {
        let cell = self.0.get(at as usize).copied().unwrap_or(0);
        (cell >> 1 == event || channel_parser::planted!("known-from-before") && cell != 0)
            .then_some(cell & 1 != 0)
    }

    fn set(&mut self, at: u32, event: u32, holds: bool) {
        if let Some(cell) = self.0.get_mut(at as usize) {
            *cell = event << 1 | u32::from(holds);
        }
    }
}

/// What running needs room for. One serves any engine, on one thread.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    /// Counts the events. Never 0 while one is run.
    event: u32,
    keys: Known,
    questions: Known,
    doubts: Known,
    instances: Known,
    /// For each field, whether the keys at its ends and its other late keys were looked up, and whether it was folded.
    ends: Known,
    late: Known,
    fold: Known,
    spans: Vec<Range<usize>>,
    folded: String,
    /// All keys found; those that make instances candidates were found first.
    found: Vec<u32>,
    matched: Vec<u32>,
}

impl Scratch {
    /// The events that a cell has room for.
    const EVENTS: u32 = u32::MAX >> 1;

    fn begin(&mut self, plan: &Plan<'_>) {
        if self.event >= Self::EVENTS {
            *self = Self::default();
        }
        self.event = self.event.wrapping_add(1);
        self.keys.grow(plan.keys as usize);
        self.questions.grow(plan.questions.len());
        self.doubts.grow(plan.doubts.len());
        self.instances.grow(plan.instances.len());
        self.ends.grow(plan.fields.len());
        self.late.grow(plan.fields.len());
        self.fold.grow(plan.fields.len());
        if self.spans.len() < plan.fields.len() {
            self.spans.resize(plan.fields.len(), 0..0);
        }
        self.folded.clear();
        self.found.clear();
        self.matched.clear();
    }

    /// Where in `folded` the text of a field stands without case.
    fn fold(&mut self, field: u32, text: &str) -> Range<usize> {
        if self.fold.get(field, self.event).is_some() {
            return self.spans.get(field as usize).cloned().unwrap_or_default();
        }
        let from = self.folded.len();
        if text.is_ascii() || channel_parser::planted!("folds-ascii-only") {
            self.folded.push_str(text);
            if let Some(new) = self.folded.get_mut(from..) {
                new.make_ascii_lowercase();
            }
        } else {
            self.folded.extend(text.chars().map(fold));
        }
        let span = from..self.folded.len();
        if let Some(known) = self.spans.get_mut(field as usize) {
            known.clone_from(&span);
        }
        self.fold.set(field, self.event, true);
        span
    }

    /// Looks keys up in the text of a field.
    fn find(&mut self, texts: &Texts, field: u32, text: &str) {
        let span = (!text.is_ascii()).then(|| self.fold(field, text));
        let Self { event, keys, folded, found, .. } = self;
        let mut hit = |key| {
            if keys.get(key, *event).is_none() {
                keys.set(key, *event, true);
                found.push(key);
            }
        };
        match span {
            None => texts.find_in_ascii(text, &mut hit),
            Some(span) => texts.find_in_folded(folded.get(span).unwrap_or_default(), &mut hit),
        }
    }
}

impl Plan<'_> {
    /// Whether it can run on this event: nothing can fault, and the inputs are those that the sensor supplies.
    pub fn serves(&self, event: &Event<'_>) -> bool {
        let fits = |(field, input): (&Field, &Option<Input<'_>>)| match input {
            Some(input) => input.input_type() == field.input,
            None => field.nullable,
        };
        !self.faults
            && event.inputs.len() as u64 == u64::from(self.supplied)
            && self.fields.iter().zip(event.inputs).all(fits)
    }
}

/// Runs a plan on an event that it serves.
pub fn run(
    plan: &Plan<'_>,
    automata: &Automata,
    event: &Event<'_>,
    scratch: &mut Scratch,
    matched: &mut impl FnMut(&Detection<'_>),
) -> u32 {
    scratch.begin(plan);
    let mut run = Run { plan, automata, event, scratch };
    run.look_up();
    run.candidates();
    let mut cases = core::mem::take(&mut run.scratch.matched);
    cases.sort_unstable();
    for case in cases.iter().filter_map(|case| plan.cases.get(*case as usize)) {
        matched(&case.detection);
    }
    let count = cases.len() as u32;
    run.scratch.matched = cases;
    count
}

struct Run<'r, 'a> {
    plan: &'r Plan<'a>,
    automata: &'r Automata,
    event: &'r Event<'r>,
    scratch: &'r mut Scratch,
}

impl<'r> Run<'r, '_> {
    fn input(&self, field: u32) -> Option<Input<'r>> {
        self.event.inputs.get(field as usize).copied().flatten()
    }

    /// Finds the keys that make instances candidates, and all integers.
    fn look_up(&mut self) {
        for number in &self.plan.looked_at {
            let Some(field) = self.plan.fields.get(*number as usize) else { continue };
            match self.input(*number) {
                Some(Input::Text(input)) => self.scratch.find(&field.early, *number, input),
                Some(Input::Integer(n)) => {
                    if let Ok(at) = field.numbers.binary_search_by_key(&n, |(n, _)| *n)
                        && let Some((_, key)) = field.numbers.get(at)
                    {
                        self.scratch.keys.set(*key, self.scratch.event, true);
                        self.scratch.found.push(*key);
                    }
                }
                _ => {}
            }
        }
    }

    fn candidates(&mut self) {
        let plan = self.plan;
        // What is found later makes no candidates.
        let early = self.scratch.found.len();
        for instance in &plan.always {
            self.candidate(*instance);
        }
        for nth in 0..early {
            let Some(key) = self.scratch.found.get(nth).copied() else { break };
            let start = |key: u32| plan.starts.get(key as usize).map_or(0, |start| *start as usize);
            let range = start(key)..start(key.wrapping_add(1));
            for instance in plan.candidates.get(range).unwrap_or_default() {
                self.candidate(*instance);
            }
        }
    }

    fn candidate(&mut self, instance: u32) {
        if !self.instance(instance) {
            return;
        }
        let Some(conditions) = self.plan.instances.get(instance as usize) else { return };
        let Some(case) = self.plan.cases.get(conditions.case as usize) else { return };
        let known = self.scratch.matched.contains(&conditions.case);
        if !known && !case.exclude.clone().any(|instance| self.instance(instance)) {
            self.scratch.matched.push(conditions.case);
        }
    }

    fn instance(&mut self, number: u32) -> bool {
        let event = self.scratch.event;
        if let Some(known) = self.scratch.instances.get(number, event) {
            return known;
        }
        let holds = self.plan.instances.get(number as usize).is_some_and(|conditions| {
            let wants = conditions.wants.start as usize..conditions.wants.end as usize;
            let wants = self.plan.wants.get(wants).unwrap_or_default();
            wants.iter().all(|want| self.question(want >> 1) == (want & 1 != 0))
        });
        self.scratch.instances.set(number, event, holds);
        holds
    }

    fn question(&mut self, number: u32) -> bool {
        if let Some(known) = self.scratch.questions.get(number, self.scratch.event) {
            return known;
        }
        let holds = self.plan.questions.get(number as usize).is_some_and(|question| self.ask(question));
        self.scratch.questions.set(number, self.scratch.event, holds);
        holds
    }

    fn ask(&mut self, question: &Question) -> bool {
        let tests = question.tests.start as usize..question.tests.end as usize;
        let tests = self.plan.tests.get(tests).unwrap_or_default();
        let Some(input) = self.input(question.field) else { return tests.contains(&Test::Absent) };
        if let Input::Text(text) = input {
            self.look_up_late(question, text);
        }
        let keys = question.keys.start as usize..question.keys.end as usize;
        let keys = self.plan.asked.get(keys).unwrap_or_default();
        if self.is_any_found(keys) {
            return true;
        }
        tests.iter().any(|test| match (test, input) {
            (Test::Find(finder), Input::Text(text)) => self.look_for(*finder, question.field, text),
            (Test::Doubt(doubt), Input::Text(text)) => self.doubt(*doubt, question.field, text, true),
            (Test::Settle(doubt), Input::Text(text)) => self.doubt(*doubt, question.field, text, false),
            (Test::Range(low, high), Input::Integer(n)) => *low <= n && n <= *high,
            (Test::Mask(mask, value), Input::Integer(n)) => n.cast_unsigned() & mask == *value,
            (Test::Network(network, prefix), Input::Address(address)) => is_in(address, *network, *prefix),
            (Test::Present, _) => true,
            _ => false,
        })
    }

    /// Whether one of these keys, ascending, was found. Of few events many are.
    fn is_any_found(&self, keys: &[u32]) -> bool {
        let found = &self.scratch.found;
        if found.len().saturating_mul(SEARCH) < keys.len() {
            found.iter().any(|key| keys.binary_search(key).is_ok())
        } else {
            keys.iter().any(|key| self.is_found(*key))
        }
    }

    fn is_found(&self, key: u32) -> bool {
        self.scratch.keys.get(key, self.scratch.event).is_some()
    }

    /// Whether the text of a field holds what a finder looks for.
    fn look_for(&mut self, finder: u32, field: u32, text: &str) -> bool {
        let span = self.scratch.fold(field, text);
        let text = self.scratch.folded.get(span).unwrap_or_default();
        let finder = self.plan.finders.get(finder as usize);
        finder.is_some_and(|finder| finder.find(text.as_bytes()).is_some())
    }

    /// Finds the keys that the question asks for and that are not looked up on every event.
    fn look_up_late(&mut self, question: &Question, text: &str) {
        let Question { field: number, ends, late, .. } = *question;
        let (event, scratch) = (self.scratch.event, &mut *self.scratch);
        let Some(field) = self.plan.fields.get(number as usize) else { return };
        if ends && scratch.ends.get(number, event).is_none() {
            scratch.ends.set(number, event, true);
            scratch.find(&field.ends, number, text);
        }
        if late && scratch.late.get(number, event).is_none() {
            scratch.late.set(number, event, true);
            scratch.find(&field.late, number, text);
        }
    }

    /// Settles a doubt, `gated` by its key if that was looked up.
    fn doubt(&mut self, number: u32, field: u32, text: &str, gated: bool) -> bool {
        let event = self.scratch.event;
        if let Some(known) = self.scratch.doubts.get(number, event) {
            return known;
        }
        let holds = match self.plan.doubts.get(number as usize) {
            Some(doubt) if !gated || doubt.key.is_none_or(|key| self.is_found(key)) => {
                self.settle(doubt, field, text)
            }
            _ => false,
        };
        self.scratch.doubts.set(number, event, holds);
        holds
    }

    fn settle(&mut self, doubt: &Doubt<'_>, field: u32, text: &str) -> bool {
        match &doubt.how {
            How::Matches { operator, nocase, operand } => {
                matches(*operator, *nocase, operand, text).unwrap_or(false)
            }
            How::Regex(number) => self.automata.finds(*number, text),
            How::Contains { nocase: false, bytes } => memmem::find(text.as_bytes(), bytes).is_some(),
            How::Contains { nocase: true, bytes } => {
                let span = self.scratch.fold(field, text);
                let text = self.scratch.folded.get(span).unwrap_or_default();
                memmem::find(text.as_bytes(), bytes).is_some()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_known_of_an_event_is_not_known_of_a_later_one() {
        let plan = Plan { keys: 1, ..Plan::default() };
        let mut scratch = Scratch { event: Scratch::EVENTS - 2, ..Scratch::default() };
        for _ in 0..5 {
            scratch.begin(&plan);
            assert_eq!(scratch.keys.get(0, scratch.event), None);
            scratch.keys.set(0, scratch.event, true);
            assert_eq!(scratch.keys.get(0, scratch.event), Some(true));
        }
        assert_eq!(scratch.event, 3);
    }
}
