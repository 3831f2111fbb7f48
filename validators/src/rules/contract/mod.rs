//! CG3xx: content that a sensor reads otherwise than its author meant, or cannot read at all.

use super::{Check, Rule, family, quoted};
use crate::{BlobFilter, Code, Finding, Pairing, Severity};
use channel_contract::TemplateType;
use channel_parser::Path;
use channel_parser::channel::Pattern;

family![
    unsupplied_input,
    another_field,
    unknown_type,
    type_revision,
    type_channel,
    field_count,
    instance_fields,
    operator,
    input_type,
    nullability,
    operand_length,
    integer_width,
    dangling_reference,
    unused_field,
    sensor_format,
    binary_version,
    target_system,
    environment,
    field_mask,
    unknown_schema,
];

const fn contract(
    code: u16,
    name: &'static str,
    summary: &'static str,
    page: &'static str,
    check: Check,
) -> Rule {
    Rule { code: Code(code), name, summary, severity: Severity::Error, page, check, also: None }
}

/// A finding about one pattern: both its operator and its operand are labelled.
fn about_pattern(
    rule: &'static Rule,
    path: Path,
    pattern: &Pattern<'_>,
    message: String,
    label: impl Into<String>,
) -> Finding {
    Finding::new(rule, path, message)
        .at(pattern.operator_span(), label)
        .also(pattern.operand_span(), "its operand")
}

/// `example-sensor 7.11 windows`, for a sentence about a template type.
fn sensor_of(pairing: &Pairing<'_>) -> String {
    pairing.contract().label()
}

/// `template type 7 `ipc``.
pub(super) fn type_name(template: &TemplateType) -> String {
    format!("template type {} {}", template.id, quoted(&template.name))
}

/// `event 1 `ProcessCreate``.
pub(super) fn event_name(template: &TemplateType) -> String {
    format!("event {} {}", template.id, quoted(&template.name))
}

/// A finding about one filter of a rule blob: its field, its operator and its value are labelled.
pub(super) fn about_filter(rule: &'static Rule, filter: &BlobFilter<'_>, message: String) -> Finding {
    let there = &filter.filter;
    let operator = filter.operator.map_or_else(|| there.operator().to_string(), quoted);
    let field = filter.field.map(quoted).unwrap_or_default();
    Finding::new(rule, there.path(), message)
        .at(there.field_index_span(), format!("field {} {field}", there.field()))
        .also(there.operator_span(), format!("operator {operator}"))
        .also(there.value_span(), "its value")
}
