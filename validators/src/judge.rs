//! The verdict on one file for one fleet: runs every rule that can run, and says of each what became of it.

use crate::rules::{Check, RULES, Rule, structure};
use crate::{Code, Content, Finding, Findings, Member, Pairing, Severity, Subject, digest};
use channel_parser::ErrorKind;
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
    /// There is no sensor to compare with.
    NotApplicable,
    /// It could not run, because of a finding of this other rule.
    Skipped(Code),
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
}

/// A rule, and what became of it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct RuleStatus {
    /// The rule's code.
    pub code: Code,
    /// The rule's name.
    pub name: &'static str,
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
        let of = |rule: &&RuleStatus| RULES.iter().any(|of| of.code == rule.code && of.severity == severity);
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
    for rule in RULES {
        if let Check::Bytes(check) = rule.check {
            check(rule, subject, &mut findings);
        }
    }
    let unreadable = unreadable(subject);
    if let Some(file) = &subject.file {
        let content = Content::new(subject, file);
        for rule in RULES {
            if let Check::Content(check) = rule.check {
                check(rule, &content, &mut findings);
            }
        }
        for member in fleet {
            let pairing = Pairing::new(&content, member);
            findings.for_sensor(member, |findings| {
                for rule in RULES {
                    if let Check::Sensor(check) = rule.check {
                        check(rule, &pairing, findings);
                    }
                }
            });
        }
    }
    let rules = statuses(&findings, unreadable, fleet.is_empty());
    let mut findings = findings.sorted();
    name_detections(subject, &mut findings);
    let errors = || findings.iter().filter(|finding| finding.severity == Severity::Error);
    let failed = errors().next().is_some();
    let refused_for: BTreeSet<String> = if errors().any(|finding| finding.sensor.is_none()) {
        fleet.iter().map(|member| member.contract.label()).collect()
    } else {
        errors().filter_map(|finding| finding.sensor.clone()).collect()
    };
    let complete = rules.iter().all(|rule| match rule.status {
        Status::Pass | Status::Fail => true,
        Status::NotApplicable => structure_only,
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
        refused_for: refused_for.into_iter().collect(),
    }
}

/// The kind of error that keeps the content from being read, if one does.
fn unreadable(subject: &Subject<'_>) -> Option<ErrorKind> {
    if subject.file.is_some() {
        return None;
    }
    let fatal = subject.errors.iter().map(|error| error.kind).find(|kind| !kind.spares_the_tables());
    Some(fatal.unwrap_or(ErrorKind::Rows))
}

/// Whether a rule about bytes could not look at those behind an error of this kind. The kinds are in the order in which
/// the reader looks for them, but for the limits, which it meets all along.
fn hidden(rule: &Rule, fatal: ErrorKind) -> bool {
    let kind = ErrorKind::ALL.iter().find(|kind| structure::rule_of(**kind).code == rule.code);
    kind.is_none_or(|kind| *kind == ErrorKind::Limit || *kind > fatal)
}

fn statuses(findings: &Findings, unreadable: Option<ErrorKind>, no_sensor: bool) -> Vec<RuleStatus> {
    let status = |rule: &Rule| match (rule.check, unreadable) {
        _ if findings.of(rule.code) > 0 => Status::Fail,
        (Check::Bytes(_), Some(fatal)) if !hidden(rule, fatal) => Status::Pass,
        (_, Some(fatal)) => Status::Skipped(structure::rule_of(fatal).code),
        (Check::Sensor(_), None) if no_sensor => Status::NotApplicable,
        _ => Status::Pass,
    };
    let of = |rule: &&Rule| RuleStatus {
        code: rule.code,
        name: rule.name,
        status: status(rule),
        findings: findings.of(rule.code),
    };
    RULES.iter().map(of).collect()
}

/// Names the detection of every finding that lies in an instance.
fn name_detections(subject: &Subject<'_>, findings: &mut [Finding]) {
    let Some(file) = &subject.file else { return };
    let instance = |finding: &Finding| match finding.path.steps().next() {
        Some(("instances", index)) => index,
        _ => None,
    };
    let mut ids: BTreeMap<u32, Option<String>> =
        findings.iter().filter_map(instance).map(|index| (index, None)).collect();
    for one in file.instances() {
        if let Some(id) = ids.get_mut(&one.index().0) {
            *id = one.detection().and_then(|detection| detection.id()).map(str::to_owned);
        }
    }
    for finding in findings {
        finding.detection = instance(finding).and_then(|index| ids.get(&index).cloned().flatten());
    }
}
