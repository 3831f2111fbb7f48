//! Evaluates a Sysmon rule blob on an event as Sysmon's driver does: which rules apply, in which order, what each filter
//! answers, and whether the event is logged. `SYSMON.md` of the parser says what the numbers mean and how text compares.
//!
//! A sensor of this kind seldom crashes: it goes on with rules that say something else. So most faults of a blob are
//! found when it is loaded; on an event there are those that read where nothing is.
//!
//! ```
//! use channel_contract::sysmon::{Action, Event as Takes, Sysmon, Target, FILTERS};
//! use channel_contract::{Contract, Field, Limits, TemplateType};
//! use channel_interpreter::{Event, Input, sysmon::Rules};
//! use channel_parser::model::{InputType, TypeId};
//! use channel_parser::sysmon;
//!
//! let blob = sysmon::assemble("
//! sysmon-rules 1
//! version 15.00 schema 4.70
//! event 5 default exclude combine or
//!   filter 1 operator 13 name 'shells': 'cmd.exe'
//! ").unwrap();
//! let blob = sysmon::parse(&blob).unwrap();
//!
//! let text = |name: &str| Field { name: name.into(), input: InputType::Text, nullable: false, max_bytes: 64 };
//! let contract = Contract {
//!     types: vec![TemplateType {
//!         id: TypeId(5),
//!         name: "ProcessTerminate".into(),
//!         fields: vec![text("UtcTime"), text("Image")],
//!         supplied: 2,
//!         event: Some(Takes { default: Action::Exclude, target: Target::All }),
//!         ..Default::default()
//!     }],
//!     limits: Limits { work_per_event: 1000, ..Default::default() },
//!     sysmon: Some(Sysmon {
//!         schema: "4.70".parse().unwrap(),
//!         binary: "15.0".parse().unwrap(),
//!         filters: FILTERS.map(String::from).to_vec(),
//!     }),
//!     ..Default::default()
//! };
//! let rules = Rules::load(&blob, &contract).unwrap();
//! let inputs = [Some(Input::Text("noon")), Some(Input::Text(r"C:\Windows\System32\CMD.EXE"))];
//! let decision = rules.decide(&Event { template: TypeId(5), inputs: &inputs }, &mut ()).unwrap();
//! assert!(decision.logged);
//! assert_eq!(decision.rule.unwrap().to_string(), "shells");
//! ```

mod backwards;
mod compare;
mod line;
mod load;

use crate::{Event, Fault, FaultKind};
use backwards::Backwards;
use channel_contract::sysmon::{Action, Sysmon};
use channel_contract::{Contract, TemplateType};
use channel_parser::model::{FieldIndex, TypeId};
use channel_parser::sysmon::{self, Aggregation, Blob, Combine, DefaultAction, Filter, Version, Wide};
use channel_parser::{Path, Value};

pub use compare::{Operator, fold};

/// Up to this version a rule's own name goes before that of its filter.
const LAST_NAMED_BY_GROUP: Version = Version(0xe_0001);
/// The bits in which a sensor remembers the fields that matched.
const MASK: u32 = u64::BITS;

/// What a filter, a group of filters or the rules for an event id answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// They match.
    Match,
    /// They do not.
    NoMatch,
    /// They cannot be evaluated: an operator that the sensor does not know, an environment variable, an input that is not
    /// there. What they belong to fails as well.
    Failed,
}

/// Sees what the sensor does. `()` looks away.
pub trait Watch {
    /// A filter was reached, and answers.
    fn filter(&mut self, _: &Filter<'_>, _: Answer) {}
    /// A group of filters is decided.
    fn group(&mut self, _: &Aggregation<'_>, _: Answer) {}
    /// The rules for an event id are decided.
    fn rules(&mut self, _: &sysmon::Event<'_>, _: Answer) {}
}

impl Watch for () {}

/// What becomes of an event.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// Whether it is written to the log.
    pub logged: bool,
    /// The rules that match it and the last filter of theirs that does; `None` where a default decides.
    pub by: Option<(sysmon::Event<'a>, Filter<'a>)>,
    /// The name that is logged with it: not always that of what decides, but that of the last filter with a name that
    /// matched before it.
    pub rule: Option<Wide<'a>>,
    /// How many rules failed. The sensor goes on to the next ones.
    pub failures: u32,
    /// How many filters were compared with an input or looked ahead for: the unit of `limits.work_per_event`.
    pub work: u64,
}

/// A rule blob as a sensor with this contract evaluates it.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    blob: &'a Blob<'a>,
    contract: &'a Contract,
    sysmon: Option<&'a Sysmon>,
}

/// Where in an event the sensor is.
struct At<'a, 'e> {
    event: &'e Event<'e>,
    template: &'e TemplateType,
    /// The event that the rules are for, where it is another one of the same name.
    other: Option<&'e TemplateType>,
    rule: Option<Wide<'a>>,
    last: Option<Filter<'a>>,
    work: u64,
}

impl<'a> Rules<'a> {
    /// Loads a blob without a look at what is in it.
    pub fn new(blob: &'a Blob<'a>, contract: &'a Contract) -> Self {
        Self { blob, contract, sysmon: contract.sysmon.as_ref() }
    }

