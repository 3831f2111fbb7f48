//! Oracles of the judge: its report is stable, what it refuses has a reason, and a sensor that takes more takes no less.

use crate::sensors;
use channel_contract::Contract;
use channel_validators::report::{self, Detail, Look, Report};
use channel_validators::{Judgement, Member, Severity, Subject, Verdict, judge};

fn judged(bytes: &[u8], fleet: &[Member]) -> Judgement {
    judge(&Subject::read("input", bytes), fleet)
}

/// Two runs say the same, in JSON that can be parsed and in text without a control character.
pub fn report_stable(bytes: &[u8]) {
    let fleet = sensors();
    let written = || {
        let judgement = judged(bytes, fleet);
        let report = Report { judgements: std::slice::from_ref(&judgement), fleet, unread: &[] };
        let json = report::json(&report).expect("a report is JSON");
        let mut text = Vec::new();
        for detail in [Detail::Line, Detail::Block] {
            report::text(&judgement, bytes, detail, Look { colour: false, ascii: false }, &mut text)
                .expect("memory");
        }
        report::summary(&report, Look { colour: false, ascii: false }, &mut text).expect("memory");
        report::write_matrix(std::slice::from_ref(&judgement), &mut text).expect("memory");
        (json, text)
    };
    let (json, text) = written();
    assert_eq!((&json, &text), (&written().0, &written().1), "two runs differ");
    let parsed: serde_json::Value = serde_json::from_str(&json).expect("JSON that can be parsed");
    assert!(parsed["verdict"].is_string());
    let text = String::from_utf8(text).expect("text");
    let hidden = |c: char| {
        c.is_control() && c != '\n'
            || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(hidden), "what the file holds got to the terminal: {text:?}");
}

/// A file that is refused is refused for a reason: an error with a sentence, both sides of the contradiction, and bytes
/// that are there. One that passes has none, and no rule was left out.
pub fn reject_has_reason(bytes: &[u8]) {
    let judgement = judged(bytes, sensors());
    let end = bytes.len() as u64;
    for finding in &judgement.findings {
        let texts = [&finding.message, &finding.expected, &finding.found];
        assert!(texts.iter().all(|text| !text.is_empty()), "{finding:#?}");
        let spans = finding.span.iter().chain(finding.related.iter().map(|label| &label.span));
        for span in spans {
            assert!(span.start <= span.end && span.end <= end, "{span:?} of {end} bytes: {finding:#?}");
        }
        assert!(
            finding.sensor.is_none() || !finding.stated.is_empty(),
            "what does the contract say? {finding:#?}"
        );
    }
    let errors = judgement.count(Severity::Error);
    match judgement.verdict {
        Verdict::Fail => assert!(errors > 0, "refused without a reason"),
        Verdict::Pass | Verdict::CannotJudge => assert_eq!(errors, 0),
    }
    assert_eq!(judgement.verdict == Verdict::Fail, !judgement.refused_for.is_empty(), "{judgement:#?}");
}

/// A sensor that supplies one input more, or takes more of something, refuses nothing that it did not refuse before.
pub fn contract_grows(bytes: &[u8]) {
    for sensor in sensors() {
        if judged(bytes, std::slice::from_ref(sensor)).verdict != Verdict::Pass {
            continue;
        }
        for contract in larger(&sensor.contract) {
            let larger = Member { contract, ..sensor.clone() };
            let judgement = judged(bytes, std::slice::from_ref(&larger));
            assert_eq!(judgement.verdict, Verdict::Pass, "{:#?}", judgement.findings);
        }
    }
}

/// The contract with more of one thing each.
fn larger(contract: &Contract) -> impl Iterator<Item = Contract> + '_ {
    let more: [fn(&mut Contract); 8] = [
        |one| {
            one.types.iter_mut().for_each(|template| {
                template.supplied = template.defined().min(template.supplied.saturating_add(1))
            })
        },
        |one| {
            one.types
                .iter_mut()
                .for_each(|template| template.instance_cap = template.instance_cap.saturating_add(1))
        },
        |one| {
            one.types
                .iter_mut()
                .flat_map(|template| &mut template.fields)
                .for_each(|field| field.nullable = true)
        },
        |one| one.operators = channel_contract::OperatorSet::all(),
        |one| one.limits.work_per_event = one.limits.work_per_event.saturating_add(1),
        |one| one.limits.file_bytes = one.limits.file_bytes.saturating_add(1),
        |one| one.limits.instances = one.limits.instances.saturating_add(1),
        |one| one.limits.operand_bytes = one.limits.operand_bytes.saturating_add(1),
    ];
    more.into_iter().map(|grow| {
        let mut larger = contract.clone();
        grow(&mut larger);
        larger
    })
}
