//! What a sensor does with a file before the first event: it makes room, stores numbers in its widths, and looks up the
//! template types. A sensor that checks nothing is at fault here without any event.

use crate::{Fault, FaultKind};
use channel_contract::{Contract, TemplateType, Width};
use channel_parser::channel::{self, ChannelFile, Criterion, Instance, Operand, Table};
use channel_parser::{Path, Value};
use core::ops::Range;

/// Where something is, and the bytes that say so.
type Place = (Path, Range<u64>);

/// What loading a file does, and whom it tells.
struct Load<'l> {
    file: &'l ChannelFile<'l>,
    contract: &'l Contract,
    report: &'l mut dyn FnMut(Fault),
}

/// Reports every fault of loading a file.
pub fn faults(file: &ChannelFile<'_>, contract: &Contract, report: &mut dyn FnMut(Fault)) {
    let mut load = Load { file, contract, report };
    load.header();
    load.types();
    load.instance_caps();
    for instance in file.instances() {
        load.instance(&instance);
    }
}

impl Load<'_> {
    fn tell(&mut self, kind: FaultKind, (path, span): Place, expected: Value, found: Value) {
        (self.report)(Fault { kind, span: Some(span), path, expected, found });
    }

    /// Room for so many.
    fn room(&mut self, place: Place, found: u64, room: u64) {
        if found > room {
            self.tell(FaultKind::Capacity, place, Value::AtMost(room), Value::Number(found));
        }
    }

    /// A store for a number.
    fn store(&mut self, place: Place, n: u64, width: Width) {
        if !width.holds(n) {
            self.tell(FaultKind::Width, place, Value::AtMost(width.max()), Value::Number(n));
        }
    }

    fn header(&mut self) {
        let (limits, header) = (self.contract.limits, self.file.header());
        let widths = limits.widths;
        let of = |name, span| (Path::of("header").then(name), span);
        self.room(of("length", 16..24), header.length, limits.file_bytes);
        self.store(of("channel", 24..28), header.channel.0.into(), widths.channel);
        self.store(of("part", 28..32), header.part.0.into(), widths.part);
        self.store(of("revision", 32..36), header.revision.0.into(), widths.content_revision);
        let counts = [
            (Table::Detections, u64::from(limits.detections), widths.detections),
            (Table::Instances, u64::from(limits.instances), widths.instances),
            (Table::Patterns, u64::MAX, widths.patterns),
        ];
        for (table, room, width) in counts {
            let view = self.file.table(table);
            let place = || (Path::of(table.section().rows).then("count"), view.count_span());
            self.room(place(), view.rows.into(), room);
            self.store(place(), view.rows.into(), width);
        }
    }

    fn types(&mut self) {
        let (contract, file) = (self.contract, self.file);
        let widths = contract.limits.widths;
        for declared in file.types() {
            let path = declared.path();
            let (id, revision) = (declared.id(), declared.revision());
            self.store((path.then("id"), declared.id_span()), id.0.into(), widths.type_id);
            self.store(
                (path.then("revision"), declared.revision_span()),
                revision.0.into(),
                widths.type_revision,
            );
            let fields = (path.then("field_end"), declared.field_count_span());
            self.store(fields.clone(), declared.field_count().into(), widths.fields_per_instance);
            let known = contract.template(id).filter(|known| known.channel == file.header().channel);
            let Some(known) = known else {
                let expected = Value::Phrase("a template type that the sensor reads from this channel");
                self.tell(
                    FaultKind::UnknownType,
                    (path, declared.id_span()),
                    expected,
                    Value::Number(id.0.into()),
                );
                continue;
            };
            if known.revision != revision {
                let (expected, found) =
                    (Value::Number(known.revision.0.into()), Value::Number(revision.0.into()));
                self.tell(FaultKind::UnknownType, (path, declared.revision_span()), expected, found);
                continue;
            }
            if known.defined() != declared.field_count() {
                let (expected, found) = (known.defined().into(), declared.field_count().into());
                self.tell(FaultKind::FieldCount, fields, Value::Number(expected), Value::Number(found));
            }
        }
    }

    /// Counts the instances of some of the sensor's types at a time, so that no memory is asked for and a file is read as
    /// often as the *sensor* has so many types, however many the file has.
    fn instance_caps(&mut self) {
        const AT_ONCE: usize = 128;
        for known in self.contract.types.chunks(AT_ONCE) {
            let mut counts = [0u64; AT_ONCE];
            for instance in self.file.instances() {
                let Some(id) = instance.template().map(|declared| declared.id()) else { continue };
                let own = known.iter().zip(&mut counts).find(|(known, _)| known.id == id);
                if let Some((_, count)) = own {
                    *count = count.saturating_add(1);
                }
            }
            for (known, count) in known.iter().zip(counts) {
                let Some(declared) = self.file.types().find(|declared| declared.id() == known.id) else {
                    continue;
                };
                self.room((declared.path(), declared.id_span()), count, known.instance_cap.into());
            }
        }
    }

    fn instance(&mut self, instance: &Instance<'_>) {
        let contract = self.contract;
        let Some(declared) = instance.template() else {
            let expected = Value::Phrase("a template type of the file");
            let place = (instance.path(), instance.template_span());
            return self.tell(FaultKind::UnknownType, place, expected, Value::Phrase("none"));
        };
        let known = contract.template(declared.id()).filter(|known| known.revision == declared.revision());
        if let Some(known) = known
            && instance.field_count() != known.defined()
        {
            let (expected, found) = (known.defined().into(), instance.field_count().into());
            let place = (instance.path(), instance.field_count_span());
            self.tell(FaultKind::FieldCount, place, Value::Number(expected), Value::Number(found));
        }
        for criterion in instance.criteria().filter(|criterion| !criterion.is_wildcard()) {
            if let Some(known) = known {
                self.meaning(&criterion, &declared, known);
            }
            self.lists(&criterion);
        }
    }

    /// The sensor reads by position; what it reads is what was meant only if both call it the same.
    fn meaning(
        &mut self,
        criterion: &Criterion<'_>,
        declared: &channel::TemplateType<'_>,
        known: &TemplateType,
    ) {
        let field = criterion.field();
        let (Some(there), true) = (known.field(field), known.is_supplied(field)) else { return };
        if declared.field(field) != Some(there.name.as_str()) {
            let (expected, found) =
                (Value::Phrase("the field that is meant"), Value::Phrase("another field"));
            self.tell(FaultKind::AnotherField, (criterion.path(), criterion.span()), expected, found);
        }
    }

    fn lists(&mut self, criterion: &Criterion<'_>) {
        let limits = self.contract.limits;
        let place = (criterion.path(), criterion.span());
        self.room(place, criterion.clauses().len() as u64, limits.clauses_per_criterion.into());
        for (position, clause) in (0u32..).zip(criterion.clauses()) {
            let path = criterion.path().then_at("clauses", position);
            self.room(
                (path, clause.span()),
                clause.patterns().len() as u64,
                limits.patterns_per_clause.into(),
            );
            for (position, pattern) in (0u32..).zip(clause.patterns()) {
                let path = path.then_at("patterns", position);
                self.operand(path, &pattern);
            }
        }
    }

    fn operand(&mut self, path: Path, pattern: &channel::Pattern<'_>) {
        let limits = self.contract.limits;
        let width = limits.widths.integer_operand;
        let numbers = match pattern.operand() {
            Some(Operand::Text(text)) => {
                let place = (path, pattern.operand_span());
                return self.room(place, text.len() as u64, limits.operand_bytes.into());
            }
            Some(Operand::Integer(n)) => [n, n],
            Some(Operand::Range(low, high)) => [low, high],
            Some(Operand::Mask { mask, value }) => [mask.cast_signed(), value.cast_signed()],
            _ => return,
        };
        if let Some(n) = numbers.into_iter().find(|n| !width.holds_signed(*n)) {
            let (expected, found) = (Value::AtMost(width.max()), Value::Hex(n.cast_unsigned()));
            self.tell(FaultKind::Width, (path, pattern.operand_span()), expected, found);
        }
    }
}
