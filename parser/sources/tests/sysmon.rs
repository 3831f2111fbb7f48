//! Sysmon configurations: Microsoft's own pairs of configuration and blob, and ours.

mod common;

use channel_parser::sysmon::draft::{Event, Group, Item};
use channel_parser::sysmon::{self, Version};
use channel_sources::SourceFile;
use channel_sources::sysmon_xml::{Compiled, EventType, Refusal, RuleMap, Schema, compile};
use common::{data, root, unpacked};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The schema of the compiler that made the pairs.
const COMPILER: Version = Version(0x4_0046);

/// The schemas of Microsoft's manifest.
fn schemas(test: &str) -> Option<Vec<Schema>> {
    let bytes = std::fs::read(data("sysmon/manifest.xml", test)?).unwrap();
    let file = SourceFile { name: "manifest.xml".into(), bytes };
    Some(Schema::from_manifest(&file).unwrap())
}

/// The name of a configuration, its bytes, those of its blob.
type Pair = (String, Vec<u8>, Vec<u8>);

/// Microsoft's pairs.
fn pairs(test: &str) -> Option<Vec<Pair>> {
    let archive = unpacked(&data("sysmon/rule-blobs.tar.gz", test)?);
    let mut files = BTreeMap::new();
    for entry in tar::Archive::new(archive.as_slice()).entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        files.insert(name, bytes);
    }
    let configs = files.iter().filter(|(name, _)| name.ends_with(".xml"));
    let pairs = configs.map(|(name, xml)| (name.clone(), xml.clone(), files[&format!("{name}.bin")].clone()));
    let pairs: Vec<_> = pairs.collect();
    assert_eq!(pairs.len(), 192);
    Some(pairs)
}

fn source(name: &str, bytes: &[u8]) -> SourceFile {
    SourceFile { name: name.into(), bytes: bytes.to_vec() }
}

#[test]
fn configurations_become_the_blobs_that_microsoft_makes() {
    let test = "configurations_become_the_blobs_that_microsoft_makes";
    let (Some(schemas), Some(pairs)) = (schemas(test), pairs(test)) else { return };
    let mut wrong = Vec::new();
    for (name, xml, blob) in &pairs {
        match compile(&source(name, xml), &schemas, COMPILER) {
            // The comparison leaves out the version, as Microsoft's own does.
            Ok(compiled) if compiled.bytes[4..] == blob[4..] => places(&compiled, xml),
            Ok(_) => wrong.push(format!("{name}: another blob")),
            Err(refusals) => wrong.extend(refusals.iter().map(Refusal::to_string)),
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), pairs.len(), wrong.join("\n"));
}

/// Every part of the blob comes from a place at which an element starts.
fn places(compiled: &Compiled, xml: &[u8]) {
    let blob = sysmon::parse(&compiled.bytes).unwrap();
    let map = RuleMap::from_json(&compiled.map.to_json()).unwrap();
    assert_eq!(map, compiled.map);
    let Ok(text) = std::str::from_utf8(xml) else { return };
    let lines: Vec<_> = text.trim_start_matches('\u{feff}').split('\n').collect();
    let at = |place: channel_sources::Place<'_>| {
        let line: Vec<_> = lines[place.line as usize - 1].chars().collect();
        line[place.column as usize - 1..].iter().collect::<String>()
    };
    for (index, event) in blob.events().enumerate() {
        assert!(at(map.event(index).unwrap()).contains('<'));
        for (filter, _) in event.filters().enumerate() {
            assert!(at(map.filter(index, filter).unwrap()).starts_with('<'));
        }
        assert!(map.filter(index, event.filters().count()).is_none());
    }
    for (index, _) in blob.aggregations().enumerate() {
        assert!(at(map.group(index).unwrap()).starts_with("<Rule"));
    }
}

