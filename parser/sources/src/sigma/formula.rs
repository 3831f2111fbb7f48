//! Boolean formulas over the criteria of one template type, in negation normal form: every negation has become a
//! `none of` clause. Counting comes before expanding, so that what is too large is never built.

use crate::map::At;
use channel_parser::draft::{Clause, Pattern};
use channel_parser::model::Quantifier;
use std::collections::HashSet;
use std::rc::Rc;

/// One clause on one field.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Literal {
    pub field: usize,
    pub clause: Rc<Clause>,
    pub at: At,
}

/// A formula without constants inside: a constant is the whole of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Formula {
    Const(bool),
    Literal(Literal),
    And(Vec<Formula>),
    Or(Vec<Formula>),
}

/// Literals that all hold: an instance to be.
pub(super) type Conjunction = Vec<Literal>;

impl Literal {
    /// Any of, or none of, some patterns; a pattern that stands there twice counts once.
    pub fn new(field: usize, quantifier: Quantifier, patterns: Vec<Pattern>, at: At) -> Self {
        let mut seen = HashSet::new();
        let patterns = patterns.into_iter().filter(|p| seen.insert(format!("{p:?}"))).collect();
        Self { field, clause: Rc::new(Clause { quantifier, patterns }), at }
    }

    pub fn is_negative(&self) -> bool {
        self.clause.quantifier == Quantifier::NoneOf
    }

    pub fn weight(&self) -> usize {
        self.clause.patterns.len()
    }

    fn negated(&self) -> Self {
        let quantifier = if self.is_negative() { Quantifier::AnyOf } else { Quantifier::NoneOf };
        let clause = Rc::new(Clause { quantifier, patterns: self.clause.patterns.clone() });
        Self { field: self.field, clause, at: self.at }
    }
}

impl Formula {
    /// All of them.
    pub fn and(terms: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Vec::new();
        for term in terms {
            match term {
                Self::Const(true) => {}
                Self::Const(false) => return Self::Const(false),
                Self::And(inner) => all.extend(inner),
                other => all.push(other),
            }
        }
        match (all.len(), all.pop()) {
            (_, None) => Self::Const(true),
            (1, Some(only)) => only,
            (_, Some(last)) => {
                all.push(last);
                Self::And(all)
            }
        }
    }

    /// Any of them. Alternatives for one field become one clause.
    pub fn or(terms: impl IntoIterator<Item = Self>) -> Self {
        let mut any = Vec::new();
        for term in terms {
            match term {
                Self::Const(false) => {}
                Self::Const(true) => return Self::Const(true),
                Self::Or(inner) => any.extend(inner),
                other => any.push(other),
            }
        }
        let mut any = merged(any);
        match (any.len(), any.pop()) {
            (_, None) => Self::Const(false),
            (1, Some(only)) => only,
            (_, Some(last)) => {
                any.push(last);
                Self::Or(any)
            }
        }
    }

    /// What holds where this does not.
    pub fn negated(&self) -> Self {
        match self {
            Self::Const(b) => Self::Const(!b),
            Self::Literal(literal) => Self::Literal(literal.negated()),
            Self::And(terms) => Self::or(terms.iter().map(Self::negated)),
            Self::Or(terms) => Self::and(terms.iter().map(Self::negated)),
        }
    }

    /// Whether a negation is anywhere inside.
    pub fn has_negation(&self) -> bool {
        match self {
            Self::Const(_) => false,
            Self::Literal(literal) => literal.is_negative(),
            Self::And(terms) | Self::Or(terms) => terms.iter().any(Self::has_negation),
        }
    }

    /// How many conjunctions [`Self::expanded`] would give.
    pub fn count(&self) -> usize {
        match self {
            Self::Const(b) => usize::from(*b),
            Self::Literal(_) => 1,
            Self::And(terms) => terms.iter().fold(1, |n, term| n.saturating_mul(term.count())),
            Self::Or(terms) => terms.iter().fold(0, |n, term| n.saturating_add(term.count())),
        }
    }

    /// The disjunctive normal form. The caller has looked at [`Self::count`].
    pub fn expanded(&self) -> Vec<Conjunction> {
        match self {
            Self::Const(true) => vec![Vec::new()],
            Self::Const(false) => Vec::new(),
            Self::Literal(literal) => vec![vec![literal.clone()]],
            Self::Or(terms) => terms.iter().flat_map(Self::expanded).collect(),
            Self::And(terms) => terms.iter().fold(vec![Vec::new()], |rows, term| {
                let more = term.expanded();
                let join = |row: &Conjunction| {
                    let row = row.clone();
                    more.iter().map(move |m| row.iter().chain(m).cloned().collect()).collect::<Vec<_>>()
                };
                rows.iter().flat_map(join).collect()
            }),
        }
    }
}

/// Joins the `any of` clauses of each field into the first of them.
fn merged(terms: Vec<Formula>) -> Vec<Formula> {
    let mut kept: Vec<Formula> = Vec::new();
    // Where in `kept` a field's clause is, and what else belongs to it.
    let mut more: Vec<(usize, usize, Vec<Pattern>)> = Vec::new();
    for term in terms {
        match &term {
            Formula::Literal(literal) if !literal.is_negative() => {
                match more.iter_mut().find(|(field, ..)| *field == literal.field) {
                    Some((.., patterns)) => patterns.extend(literal.clause.patterns.iter().cloned()),
                    None => {
                        more.push((literal.field, kept.len(), Vec::new()));
                        kept.push(term);
                    }
                }
            }
            _ => kept.push(term),
        }
    }
    for (field, position, patterns) in more.into_iter().filter(|(.., patterns)| !patterns.is_empty()) {
        if let Some(Formula::Literal(first)) = kept.get_mut(position) {
            let all = first.clause.patterns.iter().cloned().chain(patterns).collect();
            *first = Literal::new(field, Quantifier::AnyOf, all, first.at);
        }
    }
    kept
}
