//! What came of fuzzing, for people and for machines.

use super::{Args, labels};
use crate::exit::{Exit, Failure};
use crate::output::shown;
use channel_gate::neighbours::{Changed, Found, Tally};
use channel_gate::rules::find;
use channel_validators::report::{Escaped, Look};
use channel_validators::{Code, Member};
use serde_json::json;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// All that there is to say.
pub struct Report<'r> {
    pub args: &'r Args,
    pub fleet: &'r [Member],
    pub changed: &'r Changed,
    pub tally: &'r Tally,
    pub kept: &'r [Kept<'r>],
    pub took: Duration,
    /// The rules that refuse the file itself.
    pub refused: &'r BTreeSet<Code>,
}

/// Something that was found, and where it is kept.
pub struct Kept<'f> {
    pub found: &'f Found,
    pub file: PathBuf,
    pub events: Option<PathBuf>,
    /// The command that shows it again.
    pub replay: String,
}

/// The line for somebody who waits.
pub fn how_far(tally: &Tally) -> String {
    let Tally { neighbours, accepted, events, .. } = tally;
    format!("{neighbours} neighbours, {accepted} accepted, {events} events, {} found", tally.kinds())
}

impl Report<'_> {
    /// Whatever was found comes first; then that nothing can be said.
    pub fn exit(&self) -> Exit {
        match (self.kept.is_empty() && self.refused.is_empty(), self.nothing_said()) {
            (false, _) => Exit::Refused,
            (true, Some(_)) => Exit::CannotJudge,
            (true, None) => Exit::Pass,
        }
    }

    /// Why that nothing was found says nothing.
    fn nothing_said(&self) -> Option<String> {
        let tally = self.tally;
        let why = || tally.why_not.as_ref().map(|(_, why)| why.as_str()).unwrap_or("it was asked nothing");
        match () {
            () if tally.neighbours == 0 => Some("there was no time for any neighbour".into()),
            () if tally.accepted == 0 => Some("no neighbour is accepted: none was executed".into()),
            () if self.args.consumer.is_wanted() && tally.agreed == 0 => {
                Some(format!("the consumer answered nothing: {}", why()))
            }
            () => None,
        }
    }

    /// For people.
    pub fn text(&self, look: Look, out: &mut Vec<u8>) -> Result<(), Failure> {
        let (tally, seconds) = (self.tally, self.took.as_secs_f64());
        self.what(out)?;
        let rate = tally.neighbours as f64 / seconds.max(0.001);
        let (first, seed) = (self.args.first, self.args.seed);
        let from = if first > 0 { format!(" from number {first} on") } else { String::new() };
        let n = tally.neighbours;
        writeln!(out, "ran      {n} neighbours of seed {seed}{from} in {seconds:.1} s, {rate:.0} a second")?;
        let some = if self.fleet.len() > 1 { " for a sensor at least" } else { "" };
        writeln!(out, "accepted {}{some}, executed on {} events", tally.accepted, tally.events)?;
        self.refused(out)?;
        if self.args.consumer.is_wanted() {
            write!(
                out,
                "consumer same answer on {} accepted neighbours, {} events",
                tally.agreed, tally.answers
            )?;
            if let Some((number, why)) = &tally.why_not {
                write!(
                    out,
                    "; not asked on {}, first neighbour {number}: {}",
                    tally.not_asked,
                    Escaped(why)
                )?;
            }
            writeln!(out)?;
        }
        self.kept.iter().try_for_each(|kept| self.found(kept, look, out))?;
        match (self.kept.len(), self.nothing_said()) {
            (0, None) if !self.refused.is_empty() => {}
            (0, None) => writeln!(out, "NOTHING FOUND")?,
            (0, Some(why)) => writeln!(out, "CANNOT JUDGE: {}", Escaped(&why))?,
            (n, _) => {
                writeln!(out, "FOUND    {n}: the first of each kind is kept in {}", shown(&self.args.save))?
            }
        }
        if !self.refused.is_empty() {
            let codes: Vec<_> = self.refused.iter().map(ToString::to_string).collect();
            let (codes, file) = (codes.join(", "), shown(&self.args.file));
            writeln!(out, "REFUSED  {file} itself, by {codes}: `contentgate check` shows why")?;
        }
        Ok(())
    }

    fn what(&self, out: &mut Vec<u8>) -> Result<(), Failure> {
        let (changed, all) = (self.changed.len(), self.changed.all);
        write!(out, "fuzzed   {}: ", shown(&self.args.file))?;
        match &self.args.baseline {
            Some(baseline) => writeln!(out, "{changed} of {all} records changed since {}", shown(baseline))?,
            None => writeln!(out, "all {all} records, for there is no baseline")?,
        }
        for label in labels(self.fleet) {
            writeln!(out, "sensor   {}", Escaped(&label))?;
        }
        Ok(())
    }

    fn refused(&self, out: &mut Vec<u8>) -> Result<(), Failure> {
        let every = if self.fleet.len() > 1 { " for every sensor; for any by" } else { "" };
        writeln!(out, "refused  {}{every}", self.tally.refused)?;
        for (code, refusals) in &self.tally.refusals {
            write!(out, "         {code} {:<22} {:>9}", name(*code), refusals.neighbours)?;
            if refusals.given > 0 {
                let failed = refusals.given.saturating_sub(refusals.lived);
                write!(out, "; the consumer was given {} and failed on {failed}", refusals.given)?;
            }
            writeln!(out)?;
        }
        let rest =
            [(self.tally.unjudged, "not all of it judged"), (self.tally.unwritten, "could not be written")];
        for (count, what) in rest.into_iter().filter(|(count, _)| *count > 0) {
            writeln!(out, "besides  {count}: {what}")?;
        }
        Ok(())
    }

    fn found(&self, kept: &Kept<'_>, look: Look, out: &mut Vec<u8>) -> Result<(), Failure> {
        let found = kept.found;
        let (on, off) = if look.colour { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
        let code = found.code.map_or("panic".to_owned(), |code| code.to_string());
        writeln!(out, "\n{on}error[{code}]{off}: {}", Escaped(&found.what))?;
        let (number, seed, count) = (found.number, self.args.seed, found.count);
        writeln!(
            out,
            "         although the validator accepts it: neighbour {number} of seed {seed}, the first of {count}"
        )?;
        let (large, small) = (found.neighbour.len(), found.smallest.len());
        match found.events.as_slice() {
            [] => writeln!(out, "smallest {small} of {large} bytes, no event")?,
            [event] => writeln!(out, "smallest {small} of {large} bytes, on event {}", Escaped(event))?,
            events => writeln!(out, "smallest {small} of {large} bytes, on {} events", events.len())?,
        }
        for path in [Some(&kept.file), kept.events.as_ref()].into_iter().flatten() {
            writeln!(out, "wrote    {}", shown(path))?;
        }
        if found.repeated {
            writeln!(out, "replay   {}", kept.replay)?;
        } else {
            let (since, count) = (found.since, found.number.saturating_sub(found.since).saturating_add(1));
            writeln!(
                out,
                "replay   not by itself; by this command with --seed {seed} --first {since} --count {count} --jobs 1"
            )?;
        }
        writeln!(out)?;
        Ok(())
    }

    /// For machines.
    pub fn json(&self, out: &mut Vec<u8>) -> Result<(), Failure> {
        let found = |kept: &Kept<'_>| {
            let Found { code, number, count, what, events, sensor, repeated, .. } = kept.found;
            json!({
                "rule": code.map(|code| code.to_string()), "name": code.map(name), "message": what, "neighbour": number,
                "count": count, "sensor": sensor, "repeated": repeated, "file": kept.file.display().to_string(),
                "bytes": kept.found.smallest.len(), "events": events, "replay": kept.replay,
            })
        };
        let name = |path: &PathBuf| path.display().to_string();
        let report = json!({
            "schema": 1,
            "verdict": match self.exit() {
                Exit::Refused if self.kept.is_empty() => "refused",
                Exit::Refused => "found",
                Exit::CannotJudge => "cannot-judge",
                _ => "nothing-found",
            },
            "because": self.nothing_said(),
            "file": name(&self.args.file),
            "refused": self.refused.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "baseline": self.args.baseline.as_ref().map(name),
            "sensors": labels(self.fleet).collect::<Vec<_>>(),
            "records": { "changed": self.changed.len(), "all": self.changed.all },
            "seed": self.args.seed,
            "first": self.args.first,
            "seconds": self.took.as_secs_f64(),
            "tally": self.tally,
            "found": self.kept.iter().map(found).collect::<Vec<_>>(),
        });
        serde_json::to_writer(&mut *out, &report).map_err(Failure::cannot)?;
        out.push(b'\n');
        Ok(())
    }
}

fn name(code: Code) -> &'static str {
    find(&code.to_string()).map(|rule| rule.name).unwrap_or_default()
}
