//! `contentgate shrink`: the smallest file of which something still holds.

mod program;

use crate::command::consumer::words;
use crate::content;
use crate::exit::{Done, Exit, Failure};
use crate::input;
use crate::output::{Progress, Terminal, shown, write_file};
use crate::time::Span;
use channel_gate::rules::find;
use channel_smith::shrink;
use channel_validators::{Code, Member, Severity, Subject, digest};
use program::{Ending, Program};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Make a file smaller while something about it stays true: first what it says, then its bytes.
///
/// What must stay true is that a command ends on it as it does on the whole file, by a signal as well as with a status; or
/// that a rule finds an error in it, and no rule does that finds none in the whole file.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  contentgate shrink crash.sys --while './sensor-harness --load' --output small.sys
  contentgate shrink refused.sys --finding CG301 --sensor sensor.dll --output small.sys")]
pub struct Args {
    /// A content file, or a Sysmon configuration (XML), which is compiled first; anything else is shrunk as bytes.
    file: PathBuf,
    /// Keep what makes this command end in the same way. It is given the file's name in place of `{}`, or as its last argument.
    #[arg(
        long = "while",
        value_name = "COMMAND",
        required_unless_present = "finding",
        conflicts_with = "finding"
    )]
    command: Option<OsString>,
    /// The exit status that the command must have, instead of that on the whole file.
    #[arg(long, value_name = "N", requires = "command")]
    status: Option<i32>,
    /// The seconds after which the command is ended; that it takes longer is a way to end, too.
    #[arg(long, value_name = "SECONDS", requires = "command", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    command_seconds: u32,
    /// Keep what this rule, a code or a name, finds an error in.
    #[arg(long, value_name = "RULE")]
    finding: Option<String>,
    /// The sensors that it is checked for: binaries, contracts as TOML, folders of them, or `sysmon:4.50`.
    #[arg(long = "sensor", short, value_name = "SENSOR", conflicts_with = "command")]
    sensors: Vec<PathBuf>,
    /// Stop after so many tries.
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..))]
    tries: u32,
    /// Stop after this time: 90s, 10m, 2h.
    #[arg(long, value_name = "TIME", default_value = "5m")]
    time: Span,
    /// Where the smallest file goes.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

/// Runs it.
pub fn run(args: &Args, terminal: &mut Terminal) -> Done {
    let bytes = content::bytes(&args.file)?;
    let mut what = What::of(args, &bytes)?;
    // That it cannot be written is known before the work; and whoever ends the run has the smallest so far.
    write_file(&args.output, &bytes)?;
    let mut search = Search { args, started: Instant::now(), written: Instant::now(), tries: 0, over: "" };
    let (mut smallest, mut failed, mut progress) = (bytes.len(), None, Progress::new());
    let small = shrink::until(&bytes, &mut |candidate| {
        let holds = search.tried(candidate, smallest, &mut what).unwrap_or_else(|failure| {
            failed = Some(failure);
            None
        })?;
        smallest = if holds { candidate.len() } else { smallest };
        progress.show(|| format!("{} bytes -> {smallest}, {} tries", bytes.len(), search.tries));
        Some(holds)
    });
    progress.clear();
    if let Some(failure) = failed {
        return Err(failure);
    }
    write_file(&args.output, &small)?;
    let (before, after, tries) = (bytes.len(), small.len(), search.tries);
    let why =
        if search.over.is_empty() { String::new() } else { format!("; {}, it may go smaller", search.over) };
    writeln!(terminal, "kept     {}", what.kept())?;
    writeln!(terminal, "shrunk   {before} bytes -> {after}, in {tries} tries{why}")?;
    writeln!(terminal, "wrote    {}   sha256 {}", shown(&args.output), digest(&small))?;
    Ok(Exit::Pass)
}

/// How far it is.
struct Search<'a> {
    args: &'a Args,
    started: Instant,
    written: Instant,
    tries: u32,
    /// Why it stopped before its end.
    over: &'static str,
}

impl Search<'_> {
    /// Whether it holds of a candidate; `None` if it is over.
    fn tried(&mut self, candidate: &[u8], smallest: usize, what: &mut What) -> Result<Option<bool>, Failure> {
        const EVERY: Duration = Duration::from_secs(1);
        self.over = match () {
            () if self.tries >= self.args.tries => "so many tries were all",
            () if self.started.elapsed() >= self.args.time.0 => "its time was over",
            () => "",
        };
        if !self.over.is_empty() {
            return Ok(None);
        }
        self.tries += 1;
        let holds = what.holds(candidate)?;
        if holds && candidate.len() < smallest && self.written.elapsed() > EVERY {
            write_file(&self.args.output, candidate)?;
            self.written = Instant::now();
        }
        Ok(Some(holds))
    }
}

/// What must stay true.
enum What {
    Ends { program: Program, ending: Ending },
    Found { code: Code, fleet: Vec<Member>, known: BTreeSet<Code> },
}

impl What {
    /// What holds of the whole file.
    fn of(args: &Args, bytes: &[u8]) -> Result<Self, Failure> {
        if let Some(command) = &args.command {
            let words = words(command, "--while")?;
            let mut program = Program::new(words, &args.file, args.command_seconds)?;
            let ending = program.ending(bytes)?;
            let wanted = args.status.map_or(ending, Ending::Status);
            if wanted != ending {
                let why = format!("on the whole file the command {ending}; the one that is wanted {wanted}");
                return Err(Failure::wrong_use(why));
            }
            return Ok(Self::Ends { program, ending });
        }
        let rule = args.finding.as_deref().unwrap_or_default();
        let known = find(rule).ok_or_else(|| {
            Failure::wrong_use(format!("there is no rule `{rule}`; `contentgate rules` lists them"))
        })?;
        let (code, fleet) = (known.code, input::fleet(&args.sensors)?);
        let known = errors(bytes, code, &fleet);
        if !known.contains(&code) {
            let all: Vec<String> = known.iter().map(Code::to_string).collect();
            let has =
                if all.is_empty() { "no rule does".to_owned() } else { format!("{} do", all.join(", ")) };
            let file = args.file.display();
            return Err(Failure::wrong_use(format!(
                "{code} finds no error in {file} for these sensors; {has}"
            )));
        }
        Ok(Self::Found { code, fleet, known })
    }

    fn holds(&mut self, candidate: &[u8]) -> Result<bool, Failure> {
        match self {
            Self::Ends { program, ending } => Ok(program.ending(candidate)? == *ending),
            Self::Found { code, fleet, known } => {
                let found = errors(candidate, *code, fleet);
                Ok(found.contains(code) && found.is_subset(known))
            }
        }
    }

    fn kept(&self) -> String {
        match self {
            Self::Ends { ending, .. } => format!("the command {ending}"),
            Self::Found { code, .. } => format!("{code} finds an error, and no rule that found none before"),
        }
    }
}

/// The rules that find an error. What is only seen when content is executed is looked for if that rule is one of those.
fn errors(bytes: &[u8], wanted: Code, fleet: &[Member]) -> BTreeSet<Code> {
    let subject = Subject::read("", bytes);
    let judgement = if channel_validators::rules::RULES.iter().any(|rule| rule.code == wanted) {
        channel_validators::judge(&subject, fleet)
    } else {
        channel_gate::judge(&subject, fleet)
    };
    let errors = judgement.findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| finding.code).collect()
}
