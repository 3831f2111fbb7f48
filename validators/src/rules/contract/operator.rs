//! A pattern uses only operators that the sensor implements.

use super::{about_pattern, contract, sensor_of};
use crate::rules::{Check, Rule};
use crate::{Findings, Pairing};

#[doc = include_str!("operator.md")]
pub static RULE: Rule = contract(
    308,
    "operator",
    "a pattern uses only operators that the sensor implements",
    include_str!("operator.md"),
    Check::Sensor(check),
);

fn check(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {
    let implemented = pairing.contract().operators;
    for (criterion, path, pattern) in pairing.content.patterns() {
        let Some(operator) = pattern.operator().filter(|operator| !implemented.contains(*operator)) else {
            continue;
        };
        let message = format!(
            "a pattern on field {} uses `{operator}`, which {} does not implement",
            criterion.field(),
            sensor_of(pairing)
        );
        findings.push(
            about_pattern(rule, path, &pattern, message, format!("operator `{operator}`"))
                .sides(format!("one of: {implemented}"), operator)
                .stated("operators", format!("[{implemented}]"))
                .help("say it with operators that the sensor has, or leave this sensor out of the release"),
        );
    }
}