#[test]
fn blobs_are_read_with_every_byte_owned_and_come_back_the_same() {
    let test = "blobs_are_read_with_every_byte_owned_and_come_back_the_same";
    let (Some(schemas), Some(pairs)) = (schemas(test), pairs(test)) else { return };
    let schema = schemas.iter().find(|schema| schema.version == COMPILER).unwrap();
    for (name, _, bytes) in &pairs {
        assert!(sysmon::looks_like(bytes), "{name}");
        let blob = sysmon::parse(bytes).unwrap_or_else(|error| panic!("{name}: {}: {error}", error.path));
        assert!(sysmon::cells(bytes).all(|cell| cell.kind != sysmon::Kind::Unowned), "{name}");
        assert_eq!(sysmon::encode(&blob.draft()).as_ref(), Ok(bytes), "{name}");
        let text = sysmon::print(&blob, schema);
        assert_eq!(sysmon::assemble(&text).as_ref(), Ok(bytes), "{name}");
    }
}

/// The numbers in a blob are those of the schema that the compiler was built with, not of the one that the
/// configuration names and the header repeats.
#[test]
fn the_schema_in_the_header_does_not_tell_what_the_numbers_mean() {
    let test = "the_schema_in_the_header_does_not_tell_what_the_numbers_mean";
    let (Some(schemas), Some(pairs)) = (schemas(test), pairs(test)) else { return };
    let mut differ = Vec::new();
    for (name, xml, blob) in &pairs {
        let named = sysmon::parse(blob).unwrap().schema().unwrap();
        let as_named = compile(&source(name, xml), &schemas, named);
        if as_named.is_ok_and(|compiled| compiled.bytes[4..] != blob[4..]) {
            differ.push(format!("{named}"));
        }
    }
    println!("{differ:?}");
    assert!(differ.contains(&"4.30".to_string()));
}

/// The schemas that the project ships as contracts.
fn shipped() -> Vec<Schema> {
    let folder = root().join("corpus/contracts/sysmon");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let schemas = files.filter(|path| path.extension().is_some_and(|end| end == "toml")).map(|path| {
        let contract: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
        let text = |value: &toml::Value| value.as_str().unwrap().to_string();
        let version = |key: &str| {
            let text = text(&contract["sysmon"][key]);
            let (major, minor) = text.split_once('.').unwrap();
            Version(major.parse::<u32>().unwrap() << 16 | minor.parse::<u32>().unwrap())
        };
        let event = |kind: &toml::Value| EventType {
            id: kind["id"].as_integer().unwrap().try_into().unwrap(),
            rule_name: kind.get("event").map(|_| text(&kind["name"])).unwrap_or_default(),
            fields: kind["fields"].as_array().unwrap().iter().map(|field| text(&field["name"])).collect(),
        };
        Schema {
            version: version("schema"),
            binary_version: version("binary"),
            operators: contract["sysmon"]["filters"].as_array().unwrap().iter().map(text).collect(),
            default_operator: "is".into(),
            events: contract["types"].as_array().unwrap().iter().map(event).collect(),
        }
    });
    let mut schemas: Vec<_> = schemas.collect();
    schemas.sort_by_key(|schema| schema.version);
    schemas
}

/// The schema that our configurations are compiled for.
const OURS: Version = Version(0x4_0051);

/// Our configurations in a folder of the corpus.
fn ours(folder: &str) -> Vec<(PathBuf, SourceFile)> {
    let files = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let configs = files.filter(|path| path.extension().is_some_and(|end| end == "xml"));
    let mut configs: Vec<_> = configs
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let bytes = std::fs::read(&path).unwrap();
            (path, SourceFile { name, bytes })
        })
        .collect();
    configs.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(!configs.is_empty());
    configs
}

fn blessed(path: &Path, bytes: &[u8]) {
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, bytes).unwrap();
    }
    let (wanted, path) = (std::fs::read(path).unwrap_or_default(), path.display());
    if let (Ok(found), Ok(wanted)) = (std::str::from_utf8(bytes), std::str::from_utf8(&wanted)) {
        assert_eq!(found, wanted, "{path}");
    }
    assert!(bytes == wanted, "{path} holds other bytes");
}

