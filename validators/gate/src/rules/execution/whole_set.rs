//! All instances of a template type at once: within the sensor's bounds, and the same however they are asked.

use crate::execute::Together;
use crate::rules::{Check, Rule};
use crate::sight::Sight;
use crate::witness::{self, shown};
use channel_validators::{Finding, Findings, Witness};

#[doc = include_str!("whole_set.md")]
pub static RULE: Rule = super::execution(
    603,
    "whole-set",
    "no event makes the sensor fault when all instances are loaded together",
    include_str!("whole_set.md"),
    Check(check),
);

fn check(rule: &'static Rule, sight: &Sight<'_>, findings: &mut Findings) {
    for faulted in sight.execution.faults.values().filter(|faulted| !faulted.alone) {
        let fault = &faulted.fault;
        if sight.explains(fault) || channel_parser::planted!("whole-set-not-told") {
            continue;
        }
        let what = fault.kind.sentence();
        let message = format!("with all instances loaded an event makes {} fault: {what}", sight.label());
        let mut finding = Finding::new(rule, fault.path, message)
            .sides(fault.expected, fault.found)
            .help("each instance by itself is in order: drop or join some of them");
        if let Some(span) = &fault.span {
            finding = finding.at(span.clone(), "here the sensor faults");
        }
        finding.witness = Some(sight.witness_of(faulted));
        findings.push(finding);
    }
    for crowd in &sight.execution.crowds {
        let Some(run) = crowd.runs.iter().find(|run| !run.agree) else { continue };
        let (path, span) = crowd.place.clone();
        let message = format!("one pass over an event of template type {} answers otherwise than step by step", crowd.template);
        let mut finding = Finding::new(rule, path, message)
            .at(span, "the template type")
            .sides("the same detections", "others")
            .help("keep the file, and report it: this is a fault of ours");
        finding.witness = Some(disagreement(run));
        findings.push(finding);
    }
}

fn disagreement(run: &Together) -> Witness {
    let event = witness::line(&run.event);
    let fault = match &run.outcome {
        Err(fault) => shown(fault, &fault.path),
        Ok(outcome) => channel_validators::Shown {
            kind: "disagreement",
            path: "event".into(),
            message: format!("step by step {} detections match, and others in one pass", outcome.detections),
        },
    };
    Witness::Event { event, fault }
}
