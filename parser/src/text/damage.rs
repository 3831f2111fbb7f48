//! Damage to the bytes that a text makes: numbers and texts in cells before the checksum is computed, and what happens
//! to a file afterwards.

use super::TextError;
use super::line::{Line, Place};
use crate::channel::{self, TRAILER};
use crate::error::Path;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

/// One change, and the line that asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    pub(super) place: Place,
    /// What to do.
    pub change: Change,
}

/// What to do to the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Overwrite the cell with this label, before the checksum is computed.
    Set(String, CellContent),
    /// Drop what follows the first so many bytes.
    Truncate(u64),
    /// Add bytes at the end.
    Append(Vec<u8>),
    /// Overwrite with zeros.
    Zero(Range<u64>),
    /// Invert the bits of a mask in the byte at an offset.
    Flip(u64, u8),
    /// Put bytes in the place of others, be they more or fewer.
    Replace(Range<u64>, Vec<u8>),
}

/// What to write into a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellContent {
    /// A little-endian number as wide as the cell.
    Number(u64),
    /// As many bytes as the cell has.
    Bytes(Vec<u8>),
}

/// The offsets that it is about.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set(label, _) => f.write_str(label),
            Self::Append(_) => f.write_str("the end"),
            Self::Truncate(at) | Self::Flip(at, _) => write!(f, "{at}"),
            Self::Zero(Range { start, end: u64::MAX }) | Self::Replace(Range { start, end: u64::MAX }, _) => {
                write!(f, "{start}..")
            }
            Self::Zero(range) | Self::Replace(range, _) => write!(f, "{}..{}", range.start, range.end),
        }
    }
}

impl Damage {
    /// Whether it comes before the checksum.
    pub(super) fn is_set(&self) -> bool {
        matches!(self.change, Change::Set(..))
    }
}

/// Whether a line that starts with this word is damage.
pub(crate) fn is_damage(word: &str) -> bool {
    matches!(word, "set" | "truncate" | "append" | "zero" | "flip" | "replace")
}

/// Reads a line of damage of another text form.
pub(crate) fn read_whole(number: u32, line: &str) -> Result<Damage, TextError> {
    read(Line::new(number, line)?)
}

/// Reads a line of damage.
pub(super) fn read(mut line: Line<'_>) -> Result<Damage, TextError> {
    let place = line.place();
    let word = line.word();
    line.accept(word);
    let change = match word {
        "set" => {
            let label = String::from(line.label()?);
            line.sign("=")?;
            Change::Set(label, content(&mut line)?)
        }
        "truncate" => Change::Truncate(line.number("a length")?),
        "append" => Change::Append(line.bytes()?),
        "zero" => Change::Zero(range(&mut line)?),
        "flip" => Change::Flip(line.number("an offset")?, line.number("a mask of eight bits")?),
        _ => {
            let range = range(&mut line)?;
            line.keyword("with")?;
            Change::Replace(range, line.bytes()?)
        }
    };
    line.end()?;
    Ok(Damage { place, change })
}

fn content(line: &mut Line<'_>) -> Result<CellContent, TextError> {
    if line.accept("hex") {
        return Ok(CellContent::Bytes(line.bytes()?));
    }
    match line.string() {
        Ok(text) => Ok(CellContent::Bytes(text.into_bytes())),
        Err(_) => Ok(CellContent::Number(line.number("a number, text in quotes, or `hex` and bytes")?)),
    }
}

/// `FROM..TO`; without `TO` up to the end of the file.
fn range(line: &mut Line<'_>) -> Result<Range<u64>, TextError> {
    let from = line.number("an offset")?;
    line.sign("..")?;
    let open = line.is_empty() || line.word() == "with";
    Ok(from..if open { u64::MAX } else { line.number("an offset")? })
}

/// Damages a whole file.
pub(super) fn apply(file: &mut Vec<u8>, damage: &[Damage]) -> Result<(), TextError> {
    set(file, damage)?;
    whole(file, damage)
}

/// Damages a file that has no checksum: the cells that are set are among these.
pub(crate) fn apply_to(
    file: &mut Vec<u8>,
    damage: &[Damage],
    cells: impl Iterator<Item = (Path, Range<u64>)>,
) -> Result<(), TextError> {
    write(file, damage, cells)?;
    whole(file, damage)
}

