//! Blobs at random, and every way to break them.

use super::draft::{Draft, Event, Filter, Group, Item};
use super::*;
use crate::model::view::{Content, Effect, Name};
use crate::model::{FieldIndex, TypeId};
use crate::text::TextError;
use crate::{Error, ErrorKind};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};
extern crate std;
use proptest::collection::vec as many;
use proptest::prelude::*;

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// UTF-16 with what is hard to quote and with halves of pairs, never zero.
fn units(most: usize) -> impl Strategy<Value = Vec<u16>> {
    let unit = prop_oneof![
        4 => 0x20u16..0x7f,
        1 => prop_oneof![Just(0x27), Just(0x22), Just(0x5c), Just(0x0a), Just(0x202e), Just(0x3b)],
        1 => prop_oneof![Just(0xd83d), Just(0xde00), 1u16..],
    ];
    many(unit, 0..most)
}

fn filter() -> impl Strategy<Value = Filter> {
    let text = (units(20), units(40));
    (any::<u32>(), text, any::<u16>(), any::<bool>()).prop_map(
        |(field, (name, value), operator, environment)| Filter {
            field,
            name,
            operator: operator.into(),
            environment,
            value,
        },
    )
}

fn group(most: usize) -> impl Strategy<Value = Group> {
    let memory = prop_oneof![3 => Just((0, 0, 0)), 1 => any::<(u64, u32, u32)>()];
    (1u32.., 0u32..2, units(20), memory, many(filter(), 0..most))
        .prop_map(|(id, combine, name, memory, filters)| Group { id, combine, name, memory, filters })
}

fn event() -> impl Strategy<Value = Event> {
    let item = prop_oneof![filter().prop_map(Item::Filter), group(3).prop_map(Item::Group)];
    (any::<u32>(), 0u32..2, 0u32..2, many(item, 0..5)).prop_map(|(id, default, combine, items)| Event {
        id,
        default,
        combine,
        items,
    })
}

/// Any draft that a blob can say.
fn draft() -> impl Strategy<Value = Draft> {
    let version = prop_oneof![Just(0x1_0000u32), Just(0xf_0000), 0x1_0001u32..];
    (version, any::<u32>(), any::<bool>(), many(event(), 1..5)).prop_map(
        |(version, schema, unlisted, events)| {
            let short = version == 0x1_0000;
            let mut draft =
                Draft { version, schema: if short { 0 } else { schema }, unlisted: false, events };
            let items = draft.events.iter().flat_map(|event| &event.items);
            let mut groups =
                items.filter_map(|item| if let Item::Group(group) = item { Some(group) } else { None });
            match groups.next() {
                Some(first) if first.filters.is_empty() && short => {
                    draft
                        .events
                        .iter_mut()
                        .for_each(|event| event.items.retain(|i| matches!(i, Item::Filter(_))));
                }
                Some(first) => draft.unlisted = short || (unlisted && !first.filters.is_empty()),
                None => {}
            }
            draft
        },
    )
}

/// Two events with filters and groups.
fn sample() -> Draft {
    let filter = |field, value: &str| Filter { field, operator: 2, value: wide(value), ..Filter::default() };
    let group = |id| Group {
        id,
        combine: 1,
        name: wide("T1059"),
        filters: vec![filter(3, "a"), filter(4, "bcd")],
        ..Group::default()
    };
    let items = vec![
        Item::Filter(filter(1, "x;y")),
        Item::Group(group(1)),
        Item::Filter(filter(2, "")),
        Item::Group(group(2)),
    ];
    let event = |id| Event { id, default: 1, combine: 0, items: items.clone() };
    Draft { version: 0xf_0000, schema: 0x4_0046, unlisted: false, events: vec![event(1), event(13)] }
}

fn errors(bytes: &[u8]) -> Vec<Error> {
    let mut errors = Vec::new();
    if let Some(blob) = examine(bytes, &mut |error| errors.push(error)) {
        walk_everything(&blob);
    }
    let end = cells(bytes).fold(0, |at, cell| {
        assert_eq!(cell.span.start, at);
        cell.span.end
    });
    assert_eq!(end, bytes.len() as u64);
    assert_eq!(parse(bytes).err(), errors.first().cloned());
    let limit = bytes.len() as u64;
    assert!(
        errors
            .iter()
            .all(|e| e.span.as_ref().is_some_and(|span| span.start <= span.end && span.end <= limit)),
        "{errors:?}"
    );
    errors
}

