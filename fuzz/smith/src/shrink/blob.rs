//! What can be left out of a rule blob.

use super::{Cut, drain, halves, remove};
use crate::schema::filters_mut;
use channel_parser::sysmon::draft::{Draft, Event, Group, Item};

/// Every part that can be left out by itself, large ones first.
pub fn cuts(draft: &Draft) -> Vec<Cut<Draft>> {
    let mut cuts: Vec<Cut<Draft>> = Vec::new();
    for (start, end) in halves(draft.events.len()) {
        cuts.push(Box::new(move |draft| drain(&mut draft.events, start, end)));
    }
    for (at, event) in draft.events.iter().enumerate().rev() {
        for (start, end) in halves(event.items.len()) {
            cuts.push(of(at, move |event| drain(&mut event.items, start, end)));
        }
        for (nth, item) in event.items.iter().enumerate().rev() {
            let Item::Group(group) = item else { continue };
            for filter in (0..group.filters.len()).rev() {
                cuts.push(of(at, move |event| {
                    group_mut(event, nth).is_some_and(|group| remove(&mut group.filters, filter))
                }));
            }
            // A group of which only the filters matter.
            cuts.push(of(at, move |event| {
                let Some(filters) = group_mut(event, nth).map(|group| std::mem::take(&mut group.filters))
                else {
                    return false;
                };
                event.items.splice(nth..=nth, filters.into_iter().map(Item::Filter)).count() > 0
            }));
        }
        for nth in (0..event.filters().count()).rev() {
            // Names have fields of one size; that they are empty helps to read what is left.
            cuts.push(of(at, move |event| {
                filters_mut(event).nth(nth).is_some_and(|filter| {
                    let half = filter.value.len() / 2;
                    let shorter = half < filter.value.len();
                    filter.value.truncate(half);
                    filter.name.clear();
                    shorter
                })
            }));
            cuts.push(of(at, move |event| {
                filters_mut(event).nth(nth).is_some_and(|filter| filter.value.pop().is_some())
            }));
        }
    }
    cuts
}

/// A cut of one event.
fn of(at: usize, cut: impl Fn(&mut Event) -> bool + 'static) -> Cut<Draft> {
    Box::new(move |draft| draft.events.get_mut(at).is_some_and(&cut))
}

/// Corrects what follows from a cut: without a group none can be unlisted.
pub fn settle(draft: &mut Draft) {
    draft.unlisted &=
        draft.events.iter().flat_map(|event| &event.items).any(|item| matches!(item, Item::Group(_)));
}

fn group_mut(event: &mut Event, nth: usize) -> Option<&mut Group> {
    match event.items.get_mut(nth) {
        Some(Item::Group(group)) => Some(group),
        _ => None,
    }
}
