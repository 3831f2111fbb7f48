//! The project's own rules, `corpus/sigma`: every modifier, condition shape and log source, every reason to refuse.
//! What becomes of them is blessed as text (`BLESS=1`), what they match is held to a second reading of Sigma.

mod common;

use channel_parser::draft::*;
use channel_sources::{SourceFile, SourceMap, sigma};
use common::event::Event;
use common::judge::{self, Judge};
use common::naive;
use std::collections::BTreeMap;
use std::fmt::Write;

fn sources() -> Vec<SourceFile> {
    let folder = common::root().join("corpus/sigma");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let rules = files.filter(|path| path.extension().is_some_and(|e| e == "yml"));
    let file = |path: std::path::PathBuf| SourceFile {
        name: path.file_name().unwrap().to_string_lossy().into_owned(),
        bytes: std::fs::read(&path).unwrap(),
    };
    let mut sources: Vec<_> = rules.map(file).collect();
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    sources
}

/// Compares with a file of the corpus, or rewrites it.
fn blessed(name: &str, text: &str) {
    let path = common::root().join("corpus/sigma").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    for (n, (expected, found)) in expected.lines().zip(text.lines()).enumerate() {
        assert_eq!(found, expected, "{name} line {} (BLESS=1 accepts it)", n + 1);
    }
    assert_eq!(text.lines().count(), expected.lines().count(), "{name} (BLESS=1 accepts it)");
}

#[test]
fn what_becomes_of_every_rule_is_as_blessed() {
    let compiled = sigma::compile(&sources(), &common::templates(), "Apache-2.0 OR MIT");
    let mut text = String::new();
    for (d, detection) in compiled.detections.iter().enumerate() {
        let place = compiled.map.detection(d).unwrap();
        writeln!(text, "{} ({}) {place}", detection.id, detection.level).unwrap();
        let include = detection.include.iter().map(|i| ("include", i));
        let exclude = detection.exclude.iter().map(|i| ("exclude", i));
        for (n, (word, instance)) in include.chain(exclude).enumerate() {
            let place = compiled.map.instance(d, n).unwrap();
            let template = &compiled.types[instance.template.0 as usize];
            writeln!(text, "    {word} {} {}:{}", template.name, place.line, place.column).unwrap();
            for (f, (field, criterion)) in template.fields.iter().zip(&instance.criteria).enumerate() {
                for (c, clause) in criterion.clauses.iter().enumerate() {
                    let place = compiled.map.clause(d, n, f as u32, c).unwrap();
                    let shown: Vec<String> = clause.patterns.iter().map(pattern).collect();
                    let (quantifier, patterns) = (clause.quantifier, shown.join(", "));
                    writeln!(text, "        {field} {quantifier} {patterns} {}:{}", place.line, place.column)
                        .unwrap();
                }
            }
        }
    }
    blessed("detections.txt", &text);
    let refused: String = compiled.refused.iter().map(|r| format!("{}: {r}\n", r.reason.word())).collect();
    blessed("refused.txt", &refused);
}

