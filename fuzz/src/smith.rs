//! Oracles that hold generator and judge to each other: they read one contract and share no code.

use arbitrary::{Result, Unstructured};
use channel_contract::sysmon::{Target, named_fleet};
use channel_contract::{Contract, bytes, lint, toml};
use channel_smith::breaks::contract::Follows;
use channel_smith::{Config, breaks, generate};
use channel_validators::{Finding, Member, Severity, Subject, judge};
use std::sync::LazyLock;

/// The sensor of a contract of the corpus. The contract is in the program: where OSS-Fuzz runs it there is no corpus.
macro_rules! member_of {
    ($path:literal) => {
        member(
            $path,
            toml::parse(include_str!(concat!("../../corpus/", $path))).expect("a contract that can be read"),
        )
    };
}

/// Sensors of different narrowness: our example with its tiny limits, that of July 2024, and one that takes nearly all.
static SENSORS: LazyLock<Vec<Member>> = LazyLock::new(|| {
    vec![
        member_of!("contracts/example.toml"),
        member_of!("incidents/channel-file-291/sensor-7.11.toml"),
        member_of!("contracts/windows/sensor.toml"),
    ]
});

/// Every schema of Sysmon that comes along, on every system, and one with more fields than a sensor remembers.
static SYSMONS: LazyLock<Vec<Member>> = LazyLock::new(|| {
    let fleets = ["sysmon:all", "sysmon:all:win", "sysmon:all:linux"];
    let fleets =
        fleets.into_iter().flat_map(|name| named_fleet(name).expect("a fleet").expect("one that is known"));
    let mut all: Vec<_> = fleets.map(|(name, contract)| member(&name, contract)).collect();
    all.push(member_of!("rules/field-mask/sensor.toml"));
    all
});

fn member(origin: &str, contract: Contract) -> Member {
    Member { origin: origin.into(), sha256: String::new(), contract }
}

/// The sensors of the corpus that content is generated for.
pub fn sensors() -> &'static [Member] {
    &SENSORS
}

/// A sensor of channel files: one of these, or any other.
pub fn sensor(u: &mut Unstructured<'_>) -> Result<Member> {
    if u.ratio(1, 4)? {
        u.choose(sensors()).cloned()
    } else {
        Ok(member("generated", generate::contract(u)?))
    }
}

/// What is generated, as the first choice says: half of it for sensors of channel files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// A channel file.
    Channel,
    /// A rule blob.
    Blob,
    /// A contract.
    Contract,
}

impl Made {
    /// The first choice.
    pub fn choose(u: &mut Unstructured<'_>) -> Result<Self> {
        Ok(match u.arbitrary::<u8>()? % 4 {
            0 | 1 => Self::Channel,
            2 => Self::Blob,
            _ => Self::Contract,
        })
    }

    /// A sensor that reads it.
    pub fn sensor(self, u: &mut Unstructured<'_>) -> Result<Member> {
        match (self, SYSMONS.split_last()) {
            (Self::Blob, Some((mask, _))) if u.ratio(1, 16)? => Ok(mask.clone()),
            (Self::Blob, Some((_, schemas))) => {
                let mut sensor = u.choose(schemas)?.clone();
                elsewhere(u, &mut sensor.contract)?;
                Ok(sensor)
            }
            (Self::Contract, Some((_, schemas))) if u.ratio(1, 8)? => u.choose(schemas).cloned(),
            (Self::Contract, _) => Ok(member("generated", generate::sound_contract(u)?)),
            _ => sensor(u),
        }
    }
}

/// Says of one event, at times, that it exists on the other system only: no schema so far has such a one.
fn elsewhere(u: &mut Unstructured<'_>, contract: &mut Contract) -> Result<()> {
    let other = match contract.sensor.platform.as_str() {
        "windows" => Target::Linux,
        "linux" => Target::Windows,
        _ => return Ok(()),
    };
    let at = u.choose_index(contract.types.len())?;
    if u.ratio(1, 4)?
        && let Some(event) = contract.types.get_mut(at).and_then(|template| template.event.as_mut())
    {
        event.target = other;
    }
    Ok(())
}