fn walk_everything(blob: &Blob<'_>) {
    let filters = blob.events().flat_map(|event| event.filters());
    let texts = filters.map(|f| f.value().units().count() + f.name().chars().count());
    assert!(texts.sum::<usize>() <= blob.bytes().len());
    let values = blob.events().flat_map(|event| event.filters()).map(|f| f.value().values().count());
    assert!(values.sum::<usize>() <= blob.bytes().len());
    assert!(blob.aggregations().map(|a| a.name().len()).sum::<usize>() <= blob.bytes().len());
    // Nothing is lost between the list of an event and what it holds.
    for event in blob.events() {
        let held = event.items().flat_map(|item| item.filters()).map(|filter| filter.indices());
        assert!(held.eq(event.filters().map(|filter| filter.indices())));
    }
}

/// The items of every event are those of its draft, and the views of the model say the same.
fn items_are_those_of(draft: &Draft, blob: Blob<'_>) {
    let content = Content::Blob(blob);
    let groups = blob.events().flat_map(|event| event.aggregations().map(|one| one.index()));
    assert!(groups.eq(blob.aggregations().map(|one| one.index())));
    let mut criteria = content.criteria();
    for (detection, event) in content.detections().zip(&draft.events) {
        assert_eq!(detection.instances().count(), event.items.len());
        for (instance, item) in detection.instances().zip(&event.items) {
            assert_eq!(instance.template(), Some(TypeId(event.id)));
            assert_eq!(instance.effect() == Some(Effect::Include), event.default == 1);
            let (name, filters) = match item {
                Item::Filter(filter) => (&filter.name, core::slice::from_ref(filter)),
                Item::Group(group) => (&group.name, group.filters.as_slice()),
            };
            let shown = |name: Option<Name<'_>>| name.map(|name| name.to_string());
            let lossy = |name: &[u16]| (!name.is_empty()).then(|| String::from_utf16_lossy(name));
            assert_eq!(shown(instance.name()), lossy(name));
            for filter in filters {
                let criterion = criteria.next().unwrap();
                assert_eq!((criterion.field(), criterion.is_wildcard()), (FieldIndex(filter.field), false));
                assert_eq!(criterion.instance().path(), instance.path());
                assert_eq!(shown(criterion.name()), lossy(&filter.name).or(lossy(name)));
            }
        }
    }
    assert!(criteria.next().is_none());
}

proptest! {
    #[test]
    fn a_draft_is_the_draft_of_its_blob_and_of_its_text(draft in draft()) {
        let bytes = encode(&draft).unwrap();
        prop_assert_eq!(errors(&bytes), vec![]);
        let blob = parse(&bytes).unwrap();
        prop_assert_eq!(&blob.draft(), &draft);
        items_are_those_of(&draft, blob);
        let text = print(&blob, &());
        prop_assert_eq!(assemble(&text).map_err(|e: TextError| format!("{e}\n{text}")), Ok(bytes));
    }

    #[test]
    fn any_bytes_are_refused_or_read(bytes in many(any::<u8>(), 0..200)) {
        errors(&bytes);
        looks_like(&bytes);
    }
}

#[test]
fn every_truncation_is_refused() {
    let bytes = encode(&sample()).unwrap();
    for length in 0..bytes.len() {
        assert!(!errors(&bytes[..length]).is_empty(), "{length}");
    }
    let longer = [bytes.as_slice(), &[0; 8]].concat();
    assert_eq!(errors(&longer)[0].kind, ErrorKind::Gap);
}

/// A changed byte is found, or it is one whose every value means something else.
#[test]
fn every_change_is_refused_or_means_something_else() {
    let bytes = encode(&sample()).unwrap();
    let draft = parse(&bytes).unwrap().draft();
    for at in 0..bytes.len() {
        for flip in [1, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[at] ^= flip;
            if errors(&changed).is_empty() {
                let read = parse(&changed).unwrap().draft();
                assert_ne!(read, draft, "byte {at}");
                assert_eq!(encode(&read).unwrap(), changed, "byte {at}");
            }
        }
    }
}

