//! `contentgate check`: judges files for every sensor that is named.

use crate::exit::{Done, Failure};
use crate::input;
use crate::output::{Format, Target, Terminal, shown, write_file};
use channel_parser::limits::FILE_BYTES;
use channel_sources::{SourceMap, limits::MAP_BYTES};
use channel_validators::report::{self, Detail, Report};
use channel_validators::{Finding, Judgement, Member, SourcePlace, Subject, judge, judge_structure};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Check content files: do they hold for every one of these sensors?
#[derive(clap::Args)]
pub struct Args {
    /// Content files; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A sensor that the content would reach: a binary, a contract as TOML, or a folder of them.
    #[arg(long = "sensor", short, value_name = "SENSOR")]
    sensors: Vec<PathBuf>,
    /// Check the structure alone, without any sensor. Without this and without a sensor there is no pass.
    #[arg(long, conflicts_with = "sensors")]
    structure_only: bool,
    /// The report's form, `text` or `json`, and where it goes; may be repeated.
    #[arg(long, short, value_name = "FORMAT[=FILE]")]
    output: Vec<Target>,
    /// One line a finding, for grep and problem matchers.
    #[arg(long, conflicts_with = "all")]
    oneline: bool,
    /// Every finding in full, however many have the same cause.
    #[arg(long)]
    all: bool,
    /// Where the content's parts were written; by default FILE.map.json if it is there.
    #[arg(long, value_name = "MAP")]
    source_map: Option<PathBuf>,
}

/// Runs it.
pub fn run(args: &Args, terminal: &mut Terminal) -> Done {
    if args.source_map.is_some() && args.files.len() > 1 {
        return Err(Failure::wrong_use("--source-map is for one file; several find theirs as FILE.map.json"));
    }
    let fleet = input::fleet(&args.sensors)?;
    let mut files = Vec::new();
    for path in &args.files {
        files.push((path, input::read(path, FILE_BYTES)?));
    }
    let mut judgements = Vec::new();
    for (path, bytes) in &files {
        judgements.push(judged(path, bytes, &fleet, args)?);
    }
    let report = Report { judgements: &judgements, fleet: &fleet };
    let only_text = [Target { format: Format::Text, file: None }];
    for target in if args.output.is_empty() { &only_text } else { args.output.as_slice() } {
        let mut bytes = Vec::new();
        match (target.format, &target.file) {
            (Format::Text, None) => text(&report, &files, args, terminal, None)?,
            (Format::Text, Some(_)) => text(&report, &files, args, terminal, Some(&mut bytes))?,
            (Format::Json, _) => {
                bytes.extend(report::json(&report).map_err(Failure::cannot)?.into_bytes());
                bytes.push(b'\n');
            }
        }
        match &target.file {
            Some(file) => write_file(file, &bytes)?,
            None => terminal.write_all(&bytes)?,
        }
    }
    Ok(report.verdict().into())
}

/// Judges one file, and names the source lines of what was found.
fn judged(path: &Path, bytes: &[u8], fleet: &[Member], args: &Args) -> Result<Judgement, Failure> {
    let name = path.file_name().map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy());
    let subject = Subject::read(name.clone(), bytes);
    let mut judgement = if args.structure_only { judge_structure(&subject) } else { judge(&subject, fleet) };
    judgement.file = path.display().to_string();
    match source_map(path, args.source_map.as_deref())? {
        Some(map) if map.content == judgement.sha256 => locate(&subject, &map, &mut judgement.findings),
        Some(_) if args.source_map.is_some() => {
            return Err(Failure::wrong_use(format!(
                "the source map is of other content than {}",
                path.display()
            )));
        }
        Some(_) => {
            let beside = shown(path);
            writeln!(
                std::io::stderr(),
                "note: the source map beside {beside} is of other content, and not used"
            )?;
        }
        None => {}
    }
    Ok(judgement)
}

fn source_map(path: &Path, given: Option<&Path>) -> Result<Option<SourceMap>, Failure> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".map.json");
    let beside = PathBuf::from(beside);
    let map = match given {
        Some(map) => map,
        None if beside.is_file() => &beside,
        None => return Ok(None),
    };
    let text = input::read_text(map, MAP_BYTES as u64)?;
    SourceMap::from_json(&text).map(Some).map_err(|error| Failure::file(map, error))
}

/// Names the source line of every finding that lies in an instance.
pub fn locate(subject: &Subject<'_>, map: &SourceMap, findings: &mut [Finding]) {
    let Some(file) = &subject.file else { return };
    for finding in findings {
        let mut steps = finding.path.steps();
        let Some(("instances", Some(index))) = steps.next() else { continue };
        let Some(instance) = file.instances().nth(index as usize) else { continue };
        let Some(detection) = instance.detection() else { continue };
        let first = detection.include().next().map_or(0, |first| first.index().0);
        let (detection, own) = (detection.index().0 as usize, (index - first) as usize);
        let place = match steps.next() {
            Some(("criteria", Some(field))) => map.place(detection, own, field),
            _ => map.instance(detection, own),
        };
        finding.source = place.map(|place| SourcePlace {
            file: place.file.to_owned(),
            line: place.line,
            column: place.column,
        });
    }
}

fn text(
    report: &Report<'_>,
    files: &[(&PathBuf, Vec<u8>)],
    args: &Args,
    terminal: &mut Terminal,
    into: Option<&mut Vec<u8>>,
) -> Result<(), Failure> {
    let detail = match (args.oneline, args.all) {
        (true, _) => Detail::Line,
        (_, true) => Detail::All,
        _ => Detail::Block,
    };
    let look = if into.is_some() { report::Look { colour: false, ..terminal.look } } else { terminal.look };
    let out: &mut dyn std::io::Write = match into {
        Some(into) => into,
        None => terminal,
    };
    for (judgement, (_, bytes)) in report.judgements.iter().zip(files) {
        report::text(judgement, bytes, detail, look, out)?;
    }
    if !args.oneline {
        report::summary(report, look, out)?;
    }
    Ok(())
}
