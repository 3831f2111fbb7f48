//! The verdict on one file for one fleet: runs every rule that can run, and says of each what became of it.

use crate::rules::{Check, RULES, Rule, contract::sensor_format, structure};
use crate::{
    BlobContent, BlobPairing, ChannelContent, Code, Executed, Finding, Findings, KnownEvents, Member,
    MinimumSchema, Pairing, Severity, Subject, digest, minimum_schema,
};
use channel_parser::model::view::Content;
use channel_parser::{ErrorKind, Format, Path};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What is decided about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every rule ran, and none found an error.
    Pass,
    /// There is an error.
    Fail,
    /// No error was found, but not everything that matters was looked at.
    CannotJudge,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::CannotJudge => "CANNOT JUDGE",
        })
    }
}

/// What became of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "status", content = "because")]
pub enum Status {
    /// It ran and found nothing.
    Pass,
    /// It found something, an error unless the rule is a lesser one.
    Fail,
    /// It has nothing to look at.
    NotApplicable(Because),
    /// It could not run, because of a finding of this other rule.
    Skipped(Code),
}

/// Why a rule has nothing to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// There is no sensor to compare with.
    NoSensor,
    /// It is about files of another format: nothing is left out.
    OtherFormat,
    /// Whoever asked for the verdict turned it off.
    TurnedOff,
    /// It is about events that are known, and none were given.
    NoEvents,
}

/// The verdict on one file for one fleet, with all that led to it.
#[derive(Clone, Debug, Serialize)]
pub struct Judgement {
    /// The name the file was given by.
    pub file: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// The digest of exactly those bytes.
    pub sha256: String,
    /// The decision.
    pub verdict: Verdict,
    /// All independent findings in a fixed order.
    pub findings: Vec<Finding>,
    /// Every rule with what became of it, in the order of the list.
    pub rules: Vec<RuleStatus>,
    /// How many sensors it was judged for.
    pub sensors: usize,
    /// The sensors that it must not reach, by label, in the order of their labels; all of them if the file itself is
    /// at fault.
    pub refused_for: Vec<String>,
    /// What each rule found for each sensor, in the order of the fleet.
    pub by_sensor: Vec<SensorStatus>,
    /// What a rule blob needs, derived from what it uses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<MinimumSchema>,
    /// What was executed of it, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub executed: Option<Executed>,
    /// The known events that it was run on, if any were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known: Option<KnownEvents>,
}

/// What was found for one sensor.
#[derive(Clone, Debug, Serialize)]
pub struct SensorStatus {
    /// The sensor's label.
    pub sensor: String,
    /// Where its contract was read from.
    pub contract: String,
    /// How many findings each rule has that has any.
    pub findings: BTreeMap<Code, u64>,
}

/// A rule, and what became of it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct RuleStatus {
    /// The rule's code.
    pub code: Code,
    /// The rule's name.
    pub name: &'static str,
    /// What its findings do to the verdict.
    pub severity: Severity,
    /// What became of it.
    #[serde(flatten)]
    pub status: Status,
    /// How many findings it has; of very many the report holds the first thousand for each sensor.
    pub findings: u64,
}

impl Judgement {
    /// How many findings of a severity there are, those that were only counted included.
    pub fn count(&self, severity: Severity) -> u64 {
        let kept = self.findings.iter().filter(|finding| finding.severity == severity).count() as u64;
        let of = |rule: &&RuleStatus| rule.severity == severity;
        kept + self.rules.iter().filter(of).map(|rule| self.left_out(rule.code)).sum::<u64>()
    }

    /// How many findings of a rule were only counted.
    pub fn left_out(&self, code: Code) -> u64 {
        let all = self.rules.iter().find(|rule| rule.code == code).map_or(0, |rule| rule.findings);
        all.saturating_sub(self.findings.iter().filter(|finding| finding.code == code).count() as u64)
    }

    /// How many rules ran.
    pub fn ran(&self) -> usize {
        self.rules.iter().filter(|rule| matches!(rule.status, Status::Pass | Status::Fail)).count()
    }
}

/// Judges a file for every sensor of a fleet. It passes only if it passes for each; without a sensor it cannot pass.
pub fn judge(subject: &Subject<'_>, fleet: &[Member]) -> Judgement {
    run(subject, fleet, false)
}

