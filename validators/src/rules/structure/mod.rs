//! CG1xx: bytes that are not a content file. Each rule reports one kind of the readers' errors.

use super::{Check, Rule, family};
use crate::subject::KEPT;
use crate::{Code, Finding, Findings, Severity, Subject};
use channel_parser::sysmon::{Event, Filter};
use channel_parser::{Error, ErrorKind, Value};
use std::cell::OnceCell;
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
    offset_outside,
    alignment,
    structure_order,
    overlap,
    cycle,
    gap,
    count,
    data_size,
    terminator,
    aggregation,
];

const fn structural(
    code: u16,
    name: &'static str,
    summary: &'static str,
    page: &'static str,
    check: Check,
) -> Rule {
    Rule { code: Code(code), name, summary, severity: Severity::Error, page, check, also: None }
}

/// What helps a rule blob that is not what its compiler wrote.
pub(super) const AGAIN: &str = "compile the configuration again, and compare the digest after every transfer";

/// Reports the readers' errors of one kind.
pub(super) fn report(
    rule: &'static Rule,
    kind: ErrorKind,
    help: &str,
    subject: &Subject<'_>,
    findings: &mut Findings,
) {
    let lists = Lists::default();
    for error in subject.errors.iter().filter(|error| error.kind == kind) {
        let lost = lists.lost(subject, error);
        let lost = match lost {
            None => String::new(),
            Some(0) => "; the sensor drops this filter".to_owned(),
            Some(n) => format!("; the sensor drops this filter and {n} after it in the event"),
        };
        let finding = Finding::new(rule, error.path, format!("{error}{lost}"))
            .sides(error.expected, error.found)
            .help(help);
        findings.push(match &error.span {
            Some(span) => finding.at(span.clone(), label(subject.bytes, error, span)),
            None => finding,
        });
    }
    let there = subject.error_counts.get(&kind).copied().unwrap_or(0);
    findings.count(rule.code, there.saturating_sub(KEPT));
}

/// The filters of the events of a blob, listed when they are asked for first.
#[derive(Default)]
struct Lists<'a>(OnceCell<Vec<Vec<Filter<'a>>>>);

impl<'a> Lists<'a> {
    /// How many filters the sensor loses behind one with such data; none if it goes on.
    fn lost(&self, subject: &'a Subject<'_>, error: &Error) -> Option<usize> {
        if !matches!(error.kind, ErrorKind::DataSize | ErrorKind::Terminator) {
            return None;
        }
        let mut steps = error.path.steps();
        let (event, filter, part) = (steps.next()?.1?, steps.next()?.1?, steps.next()?.0);
        let blob = subject.blob()?;
        let lists =
            self.0.get_or_init(|| blob.events().map(|event: Event<'_>| event.filters().collect()).collect());
        let list = lists.get(event as usize)?;
        let data = list.get(filter as usize)?.value_span();
        let ends = part == "size" || (part == "data" && error.span.as_ref()?.end == data.end);
        ends.then(|| list.len().saturating_sub(filter as usize).saturating_sub(1))
    }
}

/// What stands in the bytes at fault: the number itself where it is one.
fn label(bytes: &[u8], error: &Error, span: &Range<u64>) -> String {
    use ErrorKind::{AllZero, Checksum, Empty, Magic, Operand, UnknownSection, Utf8};
    let Error { kind, path, found, .. } = error;
    let at = usize::try_from(span.start).ok().zip(usize::try_from(span.end).ok());
    let there = at.and_then(|(start, end)| bytes.get(start..end)).unwrap_or_default();
    let text = matches!(kind, Checksum | Empty | AllZero | Magic | Operand | UnknownSection | Utf8)
        || path.steps().any(|(name, _)| matches!(name, "name" | "padding" | "data"));
    match there.len() {
        1 | 4 | 8 if !text => {
            let number = there.iter().rev().fold(0u64, |number, b| number << 8 | u64::from(*b));
            let number =
                if matches!(found, Value::Hex(_)) { format!("{number:#x}") } else { number.to_string() };
            let order = if there.len() > 1 { "le" } else { "" };
            format!("{path} = {number} (u{}{order})", there.len() * 8)
        }
        _ => format!("{path}: {found}"),
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
        ErrorKind::Outside => &offset_outside::RULE,
        ErrorKind::Alignment => &alignment::RULE,
        ErrorKind::Order => &structure_order::RULE,
        ErrorKind::Overlap => &overlap::RULE,
        ErrorKind::Cycle => &cycle::RULE,
        ErrorKind::Gap => &gap::RULE,
        ErrorKind::Count => &count::RULE,
        ErrorKind::DataSize => &data_size::RULE,
        ErrorKind::Terminator => &terminator::RULE,
        ErrorKind::Aggregation => &aggregation::RULE,
    }
}
