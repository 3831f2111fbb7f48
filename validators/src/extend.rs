//! What another crate adds to a judgement: whoever executes content finds more than whoever reads it, and its findings
//! stand beside the validator's under one verdict. Here are the values; how they come about is not known here.

use crate::judge::{name_detections, refused_for};
use crate::{
    Finding, Findings, Judgement, Member, RuleStatus, SensorStatus, Severity, Status, Subject, Verdict,
};
use serde::Serialize;
use std::fmt;

/// What shows that a finding is true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Witness {
    /// The sensor faults already while it loads the content.
    Load(Shown),
    /// The sensor faults on an event.
    Event {
        /// The event.
        event: Replay,
        /// The fault.
        fault: Shown,
    },
    /// No fault was brought about, and why.
    None(String),
}

/// An event as a line of an event file says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// Its template type.
    #[serde(rename = "type")]
    pub template: u32,
    /// Its inputs by position: text, a number, an address as text, or null.
    pub inputs: Vec<serde_json::Value>,
}

impl fmt::Display for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).unwrap_or_default())
    }
}

/// A fault that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Its kind, as files and reports name it.
    pub kind: &'static str,
    /// Its place in the content's structure.
    pub path: String,
    /// What it says.
    pub message: String,
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 160;
        match self {
            Self::Load(Shown { message, .. }) => write!(f, "witness: on loading it, {message}"),
            Self::Event { event, fault } => {
                let event = event.to_string();
                let (start, more) = match event.char_indices().nth(SHOWN) {
                    Some((end, _)) => (event.get(..end).unwrap_or_default(), "..."),
                    None => (event.as_str(), ""),
                };
                write!(f, "witness: on event {start}{more} {}", fault.message)
            }
            Self::None(why) => write!(f, "no witness: {why}"),
        }
    }
}

/// What was executed, over all sensors.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Executed {
    /// The sensors that it was executed on.
    pub sensors: u64,
    /// The instances or filters that have something to decide.
    pub instances: u64,
    /// Their criteria that are no wildcard; of a filter there is one.
    pub criteria: u64,
    /// Those of them that events reached, matched and missed.
    pub decided: u64,
    /// The events that were made.
    pub events: u64,
    /// Why the others were not, and how many for each reason.
    pub undecided: Vec<(String, u64)>,
}

/// The known events that it was run on, on the sensor that serves the fewest of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct KnownEvents {
    /// Those that are good.
    pub good: u64,
    /// Those of the files that expected matches are about.
    pub expected: u64,
    /// Those of either kind that were not run, for they are of a source that the sensor does not serve.
    pub elsewhere: u64,
    /// Files of the folders they lie in that by their names hold no events.
    pub passed_over: u64,
}

impl fmt::Display for KnownEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { good, expected, elsewhere, passed_over } = *self;
        write!(
            f,
            "{}, {} of files with expected matches",
            many(good, "good event", "good events"),
            grouped(expected)
        )?;
        if elsewhere > 0 {
            write!(f, "; {} of sources that the sensor does not serve, not run", grouped(elsewhere))?;
        }
        match passed_over {
            0 => Ok(()),
            n => write!(f, "; {} passed over, by name no events", many(n, "file", "files")),
        }
    }
}

impl fmt::Display for Executed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = self.criteria.saturating_sub(self.decided);
        let instances = many(self.instances, "instance", "instances");
        let criteria = many(self.criteria, "criterion", "criteria");
        let events = many(self.events, "event", "events");
        write!(f, "{instances}, {criteria} on {events}: ")?;
        match left {
            _ if self.criteria == 0 => f.write_str("nothing to decide")?,
            0 => f.write_str("each matched and missed")?,
            _ => {
                write!(f, "{} matched and missed, {} could not be", grouped(self.decided), grouped(left))?;
                for (at, (why, n)) in self.undecided.iter().enumerate() {
                    write!(f, "{} {} {why}", if at == 0 { ":" } else { "," }, grouped(*n))?;
                }
            }
        }
        if self.sensors > 1 { write!(f, "   (over {} sensors)", self.sensors) } else { Ok(()) }
    }
}

fn many(n: u64, one: &str, more: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { more })
}

/// A number with its thousands apart.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// What is added to a judgement.
#[derive(Debug, Default)]
pub struct Addition {
    /// More findings.
    pub findings: Findings,
    /// The rules that they are of, each with what became of it.
    pub rules: Vec<RuleStatus>,
    /// What was found for each sensor, in the order of the fleet.
    pub by_sensor: Vec<SensorStatus>,
    /// What was executed, if anything.
    pub executed: Option<Executed>,
    /// The known events that it was run on, if any were given.
    pub known: Option<KnownEvents>,
}

impl Judgement {
    /// Adds what was found elsewhere about the same file and fleet, and decides anew.
    pub fn extend(&mut self, subject: &Subject<'_>, fleet: &[Member], more: Addition) {
        let mut findings = more.findings.sorted();
        name_detections(subject, &mut findings);
        self.findings.append(&mut findings);
        Findings::sort(&mut self.findings);
        for (known, more) in self.by_sensor.iter_mut().zip(more.by_sensor) {
            known.findings.extend(more.findings);
        }
        self.rules.extend(more.rules);
        self.executed = more.executed.or(self.executed.take());
        self.known = more.known.or(self.known);
        self.refused_for = refused_for(&self.findings, fleet);
        let error = |finding: &Finding| finding.severity == Severity::Error;
        let skipped = |rule: &RuleStatus| matches!(rule.status, Status::Skipped(_));
        if self.findings.iter().any(error) {
            self.verdict = Verdict::Fail;
        } else if self.rules.iter().any(skipped) {
            self.verdict = Verdict::CannotJudge;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let numbers = [(0, "0"), (999, "999"), (1000, "1,000"), (31_204, "31,204"), (1_000_000, "1,000,000")];
        for (n, text) in numbers {
            assert_eq!(grouped(n), text);
        }
    }
}
