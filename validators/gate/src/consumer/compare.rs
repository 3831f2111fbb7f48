//! Runs a consumer beside our interpreter on the same file and the same events, and keeps for each kind of problem the
//! smallest events that show it.

use super::confine::Purpose;
use super::growth::{self, Growth};
use super::shrink::shrink;
use super::{BlobReading, Confinement, Consumer, Failure, Loading, Outcome, Reading, Setup};
use crate::events::each_event;
use crate::rules::consumer::{self as rules, Rule};
use crate::{Record, execute_blob_seen, execute_seen};
use channel_contract::Contract;
use channel_interpreter::{Automata, Fault, Interpreter};
use channel_parser::Path;
use channel_parser::model::view::Content;
use std::fmt;
use std::path::PathBuf;
use std::time::Instant;

/// Events before the last that can have a part in a problem.
const REMEMBERED: usize = 1024;
/// A consumer that fails again and again is not started more often.
const RESTARTS: u32 = 32;

/// A kind of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// It died.
    Crash,
    /// It gave no answer in time.
    Hang,
    /// It used more time or memory than it may, or more from event to event.
    Budget,
    /// It answered otherwise than our interpreter.
    Disagrees,
    /// It did not keep to the protocol.
    Protocol,
    /// It could not be run on everything.
    Incomplete,
}

impl ProblemKind {
    /// All of them.
    pub const ALL: &[Self] =
        &[Self::Crash, Self::Hang, Self::Budget, Self::Disagrees, Self::Protocol, Self::Incomplete];

    /// The rule that is about it.
    pub fn rule(self) -> &'static Rule {
        match self {
            Self::Crash => &rules::consumer_crash::RULE,
            Self::Hang => &rules::consumer_hang::RULE,
            Self::Budget => &rules::consumer_budget::RULE,
            Self::Disagrees => &rules::consumer_disagrees::RULE,
            Self::Protocol => &rules::consumer_protocol::RULE,
            Self::Incomplete => &rules::consumer_incomplete::RULE,
        }
    }
}

/// What a consumer did that it must not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its kind.
    pub kind: ProblemKind,
    /// What the consumer did, as a sentence without its subject.
    pub what: String,
    /// On how many events.
    pub count: u64,
    /// The smallest events found that show it, in their order; none if it needs no event.
    pub events: Vec<Record>,
    /// Whether it came again on a consumer that was started afresh.
    pub repeated: bool,
    /// A detection on which it disagrees.
    pub detection: Option<u32>,
    /// The filter of a rule blob that decides, on our side, where it disagrees.
    pub filter: Option<Path>,
    /// The fault of our interpreter on the last of these events.
    pub fault: Option<Box<Fault>>,
}

/// What came of running a consumer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// What the consumer calls itself.
    pub name: String,
    /// What it was kept from; `None` if it did not start.
    pub confinement: Option<Confinement>,
    /// The events that both answered.
    pub agreed: u64,
    /// The events on which our interpreter faults: whatever the consumer answers there is no disagreement.
    pub faulted: u64,
    /// The first problem of each kind, by kind.
    pub problems: Vec<Problem>,
    /// Why not everything was run: nothing can be said of the rest.
    pub unrun: Option<String>,
}

/// Runs the consumer on the content that we read, and these events.
pub fn compare(setup: &Setup, ours: &dyn Reading, events: impl IntoIterator<Item = Record>) -> Comparison {
    let mut beside = Beside::new(setup, ours);
    events.into_iter().for_each(|event| beside.event(event));
    beside.finish()
}

/// Runs the consumer on content and the events that are steered through it for this sensor.
pub fn steered(setup: &Setup, content: &Content<'_>, contract: &Contract) -> Comparison {
    with(content, contract, |ours| {
        let mut beside = Beside::new(setup, ours);
        each_steered(content, contract, &mut |event| beside.event(event));
        beside.finish()
    })
}

/// The events that are steered through content for a sensor, one after the other.
pub(crate) fn each_steered(content: &Content<'_>, contract: &Contract, each: &mut dyn FnMut(Record)) {
    _ = match content {
        Content::Channel(file) => execute_seen(file, contract, &mut |event| each(Record::from(event))),
        // Sysmon compares without case, which whoever writes values in one case does not see.
        Content::Blob(blob) => execute_blob_seen(blob, contract, None, &mut |event| {
            let record = Record::from(event);
            let other = record.in_other_case();
            each(record);
            other.into_iter().for_each(&mut *each);
        }),
    };
}

/// Runs the consumer on content and recorded events.
pub fn recorded(
    setup: &Setup,
    content: &Content<'_>,
    contract: &Contract,
    events: Vec<PathBuf>,
) -> Comparison {
    with(content, contract, |ours| {
        let mut beside = Beside::new(setup, ours);
        each_event(contract, events, &mut |event| beside.event(event));
        beside.finish()
    })
}

/// Reads content as this sensor does.
pub(crate) fn with<T>(content: &Content<'_>, contract: &Contract, then: impl FnOnce(&dyn Reading) -> T) -> T {
    match content {
        Content::Channel(file) => then(&Interpreter::new(file, contract, Automata::new(file))),
        Content::Blob(blob) => then(&BlobReading::new(blob, contract)),
    }
}

