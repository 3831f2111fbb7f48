//! A criterion looks at the field that its author meant: the same index has the same name on both sides.

use super::{about_filter, contract, event_name, quoted, sensor_of, type_name};
use crate::rules::{Check, Rule};
use crate::{BlobPairing, Finding, Findings, Fit, Pairing};
use channel_parser::model::FieldIndex;

#[doc = include_str!("another_field.md")]
pub static RULE: Rule = contract(
    302,
    "another-field",
    "a criterion looks at the field that its author meant",
    include_str!("another_field.md"),
    Check::Sensor(check),
)
.and(Check::BlobSensor(moved));

fn check(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {
    for (criterion, known, sensor) in pairing.criteria() {
        let index = criterion.field();
        if !sensor.is_supplied(index) || known.same_name(index) || channel_parser::planted!("field-by-position") {
            continue;
        }
        // A name that is no text has a finding of its own, and says nothing about which field was meant.
        let (Some(there), Some(meant)) = (sensor.field(index), known.content.field(index)) else { continue };
        let elsewhere = sensor.fields.iter().position(|field| field.name == meant);
        let help = match elsewhere.and_then(|at| u32::try_from(at).ok()).map(FieldIndex) {
            Some(at) => {
                format!("that field is input {at} there: build the content for this revision of the type")
            }
            None => {
                "the sensor has no field of that name: leave it out of the release, or drop the criterion"
                    .into()
            }
        };
        let (meant, there) = (quoted(meant), quoted(&there.name));
        let message = format!(
            "the criterion on field {index} means {meant}, but input {index} of {} is {there} on {}",
            type_name(sensor),
            sensor_of(pairing),
        );
        let mut finding = Finding::new(rule, criterion.path(), message)
            .at(criterion.span(), format!("the criterion on field {index}"))
            .sides(&meant, &there)
            .stated(format!("types[{}].fields[{index}].name", known.content.id()), &there)
            .help(help);
        if let Some(name) = known.content.field_span(index) {
            finding =
                finding.also(name, format!("field {index} as the content names it; {there} on the sensor"));
        }
        if let Some(pattern) = criterion.patterns().next() {
            finding = finding.also(pattern.operand_span(), format!("would be compared with {there}"));
        }
        findings.push(finding);
    }
}

/// The same for a filter of a rule blob: what it meant is what the schema of its compiler has at the position.
fn moved(rule: &'static Rule, pairing: &BlobPairing<'_>, findings: &mut Findings) {
    let compiler = pairing.content.compiler.map(|compiler| compiler.sensor.version.as_str()).unwrap_or_default();
    let guessed = pairing.content.is_guessed();
    for one in pairing.filters() {
        let (Fit::Another(there), Some(meant)) = (one.fit(), one.filter.field) else { continue };
        let index = one.filter.filter.field();
        let elsewhere = one.sensor.fields.iter().position(|field| field.name == meant);
        let help = match elsewhere {
            Some(at) if guessed => format!(
                "that field is number {at} there: compile the configuration for that schema; if it was, keep its \
                 FILE.map.json beside it, which says so: the blob does not, and the newest that writes its version is taken"
            ),
            Some(at) => format!("that field is number {at} there: compile the configuration for that schema"),
            None => "the sensor has no field of that name: leave it out of the release, or drop the filter".into(),
        };
        let message = format!(
            "the filter on field {index} means {}, but that is {} of {} on {}",
            quoted(meant),
            quoted(&there.name),
            event_name(one.sensor),
            pairing.contract().label(),
        );
        findings.push(
            about_filter(rule, one.filter, message)
                .sides(format!("{meant} (compiled for schema {compiler})"), &there.name)
                .stated(format!("types[{}].fields[{index}].name", one.sensor.id), &there.name)
                .help(help),
        );
    }
}
