//! Makes plans. All that could make the interpreter fault on an event is found here, so that what runs on events has
//! nothing to fault on.

use super::literals::{Literal, Literals, Mentions};
use super::operand::{self, Doubt, Key, Needs};
use super::plan::{Case, Conditions, Field, Plan, Question, Test, Texts};
use crate::Automata;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use channel_contract::{Contract, TemplateType};
use channel_parser::channel::{Clause, Detection, Instance, Operand, Pattern};
use channel_parser::model::{Operator, Quantifier, TypeId};
use core::mem;
use memchr::memmem::Finder;

/// The most comparisons of a question that are made one by one.
const FEW: usize = 4;

/// Gives each distinct value a number.
struct Distinct<T> {
    values: Vec<T>,
    numbers: BTreeMap<T, u32>,
}

impl<T: Ord + Clone> Distinct<T> {
    const fn new() -> Self {
        Self { values: Vec::new(), numbers: BTreeMap::new() }
    }

    fn number(&mut self, value: T) -> u32 {
        let next = self.values.len() as u32;
        *self.numbers.entry(value).or_insert_with_key(|value| {
            self.values.push(value.clone());
            next
        })
    }
}

/// An instance in the making.
struct Draft {
    case: u32,
    include: bool,
    /// Questions, and whether the answer must be yes.
    wants: Vec<(u32, bool)>,
}

/// A plan in the making.
pub struct Builder<'a, 'b> {
    contract: &'b Contract,
    template: &'b TemplateType,
    automata: &'b Automata,
    mentions: &'b Mentions,
    plan: Plan<'a>,
    keys: Distinct<(u32, Key)>,
    doubts: Distinct<(u32, Doubt<'a>)>,
    questions: Distinct<(u32, Vec<Test>)>,
    /// What is looked for by itself.
    finders: Distinct<Vec<u8>>,
    instances: Vec<Draft>,
    /// What an event can cost the interpreter at most: patterns, and instances that match.
    work: u64,
    matches: u64,
}

impl<'a, 'b> Builder<'a, 'b> {
    pub fn new(
        contract: &'b Contract,
        template: &'b TemplateType,
        automata: &'b Automata,
        mentions: &'b Mentions,
    ) -> Self {
        Self {
            contract,
            template,
            automata,
            mentions,
            plan: Plan { id: template.id, supplied: template.supplied, ..Plan::default() },
            keys: Distinct::new(),
            doubts: Distinct::new(),
            questions: Distinct::new(),
            finders: Distinct::new(),
            instances: Vec::new(),
            work: 0,
            matches: 0,
        }
    }

    /// The template type.
    pub fn id(&self) -> TypeId {
        self.plan.id
    }

    /// Adds what a detection says about the template type.
    pub fn detection(&mut self, detection: Detection<'a>) {
        let own = |instance: &Instance<'_>| instance.template().map(|own| own.id()) == Some(self.plan.id);
        let include: Vec<Instance<'a>> = detection.include().filter(own).collect();
        if include.is_empty() {
            return;
        }
        let exclude: Vec<Instance<'a>> = detection.exclude().filter(own).collect();
        self.matches = self.matches.saturating_add(1).saturating_add(u64::from(!exclude.is_empty()));
        for instance in &include {
            self.instance(instance, true);
        }
        let first = self.instances.len() as u32;
        for instance in &exclude {
            self.instance(instance, false);
        }
        self.plan.cases.push(Case { detection, exclude: first..self.instances.len() as u32 });
    }

    fn instance(&mut self, instance: &Instance<'a>, include: bool) {
        let mut wants = Vec::new();
        for criterion in instance.criteria().filter(|criterion| !criterion.is_wildcard()) {
            let field = criterion.field();
            if self.template.field(field).is_none() || !self.template.is_supplied(field) {
                self.plan.faults = true;
                continue;
            }
            for clause in criterion.clauses() {
                let question = self.question(field.0, &clause);
                wants.push((question, clause.quantifier() == Some(Quantifier::AnyOf)));
            }
        }
        wants.sort_unstable();
        wants.dedup();
        self.instances.push(Draft { case: self.plan.cases.len() as u32, include, wants });
    }

    fn question(&mut self, field: u32, clause: &Clause<'a>) -> u32 {
        let mut tests = Vec::new();
        for pattern in clause.patterns() {
            self.work = self.work.saturating_add(1);
            match self.test(field, &pattern) {
                Some(test) => tests.push(test),
                None => self.plan.faults = true,
            }
        }
        tests.sort_unstable();
        tests.dedup();
        self.questions.number((field, tests))
    }

