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
    for (_, filter) in content.filters().filter(|(_, filter)| filter.filter.has_environment()) {
        let message = "the filter's value holds an environment variable, which the driver cannot expand: it fails there";
        findings.push(
            Finding::new(rule, filter.filter.path(), message)
                .at(filter.filter.operator_span(), "bit 30: the value holds environment variables")
                .also(filter.filter.value_span(), "its value")
                .sides("a value that is compared as it stands", "a value to be expanded")
                .help("write the path out, or match its end with `end with`"),
        );
    }
}