/// Sections that no reader knows come along at times.
pub fn config(u: &mut Unstructured<'_>) -> Config {
    Config { extra_sections: u.ratio(1, 3).unwrap_or(false), ..Config::default() }
}

fn wrong(subject: &[u8], sensor: &Member) -> Vec<Finding> {
    let judgement = judge(&Subject::read("generated", subject), std::slice::from_ref(sensor));
    judgement.findings.into_iter().filter(|finding| finding.severity != Severity::Note).collect()
}

/// The text form of a file, for whoever reads about it.
fn shown(bytes: &[u8]) -> String {
    use channel_parser::{channel, sysmon, text};
    match (channel::parse(bytes), sysmon::parse(bytes)) {
        (Ok(file), _) => text::print(&file),
        (_, Ok(blob)) => sysmon::print(&blob, &()),
        _ => format!("{} bytes", bytes.len()),
    }
}

/// What is generated for a contract is accepted for it, without a word; a contract that is generated is written and read,
/// and contradicts itself in nothing but what sensors were seen to do.
pub fn smith_is_accepted(choices: &[u8]) {
    let mut u = Unstructured::new(choices);
    _ = accepted(&mut u);
}

fn accepted(u: &mut Unstructured<'_>) -> Result<()> {
    let made = Made::choose(u)?;
    let sensor = made.sensor(u)?;
    if made == Made::Contract {
        let sound = &sensor.contract;
        assert_eq!(lint(sound), [], "a sound contract contradicts itself: {sound:#?}");
        for contract in [sound, &generate::contract(u)?] {
            let section = bytes::write(contract).expect("what is generated can be written");
            assert_eq!(bytes::read(&section, 0).as_ref(), Ok(contract));
            assert_eq!(toml::parse(&toml::print(contract)).as_ref(), Ok(contract));
        }
        return Ok(());
    }
    let config = config(u);
    let Some(bytes) = generate::file(u, &sensor.contract, &config)? else { return Ok(()) };
    let findings = wrong(&bytes, &sensor);
    assert!(
        findings.is_empty(),
        "generated content is refused for {:#?}: {findings:#?}\n{}",
        sensor.contract,
        shown(&bytes)
    );
    Ok(())
}

/// What is broken in one way is found by the rule that is for it, at the place where it was broken, and no other rule
/// calls it an error.
pub fn one_break_one_finding(choices: &[u8]) {
    let mut u = Unstructured::new(choices);
    _ = found(&mut u);
}

fn found(u: &mut Unstructured<'_>) -> Result<()> {
    let made = Made::choose(u)?;
    let sensor = made.sensor(u)?;
    if made == Made::Contract {
        return contradicted(u, &sensor.contract);
    }
    let config = config(u);
    let Some(broken) = breaks::file(u, &sensor.contract, &config)? else { return Ok(()) };
    let findings = wrong(&broken.bytes, &sensor);
    let code = format!("CG{}", broken.rule);
    let say = || {
        format!(
            "{}: {code} at {}, for {} {:#?}: {findings:#?}\n{}",
            broken.name,
            broken.place,
            sensor.origin,
            sensor.contract,
            shown(&broken.bytes)
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
    Ok(())
}

/// A contract that was broken in one way is refused, or contradicts itself, in just that way.
fn contradicted(u: &mut Unstructured<'_>, contract: &Contract) -> Result<()> {
    let Some(broken) = breaks::contract::one(u, contract)? else { return Ok(()) };
    let say = || format!("{broken:#?} of {contract:#?}");
    match broken.follows {
        Follows::Refusal(kind) => {
            let section = broken.section.as_deref().unwrap_or_default();
            let error = bytes::read(section, 0).expect_err("a contract of which one thing is wrong");
            assert!(error.kind == kind && error.path.starts_with(&broken.place), "{error}: {}", say());
        }
        Follows::Lint(code) => {
            let model = broken.contract.as_ref().expect("what contradicts itself is a contract");
            let found = lint(model);
            assert!(found.iter().all(|finding| finding.code == code), "{found:#?}: {}", say());
            assert!(found.iter().any(|one| one.path.starts_with(&broken.place)), "{found:#?}: {}", say());
            if let Some(section) = &broken.section {
                assert_eq!(bytes::read(section, 0).as_ref(), Ok(model));
            }
        }
    }
    Ok(())
}