/// What happens to a file as a whole.
fn whole(file: &mut Vec<u8>, damage: &[Damage]) -> Result<(), TextError> {
    for Damage { place, change } in damage {
        let length = file.len();
        let outside = || place.error(alloc::format!("offsets in a file of {length} bytes"), change);
        match change {
            Change::Set(..) => {}
            Change::Truncate(at) => file.truncate(offset(*at, length).ok_or_else(outside)?),
            Change::Append(bytes) => file.extend_from_slice(bytes),
            Change::Zero(range) => {
                let range = inside(range, length).ok_or_else(outside)?;
                file.get_mut(range).ok_or_else(outside)?.fill(0);
            }
            Change::Flip(at, mask) => {
                let at = offset(*at, length).ok_or_else(outside)?;
                *file.get_mut(at).ok_or_else(outside)? ^= mask;
            }
            Change::Replace(range, bytes) => {
                let range = inside(range, length).ok_or_else(outside)?;
                let tail = file.split_off(range.end);
                file.truncate(range.start);
                file.extend_from_slice(bytes);
                file.extend_from_slice(&tail);
            }
        }
    }
    Ok(())
}

fn offset(at: u64, length: usize) -> Option<usize> {
    usize::try_from(at).ok().filter(|at| *at <= length)
}

fn inside(range: &Range<u64>, length: usize) -> Option<Range<usize>> {
    let end = if range.end == u64::MAX { length } else { offset(range.end, length)? };
    let start = offset(range.start, length).filter(|start| *start <= end)?;
    Some(start..end)
}

/// Overwrites cells, and computes the checksum anew.
fn set(file: &mut Vec<u8>, damage: &[Damage]) -> Result<(), TextError> {
    if !damage.iter().any(Damage::is_set) {
        return Ok(());
    }
    file.truncate(file.len().saturating_sub(TRAILER as usize));
    let mut whole = file.clone();
    channel::seal(&mut whole);
    let length = file.len() as u64;
    let cells = channel::cells(&whole).filter(|cell| cell.span.end <= length);
    write(file, damage, cells.map(|cell| (cell.path, cell.span)))?;
    channel::seal(file);
    Ok(())
}

/// Overwrites cells, in one walk over them.
fn write(
    file: &mut [u8],
    damage: &[Damage],
    cells: impl Iterator<Item = (Path, Range<u64>)>,
) -> Result<(), TextError> {
    let mut wanted = Vec::new();
    for Damage { place, change } in damage {
        if let Change::Set(label, content) = change {
            wanted.push((place, label, steps(label), content, None));
        }
    }
    for (path, bytes) in cells {
        for (_, _, steps, _, span) in &mut wanted {
            if is(&path, steps) {
                *span = Some(bytes.start as usize..bytes.end as usize);
            }
        }
    }
    for (place, label, _, content, span) in wanted {
        let cell = span.and_then(|span| file.get_mut(span));
        let Some(cell) = cell else {
            return Err(place.error("the label of a cell of this file, the checksum not included", label));
        };
        let number;
        let bytes = match content {
            CellContent::Bytes(bytes) => bytes.as_slice(),
            CellContent::Number(n) => {
                number = n.to_le_bytes();
                let (low, high) = number.split_at_checked(cell.len()).unwrap_or_default();
                if high.iter().all(|b| *b == 0) { low } else { &[] }
            }
        };
        if bytes.len() != cell.len() {
            let found = match content {
                CellContent::Bytes(bytes) => alloc::format!("{} bytes", bytes.len()),
                CellContent::Number(n) => alloc::format!("{n}"),
            };
            return Err(place.error(alloc::format!("a value for {} bytes", cell.len()), found));
        }
        cell.copy_from_slice(bytes);
    }
    Ok(())
}

fn is(path: &Path, steps: &[(&str, Option<u32>)]) -> bool {
    let mut wanted = steps.iter();
    path.steps().all(|step| wanted.next() == Some(&step)) && wanted.next().is_none()
}

/// The steps of a label; what is none matches no cell.
fn steps(label: &str) -> Vec<(&str, Option<u32>)> {
    let step = |step| match str::split_once(step, '[') {
        Some((name, index)) => (name, index.strip_suffix(']').and_then(|index| index.parse().ok())),
        None => (step, None),
    };
    label.split('.').map(step).collect()
}
