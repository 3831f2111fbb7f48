//! `contentgate smith`: content that suits a sensor, or of which exactly one thing is wrong; or sensors.

use crate::exit::{Done, Exit, Failure};
use crate::input;
use crate::made::{self, File, tried};
use crate::output::Terminal;
use channel_contract::{Contract, toml};
use channel_gate::rules::find;
use channel_smith::breaks::{self, RuleNumber};
use channel_smith::{Config, generate};
use std::io::Write;
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
    #[arg(long, conflicts_with_all = ["broken", "list"])]
    contract: bool,
    /// List the ways to break content, each with the rule that must find it.
    #[arg(long)]
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
    #[arg(long, value_name = "N")]
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
    let (Some(output), false) = (&args.output, args.list) else { return list(terminal) };
    if args.contract {
        args.made.run(output, "seed", "toml", terminal, |seed| {
            let contract = tried(seed, 1, |seed| generate::contract(&mut seed.choices()).ok());
            Ok(File { bytes: toml::print(&contract.unwrap_or_default()).into_bytes(), broken: None })
        })?;
        return Ok(Exit::Pass);
    }
    let contract = match &args.sensor {
        Some(sensor) => input::contract(sensor)?,
        None => return Err(Failure::wrong_use("--sensor names the sensor that content is made for")),
    };
    let wanted = args.broken.as_deref().map(Wanted::of).transpose()?;
    let config = args.knobs.config();
    let ending = if contract.sysmon.is_some() { "bin" } else { "sys" };
    args.made.run(output, "seed", ending, terminal, |seed| match &wanted {
        Some(wanted) => broken(seed, &contract, &config, wanted),
        None => valid(seed, &contract, &config),
    })?;
    Ok(Exit::Pass)
}

fn list(terminal: &mut Terminal) -> Done {
    for way in breaks::all() {
        let code = format!("CG{}", way.rule);
        let rule = find(&code).map(|rule| rule.summary).unwrap_or_default();
        writeln!(terminal, "{:<22} {code}  {rule}", way.name)?;
    }
    Ok(Exit::Pass)
}

fn valid(seed: u64, contract: &Contract, config: &Config) -> Result<File, Failure> {
    // Content that comes out empty is none; for a sensor that takes any, a few tries do.
    let made = tried(seed, 64, |seed| generate::file(&mut seed.choices(), contract, config).ok().flatten());
    let made = made.map(|bytes| File { bytes, broken: None });
    made.ok_or_else(|| {
        let why = "no template type with an input, or room for nothing";
        Failure::cannot(format!("{} can load no content: it has {why}", contract.label()))
    })
}

fn broken(seed: u64, contract: &Contract, config: &Config, wanted: &Wanted) -> Result<File, Failure> {
    // Not every way is possible for every content, and a rare one not for many.
    let made = tried(seed, 4096, |seed| {
        let broken = breaks::file(&mut seed.choices(), contract, config).ok().flatten()?;
        wanted.is(broken.name, broken.rule).then_some(broken)
    });
    let made = made.map(|one| File { bytes: one.bytes, broken: Some((one.name, one.rule, one.place)) });
    made.ok_or_else(|| {
        Failure::cannot(format!(
            "no content was found that can be broken that way for {}, in 4096 tries",
            contract.label()
        ))
    })
}

/// Which ways to break are wanted.
enum Wanted {
    Any,
    Way(&'static str),
    Rule(RuleNumber),
}

impl Wanted {
    fn of(text: &str) -> Result<Self, Failure> {
        if text.is_empty() {
            return Ok(Self::Any);
        }
        if let Some(way) = breaks::all().find(|way| way.name == text.replace('-', "_")) {
            return Ok(Self::Way(way.name));
        }
        let rule = find(text).map(|rule| rule.code.0);
        let known = rule.filter(|rule| breaks::all().any(|way| way.rule == *rule));
        known.map(Self::Rule).ok_or_else(|| {
            let what =
                if rule.is_some() { "no way to break content for the rule" } else { "no such way or rule:" };
            Failure::wrong_use(format!("{what} `{text}`; `contentgate smith --list` shows all"))
        })
    }

    fn is(&self, way: &str, rule: RuleNumber) -> bool {
        match self {
            Self::Any => true,
            Self::Way(wanted) => *wanted == way,
            Self::Rule(wanted) => *wanted == rule,
        }
    }
}
