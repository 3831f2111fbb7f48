//! A template type has as many fields for the content as for the sensor.

use super::{contract, sensor_of, type_name};
use crate::rules::{Check, Rule};
use crate::{Finding, Findings, Pairing};

#[doc = include_str!("field_count.md")]
pub static RULE: Rule = contract(
    306,
    "field-count",
    "a template type has as many fields for the content as for the sensor",
    include_str!("field_count.md"),
    Check::Sensor(check),
);

fn check(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {
    for known in pairing.types() {
        let Some(sensor) = known.revised() else { continue };
        let (content, there) = (known.content.field_count(), sensor.defined());
        if content != there {
            let message = format!(
                "the content declares {content} fields for {}, but {} defines {there}",
                type_name(sensor),
                sensor_of(pairing),
            );
            findings.push(
                Finding::new(rule, known.content.path().then("field_end"), message)
                    .at(known.content.field_count_span(), format!("ends {content} fields"))
                    .stated(format!("types[{}].fields", known.content.id()), format!("{there} of them"))
                    .sides(format!("{there} fields"), format!("{content} fields"))
                    .help(
                        "build the content from the sensor's own contract, not from a definition beside it",
                    ),
            );
        }
    }
}
