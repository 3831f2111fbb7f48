//! Loading does not make the sensor fault.

use crate::rules::{Check, Rule};
use crate::sight::Sight;
use crate::witness;
use channel_validators::{Finding, Findings, Witness};

#[doc = include_str!("load_fault.md")]
pub static RULE: Rule = super::execution(
    604,
    "load-fault",
    "the sensor does not fault while it loads the file",
    include_str!("load_fault.md"),
    Check(check),
);

fn check(rule: &'static Rule, sight: &Sight<'_>, findings: &mut Findings) {
    for fault in &sight.execution.load {
        if sight.explains(fault) || channel_parser::planted!("load-fault-not-told") {
            continue;
        }
        let message = format!("{} faults while it loads the file: {}", sight.label(), fault.kind.sentence());
        let mut finding = Finding::new(rule, fault.path, message)
            .sides(fault.expected, fault.found)
            .help("no other rule says this: keep the file, and report it as a fault of the validator");
        if let Some(span) = &fault.span {
            finding = finding.at(span.clone(), "here the sensor faults");
        }
        finding.witness = Some(Witness::Load(witness::shown(fault, &fault.path)));
        findings.push(finding);
    }
}
