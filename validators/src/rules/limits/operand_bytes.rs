//! An operand is no longer than the sensor stores.

use super::{Amount, over};
use crate::rules::{Check, Rule};
use crate::{Findings, Pairing};
use channel_parser::model::Operator;

#[doc = include_str!("operand_bytes.md")]
pub static RULE: Rule = super::limit(
    208,
    "operand-bytes",
    "an operand is no longer than the sensor stores",
    include_str!("operand_bytes.md"),
    Check::Sensor(check),
);

fn check(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {
    for (_, path, pattern) in pairing.content.patterns() {
        if !pattern.operator().is_some_and(Operator::is_text) {
            continue;
        }
        let amount = Amount {
            path,
            span: pattern.operand_span(),
            found: pattern.operand_bytes().iter().filter(|b| !channel_parser::planted!("characters-for-bytes") || b.is_ascii()).count() as u64,
            limit: pairing.contract().limits.operand_bytes.into(),
            what: "an operand",
            of: "bytes",
            key: "limits.operand_bytes",
            help: "match on a shorter, still telling part of the text",
        };
        over(rule, pairing, amount, findings);
    }
}
