//! Any contract that can be written.

use channel_contract::{
    sysmon::{Action, Event, Sysmon, Target, Version},
    *,
};
use channel_parser::model::{Channel, InputType, Operator, TypeId, TypeRevision};
use proptest::{collection::vec, option, prelude::*, sample::select};

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[A-Za-z0-9.\"\\\\ '#-]{0,79}", "[äß→𝄞]{0,19}"]
}

fn field() -> impl Strategy<Value = Field> {
    (text(), select(InputType::ALL), any::<bool>(), any::<u32>()).prop_map(
        |(name, input, nullable, bytes)| Field {
            name,
            input,
            nullable,
            max_bytes: if input == InputType::Text { bytes } else { 0 },
        },
    )
}

fn template() -> impl Strategy<Value = TemplateType> {
    (any::<[u32; 5]>(), text(), vec(field(), 0..30)).prop_map(
        |([id, revision, channel, cap, supplied], name, fields)| TemplateType {
            id: TypeId(id),
            revision: TypeRevision(revision),
            channel: Channel(channel),
            name,
            instance_cap: cap,
            fields,
            supplied,
            event: None,
        },
    )
}

fn limits() -> impl Strategy<Value = Limits> {
    (any::<[u64; 3]>(), any::<[u32; 5]>(), proptest::array::uniform11(1_u8..=64)).prop_map(
        |(wide, narrow, bits)| {
            let [file_bytes, automaton_bytes, work_per_event] = wide;
            let [detections, instances, clauses_per_criterion, patterns_per_clause, operand_bytes] = narrow;
            let widths = Widths::from_array(bits.map(|bits| Width::new(bits).unwrap()));
            Limits {
                file_bytes,
                detections,
                instances,
                clauses_per_criterion,
                patterns_per_clause,
                operand_bytes,
                automaton_bytes,
                work_per_event,
                widths,
            }
        },
    )
}

fn sysmon() -> impl Strategy<Value = Sysmon> {
    let version = || (1_u16.., 0..100_u8).prop_map(|(major, minor)| Version::new(major, minor).unwrap());
    (version(), version(), vec(text(), 0..20)).prop_map(|(schema, binary, filters)| Sysmon {
        schema,
        binary,
        filters,
    })
}

fn event() -> impl Strategy<Value = Event> {
    (select(Action::ALL), select(Target::ALL)).prop_map(|(default, target)| Event { default, target })
}

pub fn contract() -> impl Strategy<Value = Contract> {
    let sensor = (text(), text(), text(), text()).prop_map(|(name, version, platform, build_id)| Sensor {
        name,
        version,
        platform,
        build_id,
    });
    let operators = proptest::sample::subsequence(Operator::ALL, 0..=Operator::ALL.len());
    let types = vec((template(), option::of(event())), 0..5);
    let sysmon = option::of(sysmon());
    (sensor, any::<u32>(), operators, limits(), types, any::<bool>(), sysmon).prop_map(
        |(sensor, interpreter, operators, limits, types, sealed, sysmon)| {
            let event = |event| sysmon.is_some().then_some(event).flatten();
            let with_event = |(template, e)| TemplateType { event: event(e), ..template };
            let mut types: Vec<_> = types.into_iter().map(with_event).collect();
            types.sort_by_key(|template| template.id);
            types.dedup_by_key(|template| template.id);
            let operators = operators.into_iter().collect();
            Contract { sensor, interpreter, operators, limits, types, sealed, sysmon }
        },
    )
}
