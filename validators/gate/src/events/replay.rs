//! Content as a sensor loaded it, and what it does on events.

use crate::{OwnedInput, Record};
use channel_contract::Contract;
use channel_interpreter::sysmon::Rules;
use channel_interpreter::{Engine, Event, Fault, Regexes, Scratch, text};
use channel_parser::Path;
use channel_parser::channel::{ChannelFile, Criterion, Detection, Instance, Operand, Pattern};
use channel_parser::model::{DetectionIndex, Operator, Quantifier};
use channel_validators::Subject;

/// Content on a sensor, ready for events.
pub enum Replay<'a> {
    /// A channel file.
    Channel(Box<Engine<'a>>),
    /// A rule blob of Sysmon.
    Blob(Rules<'a>, &'a Contract),
}

/// What an event brought about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The detections that matched, in the order of the file.
    pub detections: Vec<DetectionIndex>,
    /// What Sysmon does with the event.
    pub ruled: Option<Ruled>,
    /// What would have crashed the sensor then.
    pub fault: Option<Box<Fault>>,
}

/// What Sysmon does with an event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ruled {
    /// Whether it is written to the log.
    pub logged: bool,
    /// The filter that decided it; none if a default did.
    pub by: Option<Path>,
    /// The name that is logged with it; empty if there is none.
    pub name: String,
}

impl Seen {
    /// Whether something comes of the event: a match, an entry in the log, a fault.
    pub fn is_told(&self) -> bool {
        self.is_decided() || self.fault.is_some() || self.ruled.as_ref().is_some_and(|ruled| ruled.logged)
    }

    /// Whether content said something about the event. What Sysmon logs by default, no filter is about.
    pub fn is_decided(&self) -> bool {
        !self.detections.is_empty() || self.ruled.as_ref().is_some_and(|ruled| ruled.by.is_some())
    }
}

/// Why a detection matched: an instance of it, and of each of its criteria the pattern that the input met.
pub struct Fired<'a> {
    /// The instance.
    pub instance: Instance<'a>,
    /// Its criteria that are no wildcard, each with the text pattern that was met, if there is one.
    pub criteria: Vec<(Criterion<'a>, Option<Pattern<'a>>)>,
}

impl<'a> Replay<'a> {
    /// Loads a file without a look at what is in it. `None` if it could not be read.
    pub fn new(subject: &'a Subject<'_>, contract: &'a Contract) -> Option<Self> {
        if !subject.errors.is_empty() {
            return None;
        }
        if let Some(blob) = subject.blob() {
            return Some(Self::Blob(Rules::new(blob, contract), contract));
        }
        Some(Self::Channel(Box::new(Engine::new(subject.file()?, contract))))
    }

    /// The file, if it is a channel file.
    pub fn file(&self) -> Option<&'a ChannelFile<'a>> {
        match self {
            Self::Channel(engine) => Some(engine.interpreter().file()),
            Self::Blob(..) => None,
        }
    }

    /// The sensor's contract.
    pub fn contract(&self) -> &'a Contract {
        match self {
            Self::Channel(engine) => engine.interpreter().contract(),
            Self::Blob(_, contract) => contract,
        }
    }

    /// What loading alone would have brought about.
    pub fn load_faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        match self {
            Self::Channel(engine) => engine.interpreter().load_faults(&mut |fault| faults.push(fault)),
            Self::Blob(rules, _) => rules.load_faults(None, &mut |fault| faults.push(fault)),
        }
        faults
    }

    /// Runs everything on an event.
    pub fn run(&self, event: &Event<'_>, scratch: &mut Scratch) -> Seen {
        let mut seen = Seen::default();
        let done = match self {
            Self::Channel(engine) => {
                let matched = |detection: &Detection<'_>| seen.detections.push(detection.index());
                engine.run(event, scratch, matched).err()
            }
            Self::Blob(rules, _) => match rules.decide(event, &mut ()) {
                Ok(decision) => {
                    let by = decision.by.map(|(_, filter)| filter.path());
                    let name = decision.rule.map(|name| name.to_string()).unwrap_or_default();
                    seen.ruled = Some(Ruled { logged: decision.logged, by, name });
                    None
                }
                Err(fault) => Some(fault),
            },
        };
        seen.fault = done.map(Box::new);
        seen
    }

    /// Why a detection matches an event: the first instance that does. `None` if none does.
    pub fn fired(&self, detection: DetectionIndex, record: &Record) -> Option<Fired<'a>> {
        let Self::Channel(engine) = self else { return None };
        let interpreter = engine.interpreter();
        let view = record.view();
        let matches = |instance: &Instance<'a>| {
            interpreter.run_instance(instance, &view.event(), &mut ()).unwrap_or(false)
        };
        let detection = interpreter.file().detections().nth(usize::try_from(detection.0).ok()?)?;
        let instance = detection.include().find(matches)?;
        let criteria = instance.criteria().filter(|criterion| !criterion.is_wildcard());
        let met = |criterion| (criterion, met(interpreter.regexes(), &criterion, record));
        Some(Fired { instance, criteria: criteria.map(met).collect() })
    }
}

/// The first text pattern of a clause `any of` that an input meets.
fn met<'a>(regexes: &impl Regexes, criterion: &Criterion<'a>, record: &Record) -> Option<Pattern<'a>> {
    let input = record.inputs.get(usize::try_from(criterion.field().0).ok()?)?;
    let clauses = criterion.clauses().filter(|clause| clause.quantifier() == Some(Quantifier::AnyOf));
    let mut patterns = clauses.flat_map(|clause| clause.patterns());
    patterns.find(|pattern| match (pattern.operator(), pattern.operand(), input) {
        (Some(Operator::Regex), _, Some(OwnedInput::Text(text))) => {
            regexes.is_match(pattern.index(), text) == Some(true)
        }
        (Some(operator), Some(Operand::Text(operand)), Some(OwnedInput::Text(text))) => {
            text::matches(operator, pattern.nocase(), operand, text) == Some(true)
        }
        _ => false,
    })
}
