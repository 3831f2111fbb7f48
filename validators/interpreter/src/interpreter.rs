//! The interpreter, one instance and one criterion after the other, in the order of the file: the order in which a
//! sensor without any index reads its inputs. Nothing is allocated. Content that no validator has seen is safe to run.

use crate::{Event, Fault, FaultKind, Input, load, text};
use channel_contract::{Contract, Field, TemplateType};
use channel_parser::channel::{ChannelFile, Clause, Criterion, Detection, Instance, Operand, Pattern, Table};
use channel_parser::model::{Operator, PatternIndex, Quantifier};
use channel_parser::{Path, Value};
use core::net::IpAddr;

/// How the patterns that are regular expressions are searched for.
pub trait Regexes {
    /// Whether the expression of this pattern is found in the text; `None` if it cannot be run.
    fn is_match(&self, pattern: PatternIndex, text: &str) -> Option<bool>;

    /// The bytes that the automaton of this pattern takes, as `limits.automaton_bytes` counts them.
    fn automaton_bytes(&self, _: PatternIndex) -> u64 {
        0
    }
}

/// No regular expression can be run.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRegexes;

impl Regexes for NoRegexes {
    fn is_match(&self, _: PatternIndex, _: &str) -> Option<bool> {
        None
    }
}

impl<R: Regexes + ?Sized> Regexes for &R {
    fn is_match(&self, pattern: PatternIndex, text: &str) -> Option<bool> {
        (**self).is_match(pattern, text)
    }

    fn automaton_bytes(&self, pattern: PatternIndex) -> u64 {
        (**self).automaton_bytes(pattern)
    }
}

/// Sees what the interpreter does. `()` looks away.
pub trait Watch {
    /// A criterion that is no wildcard was reached, and holds or does not.
    fn criterion(&mut self, _: &Criterion<'_>, _holds: bool) {}
    /// An instance matches.
    fn instance(&mut self, _: &Instance<'_>) {}
    /// A detection matches.
    fn detection(&mut self, _: &Detection<'_>) {}
}

impl Watch for () {}

/// What an event came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Detections that match.
    pub detections: u32,
    /// Instances that match, those that exclude too.
    pub instances: u64,
    /// Patterns that were compared with an input: the unit of `limits.work_per_event`.
    pub work: u64,
}

/// A channel file as a sensor with this contract interprets it.
#[derive(Clone, Copy, Debug)]
pub struct Interpreter<'a, R> {
    file: &'a ChannelFile<'a>,
    contract: &'a Contract,
    regexes: R,
}

/// Where in an event the interpreter is.
struct At<'a> {
    event: &'a Event<'a>,
    template: &'a TemplateType,
    outcome: Outcome,
}

impl<'a, R: Regexes> Interpreter<'a, R> {
    /// Loads a file without a look at what is in it: on an event, each fault that it holds may come true.
    pub fn new(file: &'a ChannelFile<'a>, contract: &'a Contract, regexes: R) -> Self {
        Self { file, contract, regexes }
    }

    /// Loads a file as a sensor does that checks nothing.
    ///
    /// # Errors
    ///
    /// The first fault of those that loading alone brings about.
    pub fn load(file: &'a ChannelFile<'a>, contract: &'a Contract, regexes: R) -> Result<Self, Fault> {
        let loaded = Self::new(file, contract, regexes);
        let mut first = None;
        loaded.load_faults(&mut |fault| {
            first.get_or_insert(fault);
        });
        first.map_or(Ok(loaded), Err)
    }

    /// Reports every fault that loading alone brings about.
    pub fn load_faults(&self, report: &mut dyn FnMut(Fault)) {
        load::faults(self.file, self.contract, report);
        let mut bytes = 0u64;
        for pattern in self.file.patterns().filter(|pattern| pattern.operator() == Some(Operator::Regex)) {
            bytes = bytes.saturating_add(self.regexes.automaton_bytes(pattern.index()));
            if self.regexes.is_match(pattern.index(), "").is_none() {
                let (kind, expected, found) = NO_REGEX;
                let (expected, found) = (Value::Phrase(expected), Value::Phrase(found));
                let (span, path) = (Some(pattern.operand_span()), pattern.path());
                report(Fault { kind, span, path, expected, found });
            }
        }
        let room = self.contract.limits.automaton_bytes;
        if bytes > room {
            let (span, path) = (self.file.table(Table::Patterns).count_span(), Path::of("patterns"));
            let (expected, found) = (Value::AtMost(room), Value::Bytes(bytes));
            report(Fault { kind: FaultKind::Capacity, span: Some(span), path, expected, found });
        }
    }

