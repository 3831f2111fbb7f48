//! What a consumer did, as findings beside those of the validator.

use super::{Comparison, Problem, ProblemKind};
use crate::rules::consumer::{RULES, Rule};
use crate::witness;
use channel_parser::Path;
use channel_validators::{
    Addition, Finding, Findings, Judgement, Member, RuleStatus, Shown, Status, Subject, Verdict, Witness,
};

/// Adds what a consumer did to the judgement on its file for its sensor.
pub fn add(judgement: &mut Judgement, subject: &Subject<'_>, sensor: &Member, comparison: &Comparison) {
    let mut findings = Findings::default();
    let by_sensor = findings.for_sensor(sensor, |findings| {
        for problem in &comparison.problems {
            findings.push(finding(problem, comparison, subject));
        }
        if let Some(why) = &comparison.unrun {
            let rule = ProblemKind::Incomplete.rule();
            let message = format!("the consumer{} was not run on everything: {why}", name(comparison));
            let help = "what it was not run on, nothing is known about";
            findings.push(Finding::new(rule, Path::of("consumer"), message).help(help));
        }
    });
    let status = |rule: &&Rule| RuleStatus {
        code: rule.code,
        name: rule.name,
        severity: rule.severity,
        status: if findings.of(rule.code) > 0 { Status::Fail } else { Status::Pass },
        findings: findings.of(rule.code),
    };
    let rules = RULES.iter().map(status).collect();
    let fleet = std::slice::from_ref(sensor);
    judgement.extend(
        subject,
        fleet,
        Addition { findings, rules, by_sensor: vec![by_sensor], ..Addition::default() },
    );
    if comparison.unrun.is_some() && judgement.verdict == Verdict::Pass {
        judgement.verdict = Verdict::CannotJudge;
    }
}

fn name(comparison: &Comparison) -> String {
    if comparison.name.is_empty() { String::new() } else { format!(" `{}`", comparison.name) }
}

fn finding(problem: &Problem, comparison: &Comparison, subject: &Subject<'_>) -> Finding {
    let rule = problem.kind.rule();
    let mut message = format!("the consumer{} {}", name(comparison), problem.what);
    if let Some(fault) = &problem.fault {
        message += &format!("; the interpreter faults there too: {}", fault.kind.sentence());
    }
    if problem.count > 1 {
        message += &format!("; in all {} times", problem.count);
    }
    if !problem.repeated {
        message += "; not again on a consumer that was started afresh";
    }
    let detection = problem.detection.and_then(|index| subject.file()?.detections().nth(index as usize));
    let path = detection.as_ref().map(|detection| detection.path()).or(problem.filter);
    let path = path.unwrap_or_else(|| Path::of("consumer"));
    let mut finding = Finding::new(rule, path, message).help(help(problem.kind));
    if let Some(detection) = &detection {
        finding = finding.at(detection.id_span(), "the first detection that only one of the two matches");
        finding.detection = detection.id().map(str::to_owned);
    }
    let mut filters =
        subject.blob().into_iter().flat_map(|blob| blob.events()).flat_map(|event| event.filters());
    if let Some(filter) = filters.find(|filter| Some(filter.path()) == problem.filter) {
        finding = finding.at(filter.value_span(), "the filter that decides on our side");
    }
    if problem.events.len() > 1 {
        let lines: Vec<_> = problem.events.iter().map(crate::Record::to_json).collect();
        finding = finding.sides("an answer to the last of several events", lines.join(" "));
    }
    let shown =
        Shown { kind: rule.name, path: finding.path.to_string(), message: format!("it {}", problem.what) };
    finding.witness = Some(match problem.events.last() {
        Some(event) => Witness::Event { event: witness::line(event), fault: shown },
        None => Witness::Load(shown),
    });
    finding
}

fn help(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Crash => "send it this event under a debugger",
        ProblemKind::Hang => "look at the pattern that this event reaches, or give it more time",
        ProblemKind::Budget => "send it this event in a loop, under a profiler",
        ProblemKind::Disagrees => "FORMAT.md says which of the two is right, for rule blobs SYSMON.md",
        ProblemKind::Protocol | ProblemKind::Incomplete => "CONSUMER.md says what it has to answer",
    }
}
