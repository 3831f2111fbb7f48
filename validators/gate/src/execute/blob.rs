//! A rule blob: every filter is reached on an event for which those before it answer so that the sensor comes to it, and
//! matches and misses there. The sensor decides in an order of its own: rules that include before those that exclude, the
//! last first.

use super::instance::{blank, inputs};
use super::{Execution, Reason};
use crate::steer::{Asked, solve_filters, solve_near};
use crate::{OwnedInput, Record};
use channel_contract::{Contract, Field, TemplateType};
use channel_interpreter::sysmon::{Answer, Operator, Rules, Watch};
use channel_interpreter::{Event, FaultKind};
use channel_parser::model::TypeId;
use channel_parser::sysmon::{self, Blob, Combine, DefaultAction, Filter, Item};
use channel_validators::report::Escaped;
use std::collections::{BTreeMap, BTreeSet};

/// Answers of filters that one execution asks for: filters are tried on events that go past those before them.
const BUDGET: u64 = 100_000_000;

/// Executes a rule blob on a sensor. What its compiler meant by its numbers is told by that one's contract.
pub fn execute_blob(blob: &Blob<'_>, contract: &Contract, meant: Option<&Contract>) -> Execution {
    execute_blob_seen(blob, contract, meant, &mut |_| {})
}

/// The same, for somebody who wants each event too.
pub fn execute_blob_seen(
    blob: &Blob<'_>,
    contract: &Contract,
    meant: Option<&Contract>,
    seen: &mut dyn FnMut(&Event<'_>),
) -> Execution {
    let rules = Rules::new(blob, contract);
    let mut run = Run { rules, contract, told: seen, spent: 0, out: Execution::default() };
    run.rules.load_faults(meant, &mut |fault| run.out.load_fault(fault));
    let mut all: Vec<sysmon::Event<'_>> = Vec::new();
    for default in [DefaultAction::Include, DefaultAction::Exclude] {
        let first = all.len();
        all.extend(blob.events().filter(|event| event.default() == Some(default)));
        all.get_mut(first..).unwrap_or_default().reverse();
    }
    let units: Vec<Vec<Unit<'_>>> = all.iter().map(|event| event.items().map(Unit::of).collect()).collect();
    for (at, event) in all.iter().enumerate() {
        let Some(template) = contract.template(TypeId(event.id())).filter(|known| known.event.is_some())
        else {
            continue;
        };
        let before = all.iter().zip(&units).take(at).filter(|(other, _)| other.id() == event.id());
        let before: Vec<_> = before.map(|(other, units)| (other.combine(), units.as_slice())).collect();
        let own = units.get(at).map(Vec::as_slice).unwrap_or_default();
        run.rules_of(event, template, &before, own);
    }
    run.out
}

/// A filter by itself, or a group of filters.
struct Unit<'a> {
    filters: Vec<Filter<'a>>,
    is_group: bool,
    /// Whether all filters of the group must match.
    all_must: bool,
}

impl<'a> Unit<'a> {
    fn of(item: Item<'a>) -> Self {
        let group = item.aggregation();
        let all_must = group.is_some_and(|group| group.combine() == Some(Combine::And));
        Self { filters: item.filters().collect(), is_group: group.is_some(), all_must }
    }
}

struct Run<'b, 's> {
    rules: Rules<'b>,
    contract: &'b Contract,
    /// Is told of each event.
    told: &'s mut dyn FnMut(&Event<'_>),
    spent: u64,
    out: Execution,
}

/// By the offset of a filter whether it matched, missed and failed.
#[derive(Default)]
struct Seen(BTreeMap<u64, (bool, bool, bool)>);

impl Watch for Seen {
    fn filter(&mut self, filter: &Filter<'_>, answer: Answer) {
        let seen = self.0.entry(filter.offset()).or_default();
        match answer {
            Answer::Match => seen.0 = true,
            Answer::NoMatch => seen.1 = true,
            Answer::Failed => seen.2 = true,
        }
    }
}

/// What filters must answer.
type Wanted<'f, 'a> = Vec<(&'f Filter<'a>, bool)>;

