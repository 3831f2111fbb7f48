//! `contentgate dump`: every byte with its label, of whatever bytes.

use crate::exit::{Done, Exit, Failure};
use crate::input;
use crate::output::Terminal;
use channel_parser::limits::FILE_BYTES;
use channel_parser::{Format, channel, sysmon};
use std::io::Write;
use std::ops::Range;
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

/// A labelled stretch of bytes, of whatever format.
struct Row {
    span: Range<u64>,
    label: String,
    value: String,
}

/// Runs it.
pub fn run(args: &Args, terminal: &mut Terminal) -> Done {
    let bytes = input::read(&args.file, FILE_BYTES)?;
    let blob = Format::of(&bytes) == Ok(Format::Sysmon);
    let rows: Box<dyn Iterator<Item = Row>> = if blob {
        Box::new(sysmon::cells(&bytes).map(|cell| Row {
            value: cell.value(&bytes).to_string(),
            label: cell.path.to_string(),
            span: cell.span,
        }))
    } else {
        Box::new(channel::cells(&bytes).map(|cell| Row {
            value: cell.value(&bytes).to_string(),
            label: cell.path.to_string(),
            span: cell.span,
        }))
    };
    let found = args.path.as_deref().and_then(|path| spans(&bytes, path));
    let mut shown = false;
    for row in rows {
        let here = args.at.is_none_or(|at| row.span.contains(&at));
        let wanted = match (&found, &args.path) {
            (Some(spans), _) => {
                spans.iter().any(|span| span.start < row.span.end && row.span.start < span.end)
            }
            (None, Some(path)) => row.label.starts_with(path.as_str()),
            (None, None) => true,
        };
        if here && wanted {
            shown = true;
            print(&row, &bytes, terminal)?;
        }
    }
    if !shown && (args.path.is_some() || args.at.is_some()) {
        let length = bytes.len();
        let none =
            format!("nothing in the {length} bytes of the file has that label or stands at that offset");
        return Err(Failure::wrong_use(none));
    }
    if bytes.is_empty() {
        writeln!(terminal, "the file is empty")?;
    }
    Ok(Exit::Pass)
}

/// The bytes that a path of a finding leads to: `instances[2].criteria[20].clauses[0]`, through the tree instead of the
/// tables; nothing if it is no such path.
fn spans(bytes: &[u8], path: &str) -> Option<Vec<Range<u64>>> {
    let file = channel::examine(bytes, &mut |_| {})?;
    let mut steps = path.split('.').map(|step| {
        let (name, index) = step.strip_suffix(']')?.split_once('[')?;
        Some((name, index.parse::<usize>().ok()?))
    });
    let mut step =
        |wanted: &str| steps.next().flatten().filter(|(name, _)| *name == wanted).map(|(_, index)| index);
    let instance = file.instances().nth(step("instances")?)?;
    let criterion = instance.criteria().nth(step("criteria")?)?;
    let mut spans = vec![criterion.span()];
    let clause = step("clauses");
    let pattern = step("patterns");
    for (_, clause) in criterion.clauses().enumerate().filter(|(n, _)| clause.is_none_or(|only| only == *n)) {
        spans.push(clause.span());
        for (_, pattern) in
            clause.patterns().enumerate().filter(|(n, _)| pattern.is_none_or(|only| only == *n))
        {
            spans.extend([pattern.operator_span(), pattern.operand_span()]);
        }
    }
    Some(spans)
}

/// Bytes of a cell that are shown; its value says the rest.
const SHOWN: usize = 8;

fn print(row: &Row, bytes: &[u8], terminal: &mut Terminal) -> std::io::Result<()> {
    let Row { span, label, value } = row;
    let (start, length) = (span.start as usize, (span.end - span.start) as usize);
    let first = bytes.iter().skip(start).take(length.min(SHOWN));
    let mut hex: String = first.map(|b| format!("{b:02x} ")).collect();
    if length > SHOWN {
        hex.push_str(terminal.look.more());
    }
    writeln!(terminal, "{start:08x}  {hex:<27} {label:<32} {value}")
}