    /// The file.
    pub fn file(&self) -> &'a ChannelFile<'a> {
        self.file
    }

    /// How regular expressions are searched for.
    pub fn regexes(&self) -> &R {
        &self.regexes
    }

    /// The sensor's contract.
    pub fn contract(&self) -> &'a Contract {
        self.contract
    }

    /// Evaluates every detection.
    ///
    /// # Errors
    ///
    /// The first fault. [`FaultKind::Event`] is the caller's: the event is none that the sensor supplies.
    pub fn run(&self, event: &Event<'_>, watch: &mut impl Watch) -> Result<Outcome, Fault> {
        let mut at = self.begin(event)?;
        for detection in self.file.detections() {
            if self.detection(&detection, &mut at, watch)? {
                at.outcome.detections = at.outcome.detections.saturating_add(1);
                watch.detection(&detection);
            }
        }
        Ok(at.outcome)
    }

    /// Evaluates one instance as if there were no other.
    ///
    /// # Errors
    ///
    /// As [`Self::run`].
    pub fn run_instance(
        &self,
        instance: &Instance<'_>,
        event: &Event<'_>,
        watch: &mut impl Watch,
    ) -> Result<bool, Fault> {
        let mut at = self.begin(event)?;
        self.instance(instance, &mut at, watch)
    }

    fn begin<'e>(&'e self, event: &'e Event<'e>) -> Result<At<'e>, Fault> {
        let template = event.supplied_by(self.contract)?;
        Ok(At { event, template, outcome: Outcome::default() })
    }

    fn detection(
        &self,
        detection: &Detection<'_>,
        at: &mut At<'_>,
        watch: &mut impl Watch,
    ) -> Result<bool, Fault> {
        if !self.any(detection.include(), at, watch)? {
            return Ok(false);
        }
        Ok(!self.any(detection.exclude(), at, watch)?)
    }

    fn any<'f>(
        &self,
        instances: impl Iterator<Item = Instance<'f>>,
        at: &mut At<'_>,
        watch: &mut impl Watch,
    ) -> Result<bool, Fault> {
        for instance in instances {
            if self.instance(&instance, at, watch)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn instance(
        &self,
        instance: &Instance<'_>,
        at: &mut At<'_>,
        watch: &mut impl Watch,
    ) -> Result<bool, Fault> {
        if instance.template().map(|template| template.id()) != Some(at.event.template) {
            return Ok(false);
        }
        for criterion in instance.criteria().filter(|criterion| !criterion.is_wildcard()) {
            let holds = self.criterion(&criterion, at)?;
            watch.criterion(&criterion, holds);
            if !holds {
                return Ok(false);
            }
        }
        watch.instance(instance);
        at.outcome.instances = at.outcome.instances.saturating_add(1);
        let countable = self.contract.limits.widths.match_count;
        if !countable.holds(at.outcome.instances) && !channel_parser::planted!("counter-not-checked") {
            return Err(Fault {
                kind: FaultKind::Counter,
                span: Some(instance.field_count_span()),
                path: instance.path(),
                expected: Value::AtMost(countable.max()),
                found: Value::Number(at.outcome.instances),
            });
        }
        Ok(true)
    }

    fn criterion(&self, criterion: &Criterion<'_>, at: &mut At<'_>) -> Result<bool, Fault> {
        let field = criterion.field();
        let input = usize::try_from(field.0).ok().and_then(|index| at.event.inputs.get(index));
        let (Some(input), Some(declared)) = (input, at.template.field(field)) else {
            return Err(Fault {
                kind: FaultKind::PastInputs,
                span: Some(criterion.span()),
                path: criterion.path(),
                expected: Value::Below(at.template.supplied.into()),
                found: Value::Number(field.0.into()),
            });
        };
        for clause in criterion.clauses() {
            let any = self.clause(criterion, &clause, declared, input.as_ref(), at)?;
            if any != (clause.quantifier() == Some(Quantifier::AnyOf)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn clause(
        &self,
        criterion: &Criterion<'_>,
        clause: &Clause<'_>,
        field: &Field,
        input: Option<&Input<'_>>,
        at: &mut At<'_>,
    ) -> Result<bool, Fault> {
        for (position, pattern) in (0u32..).zip(clause.patterns()) {
            let path = || {
                let path = criterion.path().then_at("clauses", clause.position_in(criterion));
                path.then_at("patterns", position)
            };
            let counts = !channel_parser::planted!("work-not-counted") || position == 0;
            at.outcome.work = at.outcome.work.saturating_add(counts.into());
            if at.outcome.work > self.contract.limits.work_per_event {
                return Err(Fault {
                    kind: FaultKind::Work,
                    span: Some(pattern.operator_span()),
                    path: path(),
                    expected: Value::AtMost(self.contract.limits.work_per_event),
                    found: Value::Number(at.outcome.work),
                });
            }
            let fault = |(kind, expected, found)| Fault {
                kind,
                span: Some(pattern.operator_span()),
                path: path(),
                expected: Value::Phrase(expected),
                found: Value::Phrase(found),
            };
            if self.pattern(&pattern, field, input).map_err(fault)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn pattern(&self, pattern: &Pattern<'_>, field: &Field, input: Option<&Input<'_>>) -> Result<bool, Why> {
        let operator = pattern.operator().filter(|operator| self.contract.operators.contains(*operator));
        let (Some(operator), Some(operand)) = (operator, pattern.operand()) else {
            let found = pattern.operator().map_or("none", Operator::word);
            return Err((FaultKind::Operator, "an operator that the sensor implements", found));
        };
        let Some(reads) = operator.reads() else {
            if !field.nullable {
                return Err((FaultKind::Null, "an operator that compares the input", operator.word()));
            }
            return Ok(input.is_some() == (operator == Operator::Present));
        };
        if reads != field.input {
            return Err((FaultKind::Type, reads.word(), field.input.word()));
        }
        let Some(input) = input else { return Ok(false) };
        match (operand, *input) {
            (Operand::Text(operand), Input::Text(text)) => {
                let decided = match operator {
                    Operator::Regex => self.regexes.is_match(pattern.index(), text),
                    _ => text::matches(operator, pattern.nocase(), operand, text),
                };
                decided.ok_or(NO_REGEX)
            }
            (Operand::Integer(operand), Input::Integer(n)) => Ok(n == operand),
            (Operand::Range(low, high), Input::Integer(n)) => Ok(low <= n && n <= high),
            (Operand::Mask { mask, value }, Input::Integer(n)) => Ok(n.cast_unsigned() & mask == value),
            (Operand::Network { address, prefix }, Input::Address(input)) => {
                Ok(is_in(input, address, prefix))
            }
            (_, input) => Err((FaultKind::Type, reads.word(), input.input_type().word())),
        }
    }
}

/// A kind of fault, what was expected and what was found.
type Why = (FaultKind, &'static str, &'static str);

const NO_REGEX: Why = (FaultKind::Regex, "an expression that a linear-time engine can run", "another");

/// Whether an address lies in a network. Addresses of different kinds are never in one another.
pub(crate) fn is_in(input: IpAddr, network: IpAddr, prefix: u8) -> bool {
    let same = |a: u128, b: u128, width: u8| {
        let prefix = if channel_parser::planted!("whole-bytes") { prefix & !7 } else { prefix };
        let free = u32::from(width.saturating_sub(prefix));
        (a ^ b).checked_shr(free).unwrap_or(0) == 0
    };
    match (input, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => same(a.to_bits().into(), b.to_bits().into(), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => same(a.to_bits(), b.to_bits(), 128),
        _ => false,
    }
}