/// Every offset is bent to every structure, into each and past the end.
#[test]
fn bent_lists_are_explained() {
    let bytes = encode(&sample()).unwrap();
    let offset = |cell: &Cell| {
        let name = format!("{}", cell.path);
        ["next", "first", "first_event", "first_aggregation", "aggregation_offset"]
            .iter()
            .any(|end| name.strip_suffix(end).is_some_and(|start| start.ends_with('.')))
    };
    let links: Vec<_> = cells(&bytes).filter(offset).collect();
    assert_eq!(links.len(), 2 + 2 * (2 + 6 * 2 + 2 * 2));
    let starts = cells(&bytes).map(|cell| usize::try_from(cell.span.start).unwrap());
    let beyond = [bytes.len(), bytes.len() + 8, usize::MAX >> 32];
    let targets: Vec<_> = starts.flat_map(|start| [start, start + 1]).chain(beyond).collect();
    let mut kinds = Vec::new();
    for link in &links {
        let at = usize::try_from(link.span.start).unwrap();
        for &target in &targets {
            let mut bent = bytes.clone();
            bent[at..at + 4].copy_from_slice(&u32::try_from(target).unwrap().to_le_bytes());
            let same = bent == bytes;
            let errors = errors(&bent);
            assert!(
                same || !errors.is_empty() || link.path.to_string() == "header.first_aggregation",
                "{} {target}",
                link.path
            );
            kinds.extend(errors.iter().map(|error| error.kind));
        }
    }
    use ErrorKind::*;
    for kind in [Outside, Alignment, Overlap, Cycle, Gap, Count, Aggregation] {
        assert!(kinds.contains(&kind), "{kind:?}");
    }
}

/// The kind, the place and the words of each error that a driver would not notice.
#[test]
fn errors_say_where_and_what() {
    let cases: [(&str, u32); 14] = [
        ("events[1].next", 24),
        ("events[0].first", 24),
        ("header.version", 0),
        ("header.rules", 3),
        ("header.size", 32),
        ("events[0].default", 2),
        ("events[0].count", 0),
        ("events[0].filters[1].next", 0xf60),
        ("events[0].filters[0].operator", 0x8000_0002),
        ("events[0].filters[0].size", 7),
        ("events[0].filters[0].size", 6),
        ("events[0].filters[1].aggregation", 2),
        ("aggregations[0].count", 3),
        ("aggregations[1].id", 0),
    ];
    let bytes = encode(&sample()).unwrap();
    let mut lines = Vec::new();
    for (path, value) in cases {
        let cell = cells(&bytes).find(|cell| cell.path.to_string() == path).unwrap();
        let mut broken = bytes.clone();
        let at = usize::try_from(cell.span.start).unwrap();
        broken[at..at + 4].copy_from_slice(&value.to_le_bytes());
        lines.push(format!("{path} = {value:#x}"));
        lines.extend(
            errors(&broken)
                .iter()
                .map(|f| format!("  {:?} at {:#x} {}: {f}", f.kind, f.span.as_ref().unwrap().start, f.path)),
        );
    }
    let text = lines.join("\n") + "\n";
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../corpus/sysmon/errors.expect");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(file, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(file).unwrap_or_default(), text);
}

#[test]
fn what_a_blob_cannot_say_is_no_blob() {
    type Change = fn(&mut Draft);
    let cases: [(Change, EncodeError); 9] = [
        (|d| d.events.clear(), EncodeError::Hollow),
        (|d| d.version = 1, EncodeError::Version),
        (|d| d.version = 0x1_0000, EncodeError::Version),
        (|d| (d.version, d.schema) = (0x1_0000, 0), EncodeError::Unlisted),
        (|d| d.events[0].default = 2, EncodeError::Word),
        (|d| d.events[0].items.push(Item::Group(Group::default())), EncodeError::Id),
        (
            |d| d.events[0].items.push(Item::Filter(Filter { name: vec![1; 256], ..Filter::default() })),
            EncodeError::Name,
        ),
        (
            |d| d.events[0].items.push(Item::Filter(Filter { value: vec![0], ..Filter::default() })),
            EncodeError::Zero,
        ),
        (
            |d| {
                d.unlisted = true;
                d.events[0].items.insert(0, Item::Group(Group { id: 1, ..Group::default() }));
            },
            EncodeError::Lost,
        ),
    ];
    for (change, error) in cases {
        let mut draft = sample();
        change(&mut draft);
        assert_eq!(encode(&draft), Err(error));
    }
}

