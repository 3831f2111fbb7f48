//! No event makes an instance fault.

use crate::rules::{Check, Rule};
use crate::sight::Sight;
use channel_validators::{Finding, Findings};

#[doc = include_str!("event_fault.md")]
pub static RULE: Rule = super::execution(
    601,
    "event-fault",
    "no event makes the sensor fault at an instance",
    include_str!("event_fault.md"),
    Check(check),
);

fn check(rule: &'static Rule, sight: &Sight<'_>, findings: &mut Findings) {
    for faulted in sight.execution.faults.values().filter(|faulted| faulted.alone) {
        let fault = &faulted.fault;
        if sight.explains(fault) {
            continue;
        }
        let message = format!("an event makes {} fault: {}", sight.label(), fault.kind.sentence());
        let mut finding = Finding::new(rule, fault.path, message)
            .sides(fault.expected, fault.found)
            .help("no other rule says this: keep the file, and report it as a fault of the validator");
        if let Some(span) = &fault.span {
            finding = finding.at(span.clone(), "here the sensor faults");
        }
        finding.witness = Some(sight.witness_of(faulted));
        findings.push(finding);
    }
}
