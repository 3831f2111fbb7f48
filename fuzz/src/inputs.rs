//! Oracles of what else comes from outside: sensor binaries, Sysmon configurations, Sigma rules.

use crate::naive::Judge;
use crate::running::owned;
use crate::{binaries, one_line, sensors};
use channel_contract::sysmon::{self, Target};
use channel_contract::{Contract, Field, LINTS, TemplateType, binary, bytes, diff, lint, load_bytes, toml};
use channel_gate::{Record, execute_seen};
use channel_parser::draft::Draft;
use channel_parser::sysmon::Version;
use channel_parser::{channel, sysmon as blobs};
use channel_sources::sysmon_xml::{EventType, RuleMap, Schema};
use channel_sources::{Input, SourceFile, SourceMap, Template, sigma, sysmon_xml};
use channel_validators::Member;
use std::sync::LazyLock;

/// A binary, a section or TOML, or bytes that claim to be such: what is read can be written as TOML and as a section, and is
/// then still the same; a section is read out of a binary of any kind as it is read by itself.
pub fn contract_from_binary(file: &[u8]) {
    for contract in [load_bytes(file), bytes::read(file, 0)] {
        let contract = match contract {
            Ok(contract) => contract,
            Err(error) => {
                one_line(&error);
                continue;
            }
        };
        if let Ok(section) = bytes::write(&contract) {
            let again = bytes::read(&section, 0).expect("what was written can be read");
            assert_eq!(Contract { sealed: contract.sealed, ..again }, contract);
        }
        readable(&contract);
    }
    if let Ok(contract) = bytes::read(file, 0) {
        for binary in binaries::around(file) {
            assert_eq!(binary::read(&binary).as_ref(), Ok(&contract), "{}", binary.escape_ascii());
        }
        no_byte_is_lost(file, &contract);
    }
    if let Ok(sealed) = binary::seal(file) {
        assert_eq!(sealed.len(), file.len());
        assert_eq!(binary::read(&sealed).map(|contract| contract.sealed), Ok(true));
    }
}

/// A contract can be printed, examined and compared: as TOML it is still the same, every contradiction in it has a code
/// that is known and a sentence, and it differs from every other and not from itself.
fn readable(contract: &Contract) {
    let printed = toml::print(contract);
    assert_eq!(toml::parse(&printed).as_ref(), Ok(contract), "{printed}");
    for found in lint(contract) {
        assert!(LINTS.iter().any(|(code, _)| *code == found.code), "{found}");
        one_line(&found);
    }
    for other in sensors().iter().map(|sensor| &sensor.contract).chain([contract]) {
        assert_eq!(diff(contract, other).is_empty(), contract == other, "{:#?}", diff(contract, other));
    }
}

/// The records of a section: what lies between is zeros.
fn records(mut section: &[u8]) -> Vec<&[u8]> {
    let mut records = Vec::new();
    while let Some(start) = section.iter().position(|byte| *byte != 0) {
        let length = section[start + 12..start + 16].try_into().map(u32::from_le_bytes).expect("four bytes");
        records.push(&section[start..start + length as usize]);
        section = &section[start + length as usize..];
    }
    records.sort();
    records
}

/// Every byte of a section that is read says something: what is written again has the same records, and one that lacks a
/// template type is refused.
fn no_byte_is_lost(section: &[u8], contract: &Contract) {
    const KIND: usize = 10;
    const SEAL: usize = 11;
    const TEMPLATE_TYPE: u8 = 2;
    let own = records(section);
    // Which of several records are sealed a contract does not say.
    if contract.sealed || own.iter().all(|record| record[SEAL] == 0) {
        let again = bytes::write(contract).expect("what was read can be written");
        assert_eq!(own, records(&again), "read and written again");
    }
    let one = own.iter().position(|record| record[KIND] == TEMPLATE_TYPE);
    if let Some(one) = one {
        let rest: Vec<u8> =
            own.iter().enumerate().filter(|(at, _)| *at != one).flat_map(|(_, r)| *r).copied().collect();
        assert!(bytes::read(&rest, 0).is_err(), "accepted without one of its template types");
    }
}

static SCHEMAS: LazyLock<Vec<Schema>> = LazyLock::new(|| sysmon::schemas().filter_map(schema).collect());

fn schema(contract: &Contract) -> Option<Schema> {
    let sensor = contract.sysmon.as_ref()?;
    let event = |template: &TemplateType| EventType {
        id: template.id.0,
        rule_name: template.event.map(|_| template.name.clone()).unwrap_or_default(),
        fields: template.fields.iter().map(|field| field.name.clone()).collect(),
    };
    Some(Schema {
        version: Version(sensor.schema.number()),
        binary_version: Version(sensor.binary.number()),
        operators: sensor.filters.clone(),
        default_operator: "is".into(),
        events: contract.types.iter().map(event).collect(),
    })
}