    /// `None` if the interpreter would fault on it.
    fn test(&mut self, field: u32, pattern: &Pattern<'a>) -> Option<Test> {
        let declared = self.template.field(field.into())?;
        let operator = pattern.operator().filter(|operator| self.contract.operators.contains(*operator))?;
        let operand = pattern.operand()?;
        match operator.reads() {
            None => {
                let test = if operator == Operator::Present { Test::Present } else { Test::Absent };
                return declared.nullable.then_some(test);
            }
            Some(reads) if reads != declared.input => return None,
            Some(_) => {}
        }
        Some(match operand {
            Operand::Integer(n) => Test::Key(self.keys.number((field, Key::Number(n)))),
            Operand::Range(low, high) => Test::Range(low, high),
            Operand::Mask { mask, value } => Test::Mask(mask, value),
            Operand::Network { address, prefix } => Test::Network(address, prefix),
            Operand::None => return None,
            Operand::Text(operand) => {
                let number = self.automata.runnable(pattern.index());
                if operator == Operator::Regex && number.is_none() {
                    return None;
                }
                let regex = number.map(|number| (number, self.automata.hints(number)));
                match operand::needs(operator, pattern.nocase(), operand, regex, self.mentions) {
                    Needs::Key(key) => Test::Key(self.keys.number((field, key))),
                    Needs::Doubt(key, how) => {
                        let key = key.map(|key| self.keys.number((field, key)));
                        Test::Doubt(self.doubts.number((field, Doubt { key, how })))
                    }
                    Needs::Presence => Test::Present,
                }
            }
        })
    }

    /// The plan.
    pub fn finish(mut self) -> Plan<'a> {
        let limits = self.contract.limits;
        if self.work > limits.work_per_event || !limits.widths.match_count.holds(self.matches) {
            self.plan.faults = true;
        }
        if self.plan.faults {
            return Plan { id: self.plan.id, faults: true, ..Plan::default() };
        }
        let costs = self.costs();
        let anchors: Vec<Option<u32>> = self.instances.iter().map(|one| one.anchor(&costs)).collect();
        self.early_keys_first(&anchors);
        self.lookups();
        self.candidates(&anchors);
        self.conditions(&anchors, &costs);
        for (field, tests) in mem::take(&mut self.questions.values) {
            self.ask(field, tests);
        }
        self.plan.finders = self.finders.values.iter().map(|bytes| Finder::new(bytes).into_owned()).collect();
        self.plan.doubts = self.doubts.values.into_iter().map(|(_, doubt)| doubt).collect();
        self.plan
    }

    /// How likely, in comparison, each question is answered yes: nearly certain where a test is not about a key.
    fn costs(&self) -> Vec<Option<u64>> {
        let mut uses = vec![0u32; self.keys.values.len()];
        let all = self.instances.iter().flat_map(|instance| &instance.wants);
        for (question, _) in all {
            for key in self.keys_of(*question).into_iter().flatten() {
                if let Some(uses) = uses.get_mut(key as usize) {
                    *uses = uses.saturating_add(1);
                }
            }
        }
        let weight = |key: u32| {
            let uses = uses.get(key as usize).copied().unwrap_or(0);
            let literal = self.keys.values.get(key as usize).and_then(|(_, key)| key.literal());
            let mentions = literal.map_or(0, |literal| self.mentions.of(&literal.bytes).unwrap_or(u32::MAX));
            u64::from(uses.max(mentions)).saturating_pow(2)
        };
        let cost = |question| {
            let mut keys = self.keys_of(question).into_iter();
            keys.try_fold(0u64, |sum, key| Some(sum.saturating_add(weight(key?))))
        };
        (0..self.questions.values.len() as u32).map(cost).collect()
    }

    /// The keys of a question's tests, `None` for a test without one.
    fn keys_of(&self, question: u32) -> Vec<Option<u32>> {
        let question = self.questions.values.get(question as usize);
        let tests = question.map_or(&[][..], |(_, tests)| tests);
        tests.iter().map(|test| key(test, &self.doubts)).collect()
    }

