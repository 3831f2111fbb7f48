//! What a run shows people: a line for each match, fault and event that could not be read, then what it came to.

use super::totals::{Named, Totals};
use channel_gate::events::{Part, Told};
use channel_interpreter::Fault;
use channel_validators::report::{Escaped, Look};
use std::cmp::Ordering;
use std::fmt;
use std::io::{self, Write};

/// Kinds of values, and sources, that are named; the rest is counted.
const SHOWN: usize = 10;

/// Before the first event.
pub fn begin(totals: &Totals<'_>, out: &mut dyn Write) -> io::Result<()> {
    let name = totals.content.display().to_string();
    totals.load_faults.iter().try_for_each(|fault| writeln!(out, "{}: {}", Escaped(&name), Crash(fault)))
}

/// Events of one file that could not be read and are named. A file that holds something else altogether is told soon.
const NAMED: u64 = 100;

/// A piece of a file of events.
pub fn part(totals: &Totals<'_>, part: &Part, out: &mut dyn Write) -> io::Result<()> {
    let mut unread = totals.unread_of.get(part.file).copied().unwrap_or(0);
    for (number, told) in &part.told {
        let place = totals.place(part.file, *number);
        let place = Escaped(&place);
        match told {
            Told::Unread(why) => {
                unread += 1;
                match unread.cmp(&(NAMED + 1)) {
                    Ordering::Less => writeln!(out, "{place}: unread: {}", Escaped(why))?,
                    Ordering::Equal => {
                        writeln!(out, "{place}: unread: and more; `--output json` names each")?
                    }
                    Ordering::Greater => {}
                }
            }
            Told::Seen(_, seen) => {
                for named in seen.detections.iter().filter_map(|index| totals.detection(*index)) {
                    writeln!(out, "{place}: match[{}]: {}", level(named), Detection(named))?;
                }
                if let Some(ruled) = seen.ruled.as_ref().filter(|ruled| ruled.by.is_some()) {
                    writeln!(out, "{place}: {}[{}]", outcome(ruled.logged), Escaped(&ruled.name))?;
                }
                if let Some(fault) = &seen.fault {
                    writeln!(out, "{place}: {}", Crash(fault))?;
                }
            }
        }
    }
    Ok(())
}

/// After the last event.
pub fn end(totals: &Totals<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let ranking = totals.ranking();
    if !ranking.is_empty() {
        writeln!(out, "\n matches  level          detection")?;
        for (matches, named) in &ranking {
            writeln!(out, "{matches:>8}  {:<13}  {}", level(named), Detection(named))?;
        }
    }
    ruled(totals, out)?;
    let (content, sensor) = (totals.content.display().to_string(), &totals.sensor);
    writeln!(out, "\ncontent  {}", Escaped(&content))?;
    writeln!(out, "sensor   {}", Escaped(sensor))?;
    let (files, detections) =
        (many(totals.files.len() as u64, "file"), many(totals.detections.len() as u64, "detection"));
    write!(out, "events   {} of {files}", totals.events)?;
    match totals.passed_over {
        0 => writeln!(out)?,
        n => writeln!(out, "; {} passed over, by name no events", many(n, "file"))?,
    }
    sources(totals, out)?;
    loose(totals, out)?;
    if totals.unread > 0 {
        writeln!(out, "{}   {} could not be read", look.paint("1;33", "unread"), totals.unread)?;
    }
    let (faults, events) = (totals.faults + totals.load_faults.len() as u64, many(totals.matched, "event"));
    if faults > 0 {
        writeln!(
            out,
            "{}   {faults}: this content would have crashed the sensor, or made it do what nobody wrote",
            look.paint("1;31", "faults")
        )?;
    }
    consumer(totals, look, out)?;
    if totals.events == 0 {
        return writeln!(out, "{}     no event was run, and so nothing is known", look.paint("1;33", "none"));
    }
    if totals.is_blob {
        return writeln!(out, "matched  {events} by a filter, the others by default");
    }
    writeln!(out, "matched  {events}, by {} of {detections}", ranking.len())
}

/// What the vendor's own interpreter did.
fn consumer(totals: &Totals<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let Some(consumer) = &totals.consumer else { return Ok(()) };
    writeln!(out, "consumer {}: agreed on {}", Escaped(&consumer.name), many(consumer.agreed, "event"))?;
    for problem in &consumer.problems {
        let (kind, what) = (look.paint("1;31", problem.kind.rule().name), Escaped(&problem.what).to_string());
        writeln!(out, "         {kind}: it {what}; on {}", many(problem.count, "event"))?;
        for event in problem.events.iter().take(SHOWN) {
            writeln!(out, "           {}", Escaped(&event.to_json()))?;
        }
    }
    match &consumer.unrun {
        Some(why) => writeln!(out, "         {}: {}", look.paint("1;33", "not run on all"), Escaped(why)),
        None => Ok(()),
    }
}

/// What Sysmon does with the events.
fn ruled(totals: &Totals<'_>, out: &mut dyn Write) -> io::Result<()> {
    if totals.ruled.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  events  id   outcome  rule")?;
    for ((id, logged, name), count) in &totals.ruled {
        let name = name.as_ref().map_or_else(|| "(by default)".to_owned(), |name| Escaped(name).to_string());
        writeln!(out, "{count:>8}  {:<3}  {:<7}  {name}", id.0, outcome(*logged))?;
    }
    Ok(())
}

fn outcome(logged: bool) -> &'static str {
    if logged { "logged" } else { "dropped" }
}

/// The sources that the sensor does not serve.
fn sources(totals: &Totals<'_>, out: &mut dyn Write) -> io::Result<()> {
    let all: u64 = totals.elsewhere.values().sum();
    if all == 0 {
        return Ok(());
    }
    let mut sources: Vec<_> = totals.elsewhere.iter().collect();
    sources.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), *name));
    let named: Vec<_> =
        sources.iter().take(SHOWN).map(|(name, n)| format!("{n} of `{}`", Escaped(name))).collect();
    let more = if sources.len() > SHOWN {
        format!(" and of {} sources more", sources.len() - SHOWN)
    } else {
        String::new()
    };
    writeln!(
        out,
        "         {all} not of this sensor, which has no template type for them: {}{more}",
        named.join(", ")
    )
}

/// What was not handed over as it was recorded.
fn loose(totals: &Totals<'_>, out: &mut dyn Write) -> io::Result<()> {
    for ((template, field, why), (count, file, number)) in totals.loose.iter().take(SHOWN) {
        let (values, place) = (many(*count, "value"), totals.place(*file, *number));
        writeln!(
            out,
            "         {values} of `{}` of type {template}, {why}; the first in {}",
            Escaped(field),
            Escaped(&place)
        )?;
    }
    let more = totals.loose.len().saturating_sub(SHOWN);
    if more > 0 { writeln!(out, "         and values of {more} fields more") } else { Ok(()) }
}

struct Detection<'a>(&'a Named<'a>);

impl fmt::Display for Detection<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Named { id, title, author, .. } = self.0;
        write!(f, "{}", Escaped(id))?;
        if !title.is_empty() {
            write!(f, "  {}", Escaped(title))?;
        }
        if !author.is_empty() {
            write!(f, ", by {}", Escaped(author))?;
        }
        Ok(())
    }
}

struct Crash<'a>(&'a Fault);

impl fmt::Display for Crash<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fault { kind, path, .. } = self.0;
        write!(f, "fault[{}]: {path}: {}", kind.word(), Escaped(&self.0.to_string()))
    }
}

fn level(named: &Named<'_>) -> &'static str {
    named.level.map_or("-", |level| level.word())
}

fn many(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
