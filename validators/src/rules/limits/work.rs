//! One event costs no more work than the sensor allows.

use super::{Amount, over};
use crate::rules::contract::type_name;
use crate::rules::{Check, Rule};
use crate::{Findings, Pairing};

#[doc = include_str!("work.md")]
pub static RULE: Rule = super::limit(
    210,
    "work",
    "one event costs no more work than the sensor allows",
    include_str!("work.md"),
    Check::Sensor(check),
);

fn check(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {
    for (known, found) in pairing.types().iter().zip(pairing.content.patterns_by_type()) {
        // A sensor without the type has no such event.
        let Some(sensor) = known.sensor else { continue };
        let amount = Amount {
            path: known.content.path(),
            span: known.content.id_span(),
            found,
            limit: pairing.contract().limits.work_per_event,
            what: &format!("one event of {}", type_name(sensor)),
            of: "patterns to compare with",
            key: "limits.work_per_event",
            help: "drop or join patterns of this template type",
        };
        over(rule, pairing, amount, findings);
    }
}
