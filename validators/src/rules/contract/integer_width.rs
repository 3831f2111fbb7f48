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

/// A number of the content, what it is, and how wide the sensor's store is.
struct Number {
    path: Path,
    span: Range<u64>,
    what: String,
    n: u64,
    width: Width,
}

fn check(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {
    for number in header(pairing).into_iter().chain(types(pairing)) {
        let Number { path, span, what, n, width } = number;
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
                    .help("choose a smaller number, or leave this sensor out of the release"),
            );
        }
    }
    operands(rule, pairing, findings);
}

fn header(pairing: &Pairing<'_>) -> [Number; 6] {
    let (widths, header) = (pairing.contract().limits.widths, pairing.file.header());
    let field = |name, span: Range<u64>, what: &str, n: u32, width| Number {
        path: Path::of("header").then(name),
        span,
        what: what.into(),
        n: n.into(),
        width,
    };
    let rows = |table: Table, width| {
        let (rows, view) = (table.section().rows, pairing.file.table(table));
        let what = format!("the number of {rows}");
        Number {
            path: Path::of(rows).then("count"),
            span: view.count_span(),
            what,
            n: view.rows.into(),
            width,
        }
    };
    [
        field("channel", 24..28, "the channel", header.channel.0, widths.channel),
        field("part", 28..32, "the part", header.part.0, widths.part),
        field("revision", 32..36, "the content's revision", header.revision.0, widths.content_revision),
        rows(Table::Detections, widths.detections),
        rows(Table::Instances, widths.instances),
        rows(Table::Patterns, widths.patterns),
    ]
}

fn types<'p>(pairing: &'p Pairing<'_>) -> impl Iterator<Item = Number> + 'p {
    let widths = pairing.contract().limits.widths;
    pairing.types().iter().flat_map(move |known| {
        let (template, path) = (known.content, known.content.path());
        let number = |name, span, what: &str, n: u32, width| Number {
            path: path.then(name),
            span,
            what: what.into(),
            n: n.into(),
            width,
        };
        [
            number("id", template.id_span(), "the template type's id", template.id().0, widths.type_id),
            number(
                "revision",
                template.revision_span(),
                "the template type's revision",
                template.revision().0,
                widths.type_revision,
            ),
            number(
                "field_end",
                template.field_count_span(),
                "the number of fields",
                template.field_count(),
                widths.fields_per_instance,
            ),
        ]
    })
}

fn operands(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {
    let width = pairing.contract().limits.widths.integer_operand;
    let over = |n: &i64| !width.holds_signed(*n);
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
                .help("compare with a number that the sensor can store"),
        );
    }
}
