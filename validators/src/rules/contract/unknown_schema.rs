//! The schema that a rule blob was compiled with is known.

use super::contract;
use crate::rules::{Check, Rule};
use crate::{BlobContent, Finding, Findings};
use channel_contract::sysmon::schemas;
use channel_parser::Path;
use std::collections::BTreeSet;

#[doc = include_str!("unknown_schema.md")]
pub static RULE: Rule = contract(
    320,
    "unknown-schema",
    "the schema that a rule blob was compiled with is known",
    include_str!("unknown_schema.md"),
    Check::Blob(check),
);

fn check(rule: &'static Rule, content: &BlobContent<'_>, findings: &mut Findings) {
    if content.compiler.is_some() {
        return;
    }
    let version = content.blob.version();
    let known: BTreeSet<_> = schemas().filter_map(|one| Some(one.sysmon.as_ref()?.binary)).collect();
    let known: Vec<_> = known.iter().map(ToString::to_string).collect();
    let message = format!("no known compiler writes version {version}, so nobody can tell which fields the filters mean");
    findings.push(
        Finding::new(rule, Path::of("header").then("version"), message)
            .at(0..4, format!("version {version}"))
            .sides(format!("one of {}", known.join(", ")), version)
            .help("compile the configuration with a known version of Sysmon, or bring the contract of this one along"),
    );
}
