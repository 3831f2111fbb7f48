//! Events about which it is known what content must do: those that are good, on which no detection may match and which
//! Sysmon may not log, and those that a detection must match or a rule of Sysmon's must log. Loading is not executing, and executing is not being right: a detection can hold for every
//! sensor and still quarantine the operating system.
//!
//! What it leaves to others: events made for the content at hand (`execute`).

mod expected;
mod named;

pub use expected::{Expected, Found};
pub use named::{Named, named};

use crate::Record;
use crate::complete::blocked;
use crate::events::{EventFiles, Fired, Part, Replay, Seen, Told, event_files, replayed};
use crate::rules::known::{RULES, Rule};
use channel_contract::Contract;
use channel_interpreter::Fault;
use channel_parser::Path;
use channel_parser::model::view::Content;
use channel_parser::model::{DetectionIndex, TypeId};
use channel_validators::report::Unread;
use channel_validators::{Addition, Because, Judgement, KnownEvents, Member, RuleStatus, Status, Subject};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::PathBuf;

/// Faults that are kept: each says the same of the content.
const FAULTS: usize = 100;
/// Events that could not be read and are named, for each sensor: one is enough to keep from a pass.
const UNREAD: usize = 100;

/// What is known.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Files of events that are good.
    pub good: Vec<PathBuf>,
    /// Matches that must come about.
    pub expected: Vec<Expected>,
}

/// What a rule sees: content, one sensor, and what the content did there on the known events.
pub struct Rehearsal<'a> {
    /// The content.
    pub content: &'a Content<'a>,
    /// The sensor's contract.
    pub contract: &'a Contract,
    /// What matched one of the good events.
    pub matches: BTreeMap<Cause, Match<'a>>,
    /// The faults that good events brought about, each with its place.
    pub faults: Vec<(String, Fault)>,
    /// The matches that did not come about, and what there was instead.
    pub missed: Vec<(&'a Expected, Found)>,
    /// What matches can be expected of.
    pub named: BTreeMap<String, Named>,
    /// The events that it was run on.
    pub events: KnownEvents,
}

/// What matches an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A detection of a channel file.
    Detection(DetectionIndex),
    /// The filter of a rule blob that decides that Sysmon logs it.
    Filter(Path),
    /// No filter decides, and Sysmon logs events with this id by default.
    Default(TypeId),
}

/// What matched good events.
pub struct Match<'a> {
    /// How many.
    pub events: u64,
    /// The first of them.
    pub first: String,
    /// Why a detection matched that.
    pub fired: Option<Fired<'a>>,
    /// The name under which Sysmon logs that; empty if there is none.
    pub name: String,
    /// What the fields of the first held.
    pub record: Record,
}

/// Runs a file that was judged on the known events, for every sensor, and adds what comes out. Returns the events that could
/// not be read: without them there is no pass.
pub fn rehearse(
    judgement: &mut Judgement,
    subject: &Subject<'_>,
    fleet: &[Member],
    given: &Given,
) -> Vec<Unread> {
    let (mut more, mut unread) = (Addition::default(), Vec::new());
    let blocked = blocked(judgement);
    let asked = [!given.good.is_empty(), !given.expected.is_empty()];
    if let Some(content) = subject.content.as_ref().filter(|_| blocked.is_none() && asked != [false; 2]) {
        for member in fleet {
            let reads = member.contract.sysmon.is_some() == matches!(content, Content::Blob(_));
            let replay = Replay::new(subject, &member.contract).filter(|_| reads);
            let seen = replay.map(|replay| rehearsal(content, &replay, given, &mut unread));
            more.known = more.known.into_iter().chain(seen.as_ref().map(|seen| seen.events)).min();
            more.by_sensor.push(more.findings.for_sensor(member, |findings| {
                let Some(seen) = &seen else { return };
                RULES.iter().for_each(|rule| (rule.check.0)(rule, seen, findings));
            }));
        }
    }
    let status = |rule: &Rule, asked: bool| match (more.findings.of(rule.code), blocked) {
        (1.., _) => Status::Fail,
        _ if !asked => Status::NotApplicable(Because::NoEvents),
        (_, Some(code)) => Status::Skipped(code),
        _ if fleet.is_empty() => Status::NotApplicable(Because::NoSensor),
        _ => Status::Pass,
    };
    let of = |(rule, asked): (&&'static Rule, bool)| RuleStatus {
        code: rule.code,
        name: rule.name,
        severity: rule.severity,
        status: status(rule, asked),
        findings: more.findings.of(rule.code),
    };
    more.rules = RULES.iter().zip(asked).map(of).collect();
    judgement.extend(subject, fleet, more);
    unread.sort_by(|a: &Unread, b| (&a.file, &a.why).cmp(&(&b.file, &b.why)));
    unread.dedup_by(|a, b| a.file == b.file && a.why == b.why);
    unread
}

