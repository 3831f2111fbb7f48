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
use channel_parser::sysmon::{self, Blob, Combine, DefaultAction, Filter};
use channel_validators::report::Escaped;
use std::collections::BTreeMap;

/// Answers of filters that one execution asks for: filters are tried on events that go past those before them.
const BUDGET: u64 = 100_000_000;

/// Executes a rule blob on a sensor. What its compiler meant by its numbers is told by that one's contract.
pub fn execute_blob(blob: &Blob<'_>, contract: &Contract, meant: Option<&Contract>) -> Execution {
    let mut run = Run { rules: Rules::new(blob, contract), contract, spent: 0, out: Execution::default() };
    run.rules.load_faults(meant, &mut |fault| run.out.load_fault(fault));
    let mut all: Vec<sysmon::Event<'_>> = Vec::new();
    for default in [DefaultAction::Include, DefaultAction::Exclude] {
        let first = all.len();
        all.extend(blob.events().filter(|event| event.default() == Some(default)));
        all.get_mut(first..).unwrap_or_default().reverse();
    }
    let filters: Vec<Vec<Filter<'_>>> = all.iter().map(|event| event.filters().collect()).collect();
    for (at, event) in all.iter().enumerate() {
        let Some(template) = contract.template(TypeId(event.id())).filter(|known| known.event.is_some())
        else {
            continue;
        };
        let before = all.iter().zip(&filters).take(at).filter(|(other, _)| other.id() == event.id());
        let before: Vec<_> = before.map(|(other, filters)| (other.combine(), filters.as_slice())).collect();
        let own = filters.get(at).map(Vec::as_slice).unwrap_or_default();
        run.rules_of(event, template, &before, own);
    }
    run.out
}

struct Run<'b> {
    rules: Rules<'b>,
    contract: &'b Contract,
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

impl Run<'_> {
    /// The rules for one event id, behind others for the same.
    fn rules_of(
        &mut self,
        event: &sysmon::Event<'_>,
        template: &TemplateType,
        before: &[(Option<Combine>, &[Filter<'_>])],
        own: &[Filter<'_>],
    ) {
        self.out.instances = self.out.instances.saturating_add(event.items().count() as u64);
        self.out.criteria = self.out.criteria.saturating_add(own.len() as u64);
        let mut seen = Seen::default();
        for (at, filter) in own.iter().enumerate() {
            let cost = own.len().saturating_add(before.iter().map(|(_, filters)| filters.len()).sum());
            self.spent = self.spent.saturating_add((cost as u64).saturating_mul(8));
            if self.spent > BUDGET {
                self.undecided(filter, template, Reason::LeftOut);
                continue;
            }
            let mut wanted = quiet(before);
            way(event.combine(), own, at, &mut wanted);
            self.filter(filter, &wanted, template, &mut seen);
            let (matched, missed, failed) = seen.0.get(&filter.offset()).copied().unwrap_or_default();
            let reason = match (matched, missed, failed) {
                (true, true, _) => {
                    self.out.decided = self.out.decided.saturating_add(1);
                    continue;
                }
                (false, false, false) => Reason::Behind,
                (.., true) => Reason::Faults,
                (false, ..) => Reason::NoMatch,
                _ => Reason::NoMiss,
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
fn quiet<'f, 'a>(before: &[(Option<Combine>, &'f [Filter<'a>])]) -> Wanted<'f, 'a> {
    let mut wanted = Vec::new();
    for (combine, filters) in before {
        for unit in units(filters) {
            let first = match combine {
                Some(Combine::And) => wanted.is_empty(),
                _ => true,
            };
            if first {
                answers(unit, false, &mut wanted);
            }
        }
    }
    wanted
}

/// The filters by themselves and the groups of filters of rules.
fn units<'f, 'a>(filters: &'f [Filter<'a>]) -> impl Iterator<Item = &'f [Filter<'a>]> {
    filters.chunk_by(|a, b| group(a).is_some() && group(a) == group(b))
}

fn group(filter: &Filter<'_>) -> Option<u32> {
    filter.aggregation().map(|(id, _)| id).filter(|id| *id != 0)
}

/// What the filters of a unit must answer so that it matches or does not.
fn answers<'f, 'a>(unit: &'f [Filter<'a>], matches: bool, wanted: &mut Wanted<'f, 'a>) {
    let all_must = unit.first().and_then(Filter::group).is_some_and(|(_, how)| how == Some(Combine::And));
    if all_must == matches || unit.len() == 1 {
        wanted.extend(unit.iter().map(|filter| (filter, matches)));
    } else {
        wanted.extend(unit.first().map(|filter| (filter, matches)));
    }
}

/// What those before a filter must answer so that the sensor comes to it.
fn way<'f, 'a>(combine: Option<Combine>, own: &'f [Filter<'a>], at: usize, wanted: &mut Wanted<'f, 'a>) {
    let Some(target) = own.get(at) else { return };
    let mut start = 0usize;
    let mut alternatives = std::collections::BTreeSet::new();
    for unit in units(own) {
        let end = start.saturating_add(unit.len());
        if at < end {
            // In its group: of those that one suffices for none before it matches, of those that all must match each.
            let all_must =
                unit.first().and_then(Filter::group).is_some_and(|(_, how)| how == Some(Combine::And));
            wanted.extend(unit.iter().take(at.saturating_sub(start)).map(|filter| (filter, all_must)));
            return;
        }
        start = end;
        let alone = unit.first().filter(|first| group(first).is_none());
        match (combine, alone) {
            (Some(Combine::And), Some(filter)) => {
                // Filters on one field are alternatives: the first of another field matches, those of its own do not.
                if filter.field() == target.field() && group(target).is_none() {
                    wanted.push((filter, false));
                } else if alternatives.insert(filter.field()) {
                    wanted.push((filter, true));
                }
            }
            (Some(Combine::And), None) => answers(unit, true, wanted),
            _ => answers(unit, false, wanted),
        }
    }
}