/// Lets a consumer load what we read.
pub(crate) fn load(consumer: &mut Consumer, ours: &dyn Reading) -> Result<(), Trouble> {
    match consumer.load(&ours.name(), ours.bytes(), ours.answers()).map_err(Trouble::Failed)? {
        Loading::Loaded => Ok(()),
        Loading::Refused(why) => Err(Trouble::Refused(why)),
        Loading::Unsupported(why) => Err(Trouble::Unsupported(why)),
    }
}

/// Whether both answer the same; false if ours has no answer.
pub(crate) fn ask(consumer: &mut Consumer, ours: &dyn Reading, event: &Record) -> Result<bool, Trouble> {
    let theirs = consumer.event(event).map_err(Trouble::Failed)?;
    let Ok(ours) = ours.outcome(event) else { return Ok(false) };
    if !theirs.agrees(&ours) {
        return Err(Trouble::Answered { theirs, ours });
    }
    Ok(true)
}

/// What a consumer did on the last of some events.
#[derive(Debug)]
pub(crate) enum Trouble {
    Failed(Failure),
    Refused(String),
    Unsupported(String),
    Answered { theirs: Outcome, ours: Outcome },
    Grows(Growth),
}

impl Trouble {
    /// Its kind; `None` if nothing could be run.
    pub(crate) fn kind(&self) -> Option<ProblemKind> {
        Some(match self {
            Self::Failed(Failure::NotStarted(_)) | Self::Unsupported(_) => return None,
            Self::Failed(Failure::Died { .. }) => ProblemKind::Crash,
            Self::Failed(Failure::Silent { .. }) => ProblemKind::Hang,
            Self::Failed(Failure::Memory { .. } | Failure::Threads { .. }) | Self::Grows(_) => {
                ProblemKind::Budget
            }
            Self::Failed(Failure::Protocol { .. }) => ProblemKind::Protocol,
            Self::Refused(_) | Self::Answered { .. } => ProblemKind::Disagrees,
        })
    }

    /// The first detection that only one of the two matches.
    fn detection(&self) -> Option<u32> {
        let Self::Answered { theirs, ours } = self else { return None };
        theirs.differs_at(ours)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(failure) => failure.fmt(f),
            Self::Refused(why) => write!(f, "refuses the file: {why}"),
            Self::Unsupported(why) => write!(f, "cannot run the file: {why}"),
            Self::Answered { theirs, ours } => {
                write!(f, "{theirs}, and the interpreter {ours}")
            }
            Self::Grows(growth) => growth.fmt(f),
        }
    }
}

/// A consumer beside our interpreter, event by event.
pub struct Beside<'r> {
    setup: &'r Setup,
    ours: &'r dyn Reading,
    deadline: Option<Instant>,
    found: Comparison,
    restarts: u32,
    /// `None` if it cannot be run any more.
    consumer: Option<Consumer>,
    /// The events since it was started, the last ones at least.
    before: Vec<Record>,
}

impl<'r> Beside<'r> {
    /// Starts the consumer with the content that we read.
    pub fn new(setup: &'r Setup, ours: &'r dyn Reading) -> Self {
        let deadline = Instant::now().checked_add(setup.limits.total);
        let found = Comparison::default();
        let mut beside =
            Self { setup, ours, deadline, found, restarts: 0, consumer: None, before: Vec::new() };
        beside.consumer = beside.begin();
        beside
    }

    /// Runs one event on both.
    pub fn event(&mut self, event: Record) {
        let Some(mut consumer) = self.consumer.take() else { return };
        if self.is_late() {
            let run = self.found.agreed.saturating_add(self.found.faulted);
            return self.unrun(format!("{run} events took all the time of {:?}", self.setup.limits.total));
        }
        if self.before.len() >= 2 * REMEMBERED {
            self.before.drain(..REMEMBERED);
        }
        let answer = self.step(&mut consumer, &event);
        self.before.push(event);
        match answer {
            Ok(()) => self.consumer = Some(consumer),
            Err(trouble) => {
                let goes_on = !matches!(trouble, Trouble::Failed(_));
                let before = std::mem::take(&mut self.before);
                self.note(trouble, &before);
                if goes_on {
                    (self.consumer, self.before) = (Some(consumer), before);
                } else {
                    drop(consumer);
                    self.consumer = self.again();
                }
            }
        }
    }

    /// What came of it all.
    pub fn finish(mut self) -> Comparison {
        if self.consumer.take().is_some() {
            self.growth();
        }
        self.found.problems.sort_by_key(|problem| problem.kind);
        self.found
    }

    /// Starts the consumer with the file. What goes wrong is noted.
    fn begin(&mut self) -> Option<Consumer> {
        match self.fresh(Purpose::Answers) {
            Ok(consumer) => {
                self.found.name = consumer.name().to_owned();
                self.found.confinement = Some(consumer.confinement().clone());
                Some(consumer)
            }
            Err(trouble) => {
                self.note(trouble, &[]);
                None
            }
        }
    }

