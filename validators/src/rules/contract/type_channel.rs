//! A file holds only template types that the sensor reads from its channel.

use super::{contract, sensor_of, type_name};
use crate::rules::{Check, Rule};
use crate::{Finding, Findings, Pairing};

#[doc = include_str!("type_channel.md")]
pub static RULE: Rule = contract(
    305,
    "type-channel",
    "a file holds only template types that the sensor reads from its channel",
    include_str!("type_channel.md"),
    Check::Sensor(check),
);

fn check(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {
    let channel = pairing.file.header().channel;
    for known in pairing.types() {
        let Some(sensor) = known.sensor.filter(|sensor| sensor.channel != channel && !channel_parser::planted!("any-channel")) else { continue };
        let there = sensor.channel;
        let message = format!(
            "the file is of channel {channel}, but {} reads {} from channel {there}",
            sensor_of(pairing),
            type_name(sensor),
        );
        findings.push(
            Finding::new(rule, known.content.path(), message)
                .at(known.content.id_span(), "the template type")
                .stated(format!("types[{}].channel", known.content.id()), there)
                .sides(format!("channel {there}"), format!("channel {channel}"))
                .also(24..28, format!("channel {channel}"))
                .help(format!("build these detections into a file of channel {there}")),
        );
    }
}
