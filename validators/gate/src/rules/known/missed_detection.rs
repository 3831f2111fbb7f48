//! Every match that a list expects comes about.

use super::{Check, Rule, quoted};
use crate::known_good::{Expected, Found, Rehearsal};
use channel_parser::Path;
use channel_parser::model::view::Content;
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
        let known = seen.named.get(id);
        let (wanted, found) = (matches.map_or_else(|| "a match".to_owned(), count), said(*found));
        let (id, is_blob) = (quoted(id), matches!(seen.content, Content::Blob(_)));
        let (list, what) = match is_blob {
            true => ("events", "rule, filter or event"),
            false => ("detections", "detection"),
        };
        let (path, message) = match known {
            None => (Path::of(list), format!("there is no {what} {id}, which must match {events}")),
            Some(known) => {
                let what = known.what;
                (
                    known.path,
                    format!(
                        "{what} {id} misses what it must match: expected {wanted} in {events}, found {found}"
                    ),
                )
            }
        };
        let mut finding = Finding::new(rule, path, message)
            .sides(format!("{wanted}, says {}", quoted(place)), found)
            .help("look at what changed since it matched, or at the recording: an exporter may have dropped a field");
        if let Some(known) = known {
            finding = finding.at(known.span.clone(), format!("the {}", known.what));
        }
        findings.push(finding);
    }
}

fn said(found: Found) -> String {
    match found {
        Found::Matches(0) => "none".to_owned(),
        Found::Matches(n) => count(n),
        Found::NoEvent { last: 0 } => "no event at all".to_owned(),
        Found::NoEvent { last } => format!("no event there: the last one is {last}"),
    }
}

fn count(n: u64) -> String {
    match n {
        1 => "1 match".to_owned(),
        n => format!("{n} matches"),
    }
}