    fn again(&mut self) -> Option<Consumer> {
        self.restarts = self.restarts.saturating_add(1);
        if self.restarts >= RESTARTS {
            self.unrun(format!("it failed {RESTARTS} times and was not started again"));
            return None;
        }
        self.begin()
    }

    fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    fn unrun(&mut self, why: String) {
        self.found.unrun.get_or_insert(why);
    }

    /// A consumer that holds the file.
    fn fresh(&self, purpose: Purpose) -> Result<Consumer, Trouble> {
        let mut consumer = Consumer::spawn_for(self.setup, purpose).map_err(Trouble::Failed)?;
        load(&mut consumer, self.ours)?;
        Ok(consumer)
    }

    /// One event, on both.
    fn step(&mut self, consumer: &mut Consumer, event: &Record) -> Result<(), Trouble> {
        let agreed = ask(consumer, self.ours, event)?;
        let count = if agreed { &mut self.found.agreed } else { &mut self.found.faulted };
        *count = count.saturating_add(1);
        Ok(())
    }

    /// Keeps the first problem of a kind, with the smallest events that show it, and counts the others.
    fn note(&mut self, trouble: Trouble, before: &[Record]) {
        let Some(kind) = trouble.kind() else { return self.unrun(trouble.to_string()) };
        if let Some(known) = self.found.problems.iter_mut().find(|known| known.kind == kind) {
            known.count = known.count.saturating_add(1);
            return;
        }
        let (events, shown) = self.smallest(kind, before, &trouble);
        let repeated = shown.is_some();
        let trouble = shown.unwrap_or(trouble);
        let (what, detection) = (trouble.to_string(), trouble.detection());
        let last = events.last();
        let fault = last.and_then(|event| self.ours.outcome(event).err());
        let differs = kind == ProblemKind::Disagrees;
        let filter = last.filter(|_| differs).and_then(|event| self.ours.filter(event));
        let problem = Problem { kind, what, count: 1, events, repeated, detection, filter, fault };
        self.found.problems.push(problem);
    }

    /// The smallest events that make a fresh consumer show a problem of this kind, and what it then shows.
    fn smallest(
        &self,
        kind: ProblemKind,
        before: &[Record],
        first: &Trouble,
    ) -> (Vec<Record>, Option<Trouble>) {
        let grows = matches!(first, Trouble::Grows(_));
        let mut last = None;
        let mut shows = |events: &[Record]| {
            if self.is_late() {
                return false;
            }
            let trouble = if grows { self.grows(events) } else { self.replay(events) };
            let same = |trouble: &Trouble| {
                trouble.kind() == Some(kind) && matches!(trouble, Trouble::Grows(_)) == grows
            };
            let Some(trouble) = trouble.filter(same) else { return false };
            last = Some(trouble);
            true
        };
        let suffix = |length: usize| before.get(before.len().saturating_sub(length)..).unwrap_or(before);
        let lengths = std::iter::once(0).chain((0..).map(|n| 1_usize << n));
        let mut suffixes =
            lengths.take_while(|length| *length < before.len().max(1).saturating_mul(2)).map(suffix);
        let Some(events) = suffixes.find(|events| shows(events)) else {
            return (before.last().cloned().into_iter().collect(), None);
        };
        // What is slow to show is shown less often.
        let tries = match kind {
            ProblemKind::Hang | ProblemKind::Budget => 24,
            _ => 256,
        };
        let events = shrink(events.to_vec(), self.ours.contract(), tries, &mut shows);
        (events, last)
    }

    /// What a fresh consumer does on these events, if it is not what our interpreter does.
    fn replay(&self, events: &[Record]) -> Option<Trouble> {
        let mut consumer = match self.fresh(Purpose::Answers) {
            Ok(consumer) => consumer,
            Err(trouble) => return events.is_empty().then_some(trouble),
        };
        let (last, before) = events.split_last()?;
        for event in before {
            consumer.event(event).ok()?;
        }
        ask(&mut consumer, self.ours, last).err()
    }

    /// Whether a fresh consumer grows on these events.
    fn grows(&self, events: &[Record]) -> Option<Trouble> {
        if events.is_empty() {
            return None;
        }
        growth::probe(&mut self.fresh(Purpose::Growth).ok()?, events).ok()?.map(Trouble::Grows)
    }

    /// Looks for growth if nothing worse was found.
    fn growth(&mut self) {
        let events = std::mem::take(&mut self.before);
        let answered = |problem: &Problem| problem.kind == ProblemKind::Disagrees;
        if events.is_empty() || self.is_late() || !self.found.problems.iter().all(answered) {
            return;
        }
        let probed = match self.fresh(Purpose::Growth) {
            Ok(mut consumer) => growth::probe(&mut consumer, &events).map_err(Trouble::Failed),
            Err(trouble) => Err(trouble),
        };
        match probed {
            Ok(None) => {}
            Ok(Some(growth)) => self.note(Trouble::Grows(growth), &events),
            Err(trouble) => self.note(trouble, &events),
        }
    }
}
