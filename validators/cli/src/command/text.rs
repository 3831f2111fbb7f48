//! `contentgate text`: a content file as text.

use crate::content::{self, Words};
use crate::exit::{Done, Exit, Failure};
use crate::output::{Terminal, write_to};
use channel_parser::{Format, channel, sysmon, text};
use std::path::PathBuf;

/// Show a content file as text that can be compared, commented and assembled again.
#[derive(clap::Args)]
pub struct Args {
    /// A content file, or a Sysmon configuration (XML), which is compiled first; `-` is standard input.
    file: PathBuf,
    /// Where the text goes instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs it.
pub fn run(args: &Args, terminal: &mut Terminal) -> Done {
    let content = content::read(&args.file, None, &[])?;
    let refused = |path: channel_parser::Path, error: &dyn std::fmt::Display| {
        let hint = "`contentgate dump` shows what can be read of it";
        Failure::refused(format!("{}: {path}: {error}; {hint}", args.file.display()))
    };
    let text = match Format::of(&content.bytes).map_err(|error| refused(error.path, &error))? {
        Format::Channel => {
            text::print(&channel::parse(&content.bytes).map_err(|error| refused(error.path, &error))?)
        }
        Format::Sysmon => {
            let blob = sysmon::parse(&content.bytes).map_err(|error| refused(error.path, &error))?;
            sysmon::print(&blob, &Words::of(&content))
        }
    };
    write_to(args.output.as_deref(), text.as_bytes(), terminal)?;
    Ok(Exit::Pass)
}
