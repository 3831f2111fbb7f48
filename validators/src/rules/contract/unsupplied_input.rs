//! A criterion looks only at inputs that the sensor supplies. The rule that would have stopped July 2024.

use super::{about_filter, contract, event_name, quoted, sensor_of, type_name};
use crate::rules::{Check, Rule};
use crate::{BlobPairing, Finding, Findings, Fit, Pairing};
use channel_contract::Contract;
use channel_contract::sysmon::schemas;
use channel_parser::model::{FieldIndex, TypeId};
use std::collections::BTreeMap;

#[doc = include_str!("unsupplied_input.md")]
pub static RULE: Rule = contract(
    301,
    "unsupplied-input",
    "a criterion looks only at inputs that the sensor supplies",
    include_str!("unsupplied_input.md"),
    Check::Sensor(check),
)
.and(Check::BlobSensor(dead));

fn check(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {
    for (criterion, known, sensor) in pairing.criteria() {
        let field = criterion.field();
        if sensor.is_supplied(field) || channel_parser::planted!("july-2024") && sensor.field(field).is_some() {
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
            .stated(format!("types[{}].supplied", known.content.id()), format!("{supplied}, of {defined} fields"))
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

/// A filter at a position past the fields of the sensor does no harm: it never matches, and nobody is told.
fn dead(rule: &'static Rule, pairing: &BlobPairing<'_>, findings: &mut Findings) {
    let mut reach = BTreeMap::new();
    for one in pairing.filters().filter(|one| matches!(one.fit(), Fit::Dead)) {
        let (index, supplied) = (one.filter.filter.field(), one.sensor.supplied);
        let id = one.sensor.id;
        let until = *reach.entry((id, index)).or_insert_with(|| last_without(id, FieldIndex(index)));
        let until = until.map_or_else(|| "on this sensor".into(), |last| format!("on schemas up to {last}"));
        let name = one.filter.field.map(quoted).unwrap_or_default();
        let message = format!(
            "the filter on field {index} {name} never matches {until}: {} supplies {supplied} fields of {}",
            pairing.contract().label(),
            event_name(one.sensor),
        );
        findings.push(
            about_filter(rule, one.filter, message)
                .stated(format!("types[{}].supplied", one.sensor.id), supplied)
                .sides(format!("a field below {supplied}"), format!("field {index}"))
                .help("leave the filter out for these sensors, or these sensors out of the release"),
        );
    }
}

/// The newest schema whose event has no field at this position.
fn last_without(id: TypeId, index: FieldIndex) -> Option<&'static str> {
    let without = |one: &&Contract| one.template(id).is_some_and(|event| !event.is_supplied(index));
    schemas().filter(without).last().map(|one| one.sensor.version.as_str())
}
