//! Completes the validator's judgement with what execution shows: its own findings, what was executed, and a witness for
//! every finding that claims a fault.

use crate::execute::{Execution, execute, execute_blob};
use crate::known_good::{Given, rehearse};
use crate::rules::RULES;
use crate::sight::{Sight, is_about};
use crate::witness;
use channel_contract::{Contract, Sensor};
use channel_parser::Path;
use channel_parser::model::view::Content;
use channel_validators::{
    Addition, Because, BlobContent, Executed, Findings, Judgement, Member, RuleStatus, SensorStatus, Status,
    Subject,
};
use std::rc::Rc;

/// Judges a file for every sensor of a fleet, and executes it on each.
///
/// ```
/// use channel_validators::{Subject, Verdict};
/// let judgement = channel_gate::judge(&Subject::read("empty.sys", b""), &[]);
/// assert_eq!(judgement.verdict, Verdict::Fail);
/// assert!(judgement.rules.iter().any(|rule| rule.code.to_string() == "CG601"));
/// ```
pub fn judge(subject: &Subject<'_>, fleet: &[Member]) -> Judgement {
    let mut judgement = channel_validators::judge(subject, fleet);
    complete(&mut judgement, subject, fleet);
    rehearse(&mut judgement, subject, fleet, &Given::default());
    judgement
}

/// Executes a file that was judged, and adds what comes out.
pub fn complete(judgement: &mut Judgement, subject: &Subject<'_>, fleet: &[Member]) {
    let mut more = Addition::default();
    let content = match blocked(judgement) {
        None => subject.content.as_ref(),
        Some(_) => None,
    };
    if let Some(content) = content {
        let runs: Vec<_> = runs(content, subject, fleet);
        for (member, run) in fleet.iter().zip(&runs) {
            let found = sensor(content, member, run.as_deref(), judgement, &mut more.findings);
            more.by_sensor.push(found);
        }
        more.executed = executed(&runs);
        witnesses(judgement, content, fleet, &runs);
    }
    let status = |found| match (found, blocked(judgement)) {
        (true, _) => Status::Fail,
        (_, Some(code)) => Status::Skipped(code),
        _ if fleet.is_empty() => Status::NotApplicable(Because::NoSensor),
        _ => Status::Pass,
    };
    more.rules = statuses(&more.findings, status);
    judgement.extend(subject, fleet, more);
}

/// Adds to a judgement that the rules of execution were turned off.
pub fn turned_off(judgement: &mut Judgement, subject: &Subject<'_>, fleet: &[Member]) {
    let rules = statuses(&Findings::default(), |_| Status::NotApplicable(Because::TurnedOff));
    judgement.extend(subject, fleet, Addition { rules, ..Addition::default() });
}

fn statuses(findings: &Findings, status: impl Fn(bool) -> Status) -> Vec<RuleStatus> {
    let of = |rule: &&crate::rules::Rule| RuleStatus {
        code: rule.code,
        name: rule.name,
        severity: rule.severity,
        status: status(findings.of(rule.code) > 0),
        findings: findings.of(rule.code),
    };
    RULES.iter().map(of).collect()
}

/// The finding that keeps content from being put beside a sensor: what keeps the rules about sensors from running does.
pub(crate) fn blocked(judgement: &Judgement) -> Option<channel_validators::Code> {
    let about_sensors = channel_validators::rules::contract::unsupplied_input::RULE.code;
    judgement.rules.iter().find_map(|rule| match rule.status {
        Status::Skipped(code) if rule.code == about_sensors => Some(code),
        _ => None,
    })
}

/// Executes a file on every sensor that reads such: once for all sensors that differ only by name.
fn runs(content: &Content<'_>, subject: &Subject<'_>, fleet: &[Member]) -> Vec<Option<Rc<Execution>>> {
    let mut done: Vec<(Contract, Rc<Execution>)> = Vec::new();
    let meant = subject.blob().and_then(|blob| BlobContent::new(subject, blob).compiler);
    let mut run = |member: &Member| {
        let Contract { sensor, sysmon, .. } = &member.contract;
        if sysmon.is_some() != matches!(content, Content::Blob(_)) {
            return None;
        }
        // Sysmon reads a blob otherwise on another system.
        let sensor = Sensor { platform: sensor.platform.clone(), ..Sensor::default() };
        let shape = Contract { sensor, sealed: true, ..member.contract.clone() };
        if let Some((_, run)) = done.iter().find(|(known, _)| *known == shape) {
            return Some(Rc::clone(run));
        }
        let mut run = match content {
            Content::Channel(file) => execute(file, &member.contract),
            Content::Blob(blob) => execute_blob(blob, &member.contract, meant),
        };
        if subject.made.from_source {
            // Each sensor's own compiler writes its own version.
            let version = Path::of("header").then("version");
            run.load.retain(|fault| fault.path != version);
        }
        let run = Rc::new(run);
        done.push((shape, Rc::clone(&run)));
        Some(run)
    };
    fleet.iter().map(&mut run).collect()
}

/// Lets every rule look at one sensor.
fn sensor(
    content: &Content<'_>,
    member: &Member,
    run: Option<&Execution>,
    judgement: &Judgement,
    findings: &mut Findings,
) -> SensorStatus {
    findings.for_sensor(member, |findings| {
        let Some(run) = run else { return };
        let mut sight = Sight::new(content, member, run, &judgement.findings);
        let codes = judgement.rules.iter().map(|rule| rule.code);
        sight.counted = codes.filter(|code| judgement.left_out(*code) > 0).collect();
        for rule in RULES {
            (rule.check.0)(rule, &sight, findings);
        }
    })
}

fn executed(runs: &[Option<Rc<Execution>>]) -> Option<Executed> {
    let mut all = Executed::default();
    let mut reasons = std::collections::BTreeMap::<_, u64>::new();
    for run in runs.iter().flatten() {
        all.sensors += 1;
        all.instances += run.instances;
        all.criteria += run.criteria;
        all.decided += run.decided;
        all.events += run.events;
        for (reason, n) in &run.reasons {
            *reasons.entry(*reason).or_default() += n;
        }
    }
    all.undecided = reasons.into_iter().map(|(reason, n)| (reason.words().to_owned(), n)).collect();
    (all.sensors > 0).then_some(all)
}

/// Looks for the witness of every finding of the validator.
fn witnesses(
    judgement: &mut Judgement,
    content: &Content<'_>,
    fleet: &[Member],
    runs: &[Option<Rc<Execution>>],
) {
    let sights: Vec<_> = fleet
        .iter()
        .zip(runs)
        .filter_map(|(member, run)| Some(Sight::new(content, member, run.as_deref()?, &[])))
        .collect();
    for finding in &mut judgement.findings {
        let mut own = sights.iter().filter(|sight| is_about(finding, sight.member));
        finding.witness = own.next().and_then(|sight| witness::of(sight, finding));
    }
}
