//! What can be left out of a contract.

use super::{Cut, drain, halves, remove};
use channel_contract::{Contract, TemplateType};

/// Every part that can be left out by itself, large ones first. A field that goes takes its input along, so that a sensor
/// that supplies too few still does.
pub fn cuts(contract: &Contract) -> Vec<Cut<Contract>> {
    let mut cuts: Vec<Cut<Contract>> = Vec::new();
    cuts.push(Box::new(|contract| {
        contract.types.iter_mut().for_each(|template| template.event = None);
        contract.sysmon.take().is_some()
    }));
    for (start, end) in halves(contract.types.len()) {
        cuts.push(Box::new(move |contract| drain(&mut contract.types, start, end)));
    }
    for (at, template) in contract.types.iter().enumerate().rev() {
        for (start, end) in halves(template.fields.len()) {
            cuts.push(Box::new(move |contract| {
                contract.types.get_mut(at).is_some_and(|template| without(template, start, end))
            }));
        }
    }
    for at in (0..contract.sysmon.as_ref().map_or(0, |sysmon| sysmon.filters.len())).rev() {
        cuts.push(Box::new(move |contract| {
            contract.sysmon.as_mut().is_some_and(|sysmon| remove(&mut sysmon.filters, at))
        }));
    }
    cuts
}

fn without(template: &mut TemplateType, start: usize, end: usize) -> bool {
    let before = template.defined();
    let done = drain(&mut template.fields, start, end);
    template.supplied = template.supplied.saturating_sub(before.saturating_sub(template.defined()));
    done
}
