//! Tells which declared fields no sensor input stands behind, though nothing looks at them yet.

use super::{contract, quoted, sensor_of, type_name};
use crate::rules::{Check, Rule};
use crate::{Finding, Findings, Pairing, Severity};
use channel_parser::model::FieldIndex;
use std::collections::BTreeSet;

#[doc = include_str!("unused_field.md")]
pub static RULE: Rule = Rule {
    severity: Severity::Note,
    ..contract(
        314,
        "unused-field",
        "a field without an input behind it is used by no criterion, and must stay so",
        include_str!("unused_field.md"),
        Check::Sensor(check),
    )
};

fn check(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {
    let mut used = BTreeSet::new();
    for (criterion, known, sensor) in pairing.criteria() {
        if !sensor.is_supplied(criterion.field()) {
            used.insert((known.content.index().0, criterion.field().0));
        }
    }
    for known in pairing.types() {
        let Some(sensor) = known.agreed() else { continue };
        let (supplied, defined) = (sensor.supplied, sensor.defined());
        for field in (supplied..defined).map(FieldIndex) {
            if used.contains(&(known.content.index().0, field.0)) {
                continue;
            }
            let message = format!(
                "{} supplies {supplied} of the {defined} inputs of {}: field {field} {} is only safe as a wildcard",
                sensor_of(pairing),
                type_name(sensor),
                known.content.field(field).map(quoted).unwrap_or_default(),
            );
            let span = known.content.field_span(field).unwrap_or_else(|| known.content.id_span());
            findings.push(
                Finding::new(rule, known.content.path(), message)
                    .at(span, format!("field {field}, no input behind it"))
                    .sides("a wildcard in every instance", "a wildcard in every instance")
                    .stated(format!("types[{}].supplied", known.content.id()), format!("{supplied}, of {defined} fields"))
                    .help("keep it a wildcard as long as this sensor is in the field"),
            );
        }
    }
}
