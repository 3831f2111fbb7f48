//! `contentgate dump`: every byte with its label, of whatever bytes.

use crate::exit::{Done, Exit, Failure};
use crate::input;
use crate::output::Terminal;
use channel_parser::channel::{self, Cell};
use channel_parser::limits::FILE_BYTES;
use std::io::Write;
use std::path::PathBuf;

/// Show every byte of a file with its label; of a broken file, what can be read and what cannot.
#[derive(clap::Args)]
pub struct Args {
    /// A content file; `-` is standard input.
    file: PathBuf,
    /// Show only labels that start with this: `header`, `instances[2]`.
    path: Option<String>,
    /// Show only what stands at this offset: 1186, 0x4a2.
    #[arg(long, value_name = "OFFSET", value_parser = offset)]
    at: Option<u64>,
}

fn offset(text: &str) -> Result<u64, String> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    parsed.map_err(|_| "expected a decimal number, or a hexadecimal one after 0x".to_owned())
}

/// Runs it.
pub fn run(args: &Args, terminal: &mut Terminal) -> Done {
    let bytes = input::read(&args.file, FILE_BYTES)?;
    let mut shown = false;
    for cell in channel::cells(&bytes) {
        let label = cell.path.to_string();
        let here = args.at.is_none_or(|at| cell.span.contains(&at));
        if here && args.path.as_ref().is_none_or(|path| label.starts_with(path)) {
            shown = true;
            print(&cell, &label, &bytes, terminal)?;
        }
    }
    if !shown && !bytes.is_empty() {
        return Err(Failure::wrong_use("nothing in the file has that label or stands at that offset"));
    }
    Ok(Exit::Pass)
}

/// Bytes of a cell that are shown; its value says the rest.
const SHOWN: usize = 8;

fn print(cell: &Cell, label: &str, bytes: &[u8], terminal: &mut Terminal) -> std::io::Result<()> {
    let (start, length) = (cell.span.start as usize, (cell.span.end - cell.span.start) as usize);
    let first = bytes.iter().skip(start).take(length.min(SHOWN));
    let mut hex: String = first.map(|b| format!("{b:02x} ")).collect();
    if length > SHOWN {
        hex.push_str(terminal.look.more());
    }
    writeln!(terminal, "{start:08x}  {hex:<27} {label:<32} {}", cell.value(bytes))
}
