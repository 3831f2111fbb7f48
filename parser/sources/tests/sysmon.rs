//! Sysmon configurations: Microsoft's own pairs of configuration and blob, and ours.

mod common;

use channel_parser::sysmon::{self, Version};
use channel_sources::SourceFile;
use channel_sources::sysmon_xml::{Compiled, Refusal, RuleMap, Schema, compile};
use common::{data, unpacked};
use std::collections::BTreeMap;
use std::io::Read;

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
        let blob = sysmon::parse(bytes).unwrap_or_else(|fault| panic!("{name}: {}: {fault}", fault.path));
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
