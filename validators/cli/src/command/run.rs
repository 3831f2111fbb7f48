//! `contentgate run`: what content matches on events, as one sensor would have.

mod json;
mod text;
mod totals;

use crate::command::check::begin;
use crate::command::consumer;
use crate::content::{self, For};
use crate::exit::{Done, Failure};
use crate::input;
use crate::output::{Format, Progress, Target, Terminal, write_file};
use channel_contract::Contract;
use channel_gate::events::{EventFiles, Part, Replay, event_files, replayed};
use channel_parser::limits::FILE_BYTES;
use channel_parser::sysmon::Version;
use channel_validators::Subject;
use channel_validators::report::Look;
use std::io::Write;
use std::path::{Path, PathBuf};
use totals::Totals;

/// Run content on events: which detections match, as one sensor would have it?
///
/// A match is what one looks for here and changes no exit status: 0 all events were run; 1 a fault, which would have
/// crashed the sensor, or a problem of the consumer; 3 an event could not be read, or there was none.
#[derive(clap::Args)]
pub struct Args {
    /// A channel file, a Sysmon rule blob, or a Sysmon configuration (XML); `-` is standard input.
    file: PathBuf,
    /// The sensor: a binary, its contract as TOML, or `sysmon:4.50`.
    #[arg(long, short)]
    sensor: PathBuf,
    /// Files of events (JSON lines, EVTX logs, either in gzip), or folders of `.jsonl`, `.ndjson` and `.evtx`; `-` is standard
    /// input. May be repeated.
    ///
    /// A line is an event by the names of its fields, {"id": 1, "fields": {"Image": "C:\\a.exe"}}: `id` is an event id of
    /// Sysmon, with "channel": "Security" one of that log, and "type" names a template type whatever the others say. Or it is
    /// one by position, {"type": 7, "inputs": ["text", 5, "10.0.0.1", null]}, or one as dumps of EVTX logs have it,
    /// {"Event": {"System": ..., "EventData": ...}}. A field that an exporter dropped is absent; text that it escaped for
    /// HTML stays escaped.
    #[arg(long, short, required = true, value_name = "EVENTS", num_args = 1..)]
    events: Vec<PathBuf>,
    /// The report's form, `text` or `json` (an object a line), and where it goes; may be repeated.
    #[arg(long, short, value_name = "FORMAT[=FILE]")]
    output: Vec<Target>,
    /// What it came to, and not each event.
    #[arg(long)]
    totals: bool,
    #[command(flatten)]
    consumer: consumer::Options,
}

/// What is said of content that is not for the sensor.
pub const OTHER_FORMAT: &str = "the sensor does not read content of this format";

/// Runs it.
pub fn run(args: &Args, terminal: &mut Terminal) -> Done {
    input::will_read(args.events.iter().chain([&args.file, &args.sensor, &content::map_beside(&args.file)]));
    begin(&args.output)?;
    let contract = input::contract(&args.sensor)?;
    let content = content(&args.file, &contract)?;
    let subject = Subject::read(args.file.display().to_string(), &content);
    let Some(replay) = Replay::new(&subject, &contract) else {
        let why = subject.errors.first().map(ToString::to_string).unwrap_or_default();
        return Err(Failure::file(&args.file, format!("cannot be run: {why}")));
    };
    if contract.sysmon.is_some() == replay.file().is_some() {
        return Err(Failure::wrong_use(OTHER_FORMAT));
    }
    let all = event_files(&args.events).map_err(|(path, why)| Failure::file(&path, why))?;
    let EventFiles { files, passed_over } = all;
    let beside = args.consumer.of_run(&files)?;
    let mut totals = Totals::new(&replay, &files, passed_over, &args.file);
    let look = terminal.look;
    let mut reports: Vec<Report<'_>> = args.reports(terminal);
    let mut progress = Progress::new();
    for report in &mut reports {
        report.begin(&totals)?;
    }
    let sink = |part: Part| -> Result<(), Failure> {
        if !args.totals && !part.told.is_empty() {
            progress.clear();
            for report in &mut reports {
                report.part(&totals, &part, progress.wanted)?;
            }
        }
        totals.add(part);
        progress.show(|| totals.progress());
        Ok(())
    };
    let done = replayed(&replay, files.clone(), sink);
    progress.clear();
    done?;
    if let Some(setup) = &beside {
        totals.consumer = consumer::run_recorded(setup, &subject, &contract, &files)?;
    }
    for mut report in reports {
        report.end(&totals, look)?;
    }
    Ok(totals.exit())
}

/// Reads the content. A configuration becomes what this sensor's own compiler makes of it.
fn content(path: &Path, contract: &Contract) -> Result<Vec<u8>, Failure> {
    let bytes = input::read(path, FILE_BYTES)?;
    if !content::is_configuration(&bytes) {
        return Ok(bytes);
    }
    let Some(sysmon) = &contract.sysmon else { return Err(Failure::wrong_use(OTHER_FORMAT)) };
    Ok(content::configuration(path, bytes, &For::Schema(Some(Version(sysmon.schema.number()))))?.bytes)
}

impl Args {
    fn reports<'t>(&self, terminal: &'t mut Terminal) -> Vec<Report<'t>> {
        let only_text = [Target { format: Format::Text, file: None }];
        let targets = if self.output.is_empty() { &only_text } else { self.output.as_slice() };
        let mut terminal = Some(terminal);
        let report = |target: &Target| Report {
            format: target.format,
            to: match &target.file {
                Some(file) => To::File(file.clone(), Vec::new()),
                // Of those that want standard output there is one.
                None => terminal.take().map_or_else(|| To::File(PathBuf::new(), Vec::new()), To::Terminal),
            },
        };
        targets.iter().map(report).collect()
    }
}

/// One report that is being written. Standard output has each line when it is known; a file has all or nothing.
struct Report<'t> {
    format: Format,
    to: To<'t>,
}

enum To<'t> {
    Terminal(&'t mut Terminal),
    File(PathBuf, Vec<u8>),
}

impl Report<'_> {
    fn out(&mut self) -> &mut dyn Write {
        match &mut self.to {
            To::Terminal(terminal) => *terminal,
            To::File(_, bytes) => bytes,
        }
    }

    fn begin(&mut self, totals: &Totals<'_>) -> Result<(), Failure> {
        match self.format {
            Format::Text => text::begin(totals, self.out())?,
            Format::Json => json::begin(totals, self.out())?,
        }
        Ok(())
    }

    /// `now`: before the line that says how far it is is written again.
    fn part(&mut self, totals: &Totals<'_>, part: &Part, now: bool) -> Result<(), Failure> {
        match self.format {
            Format::Text => text::part(totals, part, self.out())?,
            Format::Json => json::part(totals, part, self.out())?,
        }
        if now {
            self.out().flush()?;
        }
        Ok(())
    }

    fn end(&mut self, totals: &Totals<'_>, look: Look) -> Result<(), Failure> {
        let colour = look.colour && matches!(self.to, To::Terminal(_));
        match self.format {
            Format::Text => text::end(totals, Look { colour, ..look }, self.out())?,
            Format::Json => json::end(totals, self.out())?,
        }
        match &self.to {
            To::File(file, bytes) => write_file(file, bytes),
            To::Terminal(_) => Ok(()),
        }
    }
}
