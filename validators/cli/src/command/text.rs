//! `contentgate text`: a channel file as text.

use crate::exit::{Done, Exit, Failure};
use crate::input;
use crate::output::{Terminal, write_file};
use channel_parser::{channel, limits::FILE_BYTES, text};
use std::io::Write;
use std::path::PathBuf;

/// Show a content file as text that can be compared, commented and assembled again.
#[derive(clap::Args)]
pub struct Args {
    /// A content file; `-` is standard input.
    file: PathBuf,
    /// Where the text goes instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs it.
pub fn run(args: &Args, terminal: &mut Terminal) -> Done {
    let bytes = input::read(&args.file, FILE_BYTES)?;
    let file = channel::parse(&bytes).map_err(|error| {
        let hint = "`contentgate dump` shows what can be read of it";
        Failure::refused(format!("{}: {}: {error}; {hint}", args.file.display(), error.path))
    })?;
    let text = text::print(&file);
    match &args.output {
        Some(output) => write_file(output, text.as_bytes())?,
        None => terminal.write_all(text.as_bytes())?,
    }
    Ok(Exit::Pass)
}
