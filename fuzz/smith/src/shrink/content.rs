//! What can be left out of a channel file.

use super::{Cut, drain, halves, remove};
use channel_parser::draft::*;

fn instance_mut(draft: &mut Draft, nth: usize) -> Option<&mut Instance> {
    draft.detections.iter_mut().flat_map(|one| one.include.iter_mut().chain(&mut one.exclude)).nth(nth)
}

/// Every part that can be left out by itself, large ones first.
pub fn cuts(draft: &Draft) -> Vec<Cut<Draft>> {
    let mut cuts: Vec<Cut<Draft>> = Vec::new();
    let count = draft.detections.len();
    for (start, end) in halves(count) {
        cuts.push(Box::new(move |draft| drain(&mut draft.detections, start, end)));
    }
    cuts.push(Box::new(|draft| !std::mem::take(&mut draft.extra).is_empty()));
    for at in (0..count).rev() {
        cuts.push(Box::new(move |draft| {
            draft
                .detections
                .get_mut(at)
                .is_some_and(|one| std::mem::take(&mut one.provenance) != Provenance::default())
        }));
        let Some(detection) = draft.detections.get(at) else { continue };
        for nth in (0..detection.include.len()).rev() {
            cuts.push(Box::new(move |draft| {
                draft.detections.get_mut(at).is_some_and(|one| remove(&mut one.include, nth))
            }));
        }
        for nth in (0..detection.exclude.len()).rev() {
            cuts.push(Box::new(move |draft| {
                draft.detections.get_mut(at).is_some_and(|one| remove(&mut one.exclude, nth))
            }));
        }
    }
    let instances = draft.detections.iter().flat_map(|one| one.include.iter().chain(&one.exclude));
    for (nth, instance) in instances.enumerate() {
        for (field, criterion) in instance.criteria.iter().enumerate() {
            for (clause, patterns) in criterion.clauses.iter().map(|clause| clause.patterns.len()).enumerate()
            {
                cuts.push(Box::new(move |draft| {
                    let criterion = instance_mut(draft, nth).and_then(|one| one.criteria.get_mut(field));
                    criterion.is_some_and(|criterion| remove(&mut criterion.clauses, clause))
                }));
                for pattern in (0..patterns).rev() {
                    cuts.push(Box::new(move |draft| {
                        let criterion = instance_mut(draft, nth).and_then(|one| one.criteria.get_mut(field));
                        let clause = criterion.and_then(|criterion| criterion.clauses.get_mut(clause));
                        clause.is_some_and(|clause| {
                            clause.patterns.len() > 1 && remove(&mut clause.patterns, pattern)
                        })
                    }));
                    cuts.push(Box::new(move |draft| {
                        let criterion = instance_mut(draft, nth).and_then(|one| one.criteria.get_mut(field));
                        let clause = criterion.and_then(|criterion| criterion.clauses.get_mut(clause));
                        clause.and_then(|clause| clause.patterns.get_mut(pattern)).is_some_and(shorten)
                    }));
                }
            }
        }
    }
    for at in (0..draft.types.len()).rev() {
        cuts.push(Box::new(move |draft| drop_type(draft, at)));
    }
    cuts
}

/// Halves the text of a pattern.
fn shorten(pattern: &mut Pattern) -> bool {
    let Pattern::Text { operand, .. } = pattern else { return false };
    let half = operand.chars().count() / 2;
    let shorter: String = operand.chars().take(half).collect();
    let changed = shorter != *operand;
    *operand = shorter;
    changed
}

/// Drops a template type that no instance is for.
fn drop_type(draft: &mut Draft, at: usize) -> bool {
    let all = || draft.detections.iter().flat_map(|one| one.include.iter().chain(&one.exclude));
    if all().any(|instance| instance.template.0 as usize == at) || !remove(&mut draft.types, at) {
        return false;
    }
    for instance in draft.detections.iter_mut().flat_map(|one| one.include.iter_mut().chain(&mut one.exclude))
    {
        if instance.template.0 as usize > at {
            instance.template.0 -= 1;
        }
    }
    true
}
