//! Every template type that instances use is one that the sensor has.

use super::{contract, quoted, sensor_of};
use crate::rules::{Check, Rule};
use crate::{Finding, Findings, Pairing};

#[doc = include_str!("unknown_type.md")]
pub static RULE: Rule = contract(
    303,
    "unknown-type",
    "every template type of the content is one that the sensor has",
    include_str!("unknown_type.md"),
    Check::Sensor(check),
);

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
