//! Fuzzes what a release changes: neighbours of the changed records go through judge, executor and, if there is one, the
//! vendor's own interpreter. What is accepted must fault on no event, kill no consumer and match the same for it; what
//! does not is kept, as small as it was found.
//!
//! Each neighbour is made by its own number, and each block of them has a consumer of its own: what is found does not depend
//! on how many threads look for it.
//!
//! What it leaves to others: how records are edited (`channel-smith`), and how a consumer is run.

mod asked;
mod changed;
mod found;
mod tally;

pub use changed::Changed;
pub use found::Found;
pub use tally::{Refusals, Tally};

use crate::complete;
use crate::consumer::Setup;
use asked::Asked;
use channel_smith::Seed;
use channel_validators::{Code, Finding, Judgement, Made, Member, Severity, Subject, Verdict, judge};
use std::any::Any;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tally::Seen;

/// Neighbours that one thread does at a time, with one consumer.
const BLOCK: u64 = 64;
/// Bytes of choices for one neighbour.
const CHOICES: usize = 1 << 10;
/// Of so many neighbours one is given to the consumer although the validator refuses it: does it prevent something?
const REFUSED_TOO: u64 = 8;

/// One run over neighbours.
pub struct Campaign<'a> {
    /// What the release changes.
    pub changed: &'a Changed,
    /// The sensors that it would reach.
    pub fleet: &'a [Member],
    /// How the interpreter of the first sensor is started, if there is one.
    pub consumer: Option<&'a Setup>,
    /// How the file came about, and so its neighbours.
    pub made: Made,
    /// The number that all neighbours are made by.
    pub seed: u64,
    /// The first neighbour.
    pub first: u64,
    /// At most so many.
    pub count: Option<u64>,
    /// At most so long.
    pub time: Option<Duration>,
    /// Threads.
    pub jobs: usize,
}

/// What came of it.
pub struct Outcome {
    /// What was counted.
    pub tally: Tally,
    /// What was found, each thing with the smallest neighbour that shows it, by code.
    pub found: Vec<Found>,
    /// How long it took until everything was tried, and nothing was shrunk yet.
    pub took: Duration,
}

impl Campaign<'_> {
    /// Runs it. `progress` is told now and then what was counted so far.
    pub fn run(&self, progress: &mut (dyn FnMut(&Tally) + Send)) -> Outcome {
        let start = Instant::now();
        let deadline = self.time.and_then(|time| start.checked_add(time));
        let (next, all) = (AtomicU64::new(0), Mutex::new((Tally::default(), progress)));
        let worker = || {
            while let Some(range) = self.block(next.fetch_add(1, Ordering::Relaxed), deadline) {
                let block = self.neighbours(range, deadline);
                let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                let (tally, progress) = &mut *all;
                tally.add(block);
                progress(tally);
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.jobs.max(1) {
                scope.spawn(worker);
            }
            worker();
        });
        let (tally, _) = all.into_inner().unwrap_or_else(PoisonError::into_inner);
        let took = start.elapsed();
        let found = tally.first.values().map(|raw| found::smallest(self, raw)).collect();
        Outcome { tally, found, took }
    }

    /// The neighbours of a block; `None` if it is over.
    fn block(&self, block: u64, deadline: Option<Instant>) -> Option<Range<u64>> {
        let start = block.checked_mul(BLOCK)?;
        let end = start.saturating_add(BLOCK).min(self.count.unwrap_or(u64::MAX));
        let late = deadline.is_some_and(|deadline| Instant::now() >= deadline);
        (start < end && !late).then(|| self.first.saturating_add(start)..self.first.saturating_add(end))
    }

    fn neighbours(&self, range: Range<u64>, deadline: Option<Instant>) -> Tally {
        let mut asked =
            self.consumer.zip(self.fleet.first()).map(|(setup, member)| Asked::new(setup, member));
        let mut block = Tally::default();
        for number in range {
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                break;
            }
            let Some(bytes) = self.neighbour(number) else {
                block.unwritten = block.unwritten.saturating_add(1);
                continue;
            };
            // A fault of ours is a finding, too, and the neighbour that shows it must not be lost.
            match catch_unwind(AssertUnwindSafe(|| self.seen(number, &bytes, asked.as_mut()))) {
                Ok(seen) => block.seen(number, &bytes, seen),
                Err(panic) => block.panicked(number, bytes, told(panic.as_ref())),
            }
        }
        block
    }

    /// A neighbour by its number.
    fn neighbour(&self, number: u64) -> Option<Vec<u8>> {
        let seed = Seed::nth(self.seed, number, CHOICES);
        let u = &mut seed.choices();
        let member = self.fleet.get(u.choose_index(self.fleet.len()).ok()?)?;
        self.changed.neighbour(u, &member.contract).ok().flatten()
    }

    fn subject<'b>(&self, bytes: &'b [u8]) -> Subject<'b> {
        let mut subject = Subject::read("neighbour", bytes);
        subject.made = self.made;
        subject
    }

    /// Judges it, executes it, and asks the consumer.
    fn seen(&self, number: u64, bytes: &[u8], asked: Option<&mut Asked<'_>>) -> Seen {
        let subject = self.subject(bytes);
        let Judged { mut judgement, sensors, refused } = self.judged(&subject);
        let accepted = judgement.verdict == Verdict::Pass;
        let mut seen = Seen { accepted, refused, ..Seen::default() };
        if accepted {
            complete(&mut judgement, &subject, &sensors);
            seen.events = judgement.executed.as_ref().map_or(0, |executed| executed.events);
            seen.ours = alarm(&judgement).map(|error| (error.code, error.message.clone()));
        }
        let given = accepted || number.is_multiple_of(REFUSED_TOO);
        if let (Some(asked), Some(content), true) = (asked, &subject.content, given) {
            seen.theirs = Some(asked.ask(content));
        }
        seen
    }

    /// Judges it for the whole fleet, and again for the sensors that take it if others do not.
    fn judged(&self, subject: &Subject<'_>) -> Judged<'_> {
        let judgement = judge(subject, self.fleet);
        let errors = judgement.findings.iter().filter(|finding| finding.severity == Severity::Error);
        let refused = errors.map(|finding| finding.code).collect();
        let takes = |member: &&Member| !judgement.refused_for.contains(&member.contract.label());
        let some: Vec<Member> = match judgement.verdict {
            Verdict::Fail if self.fleet.len() > 1 => self.fleet.iter().filter(takes).cloned().collect(),
            _ => Vec::new(),
        };
        if some.is_empty() {
            return Judged { judgement, sensors: self.fleet.into(), refused };
        }
        Judged { judgement: judge(subject, &some), sensors: some.into(), refused }
    }
}

/// The judgement on a neighbour for the sensors that take it, or for all if none does.
struct Judged<'f> {
    judgement: Judgement,
    sensors: Cow<'f, [Member]>,
    /// The rules that refuse it for any.
    refused: BTreeSet<Code>,
}

/// What a panic says.
fn told(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("contentgate panicked: {}", text.unwrap_or("without a word"))
}

/// Of content that the validator accepts, what execution finds: the validator, or the interpreter, is wrong.
fn alarm(judgement: &Judgement) -> Option<&Finding> {
    judgement.findings.iter().find(|finding| finding.severity == Severity::Error)
}
