//! The consumer beside a block of neighbours: file after file, and started again when it has failed.

use crate::Record;
use crate::consumer::{Consumer, Failure, Loading, ProblemKind, Reading, Setup, each_steered, read};
use channel_parser::model::view::Content;
use channel_validators::Member;

/// A consumer that fails again and again is asked no more; the next block has another.
const FAILURES: u32 = 8;

pub(super) struct Asked<'c> {
    setup: &'c Setup,
    member: &'c Member,
    consumer: Option<Consumer>,
    failures: u32,
}

/// What a consumer did on a neighbour.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// It answered as our interpreter does, wherever that does not fault.
    Same(u64),
    /// It did what it must not, after so many answers.
    Problem(ProblemKind, String),
    /// It could not be asked.
    NotAsked(String),
}

impl<'c> Asked<'c> {
    pub(super) fn new(setup: &'c Setup, member: &'c Member) -> Self {
        Self { setup, member, consumer: None, failures: 0 }
    }

    /// Lets it load the file, and sends it the events that are steered through it.
    pub(super) fn ask(&mut self, content: &Content<'_>) -> Answer {
        if self.member.contract.sysmon.is_some() != matches!(content, Content::Blob(_)) {
            return Answer::NotAsked("the sensor does not read content of this format".into());
        }
        if self.failures >= FAILURES {
            return Answer::NotAsked(format!("it failed on {FAILURES} of a block of neighbours"));
        }
        let mut consumer = match self.consumer.take().map_or_else(|| Consumer::spawn(self.setup), Ok) {
            Ok(consumer) => consumer,
            Err(failure) => return Answer::NotAsked(failure.to_string()),
        };
        match read(content, &self.member.contract, |ours| self.answers(&mut consumer, content, ours)) {
            Ok(answer) => {
                self.consumer = Some(consumer);
                answer
            }
            Err(failure) => {
                self.failures = self.failures.saturating_add(1);
                match failure.kind() {
                    Some(kind) => Answer::Problem(kind, failure.to_string()),
                    None => Answer::NotAsked(failure.to_string()),
                }
            }
        }
    }

    fn answers(
        &self,
        consumer: &mut Consumer,
        content: &Content<'_>,
        ours: &dyn Reading,
    ) -> Result<Answer, Failure> {
        match consumer.load(&ours.name(), ours.bytes(), ours.answers())? {
            Loading::Loaded => {}
            Loading::Refused(why) => {
                return Ok(Answer::Problem(ProblemKind::Disagrees, format!("refuses the file: {why}")));
            }
            Loading::Unsupported(why) => return Ok(Answer::NotAsked(format!("cannot run the file: {why}"))),
        }
        let (mut answers, mut end) = (0u64, None);
        each_steered(content, &self.member.contract, &mut |event| {
            if end.is_some() {
                return;
            }
            match one(consumer, ours, &event) {
                Ok(None) => answers = answers.saturating_add(1),
                Ok(Some(differs)) => end = Some(Ok(Answer::Problem(ProblemKind::Disagrees, differs))),
                Err(failure) => end = Some(Err(failure)),
            }
        });
        end.unwrap_or(Ok(Answer::Same(answers)))
    }
}

/// How the two differ on an event, if they do; where ours faults there is nothing to compare.
fn one(consumer: &mut Consumer, ours: &dyn Reading, event: &Record) -> Result<Option<String>, Failure> {
    let theirs = consumer.event(event)?;
    match ours.outcome(event) {
        Ok(ours) if !theirs.agrees(&ours) => {
            Ok(Some(format!("{theirs}, and the interpreter {ours}, on {}", event.to_json())))
        }
        _ => Ok(None),
    }
}