fn pattern(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Text { operator, nocase, operand } => {
            format!("{:?}{} {operand:?}", operator, if *nocase { "" } else { " cased" })
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn places_point_at_the_lines_that_name_the_fields() {
    let sources = sources();
    let compiled = sigma::compile(&sources, &common::templates(), "");
    let texts: BTreeMap<&str, Vec<&str>> = sources
        .iter()
        .filter_map(|f| Some((f.name.as_str(), std::str::from_utf8(&f.bytes).ok()?.lines().collect())))
        .collect();
    let mut checked = 0;
    for (d, detection) in compiled.detections.iter().enumerate() {
        for (n, instance) in detection.include.iter().chain(&detection.exclude).enumerate() {
            for (f, field) in compiled.types[instance.template.0 as usize].fields.iter().enumerate() {
                if instance.criteria[f].is_wildcard() {
                    continue;
                }
                let place = compiled.map.place(d, n, f as u32).unwrap();
                let lines = &texts[place.file];
                let here = &lines[place.line as usize - 1][place.column as usize - 1..];
                // A value of `|all` stands on a line of its own, and a log source implies events.
                let above = lines[..place.line as usize].join("\n");
                let named = here.starts_with(field.as_str()) || above.contains(&format!("{field}|"));
                let implied = field == "EventID" && here.starts_with("logsource");
                assert!(named || implied || field == "Message", "{place} is not {field}: {here}");
                checked += 1;
            }
        }
    }
    assert!(checked > 100, "{checked}");
}

#[test]
fn matches_are_as_blessed_and_as_a_second_reading_says() {
    let sources = sources();
    let templates = common::templates();
    let compiled = sigma::compile(&sources, &templates, "");
    let mut judge = Judge::new(&compiled.types);
    let read = |file: &SourceFile| -> Vec<naive::Rule> {
        let text = String::from_utf8(file.bytes.clone()).unwrap();
        text.split("\n---\n").map(naive::rule).collect()
    };
    let names = ["anchors.yml", "conditions.yml", "logsources.yml", "modifiers.yml"];
    let rules: Vec<_> = sources.iter().filter(|f| names.contains(&f.name.as_str())).flat_map(read).collect();
    let events = std::fs::read_to_string(common::root().join("corpus/sigma/events.jsonl")).unwrap();
    let mut matched: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut held = 0;
    for (n, line) in events.lines().enumerate() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        let template = templates.iter().find(|t| event["template"] == t.name).unwrap();
        let inputs = Event::new(template, event["fields"].as_object().unwrap());
        for detection in &compiled.detections {
            let prepared = judge::prepared(detection);
            let matches = judge.matches(&prepared, &inputs);
            let all = matched.entry(&detection.id).or_default();
            matches.then(|| all.push(n + 1));
            // Log sources are blessed by eye; everything else is held to the second reading.
            let second = rules.iter().find(|r| r.id == detection.id && !r.id.starts_with("source-"));
            if let Some(second) = second.filter(|_| judge.knows(&prepared, &inputs)) {
                assert_eq!(matches, second.matches(&inputs), "{} line {}: {line}", detection.id, n + 1);
                held += 1;
            }
        }
    }
    assert!(held > 2000, "{held}");
    let idle: Vec<_> = matched.iter().filter(|(_, lines)| lines.is_empty()).map(|(id, _)| id).collect();
    assert!(idle.is_empty(), "no event matches {idle:?}");
    blessed(
        "matches.txt",
        &matched.iter().map(|(id, lines)| format!("{id}: {lines:?}\n")).collect::<String>(),
    );
}

#[test]
fn the_order_of_files_does_not_matter() {
    let mut sources = sources();
    let templates = common::templates();
    let once = sigma::compile(&sources, &templates, "");
    sources.reverse();
    let again = sigma::compile(&sources, &templates, "");
    assert_eq!(once, again);
    assert_eq!(once.map.to_json(), again.map.to_json());
}

#[test]
fn a_source_map_survives_its_json_form_and_no_other_text_becomes_one() {
    let map = sigma::compile(&sources(), &common::templates(), "").map;
    let json = map.to_json();
    assert_eq!(SourceMap::from_json(&json).unwrap(), map);
    for (hostile, message) in [
        ("", "EOF"),
        ("[]", "expected"),
        (r#"{"version":1,"content":"","files":[],"detections":[],"more":1}"#, "unknown field"),
        (r#"{"version":2,"content":"","files":[],"detections":[]}"#, "version 2"),
        (r#"{"version":1,"content":"","files":[],"detections":[[0,1,1,[]]]}"#, "file 0, but there are 0"),
        (r#"{"version":1,"content":"","files":["a"],"detections":[[0,1,-1,[]]]}"#, "u32"),
        (
            r#"{"version":1,"content":"","files":["a"],"detections":[[0,1,1,[[1,1,[[2,1,1,[]],[2,1,1,[]]]]]]]}"#,
            "ascend",
        ),
    ] {
        let error = SourceMap::from_json(hostile).unwrap_err().to_string();
        assert!(error.contains(message), "{hostile}: {error}");
    }
    assert!(SourceMap::from_json(&"[".repeat(1 << 20)).is_err());
    for end in 0..json.len().min(400) {
        assert!(SourceMap::from_json(&json[..end]).is_err());
    }
}
