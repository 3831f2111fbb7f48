//! Which file works on which sensor: one row a sensor, for fleets of many schemas.

use super::Escaped;
use crate::rules::{contract, find};
use crate::{Judgement, SensorStatus, Severity};
use serde::Serialize;
use std::io::{self, Write};

/// What becomes of a file on one sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// All of it works.
    Works,
    /// All of it would work, were it compiled for the version that the sensor reads.
    Rebuild,
    /// Something of it is refused, dead, or looks at another field.
    Refused,
}

/// One file beside one sensor, in counts.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The file.
    pub file: String,
    /// The sensor's label.
    pub sensor: String,
    /// What becomes of it.
    pub outcome: Outcome,
    /// Filters, or criteria, that look at a field that is not there.
    pub dead: u64,
    /// Those that look at another field than was meant.
    pub wrong: u64,
    /// Other errors: events and operators that the sensor does not have, and what else it cannot take.
    pub refused: u64,
    /// The sensor reads another version of the compiled form.
    pub other_version: bool,
}

/// The rows of a judgement, in the order of its fleet.
pub fn matrix(judgement: &Judgement) -> Vec<Row> {
    let by_itself =
        |finding: &&crate::Finding| finding.sensor.is_none() && finding.severity == Severity::Error;
    let file_errors = judgement.findings.iter().filter(by_itself).count() as u64;
    judgement.by_sensor.iter().map(|one| row(judgement, one, file_errors)).collect()
}

fn row(judgement: &Judgement, one: &SensorStatus, file_errors: u64) -> Row {
    let (mut dead, mut wrong, mut refused, mut other_version) = (0, 0, file_errors, false);
    for (code, count) in &one.findings {
        let error = find(&code.to_string()).is_none_or(|rule| rule.severity == Severity::Error);
        match code {
            _ if !error => {}
            code if *code == contract::unsupplied_input::RULE.code => dead += count,
            code if *code == contract::another_field::RULE.code => wrong += count,
            code if *code == contract::binary_version::RULE.code => other_version = true,
            _ => refused += count,
        }
    }
    let outcome = match (dead + wrong + refused, other_version) {
        (0, false) => Outcome::Works,
        (0, true) => Outcome::Rebuild,
        _ => Outcome::Refused,
    };
    let (file, sensor) = (judgement.file.clone(), one.sensor.clone());
    Row { file, sensor, outcome, dead, wrong, refused, other_version }
}

/// Writes the rows of several judgements: a block a file, a row a sensor.
///
/// # Errors
///
/// Those of the writer.
pub fn write_matrix(judgements: &[Judgement], out: &mut dyn Write) -> io::Result<()> {
    for judgement in judgements.iter().filter(|judgement| !judgement.by_sensor.is_empty()) {
        let rows = matrix(judgement);
        let width = rows.iter().map(|row| row.sensor.chars().count()).max().unwrap_or(0).clamp(6, 34);
        writeln!(out, "{}", Escaped(&judgement.file))?;
        writeln!(out, "  {:<width$}  {:>7} {:>7} {:>7}  outcome", "sensor", "dead", "wrong", "refused")?;
        for row in rows {
            let shown: String = Escaped(&row.sensor).to_string().chars().take(width).collect();
            let outcome = match (row.outcome, row.other_version) {
                (Outcome::Works, _) => "works",
                (Outcome::Rebuild, _) => "compile for it",
                (Outcome::Refused, false) => "refused",
                (Outcome::Refused, true) => "refused, other version",
            };
            let [dead, wrong, refused] = [row.dead, row.wrong, row.refused].map(shown_count);
            writeln!(out, "  {shown:<width$}  {dead:>7} {wrong:>7} {refused:>7}  {outcome}")?;
        }
    }
    Ok(())
}

fn shown_count(n: u64) -> String {
    if n == 0 { "-".into() } else { n.to_string() }
}
