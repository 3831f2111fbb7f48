//! A criterion has no more clauses than the sensor's lists hold.

use super::{Amount, over};
use crate::rules::{Check, Rule};
use crate::{Findings, Pairing};

#[doc = include_str!("clauses.md")]
pub static RULE: Rule = super::limit(
    206,
    "clauses",
    "a criterion has no more clauses than the sensor's lists hold",
    include_str!("clauses.md"),
    Check::Sensor(check),
);

fn check(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {
    for criterion in pairing.file.instances().flat_map(|instance| instance.criteria()) {
        let amount = Amount {
            path: criterion.path(),
            span: criterion.span(),
            found: criterion.clauses().len() as u64,
            limit: pairing.contract().limits.clauses_per_criterion.into(),
            what: "a criterion",
            of: "clauses",
            key: "limits.clauses_per_criterion",
            help: "join clauses with the same quantifier, or split the detection",
        };
        over(rule, pairing, amount, findings);
    }
}
