//! What a Sysmon sensor does with a blob before the first event. It refuses some blobs whole, is brought down by a few, and
//! takes all others, whatever their filters say on it.

use super::{Rules, fault};
use crate::{Fault, FaultKind};
use channel_contract::sysmon::Target;
use channel_contract::{Contract, TemplateType};
use channel_parser::model::{FieldIndex, TypeId};
use channel_parser::sysmon::{Event, Filter};
use channel_parser::{Path, Value};

/// The events of one name that a sensor counts, in 16 bits.
const MOST_RULES: u64 = 0xfffe;

/// What loading a blob does, and whom it tells.
struct Load<'l> {
    rules: &'l Rules<'l>,
    meant: Option<&'l Contract>,
    report: &'l mut dyn FnMut(Fault),
}

/// Reports every fault of loading a blob.
pub fn faults(rules: &Rules<'_>, meant: Option<&Contract>, report: &mut dyn FnMut(Fault)) {
    let mut load = Load { rules, meant, report };
    load.header();
    for event in rules.blob.events() {
        load.event(&event);
    }
}

impl Load<'_> {
    fn tell(&mut self, kind: FaultKind, place: (Path, core::ops::Range<u64>), expected: Value, found: Value) {
        (self.report)(fault(kind, place, expected, found));
    }

    fn header(&mut self) {
        let place = (Path::of("header").then("version"), 0..4);
        let found = self.rules.blob.version().0;
        let Some(sysmon) = self.rules.sysmon else {
            let (expected, found) =
                (Value::Phrase("content of the sensor's format"), Value::Phrase("a rule blob"));
            return self.tell(FaultKind::Refused, place, expected, found);
        };
        if found >> 16 != u32::from(sysmon.binary.major()) {
            let (expected, found) = (Value::Hex(sysmon.binary.number().into()), Value::Hex(found.into()));
            self.tell(FaultKind::Refused, place, expected, found);
        }
        for known in self.rules.contract.types.iter().filter(|known| known.event.is_some()) {
            self.room(known);
        }
    }

    /// Room for the rules of one name.
    fn room(&mut self, known: &TemplateType) {
        let own = |event: &Event<'_>| self.rules.shares_rules(TypeId(event.id()), known);
        let (count, last) = self
            .rules
            .blob
            .events()
            .filter(own)
            .fold((0u64, None), |(count, _), event| (count.saturating_add(1), Some(event)));
        if let Some(last) = last.filter(|_| count > MOST_RULES) {
            let place = (last.path(), last.span());
            self.tell(FaultKind::Refused, place, Value::AtMost(MOST_RULES), Value::Number(count));
        }
    }

    fn event(&mut self, event: &Event<'_>) {
        if event.default().is_none() {
            let place = (event.path().then("default"), event.default_span());
            let (expected, found) = (Value::Phrase("include or exclude"), Value::Phrase("neither"));
            self.tell(FaultKind::Refused, place, expected, found);
        }
        let (contract, id) = (self.rules.contract, TypeId(event.id()));
        let known = contract.template(id);
        let Some(takes) = known.and_then(|known| known.event) else {
            // Past its last event the sensor refuses the blob. A place without a rule name brings it down: there it
            // compares names, one of which is not there.
            let last =
                contract.types.iter().map(|known| known.id.0).filter(|id| *id != 255).max().unwrap_or(0);
            let past = id.0 > last && id.0 != 255;
            let kind = if past { FaultKind::Refused } else { FaultKind::UnknownType };
            let place = (event.path().then("id"), event.id_span());
            let expected = Value::Phrase("an event of the sensor that takes rules");
            return self.tell(kind, place, expected, Value::Number(id.0.into()));
        };
        let platform = &contract.sensor.platform;
        let own = Target::ALL.iter().copied().find(|one| one.platform() == platform);
        if own.is_some_and(|own| !takes.target.includes(own)) {
            let place = (event.path().then("id"), event.id_span());
            let (expected, found) =
                (Value::Phrase("an event of its system"), Value::Phrase(takes.target.platform()));
            self.tell(FaultKind::UnknownType, place, expected, found);
        }
        if let Some(known) = known {
            for filter in event.filters() {
                self.field(&filter, known);
                self.operator(&filter);
            }
        }
    }

    fn field(&mut self, filter: &Filter<'_>, known: &TemplateType) {
        let (place, index) = ((filter.path(), filter.field_index_span()), FieldIndex(filter.field()));
        let found = Value::Number(index.0.into());
        let Some(there) = known.field(index).filter(|_| known.is_supplied(index)) else {
            return self.tell(FaultKind::Dead, place, Value::Below(known.supplied.into()), found);
        };
        if index.0 >= super::MASK {
            self.tell(FaultKind::Width, place.clone(), Value::Below(super::MASK.into()), found);
        }
        let meant =
            self.meant.and_then(|meant| meant.template(known.id)).and_then(|meant| meant.field(index));
        if meant.is_some_and(|meant| meant.name != there.name) {
            let (expected, found) =
                (Value::Phrase("the field that is meant"), Value::Phrase("another field"));
            self.tell(FaultKind::AnotherField, place, expected, found);
        }
    }

    fn operator(&mut self, filter: &Filter<'_>) {
        let (place, number) = ((filter.path(), filter.operator_span()), filter.operator());
        let name = |contract: Option<&'_ Contract>| -> Option<usize> {
            let filters = &contract?.sysmon.as_ref()?.filters;
            let word = filters.get(usize::try_from(number).ok()?)?;
            super::Operator::ALL.iter().position(|operator| operator.word() == word)
        };
        let (there, meant) = (name(Some(self.rules.contract)), name(self.meant));
        if there.is_none() || meant.is_some_and(|meant| Some(meant) != there) {
            let expected = Value::Phrase("the operator that is meant");
            self.tell(FaultKind::Operator, place, expected, Value::Number(number.into()));
        } else if self.rules.expands(filter) {
            let expected = Value::Phrase("a value that is compared as it stands");
            self.tell(FaultKind::Failed, place, expected, Value::Phrase("one with an environment variable"));
        }
    }
}