/// A configuration: what is compiled is a blob that its reader accepts and that says what the compiler meant; what is
/// refused is refused at a line that is there. A manifest: every contract that is made of it can be used like any other.
pub fn sysmon_xml(bytes: &[u8]) {
    for target in [Target::All, Target::Windows] {
        match sysmon::import(bytes, None, target) {
            Ok(contracts) => contracts.iter().for_each(readable),
            Err(error) => one_line(&error),
        }
    }
    let file = SourceFile { name: "input.xml".into(), bytes: bytes.to_vec() };
    // Two bytes a character at most, and each may end a line.
    let there = |line: u32| u64::from(line) <= bytes.len() as u64 + 1;
    assert!(Schema::from_manifest(&file).err().is_none_or(|why| there(why.line)));
    let newest = SCHEMAS.iter().map(|schema| schema.version).max().expect("a schema");
    match sysmon_xml::compile(&file, &SCHEMAS, newest) {
        Ok(compiled) => {
            let blob = blobs::parse(&compiled.bytes).expect("what is compiled is accepted");
            assert_eq!(blob.draft(), compiled.draft);
            for (at, event) in blob.events().enumerate() {
                let written = (0..).take_while(|nth| compiled.map.filter(at, *nth).is_some()).count();
                assert_eq!(event.filters().count(), written, "conditions of event {at} that are filters");
            }
            assert_eq!(RuleMap::from_json(&compiled.map.to_json()).as_ref(), Ok(&compiled.map));
        }
        Err(refusals) => {
            assert!(!refusals.is_empty(), "refused without a reason");
            assert!(refusals.iter().all(|one| there(one.line)), "{refusals:#?}");
        }
    }
}

/// Events that a rule and its opposite are asked about.
const EVENTS: usize = 400;

static WINDOWS: LazyLock<&Member> = LazyLock::new(|| {
    sensors().iter().find(|sensor| sensor.origin.contains("windows")).expect("the contract of Windows")
});

static TEMPLATES: LazyLock<Vec<Template>> = LazyLock::new(|| {
    let input = |field: &Field| Input { name: field.name.clone(), input: field.input };
    let template = |of: &TemplateType| Template {
        id: of.id,
        revision: of.revision,
        name: of.name.clone(),
        inputs: of.fields.iter().map(input).collect(),
        unsupplied: Vec::new(),
    };
    WINDOWS.contract.types.iter().map(template).collect()
});

/// Rules: what is compiled can be written as a channel file that its reader accepts, each rule is compiled or refused,
/// and a refusal names a line that is there. A rule and its opposite match no event both.
pub fn sigma_rules(bytes: &[u8]) {
    let compiled = compiled(bytes);
    let lines = bytes.iter().filter(|b| **b == b'\n').count() as u64
        + bytes.iter().filter(|b| **b == b'\r').count() as u64
        + 2;
    assert!(compiled.refused.iter().all(|one| u64::from(one.line) <= lines), "{:#?}", compiled.refused);
    assert_eq!(compiled.map.len(), compiled.detections.len());
    assert_eq!(SourceMap::from_json(&compiled.map.to_json()).as_ref(), Ok(&compiled.map));
    assert!(
        (0..compiled.map.len())
            .all(|n| compiled.map.place(n, 0, 0).is_some_and(|at| u64::from(at.line) <= lines))
    );
    assert!(compiled.refused.iter().all(|one| !one.to_string().is_empty()));
    let draft = draft(compiled);
    let written = channel::encode(&draft).expect("what is compiled can be written");
    let file = channel::parse(&written).expect("what is compiled is accepted");
    assert_eq!(Draft::from(&file), draft);
    if let Some(opposite) = std::str::from_utf8(bytes).ok().and_then(opposite) {
        never_both(&draft, &self::draft(self::compiled(opposite.as_bytes())));
    }
}

fn compiled(bytes: &[u8]) -> sigma::Compiled {
    let file = SourceFile { name: "input.yml".into(), bytes: bytes.to_vec() };
    sigma::compile(std::slice::from_ref(&file), &TEMPLATES, "DRL-1.1")
}

fn draft(compiled: sigma::Compiled) -> Draft {
    Draft { types: compiled.types, detections: compiled.detections, ..Draft::default() }
}

/// The rule with its condition negated, where it has one that can be on one plain line.
fn opposite(rule: &str) -> Option<String> {
    const KEY: &str = "condition: ";
    let (before, after) = rule.split_once(KEY).filter(|(_, after)| !after.contains("condition"))?;
    let (condition, rest) = after.split_once('\n').unwrap_or((after, ""));
    let plain = |c: char| c.is_ascii_alphanumeric() || " _*()".contains(c);
    condition.chars().all(plain).then(|| format!("{before}{KEY}not ({condition})\n{rest}"))
}

/// One detection each, of one id: no event matches both. The events are steered to the criteria of both.
fn never_both(one: &Draft, other: &Draft) {
    let ids = |draft: &Draft| draft.detections.iter().map(|one| one.id.clone()).collect::<Vec<_>>();
    if one.detections.len() != 1 || ids(one) != ids(other) {
        return;
    }
    let contract = &WINDOWS.contract;
    let mut events = Vec::new();
    for draft in [one, other] {
        let written = channel::encode(draft).expect("what is compiled can be written");
        let file = channel::parse(&written).expect("what is compiled is accepted");
        execute_seen(&file, contract, &mut |event| {
            if events.len() < EVENTS {
                events.push(Record::from(event));
            }
        });
    }
    for event in events {
        let inputs: Vec<_> = event.inputs.iter().map(|input| input.as_ref().map(owned)).collect();
        let matches = |draft| Judge::new(draft, contract, event.template, &inputs).run().unwrap_or_default();
        let both = !matches(one).is_empty() && !matches(other).is_empty();
        assert!(!both, "a rule and its opposite match {event:?}: {one:#?} {other:#?}");
    }
}
