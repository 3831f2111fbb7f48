//! Rows of bytes with labels under them: canonical rows of 16 at their offsets in the file, the bytes of each label
//! underlined, as in `hexdump -C`.

use super::Escaped;
use std::fmt::Write;
use std::ops::Range;

/// How output may look.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// With colours.
    pub colour: bool,
    /// With ASCII only.
    pub ascii: bool,
}

/// Bytes to underline, and what they are.
pub struct Mark<'a> {
    /// Their offsets in the file.
    pub span: Range<u64>,
    /// A few words; none for no line of their own.
    pub text: &'a str,
    /// Whether they are the ones at fault.
    pub primary: bool,
}

const ROW: u64 = 16;
/// Rows shown of one mark; what is longer is said in words.
const ROWS_OF_MARK: u64 = 2;
/// Labels under one row; marks beyond are only underlined.
const LABELS_OF_ROW: usize = 3;
/// Columns of a terminal of 80 that a block leaves us.
const WIDTH: usize = 76;
/// The columns of a row before its first byte.
const MARGIN: usize = 10;

impl Look {
    /// Characters that need more than ASCII, or what stands for them.
    fn pick<'a>(self, drawn: &'a str, plain: &'a str) -> &'a str {
        if self.ascii { plain } else { drawn }
    }