#[test]
fn a_text_is_refused_with_its_place() {
    let head = "sysmon-rules 1\nversion 15.00 schema 4.30\n";
    let cases = [
        ("", "line 1, column 1: expected `sysmon-rules 1` and a version, found the end of the line"),
        ("sysmon-rules 2", "line 1, column 14: expected `1`, found '2'"),
        ("sysmon-rules 1\nversion 15", "line 2, column 9: expected a version such as 4.30, found '15'"),
        ("event 1 default include combine xor", "line 3, column 33: expected or, and, found 'xor'"),
        (
            "filter 1 operator 2: 'x'",
            "line 3, column 1: expected an event, found 'filter 1 operator 2: ''x'''",
        ),
    ];
    for (index, (text, error)) in cases.iter().enumerate() {
        let whole = if index < 3 { text.to_string() } else { format!("{head}{text}") };
        let found = assemble(&whole).unwrap_err().to_string();
        if index < 4 {
            assert_eq!(found, *error);
        } else {
            assert!(found.starts_with("line 3, column 1: expected an event"), "{found}");
        }
    }
}

#[test]
fn a_text_can_describe_a_broken_blob() {
    let good = print(&parse(&encode(&sample()).unwrap()).unwrap(), &());
    let error = |damage: &str| parse(&assemble(&(good.clone() + damage)).unwrap()).unwrap_err();
    assert_eq!(error("set events[1].next = 0x18\n").kind, ErrorKind::Cycle);
    assert_eq!(error("set events[0].count = 0 # none\n").path.to_string(), "events[0].count");
    assert_eq!(error("append 00 00 00 00 00 00 00 00\n").kind, ErrorKind::Gap);
    assert_eq!(error("set header.rules = 1\ntruncate 20").kind, ErrorKind::Length);
}

#[test]
fn the_content_tells_the_format() {
    let bytes = encode(&sample()).unwrap();
    assert!(looks_like(&bytes) && looks_like(&bytes[..48]));
    let short = Draft { version: 0x1_0000, events: vec![Event::default()], ..Draft::default() };
    assert!(looks_like(&encode(&short).unwrap()));
    for other in [
        &b"\x89CHN\r\n\x1a\n\x01\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"[..],
        &[0; 100],
        &[0xff; 100],
        b"MZ",
        b"<Sysmon schemaversion=\"4.50\"><EventFiltering/></Sysmon>",
    ] {
        assert!(!looks_like(other));
    }
}

/// A text can describe a broken blob, and only such damage as this blob has bytes for.
#[test]
fn damage_in_a_text_is_done_to_the_blob() {
    let form = "sysmon-rules 1\nversion 15.00 schema 4.70\n\nevent 1 default exclude combine or\n  filter 4 operator 0: 'a'\n";
    let whole = assemble(form).unwrap();
    let broken = assemble(&format!("{form}\nset events[0].filters[0].next = 0x18\nappend 07\n")).unwrap();
    let changed: Vec<_> = whole.iter().zip(&broken).enumerate().filter(|(_, (a, b))| a != b).collect();
    assert_eq!(changed, [(48 + 520, (&0, &0x18))]);
    assert_eq!(broken.len(), whole.len() + 1);
    for wrong in ["set events[1].next = 1", "truncate 99999", "append 00\nevent 2 default include combine or"]
    {
        assert!(assemble(&format!("{form}{wrong}\n")).is_err(), "{wrong}");
    }
}

/// A blob is told by its content, and is no channel file to those who want one.
#[test]
fn a_blob_is_a_format_of_its_own() {
    use crate::{Format, channel};
    let form = "sysmon-rules 1\nversion 15.00 schema 4.70\n\nevent 1 default exclude combine or\n";
    let bytes = assemble(form).unwrap();
    assert_eq!(Format::of(&bytes), Ok(Format::Sysmon));
    let error = channel::parse(&bytes).unwrap_err().to_string();
    assert!(error.ends_with("found a Sysmon rule blob"), "{error}");
    // Without a single event it still says what it is, and what is wrong with it.
    let empty =
        assemble(&format!("{form}set header.rules = 0\nset header.first_event = 0\ntruncate 24\n")).unwrap();
    assert_eq!(Format::of(&empty), Ok(Format::Sysmon));
    assert_eq!(parse(&empty).unwrap_err().kind, ErrorKind::Hollow);
}
