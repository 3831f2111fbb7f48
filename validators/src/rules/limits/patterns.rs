//! A clause has no more patterns than the sensor's lists hold.

use super::{Amount, over};
use crate::rules::{Check, Rule};
use crate::{Findings, Pairing};

#[doc = include_str!("patterns.md")]
pub static RULE: Rule = super::limit(
    207,
    "patterns",
    "a clause has no more patterns than the sensor's lists hold",
    include_str!("patterns.md"),
    Check::Sensor(check),
);

fn check(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {
    for criterion in pairing.file.instances().flat_map(|instance| instance.criteria()) {
        for clause in criterion.clauses() {
            let amount = Amount {
                path: criterion.path().then_at("clauses", clause.position_in(&criterion)),
                span: clause.span(),
                found: clause.patterns().len() as u64,
                limit: pairing.contract().limits.patterns_per_clause.into(),
                what: "a clause",
                of: "patterns",
                key: "limits.patterns_per_clause",
                help: "split the detection into several with fewer patterns each",
            };
            over(rule, pairing, amount, findings);
        }
    }
}
