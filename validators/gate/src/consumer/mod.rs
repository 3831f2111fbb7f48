//! A vendor's own interpreter, run as a child process over the line protocol of `CONSUMER.md`: it is given the file and
//! the events, and answers or dies. What it does is compared with our interpreter; what it may do is limited.
//!
//! What it leaves to others: which events are worth trying, and what content must be like.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::string_slice
    )
)]

mod child;
mod compare;
mod confine;
mod failure;
mod growth;
#[cfg(target_os = "linux")]
mod linux;
mod ours;
mod protocol;
mod report;
mod shrink;

pub use compare::{Beside, Comparison, Problem, ProblemKind, compare, recorded, steered};
pub(crate) use compare::{Trouble, ask, each_steered, load, with};
pub use confine::{Confinement, launch};
pub use failure::{Exit, Failure};
pub use ours::{Answers, BlobReading, Outcome, Reading};
pub use protocol::{Loading, VERSION};
pub use report::add;

use crate::Record;
use child::Child;
use confine::Purpose;
use protocol::{Answer, Expected};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// What a consumer may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The time to start and to load a file.
    pub load: Duration,
    /// The time for one event.
    pub event: Duration,
    /// The time for all that is done with it, its restarts included.
    pub total: Duration,
    /// The bytes of memory that it may hold, measured where the system tells (Linux).
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            load: Duration::from_secs(30),
            event: Duration::from_secs(5),
            total: Duration::from_secs(300),
            memory: 1 << 30,
        }
    }
}

/// How a consumer is started.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The program and its arguments.
    pub command: Vec<OsString>,
    /// The program that limits itself by [`launch`] and becomes the consumer, and the arguments that make it do so.
    /// Without one, only time and memory are limited.
    pub launcher: Option<Vec<OsString>>,
    /// Folders that the consumer may read besides its own program, its arguments and the system's libraries.
    pub read: Vec<PathBuf>,
    /// What it may use.
    pub limits: Limits,
}

impl Setup {
    /// A consumer that is not confined, with the default limits.
    pub fn new(command: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        let command = command.into_iter().map(Into::into).collect();
        Self { command, launcher: None, read: Vec::new(), limits: Limits::default() }
    }
}

/// A running consumer. It ends when this is dropped.
#[derive(Debug)]
pub struct Consumer {
    child: Child,
    name: String,
    limits: Limits,
    answers: Answers,
}

impl Consumer {
    /// Starts it and exchanges the version of the protocol.
    ///
    /// # Errors
    ///
    /// That it did not start, or what it did instead of an answer.
    ///
    /// ```no_run
    /// use channel_gate::Record;
    /// use channel_gate::consumer::{Answers, Consumer, Loading, Outcome, Setup};
    /// # fn main() -> Result<(), channel_gate::consumer::Failure> {
    /// let setup = Setup::new(["./sensor-harness", "--events"]);
    /// let mut consumer = Consumer::spawn(&setup)?;
    /// let loaded = consumer.load("C-00000291-00000000-00000033.sys", &[], Answers::Matches(0))?;
    /// assert_eq!(loaded, Loading::Loaded);
    /// assert_eq!(consumer.event(&Record::default())?, Outcome::Matches(vec![]));
    /// # Ok(()) }
    /// ```
    pub fn spawn(setup: &Setup) -> Result<Self, Failure> {
        Self::spawn_for(setup, Purpose::Answers)
    }

    fn spawn_for(setup: &Setup, purpose: Purpose) -> Result<Self, Failure> {
        let limits = setup.limits;
        let mut child = Child::start(setup, purpose)?;
        match child.ask(protocol::hello().into(), Expected::Hello, limits.load) {
            Ok(Answer::Hello(name)) => Ok(Self { child, name, limits, answers: Answers::Matches(0) }),
            Ok(other) => Err(Expected::Hello.not(&other)),
            // It has seen no content yet: what is wrong is how it is started.
            Err(failure @ Failure::NotStarted(_)) => Err(failure),
            Err(failure) => Err(Failure::NotStarted(format!("it {failure}"))),
        }
    }

    /// What it calls itself.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it cannot do.
    pub fn confinement(&self) -> &Confinement {
        self.child.confinement()
    }

    /// Lets it load a file, in place of any before it. `answers` is what it has to say to events from then on.
    ///
    /// # Errors
    ///
    /// What it did instead of an answer.
    pub fn load(&mut self, name: &str, bytes: &[u8], answers: Answers) -> Result<Loading, Failure> {
        self.answers = answers;
        match self.child.ask(protocol::file(name, bytes), Expected::Loading, self.limits.load)? {
            Answer::Loading(loading) => Ok(loading),
            other => Err(Expected::Loading.not(&other)),
        }
    }

    /// What comes of an event.
    ///
    /// # Errors
    ///
    /// What it did instead of an answer.
    pub fn event(&mut self, event: &Record) -> Result<Outcome, Failure> {
        let expected = Expected::Event(self.answers);
        match self.child.ask(protocol::event(event), expected, self.limits.event)? {
            Answer::Event(outcome) => Ok(outcome),
            other => Err(expected.not(&other)),
        }
    }

    /// What it holds and has used so far; `None` where the system does not tell.
    pub fn usage(&self) -> Option<Usage> {
        self.child.usage()
    }
}

/// What a process holds and has used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Bytes of memory, those on disk for want of memory included.
    pub memory: u64,
    /// The threads that it runs.
    pub threads: u64,
    /// The time it has been on a processor.
    pub cpu: Duration,
}
