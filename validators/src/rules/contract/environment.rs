//! A filter's value holds no environment variable.

use super::contract;
use crate::rules::{Check, Rule};
use crate::{BlobContent, Finding, Findings, Severity};

#[doc = include_str!("environment.md")]
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    ..contract(
    318,
    "environment",
    "a filter's value holds no environment variable",
    include_str!("environment.md"),
    Check::Blob(check),
)
};

fn check(rule: &'static Rule, content: &BlobContent<'_>, findings: &mut Findings) {
    // The compiler leaves bit 30 alone: the sensor sets it when it loads the blob, for every value with a per cent sign.
    let holds = |filter: &channel_parser::sysmon::Filter<'_>| {
        filter.has_environment() || filter.value().units().any(|unit| unit == u16::from(b'%'))
    };
    for (_, filter) in content.filters().filter(|(_, filter)| holds(&filter.filter)) {
        let label = if filter.filter.has_environment() {
            "bit 30: the value holds environment variables"
        } else {
            "the sensor sets bit 30 here, for the per cent sign in the value"
        };
        let message = "the filter's value holds an environment variable, which the driver cannot expand: it fails there";
        findings.push(
            Finding::new(rule, filter.filter.path(), message)
                .at(filter.filter.operator_span(), label)
                .also(filter.filter.value_span(), "its value")
                .sides("a value that is compared as it stands", "a value to be expanded")
                .help("write the path out, or match its end with `end with`"),
        );
    }
}
