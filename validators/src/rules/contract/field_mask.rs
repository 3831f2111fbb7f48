//! A filter is on one of the first 64 fields of its event.

use super::{about_filter, contract, event_name};
use crate::rules::{Check, Rule};
use crate::{BlobPairing, Findings, Fit};

#[doc = include_str!("field_mask.md")]
pub static RULE: Rule = contract(
    319,
    "field-mask",
    "a filter is on one of the first 64 fields of its event",
    include_str!("field_mask.md"),
    Check::BlobSensor(check),
);

/// The bits of the mask in which a sensor remembers the fields that matched.
const MASK: u32 = u64::BITS;

fn check(rule: &'static Rule, pairing: &BlobPairing<'_>, findings: &mut Findings) {
    for one in pairing.filters() {
        let index = one.filter.filter.field();
        if index < MASK || matches!(one.fit(), Fit::Dead) {
            continue;
        }
        let message = format!(
            "the filter is on field {index} of {}, but {} remembers matches in a mask of {MASK} bits",
            event_name(one.sensor),
            pairing.contract().label(),
        );
        findings.push(
            about_filter(rule, one.filter, message)
                .stated(format!("types[{}].supplied", one.sensor.id), one.sensor.supplied)
                .sides(format!("a field below {MASK}"), format!("field {index}"))
                .help("match on one of the first 64 fields of the event"),
        );
    }
}