#[test]
fn our_configurations_become_the_blobs_that_are_held_beside_them_and_were_reviewed_as_text() {
    let schemas = shipped();
    let sensor = schemas.iter().find(|schema| schema.version == OURS).unwrap();
    for (path, config) in ours("corpus/sysmon") {
        let compiled = compile(&config, &schemas, OURS).unwrap_or_else(|refusals| panic!("{refusals:#?}"));
        let blob = sysmon::parse(&compiled.bytes).unwrap();
        assert_eq!(blob.draft(), compiled.draft);
        places(&compiled, &config.bytes);
        let text = sysmon::print(&blob, sensor);
        assert_eq!(sysmon::assemble(&text).unwrap(), compiled.bytes);
        blessed(&path.with_extension("rules.txt"), text.as_bytes());
        blessed(&path.with_extension("bin"), &compiled.bytes);
    }
}

/// What a configuration can be made of, each with a name and a way to see it in one.
type Form = (&'static str, fn(&[u8], &Compiled) -> bool);

/// Every encoding that Sysmon reads, by how it is told.
const ENCODINGS: [Form; 9] = [
    ("UTF-8", |xml, _| xml[0] < 0x80 && !xml.is_ascii() && !latin1(xml)),
    ("UTF-8 behind a mark", |xml, _| xml.starts_with(MARK) && !xml[3..].is_ascii() && !latin1(xml)),
    ("UTF-8 behind blanks", |xml, _| xml[0].is_ascii_whitespace() && xml[1] != 0),
    ("UTF-16LE", |xml, _| xml.starts_with(&[0xff, 0xfe])),
    ("UTF-16LE without a mark", |xml, _| xml[0] != 0 && xml[1] == 0),
    ("UTF-16BE", |xml, _| xml.starts_with(&[0xfe, 0xff])),
    ("UTF-16BE without a mark", |xml, _| xml[0] == 0 && xml[1] != 0),
    ("ISO 8859-1", |xml, _| !xml.starts_with(MARK) && latin1(xml)),
    ("ISO 8859-1 behind a mark of UTF-8", |xml, _| xml.starts_with(MARK) && latin1(xml)),
];

const MARK: &[u8] = b"\xef\xbb\xbf";

fn latin1(xml: &[u8]) -> bool {
    xml.windows(10).take(100).any(|part| part.eq_ignore_ascii_case(b"iso-8859-1"))
}

fn groups(compiled: &Compiled) -> impl Iterator<Item = &Group> {
    compiled.draft.events.iter().flat_map(|event| &event.items).filter_map(|item| match item {
        Item::Group(group) => Some(group),
        Item::Filter(_) => None,
    })
}

fn has_event(compiled: &Compiled, is: impl Fn(&Event) -> bool) -> bool {
    compiled.draft.events.iter().any(is)
}

/// Every form of an event and of a group.
const GROUPS: [Form; 16] = [
    ("an event that includes", |_, one| has_event(one, |event| event.default == 1)),
    ("an event that excludes", |_, one| has_event(one, |event| event.default == 0)),
    ("an event without a filter", |_, one| has_event(one, |event| event.items.is_empty())),
    ("alternatives", |_, one| has_event(one, |event| event.combine == 0 && event.items.len() > 1)),
    ("all of an event", |_, one| has_event(one, |event| event.combine == 1 && event.items.len() > 1)),
    ("rules for an event in several places", |_, one| {
        let of = |id| one.draft.events.iter().filter(|event| event.id == id).count();
        has_event(one, |event| of(event.id) > 1)
    }),
    ("a group of which one suffices", |_, one| groups(one).any(|group| group.combine == 0)),
    ("a group that must match in full", |_, one| groups(one).any(|group| group.combine == 1)),
    ("a group of several filters", |_, one| groups(one).any(|group| group.filters.len() > 1)),
    ("a group without a filter", |_, one| groups(one).any(|group| group.filters.is_empty())),
    ("a group with a name", |_, one| groups(one).any(|group| !group.name.is_empty())),
    ("a group without a name", |_, one| groups(one).any(|group| group.name.is_empty())),
    ("a filter behind a group", |_, one| {
        has_event(one, |event| {
            event.items.windows(2).any(|two| matches!(two, [Item::Group(_), Item::Filter(_)]))
        })
    }),
    ("a filter with a name of its own", |_, one| {
        groups(one).any(|group| group.filters.iter().any(|filter| filter.name != group.name))
    }),
    ("groups whose ids have holes", |_, one| groups(one).zip(1..).any(|(group, id)| group.id > id)),
    ("groups that the header does not name", |_, one| one.draft.unlisted),
];

/// The newest schema's events with their fields, its operators, every form of a group and every encoding.
#[test]
fn our_configurations_use_everything_that_the_newest_sensor_knows() {
    let schemas = shipped();
    let newest = schemas.last().unwrap();
    assert_eq!(newest.version, OURS);
    let ours = ours("corpus/sysmon");
    let all: Vec<_> = ours
        .iter()
        .map(|(_, config)| (&config.bytes[..], compile(config, &schemas, OURS).unwrap()))
        .collect();
    let mut missing = Vec::new();
    for (name, is) in ENCODINGS.iter().chain(&GROUPS) {
        if !all.iter().any(|(xml, compiled)| is(xml, compiled)) {
            missing.push(name.to_string());
        }
    }
    let events = || all.iter().flat_map(|(_, compiled)| &compiled.draft.events);
    // Of two events with one name and the same fields the compiler always takes the first.
    let hidden = |event: &EventType| {
        newest.events.iter().take_while(|before| before.id != event.id).any(|before| {
            before.rule_name == event.rule_name
                && event.fields.iter().all(|field| before.fields.contains(field))
        })
    };
    for event in newest.events.iter().filter(|event| !event.rule_name.is_empty() && !hidden(event)) {
        let rules = || events().filter(|rules| rules.id == event.id);
        if rules().next().is_none() {
            missing.push(format!("event {} {}", event.id, event.rule_name));
        }
        let used: BTreeSet<_> = rules().flat_map(Event::filters).map(|filter| filter.field).collect();
        let unused = (0..).zip(&event.fields).filter(|(index, _)| !used.contains(index));
        missing.extend(unused.map(|(_, field)| format!("field {}.{field}", event.rule_name)));
    }
    let used: BTreeSet<_> = events().flat_map(Event::filters).map(|filter| filter.operator).collect();
    let unused = (0..).zip(&newest.operators).filter(|(number, _)| !used.contains(number));
    missing.extend(unused.map(|(_, operator)| format!("operator `{operator}`")));
    assert!(missing.is_empty(), "none of our configurations uses {missing:#?}");
}

#[test]
fn what_cannot_be_compiled_is_refused_with_its_place() {
    let schemas = shipped();
    for (path, config) in ours("corpus/sysmon/refused") {
        let refusals = compile(&config, &schemas, OURS).unwrap_err();
        let lines: Vec<_> = refusals.iter().map(Refusal::to_string).collect();
        blessed(&path.with_extension("expect"), (lines.join("\n") + "\n").as_bytes());
    }
}

/// The shipped contracts say what the manifest says.
#[test]
fn the_manifest_has_the_shipped_schemas() {
    let Some(mut schemas) = schemas("the_manifest_has_the_shipped_schemas") else { return };
    schemas.sort_by_key(|schema| schema.version);
    for (shipped, manifest) in shipped().iter().zip(&schemas) {
        assert_eq!((shipped.version, shipped.binary_version), (manifest.version, manifest.binary_version));
        assert_eq!(shipped.operators, manifest.operators, "{}", shipped.version);
        let ruled = |schema: &Schema| {
            let events = schema.events.iter().filter(|event| !event.rule_name.is_empty());
            events.cloned().collect::<Vec<_>>()
        };
        for event in ruled(manifest) {
            assert!(shipped.events.contains(&event), "{}: {event:?}", shipped.version);
        }
    }
    assert_eq!(schemas.len(), 20);
}

/// Reads bytes in every way. What is accepted is not `before`, and comes back the same.
fn survives(bytes: &[u8], before: &sysmon::draft::Draft) {
    let mut errors = 0;
    let blob = sysmon::examine(bytes, &mut |error| {
        assert!(error.span.is_some_and(|span| span.end <= bytes.len() as u64));
        errors += 1;
    });
    assert!(errors <= bytes.len() / 4 + 8);
    if let (0, Some(blob)) = (errors, blob) {
        let draft = blob.draft();
        assert_ne!(&draft, before);
        assert_eq!(sysmon::encode(&draft).unwrap(), bytes);
    }
}

#[test]
fn damaged_blobs_are_explained() {
    let Some(pairs) = pairs("damaged_blobs_are_explained") else { return };
    for (index, (name, _, bytes)) in pairs.iter().enumerate() {
        let draft = sysmon::parse(bytes).unwrap().draft();
        let small = bytes.len() < 2500;
        let step = if small { 1 } else { bytes.len() / 40 + index };
        for at in (0..bytes.len()).step_by(step) {
            assert!(sysmon::parse(&bytes[..at]).is_err(), "{name} cut at {at}");
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 8);
            survives(&changed, &draft);
        }
        let cells: Vec<_> =
            sysmon::cells(bytes).filter(|cell| cell.span.end - cell.span.start == 4).collect();
        let links = cells.iter().filter(|cell| cell.path.to_string().ends_with("next"));
        for (nth, link) in links.step_by(step.min(50)).enumerate() {
            for target in cells.iter().skip(nth % 7).step_by(cells.len() / 10 + 1) {
                let mut bent = bytes.clone();
                let at = link.span.start as usize;
                bent[at..at + 4].copy_from_slice(&(target.span.start as u32).to_le_bytes());
                if bent != *bytes {
                    assert!(sysmon::parse(&bent).is_err(), "{name} {} -> {}", link.path, target.path);
                    survives(&bent, &draft);
                }
            }
        }
    }
}

