//! Whether a value would meet what is wanted, before an event is made of it.

use crate::OwnedInput;
use channel_interpreter::{Regexes, text};
use channel_parser::channel::{Clause, Criterion, Operand, Pattern};
use channel_parser::model::{Operator, Quantifier};
use std::net::IpAddr;

/// What the input of one field must be: one pattern of each list matches, and none of the others does.
#[derive(Clone, Default)]
pub struct Want<'a> {
    /// Of each list at least one matches.
    pub any: Vec<Vec<Pattern<'a>>>,
    /// None of these matches.
    pub none: Vec<Pattern<'a>>,
}

impl<'a> Want<'a> {
    /// All clauses of a criterion hold.
    pub fn all(criterion: &Criterion<'a>) -> Self {
        let mut want = Self::default();
        want.add(criterion);
        want
    }

    /// All clauses of one more criterion hold.
    pub fn add(&mut self, criterion: &Criterion<'a>) {
        criterion.clauses().for_each(|clause| self.clause(&clause, true));
    }

    /// The clauses before this one hold, and this one does not.
    pub fn until(criterion: &Criterion<'a>, at: usize) -> Self {
        let mut want = Self::default();
        for (index, clause) in criterion.clauses().take(at.saturating_add(1)).enumerate() {
            want.clause(&clause, index < at);
        }
        want
    }

    fn clause(&mut self, clause: &Clause<'a>, holds: bool) {
        let any_of = clause.quantifier() == Some(Quantifier::AnyOf);
        if any_of == holds {
            self.any.push(clause.patterns().collect());
        } else {
            self.none.extend(clause.patterns());
        }
    }

    /// The same, with the patterns that are asked last wanted first: an event that they match costs the most work.
    pub fn late(mut self) -> Self {
        self.any.iter_mut().for_each(|list| list.reverse());
        self
    }

    /// How many patterns must be looked at to see whether a value meets it.
    pub fn patterns(&self) -> usize {
        self.any.iter().map(Vec::len).sum::<usize>().saturating_add(self.none.len())
    }
}

/// Decides patterns.
pub struct Tester<R> {
    regexes: R,
}

impl<R: Regexes> Tester<R> {
    /// One that searches for regular expressions so.
    pub fn new(regexes: R) -> Self {
        Self { regexes }
    }

    /// Whether a pattern matches a value; not if it could not be compared with it.
    pub fn matches(&self, pattern: &Pattern<'_>, value: Option<&OwnedInput>) -> bool {
        let Some(operator) = pattern.operator() else { return false };
        match (pattern.operand(), value) {
            (Some(Operand::None), _) => value.is_some() == (operator == Operator::Present),
            (Some(Operand::Text(_)), Some(OwnedInput::Text(text))) if operator == Operator::Regex => {
                self.regexes.is_match(pattern.index(), text).unwrap_or(false)
            }
            (Some(Operand::Text(operand)), Some(OwnedInput::Text(text))) => {
                text::matches(operator, pattern.nocase(), operand, text).unwrap_or(false)
            }
            (Some(Operand::Integer(operand)), Some(OwnedInput::Integer(n))) => *n == operand,
            (Some(Operand::Range(low, high)), Some(OwnedInput::Integer(n))) => (low..=high).contains(n),
            (Some(Operand::Mask { mask, value }), Some(OwnedInput::Integer(n))) => {
                n.cast_unsigned() & mask == value
            }
            (Some(Operand::Network { address, prefix }), Some(OwnedInput::Address(input))) => {
                is_in(*input, address, prefix)
            }
            _ => false,
        }
    }

    /// Whether a value meets what is wanted.
    pub fn meets(&self, want: &Want<'_>, value: Option<&OwnedInput>) -> bool {
        let matches = |pattern: &Pattern<'_>| self.matches(pattern, value);
        want.any.iter().all(|list| list.iter().any(matches)) && !want.none.iter().any(matches)
    }

    /// Whether a criterion holds for a value.
    pub fn holds(&self, criterion: &Criterion<'_>, value: Option<&OwnedInput>) -> bool {
        self.first_failing(criterion, value).is_none()
    }

    /// The first clause that fails.
    pub fn first_failing(&self, criterion: &Criterion<'_>, value: Option<&OwnedInput>) -> Option<usize> {
        criterion.clauses().position(|clause| {
            let any = clause.patterns().any(|pattern| self.matches(&pattern, value));
            any != (clause.quantifier() == Some(Quantifier::AnyOf))
        })
    }
}

/// Whether an address lies in a network: between its first and its last.
fn is_in(input: IpAddr, network: IpAddr, prefix: u8) -> bool {
    super::numbers::network(network, prefix)
        .is_some_and(|(first, last)| input.is_ipv4() == first.is_ipv4() && first <= input && input <= last)
}
