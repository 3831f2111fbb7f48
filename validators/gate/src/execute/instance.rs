//! One instance by itself: an event that satisfies all its criteria, and for each criterion events that differ from it in
//! one input, so that the criterion is reached and fails, clause by clause, and meets the edges of its input.

use super::{BUDGET, Reason, Run};
use crate::OwnedInput;
use crate::steer::{Answer, Trial, Value, edges, longest, smallest, trial};
use channel_contract::TemplateType;
use channel_interpreter::{Event, Input, Watch};
use channel_parser::channel::{Criterion, Instance};
use channel_parser::model::FieldIndex;
use channel_validators::report::Escaped;
use std::collections::BTreeSet;

/// What was seen of the criteria of one instance.
struct Seen {
    /// By field: whether it held, whether it failed.
    decided: Vec<(bool, bool)>,
    /// The fields at whose criteria the sensor faults.
    faults: BTreeSet<FieldIndex>,
}

impl Watch for Seen {
    fn criterion(&mut self, criterion: &Criterion<'_>, holds: bool) {
        if let Some(seen) = usize::try_from(criterion.field().0).ok().and_then(|at| self.decided.get_mut(at))
        {
            if holds { seen.0 = true } else { seen.1 = true }
        }
    }
}

impl Seen {
    fn of(&self, field: FieldIndex) -> (bool, bool) {
        usize::try_from(field.0).ok().and_then(|at| self.decided.get(at)).copied().unwrap_or_default()
    }
}

/// The inputs that a sensor supplies, the smallest that there are.
pub fn blank(template: &TemplateType) -> Vec<Value> {
    // A contract may promise more inputs than it has fields.
    let known = template.fields.iter().map(smallest);
    known.chain(std::iter::repeat(None)).take(template.supplied.min(MOST) as usize).collect()
}

/// No event has more inputs, whatever a contract says.
const MOST: u32 = 1 << 16;

/// Whether its events can be made: one with fewer inputs than the sensor supplies is none of its events.
pub fn has_events(template: &TemplateType) -> bool {
    template.supplied <= MOST
}

pub fn inputs(values: &[Value]) -> Vec<Option<Input<'_>>> {
    values.iter().map(|value| value.as_ref().map(OwnedInput::input)).collect()
}

impl Run<'_, '_> {
    /// Executes it, if the sensor has its template type: no event can reach any other.
    pub(super) fn instance(&mut self, instance: &Instance<'_>) {
        let Some(declared) = instance.template() else { return };
        let Some(template) = self.contract.template(declared.id()) else { return };
        let criteria: Vec<_> = instance.criteria().filter(|criterion| !criterion.is_wildcard()).collect();
        if criteria.is_empty() {
            return;
        }
        self.out.instances = self.out.instances.saturating_add(1);
        self.out.criteria = self.out.criteria.saturating_add(criteria.len() as u64);
        let (clauses, patterns) = criteria.iter().fold((0usize, 0usize), |(clauses, patterns), one| {
            (clauses.saturating_add(one.clauses().len()), patterns.saturating_add(one.patterns().count()))
        });
        // Each clause is missed by an event, each criterion meets a few edges, and each event looks at everything.
        let events = criteria.len().saturating_mul(8).saturating_add(clauses) as u64;
        let each = template.fields.len().saturating_add(patterns) as u64;
        self.spent = self.spent.saturating_add(events.saturating_mul(each));
        if self.spent > BUDGET || !has_events(template) {
            for criterion in &criteria {
                self.undecided(criterion, template, Reason::LeftOut);
            }
            return;
        }
        let trials: Vec<_> = criteria.iter().map(|criterion| self.trial(criterion, template)).collect();
        let blank = blank(template);
        let mut inputs = inputs(&blank);
        for (criterion, trial) in criteria.iter().zip(&trials) {
            if let (Some(Answer::Found(value)), Some(slot)) =
                (trial.as_ref().map(|trial| &trial.hit), slot(&mut inputs, criterion.field()))
            {
                *slot = value.as_ref().map(OwnedInput::input);
            }
        }
        let mut seen =
            Seen { decided: vec![(false, false); instance.field_count() as usize], faults: BTreeSet::new() };
        let fault = self.one(instance, &Event { template: template.id, inputs: &inputs }, &mut seen);
        seen.faults.extend(fault);
        let mut passable = true;
        for (criterion, trial) in criteria.iter().zip(&trials) {
            if passable {
                self.others(instance, criterion, template, trial.as_ref(), &inputs, &mut seen);
                passable = seen.of(criterion.field()).0;
            }
        }
        self.judge(&criteria, template, &trials, &seen);
    }

    fn trial(&self, criterion: &Criterion<'_>, template: &TemplateType) -> Option<Trial> {
        let field = template.field(criterion.field())?;
        template.is_supplied(criterion.field()).then(|| trial(&self.tester, criterion, field))
    }

    /// Runs the instance on every other input of one criterion that is worth it.
    fn others(
        &mut self,
        instance: &Instance<'_>,
        criterion: &Criterion<'_>,
        template: &TemplateType,
        trial: Option<&Trial>,
        inputs: &[Option<Input<'_>>],
        seen: &mut Seen,
    ) {
        let (Some(trial), Some(field)) = (trial, template.field(criterion.field())) else { return };
        let mut others = trial.misses.clone();
        others.extend(edges(field));
        let key = criterion.patterns().next().and_then(|pattern| pattern.operator());
        if field.max_bytes > 0 && self.longest.insert((template.id, criterion.field(), key)) {
            others.push(longest(field));
        }
        let mut inputs: Vec<Option<Input<'_>>> = inputs.to_vec();
        for other in &others {
            let Some(slot) = slot(&mut inputs, criterion.field()) else { return };
            *slot = other.as_ref().map(OwnedInput::input);
            let fault = self.one(instance, &Event { template: template.id, inputs: &inputs }, seen);
            seen.faults.extend(fault);
        }
    }

    fn undecided(&mut self, criterion: &Criterion<'_>, template: &TemplateType, reason: Reason) {
        let field = criterion.field();
        let name = template.field(field).map(|field| format!(" `{}`", Escaped(&field.name)));
        let what = || format!("the criterion on field {field}{}", name.unwrap_or_default());
        self.out.undecided(criterion.path(), criterion.span(), what, reason);
    }

    fn judge(
        &mut self,
        criteria: &[Criterion<'_>],
        template: &TemplateType,
        trials: &[Option<Trial>],
        seen: &Seen,
    ) {
        let mut behind = false;
        for (criterion, trial) in criteria.iter().zip(trials) {
            let (held, failed) = seen.of(criterion.field());
            let never = trial.as_ref().is_some_and(|trial| trial.hit == Answer::Impossible);
            let always = trial.as_ref().is_some_and(|trial| trial.always);
            let reason = match (held, failed) {
                (true, true) => None,
                _ if seen.faults.contains(&criterion.field()) => Some(Reason::Faults),
                _ if behind => Some(Reason::Behind),
                (false, _) => Some(if never { Reason::NeverHolds } else { Reason::NoMatch }),
                (true, false) => Some(if always { Reason::AlwaysHolds } else { Reason::NoMiss }),
            };
            match reason {
                None => self.out.decided = self.out.decided.saturating_add(1),
                Some(reason) => self.undecided(criterion, template, reason),
            }
            behind |= !held;
        }
    }
}

/// The input of a field, if it is supplied.
fn slot<'i, 'v>(inputs: &'i mut [Option<Input<'v>>], field: FieldIndex) -> Option<&'i mut Option<Input<'v>>> {
    inputs.get_mut(usize::try_from(field.0).ok()?)
}
