//! A pattern asks whether an input is absent only where the sensor may leave it out.

use super::{about_pattern, contract, quoted, sensor_of};
use crate::rules::{Check, Rule};
use crate::{Findings, Pairing, Understood};
use channel_parser::model::Operator;

#[doc = include_str!("nullability.md")]
pub static RULE: Rule = contract(
    310,
    "nullability",
    "a pattern asks whether an input is absent only where the sensor may leave it out",
    include_str!("nullability.md"),
    Check::Sensor(check),
);

fn check(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {
    for Understood { key, field, input, path, pattern } in pairing.understood() {
        let Some(operator @ (Operator::Present | Operator::Absent)) = pattern.operator() else { continue };
        if input.nullable || channel_parser::planted!("null-forgotten") && operator == Operator::Absent {
            continue;
        }
        let message = format!(
            "a pattern on field {field} {} asks whether it is {operator}, but {} always supplies it",
            quoted(&input.name),
            sensor_of(pairing),
        );
        findings.push(
            about_pattern(rule, path, &pattern, message, format!("operator `{operator}`"))
                .sides("an operator that compares the input", operator)
                .stated(format!("{key}.nullable"), false)
                .help("compare with the empty text if that is what is meant, or drop the pattern"),
        );
    }
}