    /// The line at the left of a block.
    pub fn bar(self) -> &'static str {
        self.pick("│", "|")
    }

    /// The corner that opens a block.
    pub fn corner(self) -> &'static str {
        self.pick("╭─", "-->")
    }

    /// The mark of rows left out.
    pub fn gap(self) -> &'static str {
        self.pick("⋮", ":")
    }

    /// The mark of something left out.
    pub fn more(self) -> &'static str {
        self.pick("…", "...")
    }

    /// Text in a colour, if colours are on: the parameters of an SGR sequence.
    pub fn paint(self, sgr: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{sgr}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

fn column(byte: u64) -> usize {
    let byte = byte as usize % ROW as usize;
    MARGIN + byte * 3 + usize::from(byte >= 8)
}

/// The rows that show these marks, one string a line. Marks past the end of the file show nothing.
pub fn rows(bytes: &[u8], marks: &[Mark<'_>], look: Look) -> Vec<String> {
    let end = bytes.len() as u64;
    let mut marks: Vec<_> =
        marks.iter().filter(|mark| mark.span.start < end && !mark.span.is_empty()).collect();
    marks.sort_by_key(|mark| (mark.span.start, mark.span.end));
    let mut shown: Vec<u64> = marks.iter().flat_map(|mark| rows_of(mark, end)).collect();
    shown.sort_unstable();
    shown.dedup();
    let mut lines = Vec::new();
    let mut before = None;
    for row in shown {
        if before.is_some_and(|before| before + 1 < row) {
            lines.push(look.gap().to_owned());
        }
        before = Some(row);
        lines.push(bytes_of(bytes, row));
        under(row, &marks, end, look, &mut lines);
    }
    lines
}

fn rows_of(mark: &Mark<'_>, end: u64) -> Range<u64> {
    let first = mark.span.start / ROW;
    let last = (mark.span.end.min(end) - 1) / ROW;
    first..(last + 1).min(first + ROWS_OF_MARK)
}

fn bytes_of(bytes: &[u8], row: u64) -> String {
    let start = row * ROW;
    let slice = bytes.iter().skip(start as usize).take(ROW as usize);
    let mut line = format!("{start:08x}  ");
    let mut text = String::new();
    for (i, b) in slice.enumerate() {
        let _ = write!(line, "{}{b:02x} ", if i == 8 { " " } else { "" });
        text.push(if b.is_ascii_graphic() || *b == b' ' { char::from(*b) } else { '.' });
    }
    format!("{line:<width$}{text}", width = MARGIN + 50)
}

/// The underlines of a row, then the labels of the marks that end in it (or are not shown further).
fn under(row: u64, marks: &[&Mark<'_>], end: u64, look: Look, lines: &mut Vec<String>) {
    let here: Vec<_> = marks.iter().copied().filter(|mark| rows_of(mark, end).contains(&row)).collect();
    lines.push(underline(row, &here, end, look));
    let mut labels: Vec<_> = here
        .into_iter()
        .filter(|mark| rows_of(mark, end).end == row + 1 && !mark.text.is_empty())
        .map(|mark| (column(mark.span.start.max(row * ROW)), mark))
        .collect();
    let others = labels.iter().filter(|(_, mark)| !mark.primary).count();
    let mut room = LABELS_OF_ROW.saturating_sub(labels.len() - others);
    labels.retain(|(_, mark)| {
        let fits = mark.primary || room > 0;
        room = room.saturating_sub(usize::from(!mark.primary));
        fits
    });
    for (i, (at, mark)) in labels.iter().enumerate().rev() {
        let bars: String =
            labels.iter().take(i).filter(|(bar, _)| bar < at).fold(String::new(), |line, (bar, _)| {
                if line.chars().count() > *bar { line } else { format!("{line:<bar$}{}", look.bar()) }
            });
        let text = format!("{}{}", Escaped(mark.text), rest_of(mark, end));
        for (n, part) in wrapped(&text, WIDTH.saturating_sub(at + 3)).into_iter().enumerate() {
            let elbow = if n == 0 { look.pick("╰─", "`-") } else { "  " };
            let part = look.paint(if mark.primary { "1;31" } else { "1;34" }, &format!("{elbow} {part}"));
            lines.push(format!("{bars:<at$}{part}"));
        }
    }
}

/// The marks of a row, the one at fault over the others.
fn underline(row: u64, marks: &[&Mark<'_>], end: u64, look: Look) -> String {
    let mut line: Vec<(char, bool)> = vec![(' ', false); column(ROW - 1) + 2];
    let (others, primary): (Vec<&Mark<'_>>, Vec<_>) = marks.iter().partition(|mark| !mark.primary);
    for mark in others.into_iter().chain(primary) {
        let drawn = if mark.primary { "^" } else { look.pick("─", "-") };
        let first = column(mark.span.start.max(row * ROW));
        let last = column((mark.span.end.min(end) - 1).min(row * ROW + ROW - 1)) + 2;
        for (cell, drawn) in line.iter_mut().take(last).skip(first).zip(drawn.chars().cycle()) {
            *cell = (drawn, mark.primary);
        }
    }
    let runs = line.chunk_by(|a, b| a == b).map(|run| {
        let text: String = run.iter().map(|(drawn, _)| drawn).collect();
        match run.first() {
            Some((' ', _)) | None => text,
            Some((_, primary)) => look.paint(if *primary { "1;31" } else { "1;34" }, &text),
        }
    });
    runs.collect::<String>().trim_end().to_owned()
}

/// The lines of a text, broken between words where that is possible.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let length = |line: Option<&String>| line.map_or(0, |line| line.chars().count());
        if length(lines.last()) > 0 && length(lines.last()) + 1 + word.chars().count() > width {
            lines.push(String::new());
        } else if length(lines.last()) > 0 {
            lines.iter_mut().last().into_iter().for_each(|line| line.push(' '));
        }
        for c in word.chars() {
            if length(lines.last()) >= width.max(1) {
                lines.push(String::new());
            }
            lines.iter_mut().last().into_iter().for_each(|line| line.push(c));
        }
    }
    lines
}

/// How much of a mark its rows leave out.
fn rest_of(mark: &Mark<'_>, end: u64) -> String {
    let shown = (rows_of(mark, end).end * ROW).min(mark.span.end);
    match mark.span.end.min(end).saturating_sub(shown) {
        0 => String::new(),
        more => format!(" (and {more} bytes more)"),
    }
}
