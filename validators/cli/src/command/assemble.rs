//! `contentgate assemble`: a channel file from its text.

use crate::exit::{Done, Exit, Failure};
use crate::input;
use crate::output::{Terminal, shown, write_file};
use channel_parser::{channel, text};
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
    let bytes = text::assemble(&source)
        .map_err(|error| Failure::refused(format!("{}:{error}", args.text.display())))?;
    write_file(&args.output, &bytes)?;
    writeln!(terminal, "wrote    {}   {} bytes", shown(&args.output), bytes.len())?;
    if let Err(error) = channel::parse(&bytes) {
        writeln!(terminal, "note     it is broken, as its text says: {}: {error}", error.path)?;
    }
    Ok(Exit::Pass)
}
