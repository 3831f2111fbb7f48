//! CG1xx: bytes that are not a content file. Each rule reports one kind of the reader's errors.

use super::{Check, Rule, family};
use crate::subject::KEPT;
use crate::{Code, Finding, Findings, Severity, Subject};
use channel_parser::{Error, ErrorKind, Value};
use std::ops::Range;

family![
    empty_file,
    all_zero,
    unknown_format,
    format_version,
    length,
    checksum,
    directory,
    unknown_section,
    table_rows,
    ends,
    hollow,
    reserved,
    type_order,
    word,
    utf8,
    operand,
    file_name,
    skipped_section,
];

const fn structural(
    code: u16,
    name: &'static str,
    summary: &'static str,
    page: &'static str,
    check: Check,
) -> Rule {
    Rule { code: Code(code), name, summary, severity: Severity::Error, page, check }
}

/// Reports the reader's errors of one kind.
pub(super) fn report(
    rule: &'static Rule,
    kind: ErrorKind,
    help: &str,
    subject: &Subject<'_>,
    findings: &mut Findings,
) {
    for error in subject.errors.iter().filter(|error| error.kind == kind) {
        let finding =
            Finding::new(rule, error.path, error.to_string()).sides(error.expected, error.found).help(help);
        findings.push(match &error.span {
            Some(span) => finding.at(span.clone(), label(subject.bytes, error, span)),
            None => finding,
        });
    }
    let there = subject.error_counts.get(&kind).copied().unwrap_or(0);
    findings.count(rule.code, there.saturating_sub(KEPT));
}

/// What stands in the bytes at fault: the number itself where it is one.
fn label(bytes: &[u8], error: &Error, span: &Range<u64>) -> String {
    use ErrorKind::{AllZero, Checksum, Empty, Magic, Operand, UnknownSection, Utf8};
    let at = usize::try_from(span.start).ok().zip(usize::try_from(span.end).ok());
    let there = at.and_then(|(start, end)| bytes.get(start..end)).unwrap_or_default();
    let text = matches!(error.kind, Checksum | Empty | AllZero | Magic | Operand | UnknownSection | Utf8)
        || error.path.steps().any(|(name, _)| matches!(name, "name" | "padding"));
    match there.len() {
        1 | 4 | 8 if !text => {
            let number = there.iter().rev().fold(0u64, |number, b| number << 8 | u64::from(*b));
            let number = if matches!(error.found, Value::Hex(_)) {
                format!("{number:#x}")
            } else {
                number.to_string()
            };
            let order = if there.len() > 1 { "le" } else { "" };
            format!("{} = {number} (u{}{order})", error.path, there.len() * 8)
        }
        _ => format!("{}: {}", error.path, error.found),
    }
}

/// The rule that reports a kind of error.
pub fn rule_of(kind: ErrorKind) -> &'static Rule {
    match kind {
        ErrorKind::Empty => &empty_file::RULE,
        ErrorKind::AllZero => &all_zero::RULE,
        ErrorKind::Magic => &unknown_format::RULE,
        ErrorKind::Version => &format_version::RULE,
        ErrorKind::Length => &length::RULE,
        ErrorKind::Checksum => &checksum::RULE,
        ErrorKind::Directory => &directory::RULE,
        ErrorKind::UnknownSection => &unknown_section::RULE,
        ErrorKind::Rows => &table_rows::RULE,
        ErrorKind::Ends => &ends::RULE,
        ErrorKind::Hollow => &hollow::RULE,
        ErrorKind::Reserved => &reserved::RULE,
        ErrorKind::TypeOrder => &type_order::RULE,
        ErrorKind::Word => &word::RULE,
        ErrorKind::Utf8 => &utf8::RULE,
        ErrorKind::Operand => &operand::RULE,
        ErrorKind::Limit => &super::limits::format_limit::RULE,
        ErrorKind::Reference => &super::contract::dangling_reference::RULE,
    }
}
