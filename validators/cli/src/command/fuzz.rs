//! `contentgate fuzz`: neighbours of what a release changes, on the validator, the interpreter and the vendor's own.

mod report;

use crate::command::check::{begin, typed};
use crate::command::consumer;
use crate::command::run::OTHER_FORMAT;
use crate::content::{self, Content};
use crate::exit::{Done, Failure};
use crate::input;
use crate::output::{Format, Progress, Target, Terminal, reason, write_file};
use crate::time::Span;
use channel_gate::neighbours::{Campaign, Changed, Found, Outcome};
use channel_parser::model::view;
use channel_validators::{Code, Member, Severity, judge};
use report::{Kept, Report};
use std::collections::BTreeSet;
use std::io::Write;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Fuzz what a release changes: is there content near to it that passes and that a sensor does not survive?
///
/// Neighbours are small files of one or two changed records, edited a little. Each is judged for every sensor, executed on those
/// that it passes for, and given to the consumer. A fault, a crash, a hang or another answer there is found, and kept as small as
/// it can be shown. The same number makes the same neighbours, whatever the number of threads.
///
/// The file itself is judged first, as `check` does without execution: refused content is fuzzed too, and never passes.
///
/// Exit status: 0 nothing was found; 1 something was, or the file itself is refused; 2 wrong use; 3 nothing could be said, for nothing changed, nothing passed,
/// or the consumer did not run.
#[derive(clap::Args)]
#[command(after_help = "Example: ten minutes of what revision 34 changes, on the sensor's own interpreter
  contentgate fuzz C-00000291-00000000-00000034.sys --baseline C-00000291-00000000-00000033.sys \\
      --sensor sensor.dll --consumer './sensor-harness --events' --time 10m")]
pub struct Args {
    /// A channel file, a Sysmon rule blob, or a Sysmon configuration (XML), which is compiled first.
    file: PathBuf,
    /// The content before it: only what this does not have is edited. Without one, everything is.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// A sensor that the content would reach: a binary, a contract as TOML, a folder of them, or `sysmon:all`.
    #[arg(long = "sensor", short, required = true, value_name = "SENSOR")]
    sensors: Vec<PathBuf>,
    /// How long: 90s, 10m, 2h; a minute if no count is given either. What was found is made smaller after it.
    #[arg(long, value_name = "TIME")]
    time: Option<Span>,
    /// How many neighbours.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    /// The number that all neighbours are made by.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// The first neighbour: what was tried before need not be tried again.
    #[arg(long, value_name = "N", default_value_t = 0)]
    first: u64,
    /// Threads; by default as many as there are processors.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Where what was found is kept.
    #[arg(long, value_name = "FOLDER", default_value = "contentgate-fuzz")]
    save: PathBuf,
    /// The report's form, `text` or `json`, and where it goes; may be repeated.
    #[arg(long, short, value_name = "FORMAT[=FILE]")]
    output: Vec<Target>,
    #[command(flatten)]
    consumer: consumer::Options,
}

/// Runs it.
pub fn run(args: &Args, terminal: &mut Terminal) -> Done {
    input::will_read(args.sensors.iter().chain([&args.file]).chain(&args.baseline));
    begin(&args.output)?;
    let fleet = input::fleet(&args.sensors)?;
    let beside = args.consumer.of(&fleet, true)?;
    let file = content::read(&args.file, None, &fleet)?;
    let baseline = args.baseline.as_ref().map(|path| content::read(path, None, &fleet)).transpose()?;
    let changed = changed(args, &file, baseline.as_ref())?;
    if fleet.iter().all(|member| member.contract.sysmon.is_some() != changed.is_blob()) {
        return Err(Failure::wrong_use(OTHER_FORMAT));
    }
    let campaign = Campaign {
        changed: &changed,
        fleet: &fleet,
        consumer: beside.as_ref().map(|(setup, _)| setup),
        made: file.made(),
        seed: args.seed,
        first: args.first,
        count: args.count,
        time: args.time.map(|time| time.0).or(args.count.is_none().then_some(Duration::from_secs(60))),
        jobs: usize::from(args.jobs.unwrap_or_else(processors)),
    };
    // What would be known only after hours is tried first.
    if let Some((setup, _)) = &beside {
        consumer::introduce(setup)?;
    }
    can_keep(&args.save)?;
    let mut progress = Progress::new();
    let Outcome { tally, found, took } = campaign.run(&mut |tally| progress.show(|| report::how_far(tally)));
    progress.clear();
    let ending = if changed.is_blob() { "bin" } else { "sys" };
    let kept = found.iter().map(|found| keep(args, found, ending)).collect::<Result<Vec<_>, _>>()?;
    if kept.is_empty() {
        // Only an empty folder goes.
        let _ = std::fs::remove_dir(&args.save);
    }
    let refused = refused(args, &file, &fleet);
    let report = Report {
        args,
        fleet: &fleet,
        changed: &changed,
        tally: &tally,
        kept: &kept,
        took,
        refused: &refused,
    };
    write(&report, terminal)?;
    terminal.flush()?;
    // What the gate itself fails of is no finding about content, and looks like nothing else.
    if let Some(panicked) = found.iter().find(|found| found.code.is_none()) {
        std::panic::resume_unwind(Box::new(panicked.what.clone()));
    }
    Ok(report.exit())
}

