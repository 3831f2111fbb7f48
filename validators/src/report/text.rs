//! The report for people: every finding with its bytes, then what was checked, against what, and the verdict.

use super::hex::{Look, Mark, rows};
use super::{Escaped, Report, Uncompiled, Unread};
use crate::{Because, Code, Finding, Judgement, Severity, Status, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// How much of the findings to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// One line a finding, for `grep` and problem matchers.
    Line,
    /// Each finding with its bytes; of many with the same cause the first few.
    Block,
    /// Each and every finding with its bytes.
    All,
}

/// Findings of one rule that are shown before the rest is counted.
const SHOWN: usize = 5;

/// Writes the findings on one file. `bytes` are the file's.
///
/// # Errors
///
/// Those of the writer.
pub fn text(
    judgement: &Judgement,
    bytes: &[u8],
    detail: Detail,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut shown = BTreeMap::<Code, usize>::new();
    for same in same_place(&judgement.findings) {
        let Some(finding) = same.first() else { continue };
        let count = shown.entry(finding.code).or_default();
        *count += 1;
        match detail {
            Detail::Line => line(judgement, &same, out)?,
            Detail::Block if *count > SHOWN => {}
            Detail::Block | Detail::All => block(judgement, &same, bytes, look, out)?,
        }
    }
    for (code, count) in shown {
        if detail == Detail::Block && count > SHOWN {
            let (more, rest) = (look.more(), many((count - SHOWN) as u64, "more place"));
            writeln!(out, "{more} and {code} at {rest} (--all shows them)\n")?;
        }
        match judgement.left_out(code) {
            0 => {}
            n => writeln!(out, "{} and {n} findings of {code} that are only counted\n", look.more())?,
        }
    }
    Ok(())
}

/// Findings of one rule at one place, for several sensors, next to each other in their fixed order.
fn same_place(findings: &[Finding]) -> Vec<Vec<&Finding>> {
    let mut groups = Vec::<Vec<&Finding>>::new();
    let (mut known, mut times) = (BTreeMap::new(), BTreeMap::<_, u32>::new());
    for finding in findings {
        let span = finding.span.as_ref().map(|span| (span.start, span.end));
        // Two for one sensor are two, whatever they share.
        let time = times.entry((finding.code, finding.path, span, &finding.sensor)).or_default();
        *time += 1;
        let about_file = finding.sensor.is_none().then_some(&finding.message);
        let key = (finding.code, finding.path, span, *time, about_file);
        let group = *known.entry(key).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(group) {
            group.push(finding);
        }
    }
    groups
}

fn sgr(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "1;31",
        Severity::Warning => "1;33",
        Severity::Note => "1;36",
    }
}

fn line(judgement: &Judgement, same: &[&Finding], out: &mut dyn Write) -> io::Result<()> {
    let Some(Finding { code, severity, message, path, span, source, .. }) = same.first() else {
        return Ok(());
    };
    // Where the source is known, that is what a problem matcher opens.
    let (file, at) = match source {
        Some(place) => (place.file.as_str(), format!("{}:{}", place.line, place.column)),
        None => {
            let at = span.as_ref();
            let at = at.map(|span| format!("{:#x}+{}", span.start, span.end.saturating_sub(span.start)));
            (judgement.file.as_str(), at.unwrap_or_default())
        }
    };
    let (file, message) = (Escaped(file), Escaped(message));
    let others = match same.len() {
        0 | 1 => String::new(),
        n => format!(" (and for {})", many(n as u64 - 1, "more sensor")),
    };
    writeln!(out, "{file}:{at}: {severity}[{code}] {path}: {message}{others}")
}

fn block(
    judgement: &Judgement,
    same: &[&Finding],
    bytes: &[u8],
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some(finding) = same.first() else { return Ok(()) };
    let head = format!("{}[{}]", finding.severity, finding.code);
    let bar = look.paint("34", look.bar());
    writeln!(out, "{}: {}", look.paint(sgr(finding.severity), &head), Escaped(&finding.message))?;
    let at = finding
        .span
        .as_ref()
        .map(|span| format!(" @ {:#x}..{:#x}", span.start, span.end))
        .unwrap_or_default();
    let corner = look.paint("34", look.corner());
    writeln!(out, "  {corner} {}{at}   {}", Escaped(&judgement.file), finding.path)?;
    let primary =
        finding.span.iter().map(|span| Mark { span: span.clone(), text: &finding.label, primary: true });
    let related = finding.related.iter().map(|label| Mark {
        span: label.span.clone(),
        text: &label.text,
        primary: false,
    });
    let rows = rows(bytes, &primary.chain(related).collect::<Vec<_>>(), look);
    if !rows.is_empty() {
        writeln!(out, "  {bar}")?;
    }
    for row in rows {
        writeln!(out, "  {bar} {}", row.trim_end())?;
    }
    if let Some(sensor) = &finding.sensor {
        let origin = finding.contract.as_deref().unwrap_or_default();
        writeln!(out, "  = read by: {}   (contract in {})", Escaped(sensor), Escaped(origin))?;
        if !finding.stated.is_empty() {
            writeln!(out, "  = its contract: {}", Escaped(&finding.stated))?;
        }
    }
    if same.len() > 1 {
        let others: Vec<_> = same.iter().skip(1).filter_map(|finding| finding.sensor.as_deref()).collect();
        writeln!(out, "  = the same for: {}", Escaped(&names(&others)))?;
    }
    if let Some(place) = &finding.source {
        let detection =
            finding.detection.as_deref().map(|id| format!("   (detection {id})")).unwrap_or_default();
        let (line, column) = (place.line, place.column);
        writeln!(out, "  = written by: {}:{line}:{column}{}", Escaped(&place.file), Escaped(&detection))?;
    } else if let Some(detection) = &finding.detection {
        writeln!(out, "  = in detection: {}", Escaped(detection))?;
    }
    if let Some(witness) = &finding.witness {
        writeln!(out, "  = {}", Escaped(&witness.to_string()))?;
    }
    if !finding.help.is_empty() {
        writeln!(out, "  = help: {}", Escaped(&finding.help))?;
    }
    writeln!(out)
}

