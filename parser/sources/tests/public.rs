//! The public Windows rules of SigmaHQ, on the shipped contract: how many become detections, how large these are, and
//! whether they match what the rules say, as an evaluator reads them that shares nothing with the compiler.

mod common;

use channel_parser::draft::Pattern;
use channel_sources::{Template, sigma};
use common::event::{Event, Input};
use common::judge::{self, Judge};
use common::naive;
use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

#[test]
fn nearly_all_public_rules_become_detections_and_none_is_lost() {
    let Some(path) = common::data("sigma/sigma-windows-rules.tar.gz", "nearly_all_public_rules") else {
        return;
    };
    let rules = common::rules(&path);
    let templates = common::templates();
    let start = Instant::now();
    let compiled = sigma::compile(&rules, &templates, "DRL-1.1");
    let took = start.elapsed();
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for refusal in &compiled.refused {
        *reasons.entry(refusal.reason.word()).or_default() += 1;
        println!("{refusal}");
    }
    println!("{} rules in {took:?}: {:?}, refused {reasons:?}", rules.len(), compiled.counts());
    assert_eq!(rules.len(), compiled.detections.len() + compiled.refused.len());
    assert!(compiled.detections.len() * 1000 >= rules.len() * 985, "fewer than 98.5 %");
    assert!(compiled.counts().most_instances <= 28);
    stays_within(&compiled, &common::contract()["limits"]);
}

/// The shipped contract has room for all of them.
fn stays_within(compiled: &sigma::Compiled, limits: &toml::Value) {
    let at_most = |found: usize, limit: &str| {
        println!("{limit}: {found}");
        assert!(i64::try_from(found).unwrap() <= limits[limit].as_integer().unwrap(), "{found} {limit}");
    };
    let instances = || compiled.detections.iter().flat_map(|d| d.include.iter().chain(&d.exclude));
    let criteria = || instances().flat_map(|i| &i.criteria);
    let clauses = || criteria().flat_map(|c| &c.clauses);
    let operand = |p: &Pattern| if let Pattern::Text { operand, .. } = p { operand.len() } else { 0 };
    at_most(compiled.detections.len(), "detections");
    at_most(instances().count(), "instances");
    at_most(criteria().map(|c| c.clauses.len()).max().unwrap(), "clauses_per_criterion");
    at_most(clauses().map(|c| c.patterns.len()).max().unwrap(), "patterns_per_clause");
    at_most(clauses().flat_map(|c| &c.patterns).map(operand).max().unwrap(), "operand_bytes");
}

/// Which Sysmon events a log source means, from Sigma's taxonomy.
fn events_of(rule: &naive::Rule) -> Vec<u32> {
    match (rule.category.as_deref(), rule.service.as_deref()) {
        (None, Some("sysmon")) => (1..=29).chain([255]).collect(),
        (Some(category), _) => match category {
            "process_creation" => vec![1],
            "file_change" => vec![2],
            "network_connection" => vec![3],
            "sysmon_status" => vec![4, 16],
            "process_termination" => vec![5],
            "driver_load" => vec![6],
            "image_load" => vec![7],
            "create_remote_thread" => vec![8],
            "raw_access_thread" => vec![9],
            "process_access" => vec![10],
            "file_event" => vec![11],
            "registry_add" | "registry_delete" => vec![12],
            "registry_set" => vec![13],
            "registry_rename" => vec![14],
            "registry_event" => vec![12, 13, 14],
            "create_stream_hash" => vec![15],
            "pipe_created" => vec![17, 18],
            "wmi_event" => vec![19, 20, 21],
            "dns_query" => vec![22],
            "file_delete" => vec![23, 26],
            "clipboard_capture" => vec![24],
            "process_tampering" => vec![25],
            "file_block_executable" => vec![27],
            "file_block_shredding" => vec![28],
            "file_executable_detected" => vec![29],
            "sysmon_error" => vec![255],
            _ => vec![],
        },
        _ => vec![],
    }
}

/// The recorded events, each with what every Sysmon event has; of the largest set every `step`th.
fn recorded(templates: &[Template], step: usize) -> Option<Vec<(Event, Event)>> {
    let mut events = Vec::new();
    for set in ["malicious-sigma-regression", "benign-dfir-museum", "benign-evtx-rs-sample", "mixed-mordor"] {
        let path = common::data(&format!("events/{set}.jsonl.gz"), "detections_match_what_the_rules_say")?;
        let text = String::from_utf8(common::unpacked(&path)).unwrap();
        for line in text.lines().step_by(if set == "mixed-mordor" { step } else { 1 }) {
            let event: serde_json::Value = serde_json::from_str(line).unwrap();
            let id = u32::try_from(event["id"].as_u64().unwrap()).unwrap();
            let template = templates.iter().find(|t| t.id.0 == id).unwrap();
            let inputs = Event::new(template, event["fields"].as_object().unwrap());
            let mut whole = inputs.clone();
            let mut add = |name: &str, input| whole.inputs.insert(name.to_string(), input);
            add("EventID", Input::Integer(id.into()));
            add("Provider_Name", Input::Text("Microsoft-Windows-Sysmon".into()));
            add("Channel", Input::Text("Microsoft-Windows-Sysmon/Operational".into()));
            events.push((inputs, whole));
        }
    }
    Some(events)
}

#[test]
fn detections_match_what_the_rules_say() {
    let Some(path) = common::data("sigma/sigma-windows-rules.tar.gz", "detections_match_what_the_rules_say")
    else {
        return;
    };
    let rules = common::rules(&path);
    let templates = common::templates();
    let step = if cfg!(debug_assertions) { 5 } else { 1 };
    let Some(events) = recorded(&templates, step) else { return };
    let compiled = sigma::compile(&rules, &templates, "");
    let mut judge = Judge::new(&compiled.types);
    let texts: HashMap<&str, &[u8]> = rules.iter().map(|f| (f.name.as_str(), f.bytes.as_slice())).collect();
    let (mut compared, mut matched, mut taking_part) = (0, 0, 0);
    for detection in &compiled.detections {
        let text = std::str::from_utf8(texts[detection.provenance.source.as_str()]).unwrap();
        let rule = naive::rule(text);
        assert_eq!(rule.id, detection.id);
        let meant = events_of(&rule);
        let prepared = judge::prepared(detection);
        let before = compared;
        for (inputs, whole) in &events {
            let is_meant = meant.contains(&inputs.template);
            if !is_meant && !judge.knows(&prepared, inputs) {
                continue;
            }
            compared += 1;
            let expected = is_meant && rule.matches(whole);
            matched += usize::from(expected);
            assert_eq!(
                judge.matches(&prepared, inputs),
                expected,
                "{}: {whole:?}",
                detection.provenance.source
            );
        }
        taking_part += usize::from(compared > before);
    }
    println!(
        "{} events, {taking_part} rules: {compared} comparisons, {matched} matches, no disagreement",
        events.len()
    );
    assert!(compared > 1_000_000 && matched > 500);
}