    /// Loads a blob as the sensor does.
    ///
    /// # Errors
    ///
    /// The first fault of [`Self::load_faults`] that shows without its compiler's contract.
    pub fn load(blob: &'a Blob<'a>, contract: &'a Contract) -> Result<Self, Fault> {
        let loaded = Self::new(blob, contract);
        let mut first = None;
        loaded.load_faults(None, &mut |fault| {
            first.get_or_insert(fault);
        });
        first.map_or(Ok(loaded), Err)
    }

    /// Reports every fault that loading alone brings about. A blob holds positions of fields and operators: what its
    /// author meant is only told by the contract of the sensor that its compiler belongs to, if that is given.
    pub fn load_faults(&self, meant: Option<&Contract>, report: &mut dyn FnMut(Fault)) {
        load::faults(self, meant, report);
    }

    /// Decides what becomes of an event.
    ///
    /// # Errors
    ///
    /// The first fault. [`FaultKind::Event`] is the caller's: the event is none that the sensor supplies.
    pub fn decide(&self, event: &Event<'_>, watch: &mut impl Watch) -> Result<Decision<'a>, Fault> {
        let template = event.supplied_by(self.contract)?;
        let mut at = At { event, template, other: None, rule: None, last: None, work: 0 };
        let decision = |logged, at: &At<'a, '_>, failures| Decision {
            logged,
            by: None,
            rule: None,
            failures,
            work: at.work,
        };
        // No configuration can say anything about it.
        let Some(takes) = template.event else { return Ok(decision(true, &at, 0)) };
        let (mut rules, mut failures, mut only) = (0u32, 0u32, DefaultAction::Exclude);
        for default in [DefaultAction::Include, DefaultAction::Exclude] {
            let own = |one: &sysmon::Event<'_>| {
                one.default() == Some(default) && self.shares_rules(TypeId(one.id()), template)
            };
            for one in Backwards::new(self.blob, own) {
                (rules, only) = (rules.saturating_add(1), default);
                let id = TypeId(one.id());
                at.other = (id != template.id).then(|| self.contract.template(id)).flatten();
                at.last = None;
                let answer = self.rules(&one, &mut at, watch)?;
                watch.rules(&one, answer);
                match answer {
                    Answer::Match => {
                        let by = at.last.map(|filter| (one, filter));
                        let logged = default == DefaultAction::Exclude;
                        return Ok(Decision { by, rule: at.rule, ..decision(logged, &at, failures) });
                    }
                    Answer::NoMatch => {}
                    Answer::Failed => failures = failures.saturating_add(1),
                }
            }
        }
        let logged = match rules {
            0 => takes.default == Action::Include,
            1 => only == DefaultAction::Include,
            _ => false,
        };
        Ok(decision(logged, &at, failures))
    }

    /// Whether rules for this id are tried on an event: for its own, and for those that have its name.
    fn shares_rules(&self, id: TypeId, template: &TemplateType) -> bool {
        let same =
            |other: &TemplateType| other.event.is_some() && other.name.eq_ignore_ascii_case(&template.name);
        id == template.id || self.contract.template(id).is_some_and(same)
    }

    /// The rules for one event id: filters, and groups of filters that stand among them as one filter would.
    fn rules(
        &self,
        rules: &sysmon::Event<'a>,
        at: &mut At<'a, '_>,
        watch: &mut impl Watch,
    ) -> Result<Answer, Fault> {
        if rules.filters().next().is_none() {
            return Ok(Answer::NoMatch);
        }
        let (combine, mut matched) = (rules.combine(), 0u64);
        for item in rules.items() {
            // The sensor comes to a group through its filters.
            let Some(filter) = item.filters().next() else { continue };
            if let Some(group) = item.aggregation() {
                let answer = self.group(&item, &group, at, watch)?;
                watch.group(&group, answer);
                if decides(combine, answer) {
                    return Ok(answer);
                }
                continue;
            }
            let bit = self.bit(&filter, at)?;
            if matched & bit != 0 {
                // A filter on this field has matched: those behind it are alternatives.
                continue;
            }
            let answer = self.filter(&filter, None, at)?;
            watch.filter(&filter, answer);
            if answer == Answer::Match {
                matched |= bit;
            }
            let alternative = answer == Answer::NoMatch && combine == Some(Combine::And);
            if decides(combine, answer) && !(alternative && self.comes_again(&filter, rules, at)?) {
                return Ok(answer);
            }
        }
        Ok(undecided(combine))
    }

