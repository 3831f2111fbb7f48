//! A pattern compares an input of the type that its operator reads.

use super::{about_pattern, contract, quoted, sensor_of};
use crate::rules::{Check, Rule};
use crate::{Findings, Pairing, Understood};

#[doc = include_str!("input_type.md")]
pub static RULE: Rule = contract(
    309,
    "input-type",
    "a pattern compares an input of the type that its operator reads",
    include_str!("input_type.md"),
    Check::Sensor(check),
);

fn check(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {
    for Understood { key, field, input, path, pattern } in pairing.understood() {
        let Some(operator) = pattern.operator() else { continue };
        let Some(reads) = operator.reads().filter(|reads| *reads != input.input) else { continue };
        let message = format!(
            "a pattern on field {field} {} uses `{operator}`, which reads {reads}, but {} supplies {}",
            quoted(&input.name),
            sensor_of(pairing),
            input.input,
        );
        findings.push(
            about_pattern(rule, path, &pattern, message, format!("operator `{operator}`"))
                .sides(format!("an operator on {}", input.input), format!("`{operator}`, on {reads}"))
                .stated(format!("{key}.input"), input.input)
                .help(format!("use an operator that reads {}", input.input)),
        );
    }
}
