//! A file has no more instances of a template type than the sensor loads of it.

use super::{Amount, over};
use crate::rules::contract::type_name;
use crate::rules::{Check, Rule};
use crate::{Findings, Pairing};

#[doc = include_str!("instance_cap.md")]
pub static RULE: Rule = super::limit(
    205,
    "instance-cap",
    "a file has no more instances of a template type than the sensor loads of it",
    include_str!("instance_cap.md"),
    Check::Sensor(check),
);

fn check(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {
    for (known, found) in pairing.types().iter().zip(pairing.content.instances_by_type()) {
        let Some(sensor) = known.sensor else { continue };
        let amount = Amount {
            path: known.content.path(),
            span: known.content.id_span(),
            found,
            limit: u64::from(sensor.instance_cap) + u64::from(channel_parser::planted!("cap-off-by-one")),
            what: &type_name(sensor),
            of: "instances",
            key: &format!("types[{}].instance_cap", known.content.id()),
            help: "split the content over several files, or drop instances that are not needed",
        };
        over(rule, pairing, amount, findings);
    }
}