    /// Numbers the keys anew: those of anchors come first.
    fn early_keys_first(&mut self, anchors: &[Option<u32>]) {
        let mut early = vec![false; self.keys.values.len()];
        for key in anchors.iter().flatten().flat_map(|question| self.keys_of(*question)).flatten() {
            if let Some(early) = early.get_mut(key as usize) {
                *early = true;
            }
        }
        let mut order: Vec<u32> = (0..early.len() as u32).collect();
        order.sort_by_key(|key| !early.get(*key as usize).copied().unwrap_or(false));
        self.plan.early = early.iter().filter(|early| **early).count() as u32;
        let mut new = vec![0u32; order.len()];
        for (number, key) in (0u32..).zip(&order) {
            if let Some(new) = new.get_mut(*key as usize) {
                *new = number;
            }
        }
        let new = |key: &mut u32| *key = new.get(*key as usize).copied().unwrap_or(0);
        let old = mem::take(&mut self.keys.values);
        self.keys.values = order.iter().filter_map(|key| old.get(*key as usize).cloned()).collect();
        self.doubts.values.iter_mut().filter_map(|(_, doubt)| doubt.key.as_mut()).for_each(new);
        for test in self.questions.values.iter_mut().flat_map(|(_, tests)| tests) {
            if let Test::Key(key) = test {
                new(key);
            }
        }
    }

    /// The key of a test if it is not looked up on every event, and whether it stands at an end.
    fn late(&self, test: &Test) -> Option<(u32, bool)> {
        let key = key(test, &self.doubts).filter(|key| *key >= self.plan.early)?;
        let literal = self.keys.values.get(key as usize)?.1.literal()?;
        Some((key, literal.start || literal.end))
    }

    /// Whether so much of what is asked may stand anywhere in the text that all of the field is looked up.
    fn many(&self, tests: &[Test]) -> bool {
        tests.iter().filter(|test| self.late(test).is_some_and(|(_, end)| !end)).count() > FEW
    }

    /// Adds a question to the plan.
    fn ask(&mut self, field: u32, mut tests: Vec<Test>) {
        let ends = tests.iter().any(|test| self.late(test).is_some_and(|(_, end)| end));
        let late = self.many(&tests);
        for test in tests.iter_mut().filter(|_| !late) {
            let Some((key, false)) = self.late(test) else { continue };
            *test = match (*test, self.keys.values.get(key as usize).and_then(|(_, key)| key.literal())) {
                (Test::Doubt(doubt), _) => Test::Settle(doubt),
                (_, Some(literal)) => Test::Find(self.finders.number(literal.bytes.clone())),
                (test, None) => test,
            };
        }
        // What costs least first.
        tests.sort_unstable();
        let (asked, own) = (self.plan.asked.len() as u32, self.plan.tests.len() as u32);
        for test in tests {
            match test {
                Test::Key(key) => self.plan.asked.push(key),
                test => self.plan.tests.push(test),
            }
        }
        let keys = asked..self.plan.asked.len() as u32;
        let tests = own..self.plan.tests.len() as u32;
        self.plan.questions.push(Question { field, keys, tests, ends, late });
    }

    fn lookups(&mut self) {
        let (keys, early) = (&self.keys.values, self.plan.early);
        let mut wanted = vec![false; keys.len()];
        let many = self.questions.values.iter().filter(|(_, tests)| self.many(tests));
        for (key, _) in many.flat_map(|(_, tests)| tests).filter_map(|test| self.late(test)) {
            if let Some(wanted) = wanted.get_mut(key as usize) {
                *wanted = true;
            }
        }
        let all = |field: u32| (0u32..).zip(keys).filter(move |(_, (of, _))| *of == field);
        let texts = |field: u32, part: &dyn Fn(u32, &Literal) -> bool| {
            let own = || {
                let own = all(field).filter_map(|(number, (_, key))| Some((number, key, key.literal()?)));
                own.filter(|(number, _, literal)| part(*number, literal))
            };
            let literals = |ascii: bool| {
                let literals = own().map(|(number, _, literal)| (number, literal));
                Literals::new(literals.filter(|(_, one)| one.bytes.is_ascii() == ascii), self.mentions)
            };
            let hints = own().filter(|(_, key, _)| matches!(key, Key::Hint(_))).map(|(number, ..)| number);
            Texts { literals: literals(true), foreign: literals(false), hints: hints.collect() }
        };
        let is_end = |literal: &Literal| literal.start || literal.end;
        let is_wanted = |key: u32| wanted.get(key as usize) == Some(&true);
        let field = |(field, declared): (u32, &channel_contract::Field)| {
            let number = |(number, (_, key)): (u32, &(u32, Key))| match key {
                Key::Number(n) => Some((*n, number)),
                _ => None,
            };
            let mut numbers: Vec<(i64, u32)> = all(field).filter_map(number).collect();
            numbers.sort_unstable();
            let (input, nullable) = (declared.input, declared.nullable);
            Field {
                input,
                nullable,
                early: texts(field, &|key, _| key < early),
                ends: texts(field, &|key, literal| key >= early && is_end(literal)),
                late: texts(field, &|key, literal| key >= early && !is_end(literal) && is_wanted(key)),
                numbers,
            }
        };
        self.plan.fields = (0u32..).zip(&self.template.fields).map(field).collect();
        let looked_at = |(_, field): &(u32, &Field)| !field.early.is_empty() || !field.numbers.is_empty();
        let looked_at = (0u32..).zip(&self.plan.fields).filter(looked_at).map(|(number, _)| number).collect();
        self.plan.looked_at = looked_at;
        self.plan.keys = keys.len() as u32;
    }

