//! However many instances match one event, the sensor can count them.

use super::{Amount, over};
use crate::rules::contract::type_name;
use crate::rules::{Check, Rule};
use crate::{Findings, Pairing};

#[doc = include_str!("match_count.md")]
pub static RULE: Rule = super::limit(
    211,
    "match-count",
    "however many instances match one event, the sensor can count them",
    include_str!("match_count.md"),
    Check::Sensor(check),
);

fn check(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {
    for (known, found) in pairing.types().iter().zip(pairing.content.instances_by_type()) {
        // A sensor without the type has no such event.
        let Some(sensor) = known.sensor else { continue };
        let amount = Amount {
            path: known.content.path(),
            span: known.content.id_span(),
            found,
            limit: pairing.contract().limits.widths.match_count.max() << u32::from(channel_parser::planted!("counter-without-sign")),
            what: &format!("one event of {}", type_name(sensor)),
            of: "instances that can match it",
            key: "the most that limits.widths.match_count holds",
            help: "drop or join instances of this template type, or leave this sensor out of the release",
        };
        over(rule, pairing, amount, findings);
    }
}
