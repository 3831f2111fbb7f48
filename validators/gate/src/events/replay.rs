//! Content as a sensor loaded it, and what it does on events.

use crate::{OwnedInput, Record};
use channel_contract::Contract;
use channel_interpreter::{Automata, Fault, Interpreter, Regexes, Watch, text};
use channel_parser::channel::{ChannelFile, Criterion, Detection, Instance, Operand, Pattern};
use channel_parser::model::{DetectionIndex, Operator, Quantifier};

/// A channel file on a sensor, ready for events. Each thread has one of its own: the automata of a clone are the same, and
/// what they remember of a search is not.
#[derive(Clone)]
pub struct Replay<'a> {
    interpreter: Interpreter<'a, Automata>,
    automata: Automata,
}

/// What an event brought about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The detections that matched, in the order of the file.
    pub detections: Vec<DetectionIndex>,
    /// What would have crashed the sensor then.
    pub fault: Option<Box<Fault>>,
}

impl Watch for Seen {
    fn detection(&mut self, detection: &Detection<'_>) {
        self.detections.push(detection.index());
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
    /// Loads a file without a look at what is in it.
    pub fn new(file: &'a ChannelFile<'a>, contract: &'a Contract) -> Self {
        let automata = Automata::new(file);
        Self { interpreter: Interpreter::new(file, contract, automata.clone()), automata }
    }

    /// The file.
    pub fn file(&self) -> &'a ChannelFile<'a> {
        self.interpreter.file()
    }

    /// The sensor's contract.
    pub fn contract(&self) -> &'a Contract {
        self.interpreter.contract()
    }

    /// What loading alone would have brought about.
    pub fn load_faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        self.interpreter.load_faults(&mut |fault| faults.push(fault));
        faults
    }

    /// Runs every detection on an event.
    pub fn run(&self, record: &Record) -> Seen {
        let (view, mut seen) = (record.view(), Seen::default());
        if let Err(fault) = self.interpreter.run(&view.event(), &mut seen) {
            seen.fault = Some(Box::new(fault));
        }
        seen
    }

    /// Why a detection matches an event: the first instance that does. `None` if none does.
    pub fn fired(&self, detection: &Detection<'a>, record: &Record) -> Option<Fired<'a>> {
        let view = record.view();
        let matches = |instance: &Instance<'a>| {
            self.interpreter.run_instance(instance, &view.event(), &mut ()).unwrap_or(false)
        };
        let instance = detection.include().find(matches)?;
        let criteria = instance.criteria().filter(|criterion| !criterion.is_wildcard());
        let criteria = criteria.map(|criterion| (criterion, self.met(&criterion, record))).collect();
        Some(Fired { instance, criteria })
    }

    /// The first text pattern of a clause `any of` that an input meets.
    fn met(&self, criterion: &Criterion<'a>, record: &Record) -> Option<Pattern<'a>> {
        let input = record.inputs.get(usize::try_from(criterion.field().0).ok()?)?;
        let clauses = criterion.clauses().filter(|clause| clause.quantifier() == Some(Quantifier::AnyOf));
        let mut patterns = clauses.flat_map(|clause| clause.patterns());
        patterns.find(|pattern| match (pattern.operator(), pattern.operand(), input) {
            (Some(Operator::Regex), _, Some(OwnedInput::Text(text))) => {
                self.automata.is_match(pattern.index(), text) == Some(true)
            }
            (Some(operator), Some(Operand::Text(operand)), Some(OwnedInput::Text(text))) => {
                text::matches(operator, pattern.nocase(), operand, text) == Some(true)
            }
            _ => false,
        })
    }
}
