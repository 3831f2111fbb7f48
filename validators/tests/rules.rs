//! The rules as a newcomer finds them: each is listed, has its page and its fixtures, and finds what it says it finds.

mod common;

use channel_parser::Format;
use channel_validators::report::{Detail, Look};
use channel_validators::rules::{RULES, Rule, contract, limits, meaning, structure};
use channel_validators::{Judgement, Severity, Verdict};
use common::{blessed, corpus, files, judged, read, root, shown};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;

const FAMILIES: [(&str, u16, &[&Rule]); 4] = [
    ("structure", 1, structure::RULES),
    ("limits", 2, limits::RULES),
    ("contract", 3, contract::RULES),
    ("meaning", 4, meaning::RULES),
];
const SECTIONS: [&str; 6] =
    ["## What it checks", "## Why it matters", "## Bad", "## Good", "## How to fix", "## Incident"];

fn page_of(family: &str, rule: &Rule) -> PathBuf {
    let file = rule.name.replace('-', "_") + ".md";
    root().join("validators/src/rules").join(family).join(file)
}

fn fixtures_of(rule: &Rule) -> PathBuf {
    corpus().join("rules").join(rule.name)
}

/// The fixtures of a rule: bad, good, and what is said of the bad one, for each format that it serves.
fn kinds(rule: &Rule) -> Vec<(&'static str, &'static str, &'static str)> {
    let mut kinds = Vec::new();
    if rule.check_of(Format::Channel).is_some() {
        kinds.push(("bad.chn.txt", "good.chn.txt", "bad.expect"));
    }
    // What is of no format has no text form as a blob, and one past the limits of the format is no file for a folder.
    if rule.check_of(Format::Sysmon).is_some() && !matches!(rule.code.0, 101..=103 | 201) {
        kinds.push(("bad.blob.txt", "good.blob.txt", "bad.blob.expect"));
    }
    kinds
}

fn none(missing: Vec<String>) {
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn every_rule_has_its_file_its_page_its_line_and_its_fixtures() {
    let mut missing = Vec::new();
    let mut listed = BTreeSet::new();
    for (family, hundred, rules) in FAMILIES {
        for rule in rules {
            let page = page_of(family, rule);
            listed.insert(page.with_extension("rs"));
            if rule.code.0 / 100 != hundred {
                missing.push(format!("{} is not a code of {family}, CG{hundred}xx", rule.code));
            }
            let heads: Vec<_> = rule.page.lines().filter(|line| line.starts_with('#')).collect();
            let title = format!("# {} {}", rule.code, rule.name);
            if heads.split_first() != Some((&title.as_str(), &SECTIONS[..])) {
                missing
                    .push(format!("{}: expected {title} and {SECTIONS:?}, found {heads:?}", page.display()));
            }
            if !page.exists() || read(&page) != rule.page {
                missing.push(format!("{} is not the page of {}", page.display(), rule.code));
            }
            let wanted = kinds(rule).into_iter().flat_map(|(bad, good, expect)| [bad, good, expect]);
            for name in wanted {
                let path = fixtures_of(rule).join(name);
                // Blessing makes the expected output while this looks for it.
                let made = name.ends_with(".expect") && std::env::var_os("BLESS").is_some();
                if !made && !path.exists() {
                    missing.push(format!("{} is missing", path.display()));
                }
            }
        }
        for path in files(&root().join("validators/src/rules").join(family), ".rs") {
            if !path.ends_with("mod.rs") && !listed.contains(&path) {
                missing.push(format!("{} is in no list: add it to family![] in mod.rs", path.display()));
            }
        }
    }
    // Those of the gate have their pages there; its own test looks at the rest of them.
    let elsewhere = files(&root().join("validators/gate/src/rules"), ".md");
    let elsewhere =
        elsewhere.iter().filter_map(|page| page.file_stem()?.to_str()).map(|stem| stem.replace('_', "-"));
    let rules: BTreeSet<_> = RULES.iter().map(|rule| rule.name.to_owned()).chain(elsewhere).collect();
    for folder in std::fs::read_dir(corpus().join("rules")).expect("corpus/rules").map_while(Result::ok) {
        let name = folder.file_name().into_string().unwrap_or_default();
        if folder.path().is_dir() && !rules.contains(&name) {
            missing.push(format!("corpus/rules/{name} belongs to no rule"));
        }
    }
    none(missing);
}

#[test]
fn codes_ascend_and_names_are_unique() {
    let codes: Vec<_> = RULES.iter().map(|rule| rule.code).collect();
    assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
    let names: BTreeSet<_> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), RULES.len());
    assert_eq!(FAMILIES.iter().map(|(.., rules)| rules.len()).sum::<usize>(), RULES.len());
}