/// A few names, and how many more there are.
fn names(all: &[&str]) -> String {
    const NAMED: usize = 4;
    let named = all.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// Writes what was checked, against what, with which rules, and the verdict.
///
/// # Errors
///
/// Those of the writer.
pub fn summary(report: &Report<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let Report { judgements, fleet, unread, uncompiled } = report;
    for judgement in *judgements {
        let (name, bytes, digest) = (Escaped(&judgement.file), judgement.bytes, &judgement.sha256);
        writeln!(out, "checked  {name}   {bytes} bytes")?;
        writeln!(out, "         sha256 {digest}")?;
        if let Some(minimum) = &judgement.minimum {
            writeln!(out, "         {}", Escaped(&minimum.sentence()))?;
        }
    }
    for one in *uncompiled {
        let Uncompiled { file, line, column, expected, found } = one;
        let (file, expected, found) = (Escaped(file), Escaped(expected), Escaped(found));
        writeln!(
            out,
            "refused  {file}:{line}:{column}   does not compile: expected {expected}, found {found}"
        )?;
    }
    for Unread { file, why } in *unread {
        writeln!(out, "not read {}: {}", Escaped(file), Escaped(why))?;
    }
    let labels: Vec<_> = fleet.iter().map(|member| member.contract.label()).collect();
    let labels: Vec<_> = labels.iter().map(String::as_str).collect();
    match labels.len() {
        0 => writeln!(out, "against  no sensor")?,
        1 => writeln!(out, "against  1 sensor: {}", Escaped(&names(&labels)))?,
        n => writeln!(out, "against  {n} sensors: {}", Escaped(&names(&labels)))?,
    }
    let refused: BTreeSet<_> = judgements.iter().flat_map(|judgement| &judgement.refused_for).collect();
    if labels.len() > 1 && !refused.is_empty() {
        let refused: Vec<_> = refused.into_iter().map(String::as_str).collect();
        writeln!(out, "         refused for {} of them: {}", refused.len(), Escaped(&names(&refused)))?;
    }
    if let Some(judgement) = judgements.iter().min_by_key(|judgement| judgement.ran()) {
        writeln!(
            out,
            "ran      {} of {} rules{}",
            judgement.ran(),
            judgement.rules.len(),
            left_out(judgement)
        )?;
    }
    for executed in judgements.iter().filter_map(|judgement| judgement.executed.as_ref()) {
        writeln!(out, "executed {executed}")?;
    }
    for known in judgements.iter().filter_map(|judgement| judgement.known) {
        writeln!(out, "known    {known}")?;
    }
    let verdict = report.verdict();
    let count = |severity| judgements.iter().map(|judgement| judgement.count(severity)).sum::<u64>();
    let errors = count(Severity::Error) + uncompiled.len() as u64;
    let (warnings, notes) = (count(Severity::Warning), count(Severity::Note));
    let colour = match verdict {
        Verdict::Pass => "1;32",
        Verdict::Fail => "1;31",
        Verdict::CannotJudge => "1;33",
    };
    write!(
        out,
        "{}  {}, {}, {}",
        look.paint(colour, &format!("{verdict:<7}")),
        many(errors, "error"),
        many(warnings, "warning"),
        many(notes, "note")
    )?;
    // Of the gravest findings the one with the lowest code: what faults comes before what only disappoints.
    let all = judgements.iter().flat_map(|judgement| &judgement.findings);
    let first = all.min_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.code));
    match first {
        Some(finding) => writeln!(out, "        explain: contentgate explain {}", finding.code),
        None => writeln!(out),
    }
}

/// `1 error`, `2 errors`.
fn many(n: u64, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

/// Which rules did not run, and why.
fn left_out(judgement: &Judgement) -> String {
    let mut reasons = BTreeMap::<String, usize>::new();
    for rule in &judgement.rules {
        let reason = match rule.status {
            Status::Pass | Status::Fail => continue,
            Status::NotApplicable(Because::OtherFormat) => "for another format".to_owned(),
            Status::NotApplicable(Because::NoSensor) => "not applicable: no sensor given".to_owned(),
            Status::NotApplicable(Because::TurnedOff) => "turned off".to_owned(),
            Status::NotApplicable(Because::NoEvents) => "without known events to run".to_owned(),
            Status::Skipped(code) => format!("skipped because of {code}"),
        };
        *reasons.entry(reason).or_default() += 1;
    }
    reasons.iter().map(|(reason, n)| format!("; {n} {reason}")).collect()
}