/// Judges a file by itself: a pass says that it is whole and makes sense, and nothing about any sensor.
pub fn judge_structure(subject: &Subject<'_>) -> Judgement {
    run(subject, &[], true)
}

fn run(subject: &Subject<'_>, fleet: &[Member], structure_only: bool) -> Judgement {
    let mut findings = Findings::default();
    for (rule, check) in checks() {
        match (check, subject.format) {
            (Check::Any(check), _)
            | (Check::Known(check), Some(_))
            | (Check::Bytes(check), Some(Format::Channel))
            | (Check::BlobBytes(check), Some(Format::Sysmon)) => check(rule, subject, &mut findings),
            _ => {}
        }
    }
    let by_sensor = match &subject.content {
        Some(Content::Channel(file)) => channel(&ChannelContent::new(subject, file), fleet, &mut findings),
        Some(Content::Blob(blob)) => rule_blob(&BlobContent::new(subject, blob), fleet, &mut findings),
        None => Vec::new(),
    };
    let rules = statuses(&findings, subject, fleet);
    let mut findings = findings.sorted();
    name_detections(subject, &mut findings);
    let failed = findings
        .iter()
        .take(if channel_parser::planted!("first-finding-decides") { 1 } else { usize::MAX })
        .any(|finding| finding.severity == Severity::Error);
    let refused_for = refused_for(&findings, fleet);
    let complete = rules.iter().all(|rule| match rule.status {
        Status::Pass | Status::Fail => true,
        Status::NotApplicable(Because::OtherFormat | Because::TurnedOff | Because::NoEvents) => true,
        Status::NotApplicable(Because::NoSensor) => structure_only,
        Status::Skipped(_) => false,
    });
    let verdict = match (failed, complete) {
        (true, _) => Verdict::Fail,
        (false, true) => Verdict::Pass,
        (false, false) => Verdict::CannotJudge,
    };
    Judgement {
        file: subject.name.clone(),
        bytes: subject.bytes.len() as u64,
        sha256: digest(subject.bytes),
        verdict,
        findings,
        rules,
        sensors: fleet.len(),
        refused_for,
        by_sensor,
        minimum: subject.blob().map(|blob| minimum_schema(&BlobContent::new(subject, blob))),
        executed: None,
        known: None,
    }
}

/// The sensors that content with these findings must not reach.
pub(crate) fn refused_for(findings: &[Finding], fleet: &[Member]) -> Vec<String> {
    let errors = || findings.iter().filter(|finding| finding.severity == Severity::Error);
    let labels: BTreeSet<String> = if errors().any(|finding| finding.sensor.is_none()) {
        fleet.iter().map(|member| member.contract.label()).collect()
    } else {
        errors().filter_map(|finding| finding.sensor.clone()).collect()
    };
    if channel_parser::planted!("hash-order") {
        labels.into_iter().collect::<std::collections::HashSet<_>>().into_iter().collect()
    } else {
        labels.into_iter().collect()
    }
}

/// Every check of every rule.
fn checks() -> impl Iterator<Item = (&'static Rule, Check)> {
    RULES.iter().flat_map(|rule| rule.checks().map(move |check| (*rule, check)))
}

fn channel(content: &ChannelContent<'_>, fleet: &[Member], findings: &mut Findings) -> Vec<SensorStatus> {
    for (rule, check) in checks() {
        if let Check::Content(check) = check {
            check(rule, content, findings);
        }
    }
    let judge = |member: &Member| {
        let pairing = reads(member, Format::Channel).then(|| Pairing::new(content, member));
        findings.for_sensor(member, |findings| {
            for (rule, check) in checks() {
                match (check, &pairing) {
                    (Check::Meeting(check), _) => check(rule, content.subject, member, findings),
                    (Check::Sensor(check), Some(pairing)) => check(rule, pairing, findings),
                    _ => {}
                }
            }
        })
    };
    fleet.iter().map(judge).collect()
}

fn rule_blob(content: &BlobContent<'_>, fleet: &[Member], findings: &mut Findings) -> Vec<SensorStatus> {
    for (rule, check) in checks() {
        if let Check::Blob(check) = check {
            check(rule, content, findings);
        }
    }
    let judge = |member: &Member| {
        let pairing = BlobPairing::new(content, member);
        findings.for_sensor(member, |findings| {
            for (rule, check) in checks() {
                match (check, &pairing) {
                    (Check::Meeting(check), _) => check(rule, content.subject, member, findings),
                    (Check::BlobSensor(check), Some(pairing)) => check(rule, pairing, findings),
                    _ => {}
                }
            }
        })
    };
    fleet.iter().map(judge).collect()
}