impl Run<'_, '_> {
    /// The rules for one event id, behind others for the same.
    fn rules_of(
        &mut self,
        event: &sysmon::Event<'_>,
        template: &TemplateType,
        before: &[(Option<Combine>, &[Unit<'_>])],
        own: &[Unit<'_>],
    ) {
        let count = |units: &[Unit<'_>]| units.iter().map(|unit| unit.filters.len()).sum::<usize>();
        self.out.instances = self.out.instances.saturating_add(own.len() as u64);
        self.out.criteria = self.out.criteria.saturating_add(count(own) as u64);
        let cost = before.iter().map(|(_, units)| count(units)).sum::<usize>().saturating_add(count(own));
        let mut seen = Seen::default();
        let members = own.iter().enumerate();
        let members =
            members.flat_map(|(at, unit)| (0..unit.filters.len()).map(move |member| (at, unit, member)));
        for (at, unit, member) in members {
            let kept = unit.filters.get(..=member).unwrap_or_default();
            let Some(filter) = kept.last() else { continue };
            self.spent = self.spent.saturating_add((cost as u64).saturating_mul(8));
            if self.spent > BUDGET {
                self.undecided(filter, template, Reason::LeftOut);
                continue;
            }
            let mut wanted = quiet(before, kept);
            way(event.combine(), own.get(..at).unwrap_or_default(), unit, kept, &mut wanted);
            self.filter(filter, &wanted, template, &mut seen);
            let (matched, missed, failed) = seen.0.get(&filter.offset()).copied().unwrap_or_default();
            if matched && missed {
                self.out.decided = self.out.decided.saturating_add(1);
                continue;
            }
            let field = usize::try_from(filter.field()).ok().and_then(|at| template.fields.get(at));
            let alone = |holds| {
                let own =
                    self.operator(filter).map(|operator| Asked { operator, value: filter.value(), holds });
                own.zip(field).and_then(|(own, field)| solve_filters(&[own], field)).is_some()
            };
            let reason = match (matched, missed) {
                _ if failed && !matched && !missed => Reason::Faults,
                (false, false) => Reason::Behind,
                (false, true) if unit.all_must && self.contradicts(filter, kept) => Reason::NeverHolds,
                (false, true) if !alone(true) => Reason::NoMatch,
                (true, false) if !alone(false) => Reason::NoMiss,
                // By itself it could: what stands before it decides first.
                _ => Reason::Behind,
            };
            self.undecided(filter, template, reason);
        }
    }

    /// Makes the sensor come to a filter, match it and miss it, and meet an input that is not there.
    fn filter(
        &mut self,
        filter: &Filter<'_>,
        wanted: &Wanted<'_, '_>,
        template: &TemplateType,
        seen: &mut Seen,
    ) {
        let mut values = blank(template);
        for (at, (field, value)) in template.fields.iter().zip(&mut values).enumerate() {
            let asked: Vec<_> = self.asked(wanted, at).collect();
            if let Some(found) = solve_filters(&asked, field) {
                *value = Some(found);
            }
        }
        let at = usize::try_from(filter.field()).unwrap_or(usize::MAX);
        let Some(field) = template.fields.get(at).filter(|_| at < values.len()) else {
            return self.run(template, values, seen);
        };
        let others: Vec<_> = self.asked(wanted, at).collect();
        let own =
            |holds| self.operator(filter).map(|operator| Asked { operator, value: filter.value(), holds });
        let hit = own(true).and_then(|own| with(&others, own, field));
        let asked: Vec<_> = others.iter().copied().chain(own(false)).collect();
        let miss = match &hit {
            Some(hit) => solve_near(hit, &asked, field),
            None => solve_filters(&asked, field),
        };
        for value in [hit.map(Some), miss.map(Some), field.nullable.then_some(None)].into_iter().flatten() {
            let mut values = values.clone();
            if let Some(slot) = values.get_mut(at) {
                *slot = value;
            }
            self.run(template, values, seen);
        }
    }

    fn run(&mut self, template: &TemplateType, values: Vec<Option<OwnedInput>>, seen: &mut Seen) {
        self.out.events = self.out.events.saturating_add(1);
        let event = Event { template: template.id, inputs: &inputs(&values) };
        (self.told)(&event);
        match self.rules.decide(&event, seen) {
            Err(fault) if fault.kind == FaultKind::Event => {}
            Err(fault) => {
                self.out.fault(fault, || Record { template: template.id, inputs: values.clone() }, true)
            }
            Ok(_) => {}
        }
    }

    /// What the filters on a field must answer.
    fn asked<'w, 'a>(
        &'w self,
        wanted: &'w Wanted<'_, 'a>,
        field: usize,
    ) -> impl Iterator<Item = Asked<'a>> + 'w {
        let own = wanted.iter().filter(move |(filter, _)| usize::try_from(filter.field()) == Ok(field));
        own.filter_map(|(filter, holds)| {
            Some(Asked { operator: self.operator(filter)?, value: filter.value(), holds: *holds })
        })
    }

    /// Whether the few values of a filter are none that those before it take.
    fn contradicts(&self, filter: &Filter<'_>, kept: &[Filter<'_>]) -> bool {
        let Some((_, before)) = kept.split_last() else { return false };
        let values: Vec<_> = match self.operator(filter) {
            Some(Operator::Is) => vec![filter.value().to_string()],
            Some(Operator::IsAny) => filter.value().values().map(|one| one.to_string()).collect(),
            _ => return false,
        };
        let takes = |value: &String, other: &Filter<'_>| {
            self.operator(other).is_none_or(|operator| operator.holds(value, other.value()))
        };
        let same = || before.iter().filter(|other| other.field() == filter.field());
        values.iter().all(|value| same().any(|other| !takes(value, other)))
    }

    fn operator(&self, filter: &Filter<'_>) -> Option<Operator> {
        let words = &self.contract.sysmon.as_ref()?.filters;
        Operator::from_word(words.get(usize::try_from(filter.operator()).ok()?)?)
    }

    fn undecided(&mut self, filter: &Filter<'_>, template: &TemplateType, reason: Reason) {
        let name = template.field(filter.field().into()).map(|field| format!(" `{}`", Escaped(&field.name)));
        let what = || format!("the filter on field {}{}", filter.field(), name.unwrap_or_default());
        self.out.undecided(filter.path(), filter.span(), what, reason);
    }
}

/// An input that a filter matches: one of which the others answer what they must, else one by itself.
fn with(others: &[Asked<'_>], own: Asked<'_>, field: &Field) -> Option<OwnedInput> {
    let all: Vec<_> = std::iter::once(own).chain(others.iter().copied()).collect();
    solve_filters(&all, field).or_else(|| solve_filters(&[own], field))
}

/// Rules that are tried before do not match: of those that all must hold one does not.
fn quiet<'f, 'a>(before: &[(Option<Combine>, &'f [Unit<'a>])], kept: &[Filter<'_>]) -> Wanted<'f, 'a> {
    let mut wanted = Vec::new();
    for (combine, units) in before {
        let some = if *combine == Some(Combine::And) { 1 } else { units.len() };
        units.iter().take(some).for_each(|unit| answers(unit, false, kept, &mut wanted));
    }
    wanted
}

/// What the filters of a unit must answer so that it matches or does not. Of several that all must match one need not: one
/// that `kept` does not ask the opposite of.
fn answers<'f, 'a>(unit: &'f Unit<'a>, matches: bool, kept: &[Filter<'_>], wanted: &mut Wanted<'f, 'a>) {
    let filters = &unit.filters;
    if unit.all_must == matches || filters.len() == 1 {
        wanted.extend(filters.iter().map(|filter| (filter, matches)));
        return;
    }
    let same = |filter: &Filter<'_>, other: &Filter<'_>| {
        (filter.field(), filter.operator(), filter.value())
            == (other.field(), other.operator(), other.value())
    };
    let free = filters.iter().find(|filter| !kept.iter().any(|other| same(filter, other)));
    wanted.extend(free.or(filters.first()).map(|filter| (filter, matches)));
}

/// What those before a filter must answer so that the sensor comes to it: the units before its own, and in its own those
/// before the last of `kept`, which it is.
fn way<'f, 'a>(
    combine: Option<Combine>,
    before: &'f [Unit<'a>],
    unit: &'f Unit<'a>,
    kept: &'f [Filter<'a>],
    wanted: &mut Wanted<'f, 'a>,
) {
    let Some((target, others)) = kept.split_last() else { return };
    let mut alternatives = BTreeSet::new();
    for one in before {
        match (combine, one.filters.first().filter(|_| !one.is_group)) {
            (Some(Combine::And), Some(filter)) => {
                // Filters on one field are alternatives: the first of another field matches, those of its own do not.
                if filter.field() == target.field() && !unit.is_group {
                    wanted.push((filter, false));
                } else if alternatives.insert(filter.field()) {
                    wanted.push((filter, true));
                }
            }
            (Some(Combine::And), None) => answers(one, true, kept, wanted),
            _ => answers(one, false, kept, wanted),
        }
    }
    // In a group: of those of which one suffices none before it matches, of those that all must match each.
    wanted.extend(others.iter().map(|filter| (filter, unit.all_must)));
}
