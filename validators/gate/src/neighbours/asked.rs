//! The consumer beside a block of neighbours: file after file, and started again when it has failed.

use crate::consumer::{Consumer, ProblemKind, Setup, Trouble, ask, each_steered, load, with};
use channel_contract::Contract;
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

    /// Lets it load the content, and sends it the events that are steered through it.
    pub(super) fn ask(&mut self, content: &Content<'_>) -> Answer {
        if self.failures >= FAILURES {
            return Answer::NotAsked(format!("it failed on {FAILURES} of a block of neighbours"));
        }
        let mut consumer = match self.consumer.take().map_or_else(|| Consumer::spawn(self.setup), Ok) {
            Ok(consumer) => consumer,
            Err(failure) => return Answer::NotAsked(failure.to_string()),
        };
        let answers = answers(&mut consumer, content, &self.member.contract);
        match &answers {
            Err(Trouble::Failed(_)) => self.failures = self.failures.saturating_add(1),
            _ => self.consumer = Some(consumer),
        }
        match answers {
            Ok(answers) => Answer::Same(answers),
            Err(trouble) => match trouble.kind() {
                Some(kind) => Answer::Problem(kind, trouble.to_string()),
                None => Answer::NotAsked(trouble.to_string()),
            },
        }
    }
}

/// How many answers it gave, all of them ours wherever ours does not fault; or what it did instead.
fn answers(consumer: &mut Consumer, content: &Content<'_>, contract: &Contract) -> Result<u64, Trouble> {
    with(content, contract, |ours| {
        load(consumer, ours)?;
        let (mut answers, mut trouble) = (0u64, None);
        each_steered(content, contract, &mut |event| {
            if trouble.is_none() {
                trouble = ask(consumer, ours, &event).err();
                answers = answers.saturating_add(1);
            }
        });
        trouble.map_or(Ok(answers), Err)
    })
}
