//! What a run tells machines: an object a line, so that neither side has to hold a long run in memory. The first says what was
//! run, the last (`totals`) what it came to; without it a run was not finished.

use super::totals::{Named, Totals};
use channel_gate::Record;
use channel_gate::consumer::{Comparison, Problem};
use channel_gate::events::{Part, Told};
use channel_interpreter::Fault;
use serde::Serialize;
use serde_json::json;
use std::io::{self, Write};

#[derive(Serialize)]
struct Line<'a> {
    file: String,
    /// The line, or the record of a log; 0 is the file.
    number: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    matches: Vec<&'a Named<'a>>,
    /// What Sysmon does with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<serde_json::Value>,
    /// The event that faulted, as `run` takes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'a Record>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unread: Option<&'a str>,
}

/// Before the first event.
pub fn begin(totals: &Totals<'_>, out: &mut dyn Write) -> io::Result<()> {
    let faults: Vec<_> = totals.load_faults.iter().map(fault).collect();
    let files: Vec<_> = (0..totals.files.len()).map(|file| totals.file(file)).collect();
    let (content, sensor) = (totals.content.display().to_string(), &totals.sensor);
    write(
        &json!({"schema": 1, "content": content, "sensor": sensor, "files": files, "load_faults": faults}),
        out,
    )
}

/// A piece of a file of events.
pub fn part(totals: &Totals<'_>, part: &Part, out: &mut dyn Write) -> io::Result<()> {
    for (number, told) in &part.told {
        // What is logged by default is no more than counted.
        if matches!(told, Told::Seen(_, seen) if seen.fault.is_none() && !seen.is_decided()) {
            continue;
        }
        let (file, number) = (totals.file(part.file), *number);
        let line = match told {
            Told::Unread(why) => Line {
                file,
                number,
                matches: Vec::new(),
                rule: None,
                fault: None,
                event: None,
                unread: Some(why),
            },
            Told::Seen(record, seen) => Line {
                file,
                number,
                matches: seen.detections.iter().filter_map(|index| totals.detection(*index)).collect(),
                rule: seen.ruled.as_ref().map(|ruled| {
                    let by = ruled.by.map(|path| path.to_string());
                    json!({"logged": ruled.logged, "name": ruled.name, "by": by})
                }),
                fault: seen.fault.as_deref().map(fault),
                event: seen.fault.as_ref().map(|_| record),
                unread: None,
            },
        };
        write(&line, out)?;
    }
    Ok(())
}

/// After the last event.
pub fn end(totals: &Totals<'_>, out: &mut dyn Write) -> io::Result<()> {
    let detections: Vec<_> = totals
        .ranking()
        .into_iter()
        .map(|(matches, named)| json!({"matches": matches, "detection": named}))
        .collect();
    let loose = totals.loose.iter().map(|((template, field, why), (count, file, number))| {
        let first = totals.place(*file, *number);
        json!({"type": template.0, "field": field, "why": why.to_string(), "values": count, "first": first})
    });
    let loose: Vec<_> = loose.collect();
    let rules = totals.ruled.iter().map(
        |((id, logged, name), events)| json!({"id": id.0, "logged": logged, "name": name, "events": events}),
    );
    let rules: Vec<_> = rules.collect();
    let mut line = json!({"totals": {
        "events": totals.events,
        "matched": totals.matched,
        "faults": totals.faults,
        "unread": totals.unread,
        "passed_over": totals.passed_over,
        "elsewhere": totals.elsewhere,
        "loose": loose,
        "detections": detections,
        "rules": rules,
    }});
    if let (Some(consumer), Some(totals)) = (&totals.consumer, line.get_mut("totals")) {
        totals["consumer"] = of_consumer(consumer);
    }
    write(&line, out)
}

fn of_consumer(consumer: &Comparison) -> serde_json::Value {
    let problem = |problem: &Problem| {
        let Problem { kind, what, count, events, repeated, .. } = problem;
        json!({"rule": kind.rule().code, "name": kind.rule().name, "what": what, "count": count, "events": events, "repeated": repeated})
    };
    let problems: Vec<_> = consumer.problems.iter().map(problem).collect();
    let Comparison { name, agreed, faulted, unrun, .. } = consumer;
    json!({"name": name, "agreed": agreed, "faulted": faulted, "problems": problems, "unrun": unrun})
}

fn fault(fault: &Fault) -> serde_json::Value {
    let Fault { kind, path, span, expected, found } = fault;
    let (path, expected, found) = (path.to_string(), expected.to_string(), found.to_string());
    json!({"kind": kind.word(), "path": path, "span": span, "expected": expected, "found": found, "message": fault.to_string()})
}

fn write(line: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}
