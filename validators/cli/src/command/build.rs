//! `contentgate build`: what authors write becomes content for one sensor, checked before it is written.

mod configuration;
mod rules;

use crate::content::{self, Map, locate};
use crate::exit::{Done, Exit, Failure};
use crate::input;
use crate::output::{Terminal, shown, write_file};
use channel_parser::limits::FILE_BYTES;
use channel_validators::report::{self, Detail, Report};
use channel_validators::{Member, Subject, Verdict, judge};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Build a content file from what authors write, for one sensor.
#[derive(clap::Args)]
pub struct Args {
    /// Sigma rules (files, or folders of `.yml` and `.yaml` files), or one Sysmon configuration (XML).
    #[arg(required = true, value_name = "SOURCE")]
    sources: Vec<PathBuf>,
    /// The sensor: a binary, its contract as TOML, or `sysmon:4.50`. Of a Sysmon
    /// configuration by default the newest.
    #[arg(long, short)]
    sensor: Option<PathBuf>,
    /// Where the content goes; its name may say channel, part and revision: C-00000291-00000000-00000032.sys.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// The channel, if the name does not say it; by default the one of the sensor's template types.
    #[arg(long)]
    channel: Option<u32>,
    /// The part, if the name does not say it.
    #[arg(long)]
    part: Option<u32>,
    /// The revision, if the name does not say it.
    #[arg(long)]
    revision: Option<u32>,
    /// The licence of rules that name none; matches must be able to show it.
    #[arg(long, default_value = "")]
    licence: String,
    /// Refuse to build at all if the sensor cannot express a rule.
    #[arg(long)]
    strict: bool,
}

/// What was built, before it is judged.
struct Built {
    name: String,
    bytes: Vec<u8>,
    map: Map,
    fleet: Vec<Member>,
    /// What it holds, for people.
    lines: Vec<String>,
}

/// Runs it.
pub fn run(args: &Args, terminal: &mut Terminal) -> Done {
    let fleet = match &args.sensor {
        Some(sensor) => input::fleet(std::slice::from_ref(sensor))?,
        None => Vec::new(),
    };
    if fleet.len() > 1 {
        let one = "--sensor takes one sensor: content is built for one, and checked for many";
        return Err(Failure::wrong_use(one));
    }
    let built = match args.sources.as_slice() {
        [source] if is_configuration(source)? => configuration::build(source, fleet)?,
        sources => rules::build(args, sources, fleet, terminal)?,
    };
    finish(args, built, terminal)
}

fn is_configuration(path: &Path) -> Result<bool, Failure> {
    Ok(!path.is_dir() && content::is_configuration(&input::read(path, FILE_BYTES)?))
}

/// Judges what was built, and writes it with its source map only if it suits the sensor.
fn finish(args: &Args, built: Built, terminal: &mut Terminal) -> Done {
    let Built { name, bytes, mut map, fleet, lines } = built;
    let mut subject = Subject::read(name, &bytes);
    subject.made.compiler = map.compiler();
    let mut judgement = judge(&subject, &fleet);
    judgement.file = args.output.display().to_string();
    locate(&subject, &map, &mut judgement.findings);
    let report = Report { judgements: std::slice::from_ref(&judgement), fleet: &fleet, ..Report::default() };
    if !fleet.is_empty() && report.verdict() != Verdict::Pass {
        report::text(&judgement, &bytes, Detail::Block, terminal.look, terminal)?;
        report::summary(&report, terminal.look, terminal)?;
        terminal.finish()?;
        return Err(Failure::refused(
            "the content does not suit the sensor it was built for; nothing written",
        ));
    }
    write_file(&args.output, &bytes)?;
    let mut beside = args.output.as_os_str().to_owned();
    beside.push(".map.json");
    let beside = PathBuf::from(beside);
    write_file(&beside, map.of(&judgement.sha256).as_bytes())?;
    for line in lines {
        writeln!(terminal, "{line}")?;
    }
    let (output, length) = (shown(&args.output), bytes.len());
    writeln!(terminal, "wrote    {output}   {length} bytes\n         sha256 {}", judgement.sha256)?;
    writeln!(terminal, "         {}", shown(&beside))?;
    Ok(Exit::Pass)
}
