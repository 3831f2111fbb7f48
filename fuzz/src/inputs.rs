//! Oracles of what else comes from outside: sensor binaries, Sysmon configurations, Sigma rules.

use crate::sensors;
use channel_contract::{Contract, Field, TemplateType, binary, bytes, sysmon, toml};
use channel_parser::draft::Draft;
use channel_parser::sysmon::Version;
use channel_parser::{channel, sysmon as blobs};
use channel_sources::sysmon_xml::{EventType, Schema};
use channel_sources::{Input, SourceFile, Template, sigma, sysmon_xml};
use std::sync::LazyLock;

/// A binary, or bytes that claim to be one: what is read out of it can be written as TOML and as a section, and is then
/// still the same.
pub fn contract_from_binary(file: &[u8]) {
    for contract in [binary::read(file), bytes::read(file, 0)].into_iter().flatten() {
        if let Ok(section) = bytes::write(&contract) {
            let again = bytes::read(&section, 0).expect("what was written can be read");
            assert_eq!(Contract { sealed: contract.sealed, ..again }, contract);
        }
        let printed = toml::print(&contract);
        assert_eq!(toml::parse(&printed).as_ref(), Ok(&contract), "{printed}");
    }
    if let Ok(sealed) = binary::seal(file) {
        assert_eq!(sealed.len(), file.len());
        assert_eq!(binary::read(&sealed).map(|contract| contract.sealed), Ok(true));
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
/// refused is refused at a line that is there.
pub fn sysmon_xml(bytes: &[u8]) {
    let file = SourceFile { name: "input.xml".into(), bytes: bytes.to_vec() };
    let newest = SCHEMAS.iter().map(|schema| schema.version).max().expect("a schema");
    match sysmon_xml::compile(&file, &SCHEMAS, newest) {
        Ok(compiled) => {
            let blob = blobs::parse(&compiled.bytes).expect("what is compiled is accepted");
            assert_eq!(blob.draft(), compiled.draft);
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
    let draft = Draft { types: compiled.types, detections: compiled.detections, ..Draft::default() };
    let written = channel::encode(&draft).expect("what is compiled can be written");
    let file = channel::parse(&written).expect("what is compiled is accepted");
    assert_eq!(Draft::from(&file), draft);
}
