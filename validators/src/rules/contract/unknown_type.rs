//! Every template type that instances use is one that the sensor has.

use super::{contract, quoted, sensor_of};
use crate::rules::{Check, Rule};
use crate::{BlobPairing, Finding, Findings, Pairing};

#[doc = include_str!("unknown_type.md")]
pub static RULE: Rule = contract(
    303,
    "unknown-type",
    "every template type of the content is one that the sensor has",
    include_str!("unknown_type.md"),
    Check::Sensor(check),
)
.and(Check::BlobSensor(unknown_event));

fn check(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {
    for known in pairing.types().iter().filter(|known| known.sensor.is_none()) {
        let (id, name) = (known.content.id(), known.content.name().map(quoted).unwrap_or_default());
        let message =
            format!("the content has template type {id} {name}, which {} does not have", sensor_of(pairing));
        let ids: Vec<_> = pairing.contract().types.iter().map(|template| template.id.to_string()).collect();
        let expected = if ids.is_empty() {
            "no template type at all".into()
        } else {
            format!("one of {}", ids.join(", "))
        };
        findings.push(
            Finding::new(rule, known.content.path().then("id"), message)
                .at(known.content.id_span(), format!("template type {id}"))
                .stated("types", format!("{} of them", pairing.contract().types.len()))
                .sides(expected, id)
                .also(known.content.name_span(), "its name")
                .help("put its detections into a file that reaches only sensors with this template type"),
        );
    }
}

/// The same for the events of a rule blob. One that exists on another system only is the matter of another rule.
fn unknown_event(rule: &'static Rule, pairing: &BlobPairing<'_>, findings: &mut Findings) {
    for (event, there) in pairing.events() {
        if there.is_some() || super::target_system::elsewhere(pairing, event).is_some() {
            continue;
        }
        let id = event.event.id();
        let name = event.meant.map(|meant| quoted(&meant.name)).unwrap_or_default();
        let exists = pairing.contract().types.iter().any(|template| template.id.0 == id);
        let what = if exists { "takes no rules for" } else { "does not have" };
        let label = pairing.contract().label();
        let filters = pairing.content.filters_of(event).len();
        let message = format!("the blob has {filters} filters for event {id} {name}, which {label} {what}");
        findings.push(
            Finding::new(rule, event.event.path().then("id"), message)
                .at(event.event.id_span(), format!("event {id}"))
                .stated("types", format!("{} of them", pairing.contract().types.len()))
                .sides("an event of the sensor that takes rules", id)
                .help("put its rules into a configuration that reaches only sensors with this event"),
        );
    }
}
