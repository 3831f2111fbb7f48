//! Our own reading of the content that a consumer holds: what the two are compared by.

use crate::Record;
use channel_contract::Contract;
use channel_interpreter::sysmon::Rules;
use channel_interpreter::{Fault, Interpreter, Regexes, Watch};
use channel_parser::Path;
use channel_parser::channel::{Detection, FileName, Table};
use channel_parser::sysmon::Blob;
use std::fmt;

/// What comes of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Of a channel file: the detections that match, ascending.
    Matches(Vec<u32>),
    /// Of a rule blob: Sysmon logs it, under this name, which is empty if there is none. `None`: the consumer does not say.
    Logged(Option<String>),
    /// Of a rule blob: Sysmon does not log it.
    Dropped,
}

impl Outcome {
    /// Whether two say the same, as far as both say something.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Logged(a), Self::Logged(b)) => a.is_none() || b.is_none() || a == b,
            _ => self == other,
        }
    }

    /// The first detection that only one of two matches.
    pub(super) fn differs_at(&self, other: &Self) -> Option<u32> {
        let (Self::Matches(a), Self::Matches(b)) = (self, other) else { return None };
        let only = |these: &[u32], those: &[u32]| these.iter().find(|index| !those.contains(index)).copied();
        only(a, b).into_iter().chain(only(b, a)).min()
    }
}

/// After the name of who does it: `matches detection 1`.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Matches(found) => write!(f, "matches {}", Indices(found)),
            Self::Logged(None) => f.write_str("logs it"),
            Self::Logged(Some(name)) if name.is_empty() => f.write_str("logs it without a name"),
            Self::Logged(Some(name)) => write!(f, "logs it as `{}`", super::failure::shortened(name, 80)),
            Self::Dropped => f.write_str("does not log it"),
        }
    }
}

/// The start of a list of detections.
pub(super) struct Indices<'i>(pub &'i [u32]);

impl fmt::Display for Indices<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 8;
        let shown: Vec<String> = self.0.iter().take(SHOWN).map(ToString::to_string).collect();
        match self.0.len() {
            0 => f.write_str("no detection"),
            1 => write!(f, "detection {}", shown.join("")),
            n if n <= SHOWN => write!(f, "detections {}", shown.join(", ")),
            n => write!(f, "{n} detections, {} first", shown.join(", ")),
        }
    }
}

/// What an answer about content has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// Detections, of so many.
    Matches(u32),
    /// Whether Sysmon logs it.
    Logged,
}

/// Content on a sensor, as we read it.
pub trait Reading {
    /// The name that the content has for people.
    fn name(&self) -> String;
    /// Its bytes.
    fn bytes(&self) -> &[u8];
    /// The sensor's contract.
    fn contract(&self) -> &Contract;
    /// What answers about it are.
    fn answers(&self) -> Answers;
    /// What comes of an event.
    ///
    /// # Errors
    ///
    /// What would have crashed the sensor.
    fn outcome(&self, event: &Record) -> Result<Outcome, Box<Fault>>;
    /// The filter that decides what Sysmon does with an event.
    fn filter(&self, event: &Record) -> Option<Path>;
}

impl<R: Regexes> Reading for Interpreter<'_, R> {
    fn name(&self) -> String {
        let header = self.file().header();
        FileName { channel: header.channel, part: header.part, revision: header.revision }.to_string()
    }

    fn bytes(&self) -> &[u8] {
        self.file().bytes()
    }

    fn contract(&self) -> &Contract {
        self.contract()
    }

    fn answers(&self) -> Answers {
        Answers::Matches(self.file().table(Table::Detections).rows)
    }

    fn outcome(&self, event: &Record) -> Result<Outcome, Box<Fault>> {
        let mut matches = Matches(Vec::new());
        self.run(&event.view().event(), &mut matches).map_err(Box::new)?;
        Ok(Outcome::Matches(matches.0))
    }

    fn filter(&self, _: &Record) -> Option<Path> {
        None
    }
}

/// The detections that match.
struct Matches(Vec<u32>);

impl Watch for Matches {
    fn detection(&mut self, detection: &Detection<'_>) {
        self.0.push(detection.index().0);
    }
}

/// A rule blob on a sensor.
#[derive(Clone, Copy, Debug)]
pub struct BlobReading<'a> {
    blob: &'a Blob<'a>,
    contract: &'a Contract,
    rules: Rules<'a>,
}

impl<'a> BlobReading<'a> {
    /// Puts them together.
    pub fn new(blob: &'a Blob<'a>, contract: &'a Contract) -> Self {
        Self { blob, contract, rules: Rules::new(blob, contract) }
    }
}

impl Reading for BlobReading<'_> {
    fn name(&self) -> String {
        "rules.bin".to_owned()
    }

    fn bytes(&self) -> &[u8] {
        self.blob.bytes()
    }

    fn contract(&self) -> &Contract {
        self.contract
    }

    fn answers(&self) -> Answers {
        Answers::Logged
    }

    fn outcome(&self, event: &Record) -> Result<Outcome, Box<Fault>> {
        let decision = self.rules.decide(&event.view().event(), &mut ()).map_err(Box::new)?;
        let name = decision.rule.map(|name| name.to_string()).unwrap_or_default();
        Ok(if decision.logged { Outcome::Logged(Some(name)) } else { Outcome::Dropped })
    }

    fn filter(&self, event: &Record) -> Option<Path> {
        let decision = self.rules.decide(&event.view().event(), &mut ()).ok()?;
        decision.by.map(|(_, filter)| filter.path())
    }
}
