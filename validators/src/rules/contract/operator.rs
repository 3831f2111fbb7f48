//! A pattern uses only operators that the sensor implements.

use super::{about_pattern, quoted, contract, sensor_of};
use crate::rules::{Check, Rule};
use crate::{BlobPairing, Finding, Findings, Pairing};

#[doc = include_str!("operator.md")]
pub static RULE: Rule = contract(
    308,
    "operator",
    "a pattern uses only operators that the sensor implements",
    include_str!("operator.md"),
    Check::Sensor(check),
)
.and(Check::BlobSensor(position));

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

/// The same for a rule blob, which stores positions in the list of its compiler's schema.
fn position(rule: &'static Rule, pairing: &BlobPairing<'_>, findings: &mut Findings) {
    let filters = &pairing.sysmon.filters;
    for one in pairing.filters() {
        let number = one.filter.filter.operator();
        let there = filters.get(number as usize);
        let (found, message) = match (there, one.filter.operator) {
            (Some(_), None) => continue,
            (Some(there), Some(meant)) if there == meant => continue,
            (Some(there), Some(meant)) => (quoted(there), format!("means {}", quoted(meant))),
            (None, meant) => (
                format!("nothing, of {} operators", filters.len()),
                meant.map_or("is known to no schema".into(), |meant| format!("means {}", quoted(meant))),
            ),
        };
        let label = pairing.contract().label();
        let message = format!("operator {number} of a filter {message}, but on {label} that is {found}");
        findings.push(
            Finding::new(rule, one.filter.filter.path(), message)
                .at(one.filter.filter.operator_span(), format!("operator {number}"))
                .also(one.filter.filter.value_span(), "its value")
                .sides(one.filter.operator.unwrap_or("an operator of the sensor"), found)
                .stated("sysmon.filters", format!("{} of them", filters.len()))
                .help("say it with operators that the sensor has, or leave this sensor out of the release"),
        );
    }
}
