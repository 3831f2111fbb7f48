//! Oracles that hold generator and judge to each other: they read one contract and share no code.

use arbitrary::Unstructured;
use channel_contract::{Contract, toml};
use channel_parser::channel::encode;
use channel_smith::{Config, breaks, generate};
use channel_validators::{Finding, Member, Severity, Subject, judge};
use std::sync::LazyLock;

/// Sensors of different narrowness: our example with its tiny limits, that of July 2024, and one that takes nearly all.
static SENSORS: LazyLock<Vec<Member>> = LazyLock::new(|| {
    let corpus = crate::corpus();
    let paths = [
        "contracts/example.toml",
        "incidents/channel-file-291/sensor-7.11.toml",
        "contracts/windows/sensor.toml",
    ];
    let read = |path: &str| {
        let text = std::fs::read_to_string(corpus.join(path)).expect("a contract of the corpus");
        member(path, toml::parse(&text).expect("a contract that can be read"))
    };
    paths.into_iter().map(read).collect()
});

fn member(origin: &str, contract: Contract) -> Member {
    Member { origin: origin.into(), sha256: String::new(), contract }
}

/// The sensors of the corpus that content is generated for.
pub fn sensors() -> &'static [Member] {
    &SENSORS
}

/// One of these, or any other.
pub fn sensor(u: &mut Unstructured<'_>) -> arbitrary::Result<Member> {
    if u.ratio(1, 4)? {
        u.choose(sensors()).cloned()
    } else {
        Ok(member("generated", generate::contract(u)?))
    }
}

/// Sections that no reader knows come along at times.
fn config(u: &mut Unstructured<'_>) -> Config {
    Config { extra_sections: u.ratio(1, 3).unwrap_or(false), ..Config::default() }
}

fn wrong(subject: &[u8], sensor: &Member) -> Vec<Finding> {
    let judgement = judge(&Subject::read("generated", subject), std::slice::from_ref(sensor));
    judgement.findings.into_iter().filter(|finding| finding.severity != Severity::Note).collect()
}

/// What is generated for a contract is accepted for it, without a word.
pub fn smith_is_accepted(choices: &[u8]) {
    let mut u = Unstructured::new(choices);
    let Ok(sensor) = sensor(&mut u) else { return };
    let config = config(&mut u);
    let Ok(Some(draft)) = generate::content(&mut u, &sensor.contract, &config) else { return };
    let bytes = encode(&draft).expect("what is generated can be written");
    let findings = wrong(&bytes, &sensor);
    assert!(
        findings.is_empty(),
        "generated content is refused for {:#?}: {findings:#?}\n{draft:#?}",
        sensor.contract
    );
}

/// What is broken in one way is found by the rule that is for it, at the place where it was broken, and no other rule
/// calls it an error.
pub fn one_break_one_finding(choices: &[u8]) {
    let mut u = Unstructured::new(choices);
    let Ok(sensor) = sensor(&mut u) else { return };
    let config = config(&mut u);
    let Ok(Some(draft)) = generate::content(&mut u, &sensor.contract, &config) else { return };
    let Ok(Some(broken)) = breaks::one(&mut u, &draft, &sensor.contract) else { return };
    let findings = wrong(&broken.bytes, &sensor);
    let code = format!("CG{}", broken.rule);
    let say = || {
        format!(
            "{}: {code} at {}, for {:#?}: {findings:#?}\n{draft:#?}",
            broken.name, broken.place, sensor.contract
        )
    };
    let found = |finding: &&Finding| finding.code.to_string() == code;
    assert!(
        findings.iter().any(|one| found(&one) && one.path.to_string().starts_with(&broken.place)),
        "{}",
        say()
    );
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    assert!(errors.clone().all(|finding| found(&finding)), "{}", say());
}
