//! `contentgate smith`: content that suits a sensor, or of which exactly one thing is wrong; or sensors.

mod ways;

use crate::exit::{Done, Exit, Failure};
use crate::input;
use crate::made::{self, File, MustBeFound, tried};
use crate::output::Terminal;
use channel_contract::{Contract, toml};
use channel_smith::breaks::contract::Follows;
use channel_smith::breaks::{self, Break, Broken};
use channel_smith::{Config, generate};
use std::path::PathBuf;

/// Make content that suits a sensor, to test what reads it; or content of which exactly one thing is wrong.
///
/// Each file is made by a number, which is in its name. Of a broken one it is said which rule must find it, and where; no
/// other rule finds an error.
#[derive(clap::Args)]
#[command(after_help = "Example: a hundred broken files, and the list of what is wrong with them
  contentgate smith --sensor sensor.dll --broken --count 100 --output broken/ --json > broken.jsonl")]
pub struct Args {
    /// The sensor that it is for: a binary, its contract as TOML, or `sysmon:4.50`.
    #[arg(long, short, required_unless_present_any = ["contract", "list"], conflicts_with_all = ["contract", "list"])]
    sensor: Option<PathBuf>,
    /// Make contracts of sensors (TOML) instead of content.
    #[arg(long, conflicts_with_all = ["list", "Knobs"])]
    contract: bool,
    /// List the ways to break content and contracts, each with the rule that must find it.
    #[arg(long, conflicts_with_all = ["broken", "output", "Knobs"])]
    list: bool,
    /// Break exactly one thing: in any way, in this one, or so that this rule must find it.
    #[arg(long, value_name = "WAY|RULE", num_args = 0..=1, default_missing_value = "")]
    broken: Option<String>,
    /// A file, or a folder for several; their names say the number and the way.
    #[arg(long, short, value_name = "FILE|FOLDER", required_unless_present = "list")]
    output: Option<PathBuf>,
    #[command(flatten)]
    made: made::Options,
    #[command(flatten)]
    knobs: Knobs,
}

/// What kind of content. Whatever they say, the sensor's limits hold.
#[derive(clap::Args)]
#[command(next_help_heading = "What kind of content; whatever is said here, the sensor's limits hold")]
struct Knobs {
    /// At most so many detections.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    detections: Option<u32>,
    /// At most so many instances in a detection.
    #[arg(long, value_name = "N")]
    instances: Option<u32>,
    /// At most so many clauses in a criterion.
    #[arg(long, value_name = "N")]
    clauses: Option<u32>,
    /// At most so many patterns in a clause.
    #[arg(long, value_name = "N")]
    patterns: Option<u32>,
    /// At most so many template types.
    #[arg(long, value_name = "N")]
    types: Option<u32>,
    /// Of a hundred fields, how many are no wildcard.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(..=100))]
    density: Option<u8>,
    /// At most so many bytes of text in a pattern.
    #[arg(long, value_name = "N")]
    operand_bytes: Option<u32>,
    /// No text beyond ASCII.
    #[arg(long)]
    no_unicode: bool,
    /// Sections that no reader knows and every reader skips.
    #[arg(long)]
    extra_sections: bool,
}

impl Knobs {
    fn config(&self) -> Config {
        let small = Config::default();
        Config {
            detections: self.detections.unwrap_or(small.detections),
            instances: self.instances.unwrap_or(small.instances),
            clauses: self.clauses.unwrap_or(small.clauses),
            patterns: self.patterns.unwrap_or(small.patterns),
            types: self.types.unwrap_or(small.types),
            density: self.density.unwrap_or(small.density),
            operand_bytes: self.operand_bytes.unwrap_or(small.operand_bytes),
            unicode: small.unicode && !self.no_unicode,
            extra_sections: self.extra_sections,
        }
    }
}