#[test]
fn damaged_configurations_are_compiled_or_refused() {
    let schemas = shipped();
    for (_, config) in ours("corpus/sysmon") {
        let step = config.bytes.len() / 300 + 1;
        for at in (0..config.bytes.len()).step_by(step) {
            let cut = source("cut.xml", &config.bytes[..at]);
            let only_blanks = config.bytes[at..].iter().all(|b| b.is_ascii_whitespace() || *b == 0);
            assert!(only_blanks || compile(&cut, &schemas, OURS).is_err());
            for change in [0x20, 0x80, b'<' ^ config.bytes[at]] {
                let mut bytes = config.bytes.clone();
                bytes[at] ^= change;
                if let Ok(compiled) = compile(&source("changed.xml", &bytes), &schemas, OURS) {
                    assert!(sysmon::parse(&compiled.bytes).is_ok());
                }
            }
        }
    }
}

/// None of these takes time or memory out of proportion to its megabytes.
#[test]
fn configurations_of_hostile_shape_are_refused() {
    let schemas = shipped();
    let many = |text: &str| text.repeat((4 << 20) / text.len());
    let head = "<Sysmon schemaversion=\"4.70\"><EventFiltering><ProcessCreate onmatch=\"include\">";
    let shapes = [
        many("<"),
        many("<a>"),
        many("<!--"),
        many(" "),
        many("&amp;"),
        format!("<a {}/>", many("b='' ")),
        format!("<a {}/>", many("xmlns:b='c' ")),
        format!("{head}{}", many("<Image><![CDATA[x]]></Image>")),
        format!("{head}<Image>{}</Image>", many("<![CDATA[x]]>")),
        format!("{head}{}</ProcessCreate>", "<Imag/>".repeat(100_000)),
        format!("{head}{}</ProcessCreate>", "x<Image condition='no'/>".repeat(50_000)),
    ];
    for (index, shape) in shapes.iter().enumerate() {
        let refusals = compile(&source("hostile.xml", shape.as_bytes()), &schemas, OURS).unwrap_err();
        assert!((1..=2100).contains(&refusals.len()), "{index}: {}", refusals.len());
        assert!(refusals.iter().all(|refusal| refusal.to_string().len() < 1000), "{index}");
    }
}
