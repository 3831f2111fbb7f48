//! A template type has the revision that the content was written for.

use super::{contract, sensor_of, type_name};
use crate::rules::{Check, Rule};
use crate::{Finding, Findings, Pairing};

#[doc = include_str!("type_revision.md")]
pub static RULE: Rule = contract(
    304,
    "type-revision",
    "a template type has the revision that the content was written for",
    include_str!("type_revision.md"),
    Check::Sensor(check),
);

fn check(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {
    for known in pairing.types() {
        let Some(sensor) = known.sensor else { continue };
        let (content, there) = (known.content.revision(), sensor.revision);
        if content != there && !(channel_parser::planted!("older-revision") && content < there) {
            let message = format!(
                "the content was written for revision {content} of {}, but {} has revision {there}",
                type_name(sensor),
                sensor_of(pairing),
            );
            findings.push(
                Finding::new(rule, known.content.path().then("revision"), message)
                    .at(known.content.revision_span(), format!("revision {content}"))
                    .stated(format!("types[{}].revision", known.content.id()), there)
                    .sides(there, content)
                    .help("build the content for each revision in the fleet, in files of their own"),
            );
        }
    }
}
