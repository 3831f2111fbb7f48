//! `--consumer`: the vendor's own interpreter beside ours. And the hidden command that limits itself and becomes it.

use crate::command::check::typed;
use crate::content::{Content, locate};
use crate::exit::{Done, Failure};
use channel_contract::Contract;
use channel_gate::consumer::{Comparison, Consumer, Limits, Setup, add, recorded, steered};
use channel_parser::model::view::Content as Contents;
use channel_validators::report::Escaped;
use channel_validators::{Judgement, Member, Subject};
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The name of the hidden command.
pub const LAUNCH: &str = "launch-consumer";

/// How the vendor's own interpreter is run.
#[derive(clap::Args)]
#[command(next_help_heading = "The vendor's own interpreter")]
pub struct Options {
    /// Run this program beside our interpreter: the interpreter of the sensor, which speaks the protocol of CONSUMER.md.
    #[arg(long, value_name = "CMD")]
    consumer: Option<OsString>,
    /// A file or a folder that it may read, besides its program, the files among its arguments and the system's libraries.
    #[arg(long, value_name = "PATH", requires = "consumer")]
    consumer_read: Vec<PathBuf>,
    /// The seconds that it has for one event.
    #[arg(long, value_name = "SECONDS", requires = "consumer", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    consumer_seconds: u32,
    /// The seconds that it has for each file in all.
    #[arg(long, value_name = "SECONDS", requires = "consumer", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    consumer_total: u32,
    /// The MiB of memory that it may hold.
    #[arg(long, value_name = "MIB", requires = "consumer", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..))]
    consumer_memory: u32,
}

impl Options {
    /// Whether there is one.
    pub fn is_wanted(&self) -> bool {
        self.consumer.is_some()
    }

    /// The options that name it, as one types them behind a command.
    pub fn typed(&self) -> String {
        let consumer = self.consumer.iter().map(|command| ("--consumer", command.to_string_lossy()));
        let read = self.consumer_read.iter().map(|path| ("--consumer-read", path.to_string_lossy()));
        consumer.chain(read).map(|(option, value)| format!(" {option} {}", typed(&value))).collect()
    }

    /// How to start it, if it is wanted.
    fn setup(&self) -> Result<Option<Setup>, Failure> {
        let Some(command) = &self.consumer else { return Ok(None) };
        let launcher = match (cfg!(unix), std::env::current_exe()) {
            (true, Ok(program)) => Some(vec![program.into(), LAUNCH.into()]),
            _ => None,
        };
        let seconds = |n: u32| Duration::from_secs(n.into());
        let limits = Limits {
            event: seconds(self.consumer_seconds),
            total: seconds(self.consumer_total),
            memory: u64::from(self.consumer_memory) << 20,
            ..Limits::default()
        };
        Ok(Some(Setup {
            command: words(command, "--consumer")?,
            launcher,
            read: self.consumer_read.clone(),
            limits,
        }))
    }
}

impl Options {
    /// How to start it, and the one sensor that it belongs to.
    pub fn of<'f>(
        &self,
        fleet: &'f [Member],
        executed: bool,
    ) -> Result<Option<(Setup, &'f Member)>, Failure> {
        let Some(setup) = self.setup()? else { return Ok(None) };
        let wrong = match fleet {
            _ if !executed => "--consumer executes, which --structure-only and --no-execution leave out",
            [sensor] => return Ok(Some((setup, sensor))),
            _ => "--consumer is the interpreter of one sensor: name that one with --sensor",
        };
        Err(Failure::wrong_use(wrong))
    }
}

/// Runs it on one file, if that can be read at all, and adds what it did to the judgement.
pub fn check(
    setup: &Setup,
    path: &Path,
    content: &Content,
    sensor: &Member,
    judgement: &mut Judgement,
) -> Result<(), Failure> {
    let subject = Subject::read(path.display().to_string(), &content.bytes);
    // Content that this sensor does not read at all is a finding of another rule.
    let read = |content: &&Contents<'_>| {
        sensor.contract.sysmon.is_some() == matches!(content, Contents::Blob(_)) && subject.errors.is_empty()
    };
    let Some(own) = subject.content.as_ref().filter(read) else { return Ok(()) };
    let comparison = steered(setup, own, &sensor.contract);
    tell(&comparison)?;
    add(judgement, &subject, sensor, &comparison);
    if let Some(map) = &content.map {
        locate(&subject, map, &mut judgement.findings);
    }
    Ok(())
}

impl Options {
    /// How to start it beside a run on recorded events.
    pub fn of_run(&self, files: &[PathBuf]) -> Result<Option<Setup>, Failure> {
        let Some(setup) = self.setup()? else { return Ok(None) };
        if files.iter().any(|file| file == Path::new("-")) {
            let why = "--consumer reads the events once more, which standard input cannot give";
            return Err(Failure::wrong_use(why));
        }
        Ok(Some(setup))
    }
}

/// Runs it on recorded events.
pub fn run_recorded(
    setup: &Setup,
    subject: &Subject<'_>,
    contract: &Contract,
    files: &[PathBuf],
) -> Result<Option<Comparison>, Failure> {
    let Some(content) = &subject.content else { return Ok(None) };
    let comparison = recorded(setup, content, contract, files.to_vec());
    tell(&comparison)?;
    Ok(Some(comparison))
}

/// A command as a shell would split it, without a shell; the name of a file is one word, whatever is in it.
pub fn words(command: &OsString, option: &str) -> Result<Vec<OsString>, Failure> {
    if Path::new(command).is_file() {
        return Ok(vec![command.clone()]);
    }
    let text = command.to_str().ok_or_else(|| Failure::wrong_use(format!("{option} is no text")))?;
    let words = shell_words::split(text)
        .map_err(|error| Failure::wrong_use(format!("{option} cannot be split: {error}")))?;
    if words.is_empty() {
        return Err(Failure::wrong_use(format!("{option} names no program")));
    }
    Ok(words.into_iter().map(OsString::from).collect())
}

/// Says on standard error what was run, and what the consumer was not kept from.
fn tell(comparison: &Comparison) -> Result<(), Failure> {
    let Some(confinement) = &comparison.confinement else { return Ok(()) };
    let name = Escaped(&comparison.name);
    let events = comparison.agreed + comparison.faulted;
    writeln!(std::io::stderr(), "consumer {name}: {events} events, {confinement}")?;
    Ok(())
}

/// Starts it once, and says on standard error what it is and what it was not kept from.
pub fn introduce(setup: &Setup) -> Result<(), Failure> {
    let consumer = Consumer::spawn(setup).map_err(Failure::cannot)?;
    writeln!(std::io::stderr(), "consumer {}: {}", Escaped(consumer.name()), consumer.confinement())?;
    Ok(())
}

/// For contentgate itself: become a consumer that may do little.
#[derive(clap::Args)]
pub struct Args {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    order: Vec<OsString>,
}

/// Runs it.
pub fn run(args: Args) -> Done {
    channel_gate::consumer::launch(args.order);
    Err(Failure::silent())
}
