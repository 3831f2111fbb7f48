//! Oracles of the judge: its report is stable, what it refuses has a reason, and a sensor that takes more takes no less.

use crate::{sensors, tailored};
use channel_parser::channel;
use channel_parser::draft::Draft;
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
        let report = Report { judgements: std::slice::from_ref(&judgement), fleet, ..Report::default() };
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
    // Whom it must not reach is said of each sensor by itself.
    for member in sensors() {
        let alone = judged(bytes, std::slice::from_ref(member)).verdict == Verdict::Fail;
        let label = member.contract.label();
        assert_eq!(alone, judgement.refused_for.contains(&label), "{label} alone, and among others");
    }
}

/// A sensor that supplies one input more, or takes more of something, refuses nothing that it did not refuse before: those
/// of the corpus, and some made to measure, from those that take nothing on.
pub fn contract_grows(bytes: &[u8]) {
    for sensor in sensors() {
        if judged(bytes, std::slice::from_ref(sensor)).verdict != Verdict::Pass {
            continue;
        }
        let larger: Vec<_> = tailored::larger(&sensor.contract)
            .map(|contract| Member { contract, ..sensor.clone() })
            .collect();
        let judgement = judged(bytes, &larger);
        assert_eq!(judgement.verdict, Verdict::Pass, "{:#?}", judgement.findings);
    }
    let Some(file) = channel::parse(bytes).ok().filter(tailored::is_small) else { return };
    let pairs = tailored::growing(&Draft::from(&file), bytes.len() as u64);
    let judgement = judged(bytes, pairs.as_flattened());
    let is_refused = |one: &Member| judgement.refused_for.contains(&one.contract.label());
    for [small, large] in &pairs {
        assert!(
            is_refused(small) || !is_refused(large),
            "accepted for {:#?} and refused for {:#?}: {:#?}",
            small.contract,
            large.contract,
            judgement.findings
        );
    }
}