/// Whether a sensor reads files of a format.
pub(crate) fn reads(member: &Member, format: Format) -> bool {
    member.contract.sysmon.is_some() == (format == Format::Sysmon)
}

/// The error that keeps the content from being read.
fn fatal(subject: &Subject<'_>) -> Option<ErrorKind> {
    if subject.content.is_some() {
        return None;
    }
    let fatal = subject.errors.iter().map(|error| error.kind).find(|kind| !kind.spares_the_rest());
    Some(fatal.unwrap_or(ErrorKind::Rows))
}

/// Whether a rule could not look at what is behind a fatal error. The kinds of a channel file's errors are in the order
/// in which the reader looks for them, but for the limits, which it meets all along; those of a blob it meets in the
/// order of the bytes.
fn hides(fatal: ErrorKind, format: Option<Format>, rule: &Rule, check: Check) -> bool {
    match (format, check) {
        (Some(Format::Sysmon), Check::Any(_)) => false,
        (Some(Format::Channel) | None, Check::Any(_) | Check::Known(_) | Check::Bytes(_)) => {
            let kind = ErrorKind::ALL.iter().find(|kind| structure::rule_of(**kind).code == rule.code);
            kind.is_none_or(|kind| *kind == ErrorKind::Limit || *kind > fatal)
        }
        _ => true,
    }
}

fn statuses(findings: &Findings, subject: &Subject<'_>, fleet: &[Member]) -> Vec<RuleStatus> {
    let fatal = fatal(subject);
    let no_reader = subject.format.is_some_and(|format| !fleet.iter().any(|member| reads(member, format)));
    let status = |rule: &Rule| {
        if findings.of(rule.code) > 0 {
            return Status::Fail;
        }
        let check = match subject.format {
            Some(format) => rule.check_of(format),
            None => Some(rule.check),
        };
        let Some(check) = check else { return Status::NotApplicable(Because::OtherFormat) };
        match fatal {
            Some(fatal) if hides(fatal, subject.format, rule, check) => {
                Status::Skipped(structure::rule_of(fatal).code)
            }
            None if check.is_about_a_sensor() && fleet.is_empty() => Status::NotApplicable(Because::NoSensor),
            None if check.is_about_a_sensor() && no_reader => Status::Skipped(sensor_format::RULE.code),
            _ => Status::Pass,
        }
    };
    let of = |rule: &&Rule| RuleStatus {
        code: rule.code,
        name: rule.name,
        severity: rule.severity,
        status: status(rule),
        findings: findings.of(rule.code),
    };
    RULES.iter().map(of).collect()
}

/// Names the detection of every finding that lies in one: what an analyst is shown when its place matches.
pub(crate) fn name_detections(subject: &Subject<'_>, findings: &mut [Finding]) {
    let Some(content) = &subject.content else { return };
    let mut names: BTreeMap<Path, Option<String>> =
        findings.iter().flat_map(|finding| places(&finding.path)).map(|path| (path, None)).collect();
    if names.is_empty() {
        return;
    }
    for instance in content.instances() {
        if let Some(name) = names.get_mut(&instance.path()) {
            *name = instance.name().map(|name| name.to_string());
        }
        for criterion in instance.criteria() {
            if let Some(name) = names.get_mut(&criterion.path()) {
                *name = criterion.name().map(|name| name.to_string());
            }
        }
    }
    for finding in findings {
        finding.detection = places(&finding.path).find_map(|path| names.get(&path).cloned().flatten());
    }
}

/// Where a path may lie: the innermost first, no deeper than a criterion.
fn places(path: &Path) -> impl Iterator<Item = Path> {
    let step = |path: Path, (name, index): (&'static str, Option<u32>)| match index {
        Some(index) => path.then_at(name, index),
        None => path.then(name),
    };
    let mut steps = path.steps();
    let outer = steps.next().map(|one| step(Path::default(), one));
    let inner = outer.zip(steps.next()).map(|(outer, one)| step(outer, one));
    inner.into_iter().chain(outer)
}
