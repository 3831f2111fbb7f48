//! `contentgate check`: judges files for every sensor that is named, and executes them on each.

mod known;

use crate::command::consumer;
use crate::content::{self, Content, Trouble, locate};
use crate::exit::{Done, Failure};
use crate::input;
use crate::output::{Format, Target, Terminal, write_file};
use channel_gate::known_good::{Given, rehearse};
use channel_sources::sysmon_xml::Refusal;
use channel_validators::report::{self, Detail, Escaped, Report, Uncompiled, Unread};
use channel_validators::{Finding, Judgement, Member, Verdict, Witness, judge, judge_structure};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Check content files: do they hold for every one of these sensors?
#[derive(clap::Args)]
pub struct Args {
    /// Channel files, Sysmon rule blobs, or Sysmon configurations (XML), which are compiled first; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A sensor that the content would reach: a binary, a contract as TOML, a folder of them, or `sysmon:4.50`,
    /// `sysmon:all`.
    #[arg(long = "sensor", short, value_name = "SENSOR")]
    sensors: Vec<PathBuf>,
    /// Check the structure alone, without any sensor. Without this and without a sensor there is no pass.
    #[arg(long, conflicts_with_all = ["sensors", "known_good", "expect"])]
    structure_only: bool,
    /// Do not execute the content: only what can be read off it is checked.
    #[arg(long)]
    no_execution: bool,
    /// Events on which nothing may match and which Sysmon may not log, as `contentgate run` takes them: files, or folders of
    /// them. May be repeated.
    #[arg(long, value_name = "EVENTS", requires = "sensors")]
    known_good: Vec<PathBuf>,
    /// Matches that must come about, an object a line: {"detection": ID, "events": FILE}, and perhaps "number": the line
    /// that must match, or "matches": how many events must. For Sysmon ID is the name of a rule, the place of a filter
    /// (`events[0].filters[2]`) or the name of an event. May be repeated.
    #[arg(long, value_name = "LIST", requires = "sensors")]
    expect: Vec<PathBuf>,
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
    #[command(flatten)]
    consumer: consumer::Options,
}

/// What a check leaves out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Only {
    /// Nothing.
    Whole,
    /// Whatever needs a sensor.
    Structure,
    /// The execution.
    Reading,
}

impl Args {
    fn only(&self) -> Only {
        match (self.structure_only, self.no_execution) {
            (true, _) => Only::Structure,
            (_, true) => Only::Reading,
            _ => Only::Whole,
        }
    }
}

/// Runs it.
pub fn run(args: &Args, terminal: &mut Terminal) -> Done {
    if args.source_map.is_some() && args.files.len() > 1 {
        return Err(Failure::wrong_use("--source-map is for one file; several find theirs as FILE.map.json"));
    }
    let events = args.known_good.iter().chain(&args.expect);
    input::will_read(args.files.iter().chain(&args.sensors).chain(&args.source_map).chain(events));
    input::will_read(&args.files.iter().map(|file| content::map_beside(file)).collect::<Vec<_>>());
    // A list names files that no report may overwrite; that a list is wrong is told when the reports say so too.
    let expected = known::lists(&args.expect);
    begin(&args.output)?;
    let expected = expected?;
    let fleet = input::fleet(&args.sensors)?;
    let beside = args.consumer.of(&fleet, args.only() == Only::Whole)?;
    let (mut files, mut unread, mut uncompiled) = (Vec::new(), Vec::new(), Vec::new());
    for path in &args.files {
        match content::read(path, args.source_map.as_deref(), &fleet) {
            Ok(content) => files.push((path, content)),
            Err(Trouble::Failed(failure)) => unread.push(failure.unread(path)?),
            Err(Trouble::Refused(refusals)) => uncompiled.extend(refusals.into_iter().map(refused)),
        }
    }
    let known = known::of(&args.known_good, expected, &files, &fleet);
    let mut judgements = Vec::new();
    for ((path, content), known) in files.iter().zip(&known) {
        judgements.push(judged_with(path, content, &fleet, args.only(), known, &mut unread));
    }
    unread.dedup_by(|a, b| a.file == b.file && a.why == b.why);
    if let Some((setup, sensor)) = &beside {
        for ((path, content), judgement) in files.iter().zip(&mut judgements) {
            consumer::check(setup, path, content, sensor, judgement)?;
        }
    }
    let report = Report { judgements: &judgements, fleet: &fleet, unread: &unread, uncompiled: &uncompiled };
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

fn refused(refusal: Refusal) -> Uncompiled {
    let Refusal { source: file, line, column, expected, found } = refusal;
    Uncompiled { file, line, column, expected, found }
}

const NO_SENSOR: &str =
    "name the sensors that it would reach with --sensor, or check it alone with --structure-only";

/// Says in every file of the report that the run is not finished, so that one that is not leaves no old verdict behind.
pub fn begin(targets: &[Target]) -> Result<(), Failure> {
    if targets.iter().filter(|target| target.file.is_none()).count() > 1 {
        return Err(Failure::wrong_use("two reports cannot share standard output: give all but one a file"));
    }
    for target in targets {
        // What is there and no file, a device or a pipe, keeps nothing.
        let kept = |file: &&Path| file.is_file() || !file.exists();
        if let Some(file) = target.file.as_deref().filter(kept) {
            let text: &[u8] = match target.format {
                Format::Json => b"{\"schema\":1,\"verdict\":\"incomplete\"}\n",
                Format::Text => b"INCOMPLETE\n",
            };
            write_file(file, text)?;
        }
    }
    Ok(())
}

/// Judges one file, executes it, and names the source lines of what was found.
pub fn judged(path: &Path, content: &Content, fleet: &[Member], look: Only) -> Judgement {
    judged_with(path, content, fleet, look, &Given::default(), &mut Vec::new())
}

/// As [`judged`], and runs it on the known events too; those that could not be read are added to the unread.
fn judged_with(
    path: &Path,
    content: &Content,
    fleet: &[Member],
    look: Only,
    known: &Given,
    unread: &mut Vec<Unread>,
) -> Judgement {
    let name = path.file_name().map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy());
    let subject = content.subject(name);
    let mut judgement =
        if look == Only::Structure { judge_structure(&subject) } else { judge(&subject, fleet) };
    if look == Only::Reading {
        channel_gate::turned_off(&mut judgement, &subject, fleet);
    } else {
        channel_gate::complete(&mut judgement, &subject, fleet);
    }
    unread.extend(rehearse(&mut judgement, &subject, fleet, known));
    judgement.file = path.display().to_string();
    if let Some(map) = &content.map {
        locate(&subject, map, &mut judgement.findings);
    }
    judgement
}

