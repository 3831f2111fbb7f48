//! The gate's rules as a newcomer finds them, and every fixture of every rule executed: what a rule claims to prevent is
//! shown, and nothing that the validator passes faults.

mod common;

use channel_gate::rules::{RULES, Rule, all, execution};
use channel_gate::witness::claims;
use channel_validators::{Code, Judgement, Severity, Verdict, Witness};
use common::{blessed, corpus, files, judged, read, root, shown};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;

const FAMILIES: [(&str, u16, &[&Rule]); 1] = [("execution", 6, execution::RULES)];
const SECTIONS: [&str; 6] =
    ["## What it checks", "## Why it matters", "## Bad", "## Good", "## How to fix", "## Incident"];

fn fixtures_of(rule: &Rule) -> PathBuf {
    corpus().join("rules").join(rule.name)
}

fn none(missing: Vec<String>) {
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn every_rule_has_its_file_its_page_its_line_and_its_fixtures() {
    let mut missing = Vec::new();
    let mut listed = BTreeSet::new();
    for (family, hundred, rules) in FAMILIES {
        let folder = root().join("validators/gate/src/rules").join(family);
        for rule in rules {
            let page = folder.join(rule.name.replace('-', "_") + ".md");
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
            for name in ["bad.chn.txt", "good.chn.txt"] {
                let path = fixtures_of(rule).join(name);
                if !path.exists() {
                    missing.push(format!("{} is missing", path.display()));
                }
            }
        }
        for path in files(&folder, ".rs") {
            if !path.ends_with("mod.rs") && !listed.contains(&path) {
                missing.push(format!("{} is in no list: add it to family![] in mod.rs", path.display()));
            }
        }
    }
    assert_eq!(FAMILIES.iter().map(|(.., rules)| rules.len()).sum::<usize>(), RULES.len());
    none(missing);
}

#[test]
fn codes_ascend_and_names_are_unique_over_both_lists() {
    let codes: Vec<_> = all().map(|rule| rule.code).collect();
    assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
    let names: BTreeSet<_> = all().map(|rule| rule.name).collect();
    assert_eq!(names.len(), codes.len());
}

#[test]
fn pages_show_lines_of_the_fixtures() {
    let mut missing = Vec::new();
    for rule in RULES {
        let (mut inside, mut fixture) = (false, "bad.chn.txt");
        for line in rule.page.lines() {
            match line {
                "```text" => inside = true,
                "```" => inside = false,
                "## Good" => fixture = "good.chn.txt",
                line if inside => {
                    let text = read(&fixtures_of(rule).join(fixture));
                    if !text.lines().any(|there| there.trim() == line.trim()) {
                        missing.push(format!("the page of {} shows `{line}`: not in {fixture}", rule.name));
                    }
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
    for rule in RULES {
        let (judgement, bytes, fleet) = judged(&fixtures_of(rule).join("bad.chn.txt"));
        if let Err(differs) =
            blessed(&fixtures_of(rule).join("bad.expect"), &shown(&judgement, &bytes, &fleet))
        {
            wrong.push(differs);
        }
        let codes: Vec<_> = judgement.findings.iter().map(|finding| finding.code).collect();
        let verdict = if rule.severity == Severity::Error { Verdict::Fail } else { Verdict::Pass };
        if codes != [rule.code] || judgement.verdict != verdict {
            wrong.push(format!("{}: bad.chn.txt is {} with {codes:?}", rule.name, judgement.verdict));
        }
        let (judgement, ..) = judged(&fixtures_of(rule).join("good.chn.txt"));
        if judgement.verdict != Verdict::Pass || !judgement.findings.is_empty() {
            wrong.push(format!(
                "{}: good.chn.txt is {}: {:?}",
                rule.name, judgement.verdict, judgement.findings
            ));
        }
    }
    none(wrong);
}

/// Whether a judgement has an error that only the gate found.
fn alarms(judgement: &Judgement) -> Vec<Code> {
    let own = |finding: &&channel_validators::Finding| {
        finding.severity == Severity::Error && finding.code.0 / 100 == 6
    };
    judgement.findings.iter().filter(own).map(|finding| finding.code).collect()
}

/// What is wrong in content is said once: by the rule that found it, with the fault as its witness.
#[test]
fn the_gate_raises_no_alarm_over_what_a_rule_of_the_validator_says() {
    let mut wrong = Vec::new();
    let mut table = String::from(
        "# What each fixture of a rule that prevents a fault is witnessed by. BLESS=1 writes this file.\n",
    );
    for path in files(&corpus().join("rules"), ".txt") {
        let name =
            path.strip_prefix(corpus()).expect("below the corpus").to_string_lossy().replace('\\', "/");
        let fixture = name.ends_with(".chn.txt") || name.ends_with(".blob.txt");
        if !fixture || read(&path).contains("# blind:") {
            continue;
        }
        let (judgement, ..) = judged(&path);
        let alarms = alarms(&judgement);
        if !alarms.is_empty() {
            wrong.push(format!("{name}: {alarms:?}"));
        }
        for finding in &judgement.findings {
            if let Some(witness) = &finding.witness {
                let _ = writeln!(table, "{name} {}@{} {witness}", finding.code, finding.path);
            }
        }
    }
    if let Err(differs) = blessed(&corpus().join("rules/witnesses.txt"), &table) {
        wrong.push(differs);
    }
    none(wrong);
}

/// A rule that claims to prevent a kind of fault shows one in its own fixture.
#[test]
fn a_rule_that_prevents_a_fault_shows_it() {
    let mut missing = Vec::new();
    let mut shown = BTreeMap::new();
    for rule in channel_validators::rules::RULES {
        let claim = claims(rule.code);
        let bad = corpus().join("rules").join(rule.name).join("bad.chn.txt");
        if claim.kinds.is_empty() || !bad.exists() {
            continue;
        }
        let (judgement, ..) = judged(&bad);
        let kind =
            judgement.findings.iter().filter(|finding| finding.code == rule.code).find_map(|finding| {
                match finding.witness.as_ref()? {
                    Witness::Load(fault) | Witness::Event { fault, .. } => Some(fault.kind),
                    Witness::None(_) => None,
                }
            });
        match kind {
            Some(kind) => drop(shown.insert(rule.code, kind)),
            None => missing.push(format!("{} {} shows none of {:?}", rule.code, rule.name, claim.kinds)),
        }
    }
    none(missing);
    assert!(shown.len() > 10, "{shown:?}");
}
