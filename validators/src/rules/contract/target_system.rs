//! An event exists on the system of the sensor.

use super::{contract, event_name};
use crate::rules::{Check, Rule};
use crate::{BlobEvent, BlobPairing, Finding, Findings};
use channel_contract::TemplateType;
use channel_contract::sysmon::{Target, schema_of};
use channel_parser::model::TypeId;

#[doc = include_str!("target_system.md")]
pub static RULE: Rule = contract(
    317,
    "target-system",
    "an event exists on the system of the sensor",
    include_str!("target_system.md"),
    Check::BlobSensor(check),
);

fn check(rule: &'static Rule, pairing: &BlobPairing<'_>, findings: &mut Findings) {
    for (event, _) in pairing.events() {
        let Some((known, target)) = elsewhere(pairing, event) else { continue };
        let label = pairing.contract().label();
        let message = format!("{} exists on {} only, but {label} runs on another system", event_name(known), target.platform());
        findings.push(
            Finding::new(rule, event.event.path().then("id"), message)
                .at(event.event.id_span(), format!("event {}", event.event.id()))
                .sides(format!("an event of {}", pairing.contract().sensor.platform), target.platform())
                .stated("sensor.platform", &pairing.contract().sensor.platform)
                .help("keep a configuration for each system"),
        );
    }
}

/// The event as the other system has it, where the sensor's own does not.
pub(super) fn elsewhere<'a>(
    pairing: &BlobPairing<'a>,
    event: &BlobEvent<'a>,
) -> Option<(&'a TemplateType, Target)> {
    let id = TypeId(event.event.id());
    let own = Target::ALL.iter().copied().find(|one| one.platform() == pairing.contract().sensor.platform)?;
    let here = pairing.contract().template(id);
    let known = here.or_else(|| schema_of(pairing.sysmon.schema)?.template(id)).or(event.meant)?;
    let target = known.event?.target;
    (!target.includes(own)).then_some((known, target))
}
