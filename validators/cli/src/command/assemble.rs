//! `contentgate assemble`: a content file from its text.

use crate::exit::{Done, Exit, Failure};
use crate::input;
use crate::output::{Terminal, shown, write_file};
use channel_parser::{channel, sysmon, text};
use std::io::Write;
use std::path::PathBuf;

/// The longest text that is read: a file of the largest size, each byte of it escaped.
const TEXT_BYTES: u64 = 1 << 30;

/// Make a content file from its text; the text may describe a broken one.
#[derive(clap::Args)]
pub struct Args {
    /// The text; `-` is standard input.
    text: PathBuf,
    /// Where the content file goes.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

/// Runs it.
pub fn run(args: &Args, terminal: &mut Terminal) -> Done {
    let source = input::read_text(&args.text, TEXT_BYTES)?;
    let blob = source.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let blob = blob.is_some_and(|line| line.starts_with("sysmon-rules"));
    let made = if blob { sysmon::assemble(&source) } else { text::assemble(&source) };
    let bytes = made.map_err(|error| {
        let text::TextError { line, column, expected, found } = error;
        let path = args.text.display();
        Failure::refused(format!("{path}:{line}:{column}: expected {expected}, found {found}"))
    })?;
    write_file(&args.output, &bytes)?;
    writeln!(terminal, "wrote    {}   {} bytes", shown(&args.output), bytes.len())?;
    let broken = if blob {
        sysmon::parse(&bytes).err().map(|error| (error.path, error.to_string()))
    } else {
        channel::parse(&bytes).err().map(|error| (error.path, error.to_string()))
    };
    if let Some((path, error)) = broken {
        writeln!(terminal, "note     it is broken, as its text says: {path}: {error}")?;
    }
    Ok(Exit::Pass)
}
