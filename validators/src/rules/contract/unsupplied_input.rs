//! A criterion looks only at inputs that the sensor supplies. The rule that would have stopped July 2024.

use super::{contract, quoted, sensor_of, type_name};
use crate::rules::{Check, Rule};
use crate::{Finding, Findings, Pairing};

#[doc = include_str!("unsupplied_input.md")]
pub static RULE: Rule = contract(
    301,
    "unsupplied-input",
    "a criterion looks only at inputs that the sensor supplies",
    include_str!("unsupplied_input.md"),
    Check::Sensor(check),
);

fn check(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {
    for (criterion, known, sensor) in pairing.criteria() {
        let field = criterion.field();
        if sensor.is_supplied(field) {
            continue;
        }
        let (supplied, defined) = (sensor.supplied, sensor.defined());
        let name = known.content.field(field).map(quoted).unwrap_or_default();
        let message = format!(
            "the criterion on field {field} {name} looks at input {} of {}, but {} supplies {supplied}",
            u64::from(field.0) + 1,
            type_name(sensor),
            sensor_of(pairing),
        );
        let mut finding = Finding::new(rule, criterion.path(), message)
            .at(criterion.span(), format!("the criterion on field {field}, no wildcard"))
            .stated(format!("types[{}].supplied", known.position), format!("{supplied}, of {defined} fields"))
            .sides(format!("a wildcard, or an input below {supplied}"), format!("a criterion on input {field}"))
            .also(known.content.field_count_span(), format!("the content declares {defined} fields"))
            .help(format!(
                "make the criterion a wildcard, or leave every sensor that supplies {supplied} inputs out of the release"
            ));
        if let Some(pattern) = criterion.patterns().next() {
            finding = finding.also(
                pattern.operand_span(),
                format!("no input {field}: the sensor reads past inputs 0..{supplied}"),
            );
        }
        if let Some(name) = known.content.field_span(field) {
            finding = finding.also(name, format!("field {field} as the content names it"));
        }
        findings.push(finding);
    }
}
