//! `contentgate explain`: the page of a rule, or one finding of a file with the event that shows it.

use crate::command::check::{Only, judged, name_of, typed};
use crate::content;
use crate::exit::{Done, Exit, Failure};
use crate::input;
use crate::output::{Terminal, write_file};
use channel_contract::LINTS;
use channel_gate::rules::{all, find};
use channel_validators::report::{self, Detail};
use channel_validators::{Finding, Judgement, Witness};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Explain a rule: what it checks, why it matters, bad, good, how to fix. Or a finding of a file: what it is, and the
/// event that would have crashed the sensor.
#[derive(clap::Args)]
pub struct Args {
    /// The code or the name of a rule: `CG301`, `unsupplied-input`; or a finding, which is a rule and a place:
    /// `CG301@instances[5].criteria[20]`.
    what: String,
    /// The file that has the finding.
    file: Option<PathBuf>,
    /// The sensors that it was checked for.
    #[arg(long = "sensor", short, value_name = "SENSOR", requires = "file")]
    sensors: Vec<PathBuf>,
    /// Write the event that shows the finding, as a line that `contentgate run` reads.
    #[arg(long, value_name = "EVENTS", requires = "file")]
    witness: Option<PathBuf>,
}

/// Runs it.
pub fn run(args: &Args, terminal: &mut Terminal) -> Done {
    match (args.what.split_once('@'), &args.file) {
        (Some((rule, place)), Some(file)) => finding(rule, place, file, args, terminal),
        (Some(_), None) => {
            Err(Failure::wrong_use(format!("name the file that has the finding `{}`", args.what)))
        }
        (None, Some(_)) => {
            let code = rule(&args.what)?.code;
            let what = &args.what;
            Err(Failure::wrong_use(format!(
                "`{what}` names a rule, and no finding of a file: that is `{code}@PLACE`"
            )))
        }
        (None, None) => page(&args.what, terminal),
    }
}

fn page(what: &str, terminal: &mut Terminal) -> Done {
    if let Some((code, sentence)) = LINTS.iter().find(|(code, _)| code.eq_ignore_ascii_case(what)) {
        writeln!(
            terminal,
            "# {code}\n\nA finding of `contentgate contract lint`, about a sensor and not about content:\n{sentence}."
        )?;
        return Ok(Exit::Pass);
    }
    writeln!(terminal, "{}", rule(what)?.page.trim_end())?;
    Ok(Exit::Pass)
}

fn rule(what: &str) -> Result<channel_validators::rules::Rule<()>, Failure> {
    find(what).ok_or_else(|| {
        let near =
            all().min_by_key(|rule| distance(rule.name, what).min(distance(&rule.code.to_string(), what)));
        let near =
            near.map(|rule| format!("; the nearest is {} {}", rule.code, rule.name)).unwrap_or_default();
        Failure::wrong_use(format!("there is no rule `{what}`{near}"))
    })
}

/// Checks the file again, and shows this finding of it alone.
fn finding(rule_name: &str, place: &str, path: &PathBuf, args: &Args, terminal: &mut Terminal) -> Done {
    let code = rule(rule_name)?.code;
    input::will_read(args.sensors.iter().chain([path]));
    let fleet = input::fleet(&args.sensors)?;
    let content = content::read(path, None, &fleet)?;
    let mut judgement = judged(path, &content, &fleet, Only::Whole);
    let is_it = |finding: &Finding| finding.code == code && finding.path.to_string() == place;
    if !judgement.findings.iter().any(is_it) {
        return Err(Failure::wrong_use(none_such(&judgement, path, &args.what)));
    }
    judgement.findings.retain(is_it);
    judgement.rules.clear();
    report::text(&judgement, &content.bytes, Detail::All, terminal.look, terminal)?;
    let Some(target) = &args.witness else {
        writeln!(terminal, "explain  contentgate explain {code}")?;
        return Ok(Exit::Pass);
    };
    write_witness(&judgement, path, target, terminal)
}

/// What is said of a finding that a file does not have: those of the same rule that it has.
fn none_such(judgement: &Judgement, path: &Path, what: &str) -> String {
    const NAMED: usize = 4;
    let code = what.split('@').next().unwrap_or_default();
    let same = judgement.findings.iter().map(name_of).filter(|name| name.starts_with(code));
    let mut same: Vec<_> = same.collect();
    same.dedup();
    let names = same.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let of = if names.is_empty() { String::new() } else { format!("; of this rule it has {names}") };
    format!("{} has no finding `{what}` for these sensors{of}", path.display())
}

fn write_witness(judgement: &Judgement, path: &Path, target: &Path, terminal: &mut Terminal) -> Done {
    let with = |finding: &&Finding| matches!(finding.witness, Some(Witness::Event { .. }));
    let finding = judgement.findings.iter().find(with).or(judgement.findings.first());
    let why = match finding.and_then(|finding| Some((finding, finding.witness.as_ref()?))) {
        Some((finding, Witness::Event { event, .. })) => {
            write_file(target, format!("{event}\n").as_bytes())?;
            let (file, events) = (path.display().to_string(), target.display().to_string());
            let (file, events) = (typed(&file), typed(&events));
            writeln!(terminal, "wrote    {events}")?;
            let sensor = typed(finding.contract.as_deref().unwrap_or("SENSOR"));
            writeln!(terminal, "replay   contentgate run {file} --sensor {sensor} --events {events}")?;
            return Ok(Exit::Pass);
        }
        Some((_, Witness::Load(_))) => {
            "it needs no event: the sensor faults while it loads the file".to_owned()
        }
        Some((_, Witness::None(why))) => format!("it has no witness: {why}"),
        None => "its rule is about no fault, so that there is no event to show".to_owned(),
    };
    Err(Failure::cannot(format!("{why}; nothing is written")))
}

/// How many characters must be added, dropped or changed to get from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).flat_map(char::to_lowercase).collect();
    let mut before: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().flat_map(char::to_lowercase).enumerate() {
        let mut row = vec![i + 1];
        for ((to, diagonal), above) in b.iter().zip(&before).zip(before.iter().skip(1)) {
            let left = row.last().copied().unwrap_or(0);
            row.push((diagonal + usize::from(from != *to)).min(above + 1).min(left + 1));
        }
        before = row;
    }
    before.last().copied().unwrap_or(0)
}