fn text(
    report: &Report<'_>,
    files: &[(&PathBuf, Content)],
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
    for (judgement, (_, content)) in report.judgements.iter().zip(files) {
        report::text(judgement, &content.bytes, detail, look, out)?;
    }
    if args.oneline {
        for one in report.uncompiled {
            writeln!(out, "{}", Escaped(&one.line()))?;
        }
        for Unread { file, why } in report.unread {
            writeln!(out, "{}: cannot judge: {}", Escaped(file), Escaped(why))?;
        }
        if report.fleet.is_empty() && report.unread.is_empty() && report.verdict() == Verdict::CannotJudge {
            writeln!(out, "cannot judge: {NO_SENSOR}")?;
        }
    } else {
        let compared = report.fleet.len() > 1 && !report.judgements.is_empty();
        if compared && report.fleet.iter().any(|member| member.contract.sysmon.is_some()) {
            report::write_matrix(report.judgements, out)?;
            writeln!(out)?;
        }
        report::summary(report, look, out)?;
        witness(report, out)?;
        if report.fleet.is_empty() && report.verdict() == Verdict::CannotJudge {
            writeln!(out, "         {NO_SENSOR}")?;
        }
    }
    Ok(())
}

/// Says how to get at the event of the gravest finding that has one, as one types it.
fn witness(report: &Report<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    // What a consumer does wrong is shown by running it again, which `explain` does not.
    let consumers = channel_gate::rules::consumer::RULES;
    let own = |finding: &Finding| !consumers.iter().any(|rule| rule.code == finding.code);
    let shown = |finding: &&Finding| own(finding) && matches!(finding.witness, Some(Witness::Event { .. }));
    let all = report.judgements.iter().flat_map(|judgement| {
        judgement.findings.iter().filter(shown).map(move |finding| (judgement, finding))
    });
    let Some((judgement, finding)) =
        all.min_by_key(|(_, finding)| (std::cmp::Reverse(finding.severity), finding.code))
    else {
        return Ok(());
    };
    let sensor = finding.contract.as_deref().or(report.fleet.first().map(|member| member.origin.as_str()));
    let (name, file, sensor) = (name_of(finding), typed(&judgement.file), typed(sensor.unwrap_or_default()));
    writeln!(out, "witness  contentgate explain '{name}' {file} --sensor {sensor} --witness event.jsonl")?;
    Ok(())
}

/// What a finding of a file is called: its rule and its place.
pub fn name_of(finding: &Finding) -> String {
    format!("{}@{}", finding.code, finding.path)
}

/// A name as it is typed into a shell.
pub fn typed(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-:+@%,".contains(c);
    let name = Escaped(name).to_string();
    if !name.is_empty() && name.chars().all(plain) {
        name
    } else {
        format!("'{}'", name.replace('\'', r"'\''"))
    }
}
