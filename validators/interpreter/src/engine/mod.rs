//! The engine: one pass over an event serves all instances. It answers as the [`Interpreter`] does, which asks one instance
//! after the other; what costs little on it is an event that nothing matches, however many instances there are.
//!
//! Each instance that is included has an anchor: the question it asks that is least likely answered yes. All anchors of a
//! field are looked up together, and only what they find is asked further. Where content can fault for a contract, the
//! events of that template type are left to the interpreter, so that a fault is the interpreter's.

mod build;
mod hint;
mod literals;
mod operand;
mod plan;
mod run;
mod table;

use crate::{Automata, Event, Fault, Interpreter, Watch};
use alloc::format;
use alloc::vec::Vec;
use build::Builder;
use channel_contract::Contract;
use channel_parser::channel::{ChannelFile, Detection, Operand};
use core::fmt;
pub(crate) use hint::hints;
use literals::Mentions;
use plan::Plan;
pub use run::Scratch;

/// A channel file as a sensor with this contract interprets it, made ready for many events.
///
/// ```
/// use channel_contract::{Contract, Field, Limits, OperatorSet, TemplateType};
/// use channel_interpreter::{Engine, Event, Input, Scratch};
/// use channel_parser::model::{InputType, TypeId};
/// use channel_parser::{channel, text};
///
/// let bytes = text::assemble(r"
/// channel-file 1
/// channel 291 part 0 revision 33
///
/// type 7 revision 1 ipc
///   field pipe_name
///
/// detection ipc-0001 level high
///   include type 7
///     pipe_name: any of prefix nocase '\msagent_'
/// ").unwrap();
/// let file = channel::parse(&bytes).unwrap();
///
/// let pipe_name = Field { name: "pipe_name".into(), input: InputType::Text, nullable: false, max_bytes: 64 };
/// let ipc = TemplateType { id: TypeId(7), fields: vec![pipe_name], supplied: 1, ..Default::default() };
/// let limits = Limits { work_per_event: 100, ..Default::default() };
/// let contract = Contract { types: vec![ipc], operators: OperatorSet::all(), limits, ..Default::default() };
///
/// let (engine, mut scratch) = (Engine::new(&file, &contract), Scratch::default());
/// let event = Event { template: TypeId(7), inputs: &[Some(Input::Text(r"\MSAgent_1f"))] };
/// let mut matched = Vec::new();
/// let count = engine.run(&event, &mut scratch, |one| matched.push(one.id().unwrap().to_owned())).unwrap();
/// assert_eq!(count, 1);
/// assert_eq!(matched, ["ipc-0001"]);
/// ```
pub struct Engine<'a> {
    interpreter: Interpreter<'a, Automata>,
    /// One for each template type of the contract, ascending by id.
    plans: Vec<Plan<'a>>,
}

impl<'a> Engine<'a> {
    /// Makes a file ready. Takes time and memory in proportion to it.
    pub fn new(file: &'a ChannelFile<'a>, contract: &'a Contract) -> Self {
        let automata = Automata::new(file);
        let mut mentions = Mentions::new();
        for pattern in file.patterns() {
            if let (Some(operator), Some(Operand::Text(operand))) = (pattern.operator(), pattern.operand()) {
                operand::mention(operator, operand, &mut mentions);
            }
        }
        let builder = |template| Builder::new(contract, template, &automata, &mentions);
        let mut builders: Vec<Builder<'a, '_>> = contract.types.iter().map(builder).collect();
        // Of two with one id the interpreter, too, takes the first.
        builders.sort_by_key(Builder::id);
        builders.dedup_by_key(|builder| builder.id());
        for detection in file.detections() {
            let mut ids: Vec<_> =
                detection.include().filter_map(|instance| Some(instance.template()?.id())).collect();
            ids.sort_unstable();
            ids.dedup();
            for id in ids {
                let own = builders.binary_search_by_key(&id, Builder::id).ok();
                if let Some(builder) = own.and_then(|own| builders.get_mut(own)) {
                    builder.detection(detection);
                }
            }
        }
        let plans = builders.into_iter().map(Builder::finish).collect();
        Self { interpreter: Interpreter::new(file, contract, automata), plans }
    }

    /// The interpreter that it answers as.
    pub fn interpreter(&self) -> &Interpreter<'a, Automata> {
        &self.interpreter
    }

    /// Evaluates every detection and tells of each that matches, in the order of the file; returns how many do.
    ///
    /// # Errors
    ///
    /// The fault that the interpreter would return. What matches before it was told.
    pub fn run(
        &self,
        event: &Event<'_>,
        scratch: &mut Scratch,
        mut matched: impl FnMut(&Detection<'_>),
    ) -> Result<u32, Fault> {
        let plan = self.plans.binary_search_by_key(&event.template, |plan| plan.id).ok();
        if let Some(plan) = plan.and_then(|plan| self.plans.get(plan))
            && plan.serves(event)
        {
            return Ok(run::run(plan, self.interpreter.regexes(), event, scratch, &mut matched));
        }
        self.interpreter.run(event, &mut Tell(matched)).map(|outcome| outcome.detections)
    }
}

impl fmt::Debug for Engine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = self.plans.iter().filter(|plan| plan.faults || !plan.cases.is_empty());
        let line = |plan: &Plan<'_>| {
            let (instances, early) = (plan.instances.len(), plan.early);
            format!(
                "type {}: {instances} instances, {} questions, {} keys, {early} of them early, {} always candidates, faults: {}",
                plan.id,
                plan.questions.len(),
                plan.keys,
                plan.always.len(),
                plan.faults
            )
        };
        f.debug_list().entries(own.map(line)).finish()
    }
}

struct Tell<F>(F);

impl<F: FnMut(&Detection<'_>)> Watch for Tell<F> {
    fn detection(&mut self, detection: &Detection<'_>) {
        (self.0)(detection);
    }
}