    /// Which instances each key makes candidates.
    fn candidates(&mut self, anchors: &[Option<u32>]) {
        let mut pairs = Vec::new();
        for ((number, instance), anchor) in (0u32..).zip(&self.instances).zip(anchors) {
            match anchor {
                Some(question) => {
                    pairs.extend(self.keys_of(*question).into_iter().flatten().map(|key| (key, number)));
                }
                None if instance.include => self.plan.always.push(number),
                None => {}
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        let start = |key| pairs.partition_point(|(own, _)| *own < key) as u32;
        self.plan.starts = (0..=self.plan.early).map(start).collect();
        self.plan.candidates = pairs.into_iter().map(|(_, instance)| instance).collect();
    }

    /// What each instance wants, the answers first that it is least likely to get, but last what takes a pass over a text. Of
    /// what it wants not, what only takes a look at the keys found comes before what is searched for.
    fn conditions(&mut self, anchors: &[Option<u32>], costs: &[Option<u64>]) {
        let all = self.questions.values.iter();
        let dear: Vec<bool> = all.clone().map(|(_, tests)| self.many(tests)).collect();
        let plain: Vec<bool> = all.map(|(_, tests)| tests.iter().all(|test| self.is_plain(test))).collect();
        for (instance, anchor) in self.instances.iter().zip(anchors) {
            let from = self.plan.wants.len() as u32;
            let mut wants = instance.wants.clone();
            wants.sort_by_key(|(question, yes)| {
                let of = |all: &[bool]| all.get(*question as usize).copied().unwrap_or(false);
                let cost = costs.get(*question as usize).copied().flatten().unwrap_or(u64::MAX);
                let dear = of(&dear);
                if *yes {
                    (false, dear, *anchor == Some(*question), cost)
                } else {
                    (true, dear, !of(&plain), u64::MAX.wrapping_sub(cost))
                }
            });
            let want = |(question, yes): (u32, bool)| question.wrapping_mul(2) | u32::from(yes);
            self.plan.wants.extend(wants.into_iter().map(want));
            let wants = from..self.plan.wants.len() as u32;
            self.plan.instances.push(Conditions { case: instance.case, wants });
        }
    }

    /// Whether a look at the keys found tells what the test comes to.
    fn is_plain(&self, test: &Test) -> bool {
        matches!(test, Test::Key(_)) && self.late(test).is_none_or(|(_, end)| end)
    }
}

/// The key without which a test does not hold.
fn key(test: &Test, doubts: &Distinct<(u32, Doubt<'_>)>) -> Option<u32> {
    match test {
        Test::Key(key) => Some(*key),
        Test::Doubt(doubt) | Test::Settle(doubt) => doubts.values.get(*doubt as usize)?.1.key,
        _ => None,
    }
}

impl Draft {
    /// The question that makes the instance a candidate if the answer can be yes.
    fn anchor(&self, costs: &[Option<u64>]) -> Option<u32> {
        let cost = |question: u32| costs.get(question as usize).copied().flatten();
        let usable = self.wants.iter().filter(|(question, yes)| *yes && cost(*question).is_some());
        let best = usable.min_by_key(|(question, _)| cost(*question));
        best.map(|(question, _)| *question).filter(|_| self.include)
    }
}
