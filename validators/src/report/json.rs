//! The report for machines. The schema has a number; fields are added under the same number and never change meaning.

use super::{Report, Row, Uncompiled, Unread, matrix};
use crate::{Judgement, Verdict};
use serde::Serialize;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    tool: Tool,
    verdict: Verdict,
    fleet: Vec<Sensor<'a>>,
    files: &'a [Judgement],
    unread: &'a [Unread],
    uncompiled: &'a [Uncompiled],
    matrix: Vec<Row>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Sensor<'a> {
    label: String,
    contract: &'a str,
    sha256: &'a str,
}

/// The report as JSON, schema 1, in one line.
///
/// # Errors
///
/// None that we know of; those of the serializer are passed on.
pub fn json(report: &Report<'_>) -> serde_json::Result<String> {
    let sensor = |member: &'_ crate::Member| member.contract.label();
    serde_json::to_string(&Document {
        schema: 1,
        tool: Tool { name: "contentgate", version: env!("CARGO_PKG_VERSION") },
        verdict: report.verdict(),
        fleet: report
            .fleet
            .iter()
            .map(|member| Sensor { label: sensor(member), contract: &member.origin, sha256: &member.sha256 })
            .collect(),
        files: report.judgements,
        unread: report.unread,
        uncompiled: report.uncompiled,
        matrix: report.judgements.iter().flat_map(matrix).collect(),
    })
}