/// A page shows what its fixtures and its sensor hold, line by line.
#[test]
fn pages_show_lines_of_the_fixtures() {
    let mut missing = Vec::new();
    for rule in RULES {
        let own = fixtures_of(rule).join("sensor.toml");
        let sensor = if own.exists() { own } else { corpus().join("contracts/example.toml") };
        let (mut source, mut section) = (None, "");
        for line in rule.page.lines() {
            let of = |(bad, good, _)| if section == "## Good" { good } else { bad };
            let fixtures: Vec<_> =
                kinds(rule).into_iter().map(|kind| fixtures_of(rule).join(of(kind))).collect();
            match (line, &source) {
                ("```text", None) => source = Some(fixtures),
                ("```toml", None) => source = Some(vec![sensor.clone()]),
                ("```", Some(_)) => source = None,
                (line, None) if line.starts_with("```") => missing.push(format!("{}: {line}", rule.name)),
                (line, None) if line.starts_with("## ") => section = line,
                (line, Some(paths))
                    if !paths
                        .iter()
                        .any(|path| read(path).lines().any(|there| there.trim() == line.trim())) =>
                {
                    missing.push(format!("the page of {} shows `{line}`: not in {paths:?}", rule.name));
                }
                _ => {}
            }
        }
    }
    none(missing);
}

#[test]
fn bad_fixtures_give_exactly_their_finding_and_good_ones_none() {
    let mut wrong = Vec::new();
    let all = RULES.iter().flat_map(|rule| kinds(rule).into_iter().map(move |kind| (*rule, kind)));
    for (rule, (bad, good, expect)) in all {
        let (judgement, bytes, fleet) = judged(&fixtures_of(rule).join(bad));
        let text = shown(&judgement, &bytes, &fleet, Detail::Block, Look::default());
        if let Err(differs) = blessed(&fixtures_of(rule).join(expect), &text) {
            wrong.push(differs);
        }
        let codes: Vec<_> = judgement.findings.iter().map(|finding| finding.code).collect();
        let verdict = if rule.severity == Severity::Error { Verdict::Fail } else { Verdict::Pass };
        if codes != [rule.code] || judgement.verdict != verdict {
            wrong.push(format!("{}: {bad} is {} with {codes:?}", rule.name, judgement.verdict));
        }
        let (judgement, ..) = judged(&fixtures_of(rule).join(good));
        // A note about another rule's matter is no finding against the file.
        let against =
            |found: &channel_validators::Finding| found.severity > Severity::Note || found.code == rule.code;
        if judgement.verdict != Verdict::Pass || judgement.findings.iter().any(against) {
            wrong.push(format!("{}: {good} is {}: {:?}", rule.name, judgement.verdict, judgement.findings));
        }
    }
    none(wrong);
}

/// How often each rule finds something in each file of the corpus: a new rule's false positives are in the diff.
#[test]
fn hits_over_the_whole_corpus_are_blessed() {
    let mut table =
        String::from("# Findings of each rule in each file of the corpus. BLESS=1 writes this file.\n");
    let mut paths = files(&corpus(), ".chn.txt");
    paths.extend(files(&corpus().join("rules"), ".blob.txt"));
    for path in paths {
        let (judgement, ..) = judged(&path);
        let name =
            path.strip_prefix(corpus()).expect("below the corpus").to_string_lossy().replace('\\', "/");
        let _ = writeln!(table, "{name} {}", hits(&judgement));
    }
    if let Err(differs) = blessed(&corpus().join("rules/hits.txt"), &table) {
        panic!("{differs}");
    }
}

fn hits(judgement: &Judgement) -> String {
    let mut hits = BTreeMap::new();
    for rule in judgement.rules.iter().filter(|rule| rule.findings > 0) {
        hits.insert(rule.code, rule.findings);
    }
    let hits: Vec<_> = hits.iter().map(|(code, n)| format!("{code}x{n}")).collect();
    if hits.is_empty() { "-".into() } else { hits.join(" ") }
}
