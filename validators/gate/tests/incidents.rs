//! The replays of public outages: each folder of `corpus/incidents` holds sensors and contents, one that must be refused
//! and a twin that must pass, and what the gate says of each pair.

mod common;

use channel_gate::judge;
use channel_validators::{Severity, Subject, Verdict, Witness};
use common::{assemble, blessed, corpus, files, read, sensor};
use std::fmt::Write;

#[test]
fn every_replay_is_refused_with_the_fault_and_its_twin_passes() {
    let mut wrong = Vec::new();
    let folders = std::fs::read_dir(corpus().join("incidents")).expect("incidents");
    let mut folders: Vec<_> = folders.map(|entry| entry.expect("an entry").path()).collect();
    folders.sort();
    // What is refused for what it matches is seen on known-good events, by another test.
    for folder in folders.into_iter().filter(|folder| !folder.join("known-good.jsonl").exists()) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut table =
            String::from("# What the gate says of each content for each sensor. BLESS=1 writes this file.\n");
        let (mut refused, mut passed) = (Vec::new(), Vec::new());
        for path in files(&folder, ".chn.txt") {
            let (file, bytes) = assemble(&read(&path));
            let content = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            for member in files(&folder, ".toml").iter().map(|path| sensor(path)) {
                let fleet = [member];
                let judgement = judge(&Subject::read(file.clone(), &bytes), &fleet);
                let origin = &fleet[0].origin;
                let _ = writeln!(table, "\n{content} {origin}: {}", judgement.verdict);
                for finding in &judgement.findings {
                    let _ = writeln!(table, "  {}[{}] {}", finding.severity, finding.code, finding.path);
                    if let Some(witness) = &finding.witness {
                        let _ = writeln!(table, "    {witness}");
                    }
                }
                if let Some(executed) = &judgement.executed {
                    let _ = writeln!(table, "  executed {executed}");
                }
                match judgement.verdict {
                    Verdict::Pass => passed.push(origin.clone()),
                    _ => refused.push((origin.clone(), judgement)),
                }
            }
        }
        if !refused.iter().any(|(origin, _)| passed.contains(origin)) {
            wrong.push(format!("{name}: no sensor for which one content is refused and another passes"));
        }
        for (_, judgement) in &refused {
            let mut errors = judgement.findings.iter().filter(|finding| finding.severity == Severity::Error);
            let shown = |witness: &Witness| !matches!(witness, Witness::None(_));
            if !errors.all(|error| error.witness.as_ref().is_some_and(shown)) {
                wrong.push(format!("{name}: an error without a witness"));
            }
        }
        wrong.extend(blessed(&folder.join("verdicts.expect"), &table).err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
