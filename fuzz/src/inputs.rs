//! Oracles of what else comes from outside: sensor binaries, Sysmon configurations, Sigma rules.

use crate::{binaries, sensors};
use channel_contract::sysmon::{self, Target};
use channel_contract::{Contract, Field, LINTS, TemplateType, binary, bytes, diff, lint, toml};
use channel_parser::draft::Draft;
use channel_parser::sysmon::Version;
use channel_parser::{channel, sysmon as blobs};
use channel_sources::sysmon_xml::{EventType, RuleMap, Schema};
use channel_sources::{Input, SourceFile, SourceMap, Template, sigma, sysmon_xml};
use std::sync::LazyLock;

/// A binary, or bytes that claim to be one: what is read out of it can be written as TOML and as a section, and is then
/// still the same; a section is read out of a binary of any kind as it is read by itself.
pub fn contract_from_binary(file: &[u8]) {
    for contract in [binary::read(file), bytes::read(file, 0)].into_iter().flatten() {
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
        assert!(!found.message.is_empty() && !found.message.contains(char::is_control), "{found:?}");
    }
    for other in sensors().iter().map(|sensor| &sensor.contract).chain([contract]) {
        assert_eq!(diff(contract, other).is_empty(), contract == other, "{:#?}", diff(contract, other));
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
            Err(error) => assert!(!error.to_string().contains(char::is_control), "{error:?}"),
        }
    }
    let file = SourceFile { name: "input.xml".into(), bytes: bytes.to_vec() };
    let newest = SCHEMAS.iter().map(|schema| schema.version).max().expect("a schema");
    match sysmon_xml::compile(&file, &SCHEMAS, newest) {
        Ok(compiled) => {
            let blob = blobs::parse(&compiled.bytes).expect("what is compiled is accepted");
            assert_eq!(blob.draft(), compiled.draft);
            assert_eq!(RuleMap::from_json(&compiled.map.to_json()).as_ref(), Ok(&compiled.map));
        }
        Err(refusals) => {
            assert!(!refusals.is_empty(), "refused without a reason");
            // Two bytes a character at most, and each may end a line.
            let lines = bytes.len() as u64 + 1;
            assert!(refusals.iter().all(|one| u64::from(one.line) <= lines), "{refusals:#?}");
        }
    }
}

static TEMPLATES: LazyLock<Vec<Template>> = LazyLock::new(|| {
    let input = |field: &Field| Input { name: field.name.clone(), input: field.input };
    let template = |of: &TemplateType| Template {
        id: of.id,
        revision: of.revision,
        name: of.name.clone(),
        inputs: of.fields.iter().map(input).collect(),
        unsupplied: Vec::new(),
    };
    let windows =
        sensors().iter().find(|sensor| sensor.origin.contains("windows")).expect("the contract of Windows");
    windows.contract.types.iter().map(template).collect()
});

/// Rules: what is compiled can be written as a channel file that its reader accepts, each rule is compiled or refused,
/// and a refusal names a line that is there.
pub fn sigma_rules(bytes: &[u8]) {
    let file = SourceFile { name: "input.yml".into(), bytes: bytes.to_vec() };
    let compiled = sigma::compile(std::slice::from_ref(&file), &TEMPLATES, "DRL-1.1");
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
    let draft = Draft { types: compiled.types, detections: compiled.detections, ..Draft::default() };
    let written = channel::encode(&draft).expect("what is compiled can be written");
    let file = channel::parse(&written).expect("what is compiled is accepted");
    assert_eq!(Draft::from(&file), draft);
}