/// What content does on the known events.
fn rehearsal<'a>(
    content: &'a Content<'a>,
    replay: &Replay<'a>,
    given: &'a Given,
    unread: &mut Vec<Unread>,
) -> Rehearsal<'a> {
    let contract = replay.contract();
    let named = if given.expected.is_empty() { BTreeMap::new() } else { named(content, contract) };
    let (matches, faults, missed) = (BTreeMap::new(), Vec::new(), Vec::new());
    let events = KnownEvents::default();
    let mut seen = Rehearsal { content, contract, matches, faults, missed, named, events };
    match event_files(&given.good) {
        Ok(EventFiles { files, passed_over }) => {
            good(replay, &files, &mut seen, unread);
            seen.events.passed_over = passed_over;
        }
        Err((path, why)) => unread.push(Unread { file: path.display().to_string(), why }),
    }
    expected::missed(replay, &given.expected, &mut seen, unread);
    seen
}

fn good<'a>(replay: &Replay<'a>, files: &[PathBuf], seen: &mut Rehearsal<'a>, unread: &mut Vec<Unread>) {
    let Ran { events, elsewhere, .. } = run(replay, files, unread, |place, record, what| {
        let logged = what.ruled.filter(|ruled| ruled.logged);
        let by_sysmon = logged.as_ref().map(|ruled| match ruled.by {
            Some(filter) => Cause::Filter(filter),
            None => Cause::Default(record.template),
        });
        let name = logged.map(|ruled| ruled.name).unwrap_or_default();
        for cause in what.detections.into_iter().map(Cause::Detection).chain(by_sysmon) {
            let fired = || match cause {
                Cause::Detection(detection) => replay.fired(detection, &record),
                _ => None,
            };
            let first = || Match {
                events: 0,
                first: place.clone(),
                fired: fired(),
                name: name.clone(),
                record: record.clone(),
            };
            let known = seen.matches.entry(cause).or_insert_with(first);
            known.events = known.events.saturating_add(1);
        }
        if let Some(fault) = what.fault.filter(|_| seen.faults.len() < FAULTS) {
            seen.faults.push((place, *fault));
        }
    });
    seen.events.good = events;
    seen.events.elsewhere = elsewhere;
}

/// What was run on.
#[derive(Default)]
struct Ran {
    /// How many events.
    events: u64,
    /// How many are of a source that the sensor does not serve.
    elsewhere: u64,
    /// The number of the last event of each file that has one.
    last: BTreeMap<String, u64>,
}

/// Runs content on files, and tells of every event that it did something on.
fn run(
    replay: &Replay<'_>,
    files: &[PathBuf],
    unread: &mut Vec<Unread>,
    mut tell: impl FnMut(String, Record, Seen),
) -> Ran {
    let Ran { mut events, mut elsewhere, mut last } = Ran::default();
    let before = unread.len();
    let sink = |part: Part| {
        events = events.saturating_add(part.events);
        elsewhere = part.elsewhere.values().fold(elsewhere, |sum, more| sum.saturating_add(*more));
        let file = files.get(part.file).map(|file| file.display().to_string()).unwrap_or_default();
        if part.last > 0 {
            let known = last.entry(file.clone()).or_default();
            *known = part.last.max(*known);
        }
        for (number, told) in part.told {
            match told {
                Told::Seen(record, what) => tell(format!("{file}:{number}"), record, what),
                Told::Unread(_) if unread.len() >= before.saturating_add(UNREAD) => {}
                Told::Unread(why) if number == 0 => unread.push(Unread { file: file.clone(), why }),
                Told::Unread(why) => unread.push(Unread { file: format!("{file}:{number}"), why }),
            }
        }
        Ok::<(), Infallible>(())
    };
    let Ok(()) = replayed(replay, files.to_vec(), sink);
    // What ran on nothing found nothing, and says nothing.
    if let (0, Some(file)) = (events, files.first().filter(|_| unread.len() == before)) {
        let sensor = replay.contract().label();
        unread.push(Unread {
            file: file.display().to_string(),
            why: format!("no event of it, nor of files named with it, is one that {sensor} supplies"),
        });
    }
    Ran { events, elsewhere, last }
}