/// Runs it.
pub fn run(args: &Args, terminal: &mut Terminal) -> Done {
    let (Some(output), false) = (&args.output, args.list) else {
        return ways::list(args.made.json, terminal);
    };
    let wanted = args.broken.as_deref();
    if args.contract {
        let ways = wanted.map(ways::of_contracts).transpose()?;
        args.made.run(output, "seed", terminal, |seed| contract(seed, ways.as_deref()))?;
        return Ok(Exit::Pass);
    }
    let contract = match &args.sensor {
        Some(sensor) => input::contract(sensor)?,
        None => return Err(Failure::wrong_use("--sensor names the sensor that content is made for")),
    };
    let ways = wanted.map(ways::of_content).transpose()?;
    let config = args.knobs.config();
    args.made.run(output, "seed", terminal, |seed| match &ways {
        Some(ways) => broken(seed, &contract, &config, ways),
        None => valid(seed, &contract, &config),
    })?;
    Ok(Exit::Pass)
}

/// What files for a sensor end with.
fn ending(contract: &Contract) -> &'static str {
    if contract.sysmon.is_some() { "bin" } else { "sys" }
}

fn valid(seed: u64, contract: &Contract, config: &Config) -> Result<File, Failure> {
    // Content that comes out empty is none; for a sensor that takes any, a few tries do.
    let made = tried(seed, 64, |seed| generate::file(&mut seed.choices(), contract, config).ok().flatten());
    let made = made.map(|bytes| File { bytes, ending: ending(contract).into(), broken: None });
    made.ok_or_else(|| {
        let why = "no template type with an input, or room for nothing";
        Failure::cannot(format!("{} can load no content: it has {why}", contract.label()))
    })
}

fn broken(seed: u64, contract: &Contract, config: &Config, ways: &[Break]) -> Result<File, Failure> {
    // Not every way is possible for every content.
    let made = tried(seed, TRIES, |seed| {
        breaks::file_by(&mut seed.choices(), contract, config, ways).ok().flatten()
    });
    let Broken { bytes, name, rule, place } = made.ok_or_else(|| none(&contract.label()))?;
    let broken = MustBeFound { way: name, rule: Some(format!("CG{rule}")), refusal: None, place };
    Ok(File { bytes, ending: ending(contract).into(), broken: Some(broken) })
}

/// A sensor; of a broken one that can no longer be written as text the section that a binary would carry.
fn contract(seed: u64, ways: Option<&[breaks::contract::Break]>) -> Result<File, Failure> {
    let text = |contract: &Contract| toml::print(contract).into_bytes();
    let Some(ways) = ways else {
        let made = tried(seed, 1, |seed| generate::sound_contract(&mut seed.choices()).ok());
        let bytes = made.as_ref().map(text).unwrap_or_default();
        return Ok(File { bytes, ending: "toml".into(), broken: None });
    };
    let made = tried(seed, TRIES, |seed| {
        let u = &mut seed.choices();
        let sound = generate::sound_contract(u).ok()?;
        let mut broken = breaks::contract::one_by(u, &sound, ways).ok().flatten()?;
        let read = |one: &&Contract| toml::parse(&toml::print(one)).as_ref() == Ok(*one);
        let whole = broken.contract.as_ref().filter(read).map(|one| (text(one), "toml"));
        let file = whole.or_else(|| Some((broken.section.take()?, "section")))?;
        Some((file, broken))
    });
    let ((bytes, ending), broken) = made.ok_or_else(|| none("any sensor"))?;
    let (rule, refusal) = match broken.follows {
        Follows::Lint(code) => (Some(code.to_owned()), None),
        Follows::Refusal(kind) => (None, Some(kind.word())),
    };
    let found = MustBeFound { way: broken.name, rule, refusal, place: broken.place };
    Ok(File { bytes, ending: ending.into(), broken: Some(found) })
}

/// How much content is made until some can be broken.
const TRIES: u64 = 1024;

fn none(sensor: &str) -> Failure {
    Failure::cannot(format!("nothing was found that can be broken that way for {sensor}, in {TRIES} tries"))
}