    fn group(
        &self,
        item: &sysmon::Item<'a>,
        group: &Aggregation<'a>,
        at: &mut At<'a, '_>,
        watch: &mut impl Watch,
    ) -> Result<Answer, Fault> {
        for filter in item.filters() {
            let answer = self.filter(&filter, Some(group), at)?;
            watch.filter(&filter, answer);
            if decides(group.combine(), answer) {
                return Ok(answer);
            }
        }
        Ok(undecided(group.combine()))
    }

    /// Whether a filter on the same field stands further behind, outside of any group.
    fn comes_again(
        &self,
        filter: &Filter<'_>,
        rules: &sysmon::Event<'_>,
        at: &mut At<'_, '_>,
    ) -> Result<bool, Fault> {
        let (_, index) = filter.indices();
        for other in rules.filters() {
            self.work(&other, at)?;
            if other.indices().1 > index && other.field() == filter.field() && other.aggregation().is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The bit of a field in the mask of those that matched.
    fn bit(&self, filter: &Filter<'_>, at: &At<'_, '_>) -> Result<u64, Fault> {
        match 1u64.checked_shl(filter.field()) {
            Some(bit) => Ok(bit),
            None if filter.field() >= at.template.defined() => Ok(0),
            None => {
                let place = (filter.path(), filter.field_index_span());
                Err(fault(
                    FaultKind::Width,
                    place,
                    Value::Below(MASK.into()),
                    Value::Number(filter.field().into()),
                ))
            }
        }
    }

    fn work(&self, filter: &Filter<'_>, at: &mut At<'_, '_>) -> Result<(), Fault> {
        at.work = at.work.saturating_add(1);
        let limit = self.contract.limits.work_per_event;
        if at.work > limit {
            let place = (filter.path(), filter.span());
            return Err(fault(FaultKind::Work, place, Value::AtMost(limit), Value::Number(at.work)));
        }
        Ok(())
    }

    fn filter(
        &self,
        filter: &Filter<'a>,
        group: Option<&Aggregation<'a>>,
        at: &mut At<'a, '_>,
    ) -> Result<Answer, Fault> {
        self.work(filter, at)?;
        let index = FieldIndex(filter.field());
        let Some(field) = at.template.field(index) else { return Ok(Answer::NoMatch) };
        if let Some(other) = at.other {
            let Some(there) = other.field(index) else {
                let (place, defined) = ((filter.path(), filter.field_index_span()), other.defined());
                let (expected, found) = (Value::Below(defined.into()), Value::Number(index.0.into()));
                return Err(fault(FaultKind::PastInputs, place, expected, found));
            };
            if there.name != field.name {
                return Ok(Answer::NoMatch);
            }
        }
        let input = usize::try_from(index.0).ok().and_then(|index| at.event.inputs.get(index));
        let Some(input) = input else {
            let place = (filter.path(), filter.field_index_span());
            let (expected, found) =
                (Value::Below(at.template.supplied.into()), Value::Number(index.0.into()));
            return Err(fault(FaultKind::PastInputs, place, expected, found));
        };
        let Some(operator) = self.operator(filter).filter(|_| !self.expands(filter)) else {
            return Ok(Answer::Failed);
        };
        let Some(input) = input else { return Ok(Answer::Failed) };
        if !line::with_text(*input, |text| operator.holds(text, filter.value())) {
            return Ok(Answer::NoMatch);
        }
        at.last = Some(*filter);
        let group = group.map(Aggregation::name).filter(|_| self.blob.version() <= LAST_NAMED_BY_GROUP);
        if let Some(name) = group.into_iter().chain([filter.name()]).find(|name| !name.is_empty()) {
            at.rule = Some(name);
        }
        Ok(Answer::Match)
    }

    /// What a filter's operator is on this sensor.
    fn operator(&self, filter: &Filter<'_>) -> Option<Operator> {
        let at = usize::try_from(filter.operator()).ok()?;
        Operator::from_word(self.sysmon?.filters.get(at)?)
    }

    /// Whether the sensor takes a filter's value for one with environment variables, which its driver cannot expand. That
    /// of Linux does not look for them.
    fn expands(&self, filter: &Filter<'_>) -> bool {
        let percent = || filter.value().units().any(|unit| unit == u16::from(b'%'));
        self.contract.sensor.platform != "linux" && (filter.has_environment() || percent())
    }
}

/// Whether an answer decides a group of filters.
fn decides(combine: Option<Combine>, answer: Answer) -> bool {
    match answer {
        Answer::Match => combine == Some(Combine::Or),
        Answer::NoMatch => combine == Some(Combine::And),
        Answer::Failed => true,
    }
}

/// What a group of filters comes to that none of them decided.
fn undecided(combine: Option<Combine>) -> Answer {
    if combine == Some(Combine::And) { Answer::Match } else { Answer::NoMatch }
}

fn fault(
    kind: FaultKind,
    (path, span): (Path, core::ops::Range<u64>),
    expected: Value,
    found: Value,
) -> Fault {
    Fault { kind, span: Some(span), path, expected, found }
}
