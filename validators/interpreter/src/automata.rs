//! The regular expressions of a file, each distinct one built once.

use crate::Regexes;
use crate::engine::hints;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use channel_parser::channel::{ChannelFile, Operand};
use channel_parser::model::{Operator, PatternIndex};
use regex_automata::meta::Regex;
use regex_automata::nfa::thompson::{NFA, WhichCaptures};
use regex_automata::util::syntax;

/// The bytes that one expression may take: a few words of pattern can ask for gigabytes.
const SIZE_LIMIT: usize = 16 << 20;
/// The bytes that all of them may take.
const BUDGET: usize = 256 << 20;
/// How deep the groups of an expression may nest: building one is recursive.
const NEST_LIMIT: u32 = 100;

/// The regular expressions of a file, ready to be searched for.
#[derive(Clone, Debug, Default)]
pub struct Automata {
    /// Each distinct one; `None` for one that could not be built.
    distinct: Vec<Option<Built>>,
    /// Which one a pattern is, ascending by pattern.
    by_pattern: Vec<(PatternIndex, u32)>,
}

/// An expression ready to run, and the bytes of the automaton that it is made of.
#[derive(Clone, Debug)]
struct Built {
    regex: Regex,
    bytes: usize,
    hints: Vec<Vec<u8>>,
}

impl Automata {
    /// Builds them. One that is no regular expression, or too large, is left out: it cannot be run.
    pub fn new(file: &ChannelFile<'_>) -> Self {
        let (mut new, mut known, mut spent) = (Self::default(), BTreeMap::new(), 0usize);
        for pattern in file.patterns().filter(|pattern| pattern.operator() == Some(Operator::Regex)) {
            let Some(Operand::Text(operand)) = pattern.operand() else { continue };
            let number = *known.entry((operand, pattern.nocase())).or_insert_with(|| {
                let built = (spent < BUDGET).then(|| build(operand, pattern.nocase())).flatten();
                spent = spent.saturating_add(built.as_ref().map_or(0, |built| built.bytes));
                new.distinct.push(built);
                new.distinct.len().saturating_sub(1) as u32
            });
            new.by_pattern.push((pattern.index(), number));
        }
        new
    }

    /// Which of the distinct expressions a pattern is.
    fn number(&self, pattern: PatternIndex) -> Option<u32> {
        let at = self.by_pattern.binary_search_by_key(&pattern, |(pattern, _)| *pattern).ok()?;
        self.by_pattern.get(at).map(|(_, number)| *number)
    }

    fn get(&self, pattern: PatternIndex) -> Option<&Built> {
        self.distinct.get(self.number(pattern)? as usize)?.as_ref()
    }

    /// Which of the distinct expressions a pattern is, if that can be run.
    pub(crate) fn runnable(&self, pattern: PatternIndex) -> Option<u32> {
        self.number(pattern).filter(|number| self.distinct.get(*number as usize).is_some_and(Option::is_some))
    }

    /// What must stand in a text, if that is ASCII and in lower case, for one of the distinct expressions to be found.
    pub(crate) fn hints(&self, number: u32) -> &[Vec<u8>] {
        let built = self.distinct.get(number as usize).and_then(Option::as_ref);
        built.map_or(&[], |built| &built.hints)
    }

    /// Whether one of the distinct expressions is found in the text; false if it cannot be run.
    pub(crate) fn finds(&self, number: u32, text: &str) -> bool {
        let built = self.distinct.get(number as usize).and_then(Option::as_ref);
        built.is_some_and(|built| built.regex.is_match(text))
    }
}

impl Regexes for Automata {
    fn is_match(&self, pattern: PatternIndex, text: &str) -> Option<bool> {
        Some(self.get(pattern)?.regex.is_match(text))
    }

    fn automaton_bytes(&self, pattern: PatternIndex) -> u64 {
        self.get(pattern).map_or(0, |built| built.bytes as u64)
    }
}

/// The automaton is the measure, of the limits here and of those in contracts. What runs is built of it, with a second
/// automaton to search backwards, which may be larger: an expression must not fail for that.
fn build(operand: &str, nocase: bool) -> Option<Built> {
    let syntax = syntax::Config::new().case_insensitive(nocase).nest_limit(NEST_LIMIT);
    let limits = NFA::config().nfa_size_limit(Some(SIZE_LIMIT));
    let hints = hints(&syntax::parse_with(operand, &syntax).ok()?);
    let nfa = NFA::compiler().syntax(syntax).configure(limits).build(operand).ok()?;
    let config =
        Regex::config().nfa_size_limit(None).which_captures(WhichCaptures::Implicit).backtrack(false);
    let regex = Regex::builder().syntax(syntax).configure(config).build(operand).ok()?;
    Some(Built { regex, bytes: nfa.memory_usage(), hints })
}
