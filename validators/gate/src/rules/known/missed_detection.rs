//! Every match that a list expects comes about.

use super::{Check, Rule, quoted};
use crate::known_good::{Expected, Rehearsal};
use channel_parser::Path;
use channel_validators::{Finding, Findings};

#[doc = include_str!("missed_detection.md")]
pub static RULE: Rule = super::known(
    611,
    "missed-detection",
    "every expected match comes about",
    include_str!("missed_detection.md"),
    Check(check),
);

fn check(rule: &'static Rule, seen: &Rehearsal<'_>, findings: &mut Findings) {
    for (expected, found) in &seen.missed {
        let Expected { detection: id, events, number, matches, place } = expected;
        let events = match number {
            Some(number) => quoted(&format!("{}:{number}", events.display())),
            None => quoted(&events.display().to_string()),
        };
        let detection = seen.file.detections().find(|detection| detection.id() == Some(id.as_str()));
        let (wanted, found) = (matches.map_or_else(|| "a match".to_owned(), count), count(*found));
        let id = quoted(id);
        let (path, message) = match &detection {
            None => {
                (Path::of("detections"), format!("there is no detection {id}, which must match {events}"))
            }
            Some(detection) => {
                let message =
                    format!("detection {id} misses what it must match: {events} has {found}, not {wanted}");
                (detection.path(), message)
            }
        };
        let mut finding = Finding::new(rule, path, message)
            .sides(format!("{wanted}, says {}", quoted(place)), found)
            .help("look at what changed since it matched, or at the recording: an exporter may have dropped a field");
        if let Some(detection) = detection {
            finding = finding.at(detection.id_span(), "the detection");
        }
        findings.push(finding);
    }
}

fn count(n: u64) -> String {
    match n {
        0 => "no match".to_owned(),
        1 => "1 match".to_owned(),
        n => format!("{n} matches"),
    }
}
