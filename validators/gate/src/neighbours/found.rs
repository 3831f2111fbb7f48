//! What was found, as small as it can be shown: the neighbour shrunk as long as it shows the same, and the events.

use super::asked::{Answer, Asked};
use super::tally::Raw;
use super::{BLOCK, Campaign, Judged, alarm};
use crate::complete;
use crate::consumer::{Problem, ProblemKind, Setup, steered};
use channel_smith::shrink;
use channel_validators::{Code, Finding, Member, Verdict, Witness, judge};
use std::time::{Duration, Instant};

/// How often a consumer is started to make one thing smaller, and how often if it is slow to show it.
const STARTS: u32 = 256;
const SLOW_STARTS: u32 = 24;
/// The longest that one thing is made smaller.
const TIME: Duration = Duration::from_secs(60);

/// Something that must not be, on content that the validator accepts.
#[derive(Clone, Debug)]
pub struct Found {
    /// The rule that is about it; `None` if the gate itself failed.
    pub code: Option<Code>,
    /// The first neighbour that shows it.
    pub number: u64,
    /// The first neighbour that the same consumer was given.
    pub since: u64,
    /// How many neighbours show something of its kind.
    pub count: u64,
    /// What happened, as a sentence.
    pub what: String,
    /// The neighbour.
    pub neighbour: Vec<u8>,
    /// The smallest file that was found to show it.
    pub smallest: Vec<u8>,
    /// The smallest events that show it on that file, a line of an event file each; none if it needs no event.
    pub events: Vec<String>,
    /// The sensor, by where its contract was read from.
    pub sensor: String,
    /// Whether it came again on the neighbour by itself. What does not needs neighbours before it, or chance.
    pub repeated: bool,
}

/// Makes it as small as it can be shown.
pub(super) fn smallest(campaign: &Campaign<'_>, raw: &Raw) -> Found {
    let sensor = campaign.fleet.first().map(|member| member.origin.clone()).unwrap_or_default();
    let found = Found {
        code: raw.code,
        number: raw.number,
        since: raw.number.saturating_sub(raw.number.saturating_sub(campaign.first) % BLOCK),
        count: raw.count,
        what: raw.what.clone(),
        neighbour: raw.bytes.clone(),
        smallest: raw.bytes.clone(),
        events: Vec::new(),
        sensor,
        repeated: false,
    };
    let kinds = ProblemKind::ALL.iter().find(|kind| Some(kind.rule().code) == raw.code);
    match (raw.code, kinds, campaign.consumer, campaign.fleet.first()) {
        // Whatever failed would fail again.
        (None, ..) => Found { repeated: true, ..found },
        (Some(_), Some(kind), Some(setup), Some(member)) => consumers(campaign, found, *kind, setup, member),
        (Some(code), ..) => ours(campaign, found, code),
    }
}

/// What the gate finds in accepted content.
fn ours(campaign: &Campaign<'_>, mut found: Found, code: Code) -> Found {
    let start = Instant::now();
    let small = shrink::until(&found.neighbour, &mut |bytes| {
        (start.elapsed() < TIME).then(|| finding(campaign, bytes).is_some_and(|one| one.code == code))
    });
    let Some(finding) = finding(campaign, &small).filter(|one| one.code == code) else { return found };
    found.repeated = true;
    found.what = finding.message;
    found.sensor = finding.contract.unwrap_or(found.sensor);
    if let Some(Witness::Event { event, .. }) = &finding.witness {
        found.events = vec![event.to_string()];
    }
    Found { smallest: small, ..found }
}

/// The error that execution finds in content that the validator accepts.
fn finding(campaign: &Campaign<'_>, bytes: &[u8]) -> Option<Finding> {
    let subject = campaign.subject(bytes);
    let Judged { mut judgement, sensors, .. } = campaign.judged(&subject);
    if judgement.verdict != Verdict::Pass {
        return None;
    }
    complete(&mut judgement, &subject, &sensors);
    alarm(&judgement).cloned()
}

/// What a consumer does, each time one that is started afresh.
fn consumers(
    campaign: &Campaign<'_>,
    mut found: Found,
    kind: ProblemKind,
    setup: &Setup,
    member: &Member,
) -> Found {
    let mut starts = match kind {
        ProblemKind::Hang | ProblemKind::Budget => SLOW_STARTS,
        _ => STARTS,
    };
    let start = Instant::now();
    let small = shrink::until(&found.neighbour, &mut |bytes| {
        let subject = campaign.subject(bytes);
        let accepted = judge(&subject, campaign.fleet).verdict == Verdict::Pass;
        let (Some(content), true) = (&subject.content, accepted) else { return Some(false) };
        starts = starts.checked_sub(1).filter(|_| start.elapsed() < TIME)?;
        let answer = Asked::new(setup, member).ask(content);
        Some(matches!(answer, Answer::Problem(shown, _) if shown == kind))
    });
    let subject = campaign.subject(&small);
    let Some(content) = &subject.content else { return found };
    let comparison = steered(setup, content, &member.contract);
    let Some(problem) = comparison.problems.into_iter().find(|problem| problem.kind == kind) else {
        return found;
    };
    let Problem { what, events, repeated, .. } = problem;
    let name = if comparison.name.is_empty() { String::new() } else { format!(" `{}`", comparison.name) };
    found.what = format!("the consumer{name} {what}");
    found.events = events.iter().map(crate::Record::to_json).collect();
    Found { smallest: small, repeated, ..found }
}
