//! A formula -> include instances minus exclude instances, as few and as small as is simple.
//!
//! The formula's conjuncts go one of two ways. In the include, alternatives multiply; negated into the exclude, they
//! add. So positive conjuncts, which say what is looked for, are included; negations over several fields, which
//! filters are, are excluded; and a negation on one field is a `none of` clause, unless many instances would repeat
//! it. Only where the product is large do positive conjuncts change sides.

use super::formula::{Conjunction, Formula, Literal};
use super::refusal::Reason;
use crate::limits;
use std::cmp::Reverse;

/// The instances to be of one template type.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub include: Vec<Conjunction>,
    pub exclude: Vec<Conjunction>,
}

/// How many repeated patterns an instance is worth.
const INSTANCE_WEIGHT: usize = 8;

/// More included instances than this are worth a less natural form. SigmaHQ's Windows rules stay below.
const MANY: usize = 32;

/// Works out the instances for a formula.
pub(super) fn plan(formula: Formula) -> Result<Plan, Reason> {
    let mut include: Vec<Formula> = Vec::new();
    let mut filters: Vec<Literal> = Vec::new();
    let mut mixed: Vec<Formula> = Vec::new();
    for conjunct in conjuncts(formula) {
        match conjunct {
            Formula::Literal(literal) if literal.is_negative() => filters.push(literal),
            conjunct if conjunct.has_negation() => mixed.push(conjunct),
            conjunct => include.push(conjunct),
        }
    }
    let mut exclude = sort_out(mixed, &mut include);
    if product(&include) > MANY {
        while let Some(largest) = worth_moving(&include) {
            exclude.push(include.remove(largest).negated());
        }
    }
    let repeats = product(&include).saturating_sub(1);
    for filter in filters {
        let filter_formula = Formula::Literal(filter.clone());
        if repeats.saturating_mul(filter.weight()) > INSTANCE_WEIGHT {
            exclude.push(filter_formula.negated());
        } else {
            include.push(filter_formula);
        }
    }
    expand(&Formula::and(include), &Formula::or(exclude))
}

fn conjuncts(formula: Formula) -> Vec<Formula> {
    match formula {
        Formula::And(terms) => terms,
        other => vec![other],
    }
}

/// Conjuncts with negations inside go where they cost less; but something should say what is looked for.
fn sort_out(mixed: Vec<Formula>, include: &mut Vec<Formula>) -> Vec<Formula> {
    let mut exclude = Vec::new();
    for conjunct in mixed {
        let negated = conjunct.negated();
        let (included, excluded) = (conjunct.count(), negated.count());
        let is_needed = include.is_empty() && included <= limits::INSTANCES;
        if is_needed || included < excluded { include.push(conjunct) } else { exclude.push(negated) }
    }
    exclude
}

fn product(include: &[Formula]) -> usize {
    include.iter().fold(1, |n, term| n.saturating_mul(term.count()))
}

/// The conjunct that multiplies most, if its negation adds less.
fn worth_moving(include: &[Formula]) -> Option<usize> {
    let counts = include.iter().map(Formula::count).enumerate();
    let (largest, count) = counts.max_by_key(|(n, count)| (*count, Reverse(*n)))?;
    let all = product(include);
    let rest = all.checked_div(count)?;
    let added = include.get(largest)?.negated().count();
    (include.len() > 1 && rest.saturating_add(added) < all).then_some(largest)
}

fn expand(include: &Formula, exclude: &Formula) -> Result<Plan, Reason> {
    let needed = include.count().saturating_add(exclude.count());
    if needed > limits::INSTANCES {
        return Err(Reason::TooManyInstances { needed, limit: limits::INSTANCES });
    }
    let plan = Plan { include: distinct(include.expanded()), exclude: distinct(exclude.expanded()) };
    let rows = plan.include.iter().chain(&plan.exclude);
    let patterns = rows.flatten().fold(0usize, |n, literal| n.saturating_add(literal.weight()));
    if patterns > limits::PATTERNS {
        return Err(Reason::Limit { what: "patterns in a detection", limit: limits::PATTERNS });
    }
    Ok(plan)
}

/// Without what is said twice: a clause in an instance, an instance in a detection.
fn distinct(rows: Vec<Conjunction>) -> Vec<Conjunction> {
    let mut kept: Vec<Conjunction> = Vec::new();
    for row in rows {
        let mut once: Conjunction = Vec::new();
        for literal in row {
            if !once.iter().any(|l| l.field == literal.field && l.clause == literal.clause) {
                once.push(literal);
            }
        }
        let same = |other: &Conjunction| {
            other.len() == once.len()
                && other.iter().zip(&once).all(|(a, b)| a.field == b.field && a.clause == b.clause)
        };
        if !kept.iter().any(same) {
            kept.push(once);
        }
    }
    kept
}
