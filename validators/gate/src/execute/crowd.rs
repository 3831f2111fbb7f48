//! The whole set at once: for each template type events for all its instances together, one of them made so that as many
//! as possible match it. What instances do to each other, and what they cost together, no instance shows by itself.

use super::Run;
use super::instance::{blank, has_events, inputs};
use crate::steer::{Answer, Tester, Value, Want, edges, solve};
use crate::{OwnedInput, Record};
use channel_contract::{Field, TemplateType};
use channel_interpreter::{Event, Fault, Outcome, Regexes};
use channel_parser::Path;
use channel_parser::channel::{ChannelFile, Instance};
use channel_parser::model::{InputType, TypeId};
use std::ops::Range;

/// What became of the events for all instances of a template type.
#[derive(Clone, Debug)]
pub struct Crowd {
    /// The template type.
    pub template: TypeId,
    /// The bytes that name it in the content, and their place.
    pub place: (Path, Range<u64>),
    /// The events, each with what it came to.
    pub runs: Vec<Together>,
}

/// What an event came to for all instances.
#[derive(Clone, Debug)]
pub struct Together {
    /// The event.
    pub event: Record,
    /// What it came to, step by step.
    pub outcome: Result<Outcome, Fault>,
    /// Whether the engine, which asks all instances in one pass, came to the same.
    pub agree: bool,
}

impl Crowd {
    /// The most instances that matched an event.
    pub fn most(&self) -> Outcome {
        let outcomes = self.runs.iter().filter_map(|run| run.outcome.as_ref().ok());
        outcomes.fold(Outcome::default(), |most, outcome| Outcome {
            detections: most.detections.max(outcome.detections),
            instances: most.instances.max(outcome.instances),
            work: most.work.max(outcome.work),
        })
    }
}

impl Run<'_, '_> {
    pub(super) fn crowds(&mut self, file: &ChannelFile<'_>) {
        for declared in file.types() {
            let Some(template) = self.contract.template(declared.id()) else { continue };
            let own = |one: &Instance<'_>| one.template().is_some_and(|own| own.index() == declared.index());
            if !has_events(template) || !file.instances().any(|one| own(&one)) {
                continue;
            }
            let together = |late| together(&self.tester, template, file.instances().filter(own), late);
            let mut runs = Vec::new();
            for values in [together(false), together(true), filled(template), blank(template)] {
                runs.push(self.all(&Event { template: template.id, inputs: &inputs(&values) }));
            }
            let place = (declared.path(), declared.id_span());
            self.out.crowds.push(Crowd { template: template.id, place, runs });
        }
    }
}

/// Inputs that are all there, and that hardly a pattern matches: each is compared with many.
fn filled(template: &TemplateType) -> Vec<Value> {
    let mut values = blank(template);
    for (value, field) in values.iter_mut().zip(&template.fields) {
        *value = match field.input {
            InputType::Text if field.max_bytes > 0 => Some(OwnedInput::Text("~".into())),
            _ => edges(field).pop().flatten(),
        };
    }
    values
}

/// Inputs that as many instances as possible match, as far as a look at each can tell: the work is bounded by a few looks
/// at every pattern. `late` prefers inputs that cost more comparisons.
fn together<'a, R: Regexes>(
    tester: &Tester<R>,
    template: &TemplateType,
    instances: impl Iterator<Item = Instance<'a>>,
    late: bool,
) -> Vec<Value> {
    let mut values = blank(template);
    let mut wants: Vec<Want<'a>> = values.iter().map(|_| Want::default()).collect();
    let mut budget = 1usize << 16;
    for instance in instances {
        let mut changed = Vec::new();
        let mut joins = true;
        for criterion in instance.criteria().filter(|criterion| !criterion.is_wildcard()) {
            let at = criterion.field().0 as usize;
            let (Some(value), Some(want), Some(field)) =
                (values.get(at), wants.get(at), template.fields.get(at))
            else {
                joins = false;
                break;
            };
            budget = budget.saturating_add(criterion.patterns().count().saturating_mul(4));
            if tester.holds(&criterion, value.as_ref()) {
                changed.push((at, value.clone(), criterion));
                continue;
            }
            let cost = want.patterns().saturating_add(criterion.patterns().count()).saturating_mul(8);
            joins = budget >= cost;
            if !joins {
                break;
            }
            budget = budget.saturating_sub(cost);
            let own = Want::all(&criterion);
            let own = if late { own.late() } else { own };
            let mut both = want.clone();
            both.add(&criterion);
            let Some(value) = extend(tester, &both, &own, value, field) else {
                joins = false;
                break;
            };
            changed.push((at, value, criterion));
        }
        for (at, value, criterion) in changed.into_iter().filter(|_| joins) {
            if let (Some(slot), Some(want)) = (values.get_mut(at), wants.get_mut(at)) {
                *slot = value;
                want.add(&criterion);
            }
        }
    }
    values
}

/// A value that meets more than another did: the two joined, or a new one.
fn extend<R: Regexes>(
    tester: &Tester<R>,
    both: &Want<'_>,
    own: &Want<'_>,
    value: &Value,
    field: &Field,
) -> Option<Value> {
    let Answer::Found(alone) = solve(tester, own, field) else { return None };
    let joined = match (&alone, value) {
        (Some(OwnedInput::Text(new)), Some(OwnedInput::Text(old))) => {
            vec![format!("{old}{new}"), format!("{new}{old}"), format!("{old} {new}"), format!("{new} {old}")]
        }
        _ => Vec::new(),
    };
    let fits = |text: &String| text.len() as u64 <= u64::from(field.max_bytes);
    let joined = joined.into_iter().filter(fits).map(|text| Some(OwnedInput::Text(text)));
    let mut all = std::iter::once(alone).chain(joined);
    if let Some(found) = all.find(|value| tester.meets(both, value.as_ref())) {
        return Some(found);
    }
    match field.input {
        InputType::Text => None,
        _ => solve(tester, both, field).value().cloned(),
    }
}