/// The rules that refuse the file itself.
fn refused(args: &Args, file: &Content, fleet: &[Member]) -> BTreeSet<Code> {
    let name = args.file.file_name().unwrap_or_default().to_string_lossy();
    let findings = judge(&file.subject(name), fleet).findings;
    findings.iter().filter(|one| one.severity == Severity::Error).map(|one| one.code).collect()
}

fn processors() -> u16 {
    std::thread::available_parallelism().map_or(1, NonZero::get).try_into().unwrap_or(u16::MAX)
}

/// What changed; an error if that is nothing.
fn changed(args: &Args, file: &Content, baseline: Option<&Content>) -> Result<Changed, Failure> {
    fn parsed<'a>(path: &Path, content: &'a Content) -> Result<view::Content<'a>, Failure> {
        let hint = "`contentgate check` says all that is wrong with it";
        view::Content::parse(&content.bytes)
            .map_err(|error| Failure::file(path, format!("{}: {error}; {hint}", error.path)))
    }
    let content = parsed(&args.file, file)?;
    let old = args.baseline.as_deref().zip(baseline).map(|(path, old)| parsed(path, old)).transpose()?;
    if old.is_some_and(|old| old.format() != content.format()) {
        return Err(Failure::wrong_use("the baseline is content of another format than the file"));
    }
    let changed = Changed::of(&content, old.as_ref());
    if changed.is_empty() {
        let why = match changed.all {
            0 => "holds no record to edit".to_owned(),
            all => format!("changes none of its {all} records since the baseline: there is nothing to fuzz"),
        };
        return Err(Failure::file(&args.file, why));
    }
    Ok(changed)
}

/// Makes the folder, and sees whether files can be made in it.
fn can_keep(folder: &Path) -> Result<(), Failure> {
    let made = std::fs::create_dir_all(folder).and_then(|()| tempfile::tempfile_in(folder));
    let failed = |error| Failure::file(folder, format!("cannot keep what is found: {}", reason(&error)));
    made.map(drop).map_err(failed)
}

/// Writes what shows a finding, and says how to see it again.
fn keep<'f>(args: &Args, found: &'f Found, ending: &str) -> Result<Kept<'f>, Failure> {
    let code = found.code.map_or("panic".to_owned(), |code| code.to_string());
    let path = |ending| args.save.join(format!("{code}-neighbour-{}.{ending}", found.number));
    let (file, mut events) = (path(ending), None);
    write_file(&file, &found.smallest)?;
    if !found.events.is_empty() {
        let lines = path("jsonl");
        write_file(&lines, (found.events.join("\n") + "\n").as_bytes())?;
        events = Some(lines);
    }
    let name = |path: &Path| typed(&path.display().to_string());
    let consumer = if is_about_the_consumer(found) { args.consumer.typed() } else { String::new() };
    let (content, sensor) = (name(&file), typed(&found.sensor));
    let replay = match &events {
        Some(events) => {
            format!("contentgate run {content} --sensor {sensor} --events {}{consumer}", name(events))
        }
        None => format!("contentgate check {content} --sensor {sensor}{consumer}"),
    };
    Ok(Kept { found, file, events, replay })
}

fn is_about_the_consumer(found: &Found) -> bool {
    channel_gate::rules::consumer::RULES.iter().any(|rule| Some(rule.code) == found.code)
}

fn write(report: &Report<'_>, terminal: &mut Terminal) -> Result<(), Failure> {
    let only_text = [Target { format: Format::Text, file: None }];
    let targets = &report.args.output;
    for target in if targets.is_empty() { &only_text } else { targets.as_slice() } {
        let mut bytes = Vec::new();
        let plain = channel_validators::report::Look { colour: false, ..terminal.look };
        match target.format {
            Format::Text => {
                report.text(if target.file.is_some() { plain } else { terminal.look }, &mut bytes)?
            }
            Format::Json => report.json(&mut bytes)?,
        }
        match &target.file {
            Some(file) => write_file(file, &bytes)?,
            None => terminal.write_all(&bytes)?,
        }
    }
    Ok(())
}

/// The label of each sensor.
fn labels(fleet: &[Member]) -> impl Iterator<Item = String> + '_ {
    fleet.iter().map(|member| member.contract.label())
}
