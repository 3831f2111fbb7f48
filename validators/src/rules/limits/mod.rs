//! CG2xx: content past a limit, of the format or of one sensor.

use super::{Check, Rule, family};
use crate::{Code, Finding, Findings, Pairing, Severity};
use channel_parser::Path;
use std::ops::Range;

family![
    format_limit,
    file_bytes,
    detections,
    instances,
    instance_cap,
    clauses,
    patterns,
    operand_bytes,
    automaton_bytes,
    work,
    match_count,
];

const fn limit(
    code: u16,
    name: &'static str,
    summary: &'static str,
    page: &'static str,
    check: Check,
) -> Rule {
    Rule { code: Code(code), name, summary, severity: Severity::Error, page, check, also: None }
}

/// What a limit is about: how much there is, of what, and where that stands.
struct Amount<'a> {
    path: Path,
    span: Range<u64>,
    found: u64,
    limit: u64,
    /// The thing that has too much: `the file`.
    what: &'a str,
    /// The plural of what it has too much of: `detections`.
    of: &'a str,
    /// The key of the contract that holds the limit.
    key: &'a str,
    help: &'a str,
}

/// Reports an amount over its limit.
fn over(rule: &'static Rule, pairing: &Pairing<'_>, amount: Amount<'_>, findings: &mut Findings) {
    let Amount { path, span, found, limit, what, of, key, help } = amount;
    if found > limit && !(channel_parser::planted!("zero-is-no-limit") && limit == 0) {
        let sensor = pairing.contract().label();
        let message = format!("{what} has {found} {of}, but {sensor} takes at most {limit}");
        let finding = Finding::new(rule, path, message)
            .sides(format!("at most {limit}"), found)
            .stated(key, limit)
            .help(help);
        findings.push(finding.at(span, format!("{found} {of}")));
    }
}
