//! Every number of the content fits the width in which the sensor stores it.

use super::{about_pattern, contract, sensor_of};
use crate::rules::{Check, Rule};
use crate::{Finding, Findings, Pairing};
use channel_contract::Width;
use channel_parser::Path;
use channel_parser::channel::{Operand, Table};
use std::ops::Range;

#[doc = include_str!("integer_width.md")]
pub static RULE: Rule = contract(
    312,
    "integer-width",
    "every number of the content fits the width in which the sensor stores it",
    include_str!("integer_width.md"),
    Check::Sensor(check),
);

/// A number of the content, what it is, and where the sensor stores it.
struct Number {
    path: Path,
    span: Range<u64>,
    what: String,
    n: u64,
    store: Store,
}

/// A key of `limits.widths` and what it holds.
type Store = (&'static str, Width);

macro_rules! store {
    ($widths:ident.$key:ident) => {
        (stringify!($key), $widths.$key)
    };
}

fn check(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {
    for number in header(pairing).into_iter().chain(types(pairing)) {
        let Number { path, span, what, n, store: (key, width) } = number;
        if !width.holds(n) {
            let message = format!(
                "{what} is {n}, but {} stores it in {width}: at most {}",
                sensor_of(pairing),
                width.max()
            );
            findings.push(
                Finding::new(rule, path, message)
                    .at(span, format!("{what} = {n}"))
                    .sides(format!("at most {}", width.max()), n)
                    .stated(format!("limits.widths.{key}"), width)
                    .help("choose a smaller number, or leave this sensor out of the release"),
            );
        }
    }
    operands(rule, pairing, findings);
}

fn header(pairing: &Pairing<'_>) -> [Number; 6] {
    let (widths, header) = (pairing.contract().limits.widths, pairing.file.header());
    let field = |name, span, what: &str, n: u32, store| {
        let path = Path::of("header").then(name);
        Number { path, span, what: what.into(), n: n.into(), store }
    };
    let rows = |table: Table, store| {
        let (rows, view) = (table.section().rows, pairing.file.table(table));
        let (path, span) = (Path::of(rows).then("count"), view.count_span());
        Number { path, span, what: format!("the number of {rows}"), n: view.rows.into(), store }
    };
    let revision = header.revision.0;
    [
        field("channel", 24..28, "the channel", header.channel.0, store!(widths.channel)),
        field("part", 28..32, "the part", header.part.0, store!(widths.part)),
        field("revision", 32..36, "the content's revision", revision, store!(widths.content_revision)),
        rows(Table::Detections, store!(widths.detections)),
        rows(Table::Instances, store!(widths.instances)),
        rows(Table::Patterns, if channel_parser::planted!("another-width") { store!(widths.instances) } else { store!(widths.patterns) }),
    ]
}

fn types<'p>(pairing: &'p Pairing<'_>) -> impl Iterator<Item = Number> + 'p {
    let widths = pairing.contract().limits.widths;
    pairing.types().iter().flat_map(move |known| {
        let template = known.content;
        let number = |name, span, what: &str, n: u32, store| {
            let path = template.path().then(name);
            Number { path, span, what: what.into(), n: n.into(), store }
        };
        let (id, revision, fields) = (template.id().0, template.revision().0, template.field_count());
        let (at_id, at_revision, at_fields) =
            (template.id_span(), template.revision_span(), template.field_count_span());
        [
            number("id", at_id, "the template type's id", id, store!(widths.type_id)),
            number(
                "revision",
                at_revision,
                "the template type's revision",
                revision,
                store!(widths.type_revision),
            ),
            number("field_end", at_fields, "the number of fields", fields, store!(widths.fields_per_instance)),
        ]
    })
}

fn operands(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {
    let width = pairing.contract().limits.widths.integer_operand;
    let over = |n: &i64| !width.holds_signed(if channel_parser::planted!("sign-forgotten") { (*n).max(0) } else { *n });
    for (criterion, path, pattern) in pairing.content.patterns() {
        let n = match pattern.operand() {
            Some(Operand::Integer(n)) => Some(n).filter(over).map(|n| n.to_string()),
            Some(Operand::Range(low, high)) => [low, high].into_iter().find(over).map(|n| n.to_string()),
            // Bits, stored like any other number.
            Some(Operand::Mask { mask, value }) => {
                [mask, value].into_iter().find(|n| over(&n.cast_signed())).map(|n| format!("{n:#x}"))
            }
            _ => None,
        };
        let Some(n) = n else { continue };
        let message = format!(
            "a pattern on field {} compares with {n}, but {} stores integers in {width} and a sign",
            criterion.field(),
            sensor_of(pairing),
        );
        findings.push(
            about_pattern(rule, path, &pattern, message, "operator")
                .sides(format!("a number that fits {width} and a sign"), n)
                .stated("limits.widths.integer_operand", width)
                .help("compare with a number that the sensor can store"),
        );
    }
}
