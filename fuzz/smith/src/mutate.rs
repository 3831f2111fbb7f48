//! Changes a real file structurally: what is read is edited as content and written again, so that a change gets past
//! the checksum and the tables and meets the rules behind them. Two files can be crossed.

mod blob;
mod content;
mod neighbour;

pub use neighbour::{records, rules};

use arbitrary::{Result, Unstructured};
use channel_parser::channel::{self, cells, checksum};
use channel_parser::draft::Draft;
use channel_parser::{Format, sysmon};

/// A neighbour of a file: mostly one edit of what it says, at times of its bytes, with the checksum repaired. What is
/// no content at all is changed as bytes.
///
/// # Errors
///
/// None but those of `arbitrary`, which a source of choices that is exhausted does not raise.
pub fn file(u: &mut Unstructured<'_>, bytes: &[u8]) -> Result<Vec<u8>> {
    if u.ratio(1, 8)? {
        return damage(u, bytes);
    }
    let edits = u.int_in_range(1..=3)?;
    let changed = match Format::of(bytes) {
        Ok(Format::Channel) => match channel::parse(bytes) {
            Ok(file) => {
                let mut draft = Draft::from(&file);
                for _ in 0..edits {
                    content::edit(u, &mut draft)?;
                }
                channel::encode(&draft).ok()
            }
            Err(_) => None,
        },
        Ok(Format::Sysmon) => match sysmon::parse(bytes) {
            Ok(blob) => {
                let mut draft = blob.draft();
                for _ in 0..edits {
                    blob::edit(u, &mut draft)?;
                }
                sysmon::encode(&draft).ok()
            }
            Err(_) => None,
        },
        Err(_) => None,
    };
    changed.map_or_else(|| damage(u, bytes), Ok)
}

/// A child of two files: detections of both on the template types of the first. Files of which one is no channel file
/// that can be read have none.
///
/// # Errors
///
/// As [`file()`].
pub fn cross(u: &mut Unstructured<'_>, one: &[u8], other: &[u8]) -> Result<Option<Vec<u8>>> {
    let (Ok(one), Ok(other)) = (channel::parse(one), channel::parse(other)) else { return Ok(None) };
    let (mut draft, other) = (Draft::from(&one), Draft::from(&other));
    content::cross(u, &mut draft, other)?;
    Ok(channel::encode(&draft).ok())
}

/// Changes bytes: one cell of the dump, or any. Half of the changes of a channel file get past the checksum.
fn damage(u: &mut Unstructured<'_>, bytes: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = bytes.to_vec();
    if bytes.is_empty() {
        return Ok(vec![u.arbitrary()?]);
    }
    let spans: Vec<_> = match Format::of(&bytes) {
        Ok(Format::Sysmon) => sysmon::cells(&bytes).map(|cell| cell.span).collect(),
        _ => cells(&bytes).map(|cell| cell.span).collect(),
    };
    let span = u.choose(&spans)?.clone();
    let (from, to) = (span.start as usize, span.end as usize);
    match u.int_in_range(0..=5u8)? {
        0 => {
            let at = u.int_in_range(from..=to.max(from + 1) - 1)?;
            let mask = u.int_in_range(1..=255u8)?;
            bytes.iter_mut().skip(at).take(1).for_each(|b| *b ^= mask);
        }
        // One more or one less: of a number its first byte, of text any.
        5 => {
            let at = if to - from <= 8 { from } else { u.int_in_range(from..=to - 1)? };
            let step = *u.choose(&[1u8, 255])?;
            bytes.iter_mut().skip(at).take(1).for_each(|b| *b = b.wrapping_add(step));
        }
        1 => bytes.get_mut(from..to).unwrap_or_default().fill(*u.choose(&[0u8, 1, 0x7f, 0xff])?),
        2 => bytes.truncate(u.int_in_range(0..=to)?),
        3 => bytes.extend((0..u.int_in_range(1..=16)?).map(|_| u.arbitrary()).collect::<Result<Vec<u8>>>()?),
        _ => {
            // A number of another cell of the same width: an offset into another structure, a count that is not this one's.
            let same: Vec<_> =
                spans.iter().filter(|other| other.end - other.start == span.end - span.start).collect();
            let other = u.choose(&same)?;
            let copy = bytes.get(other.start as usize..other.end as usize).unwrap_or_default().to_vec();
            bytes.get_mut(from..to).unwrap_or_default().copy_from_slice(&copy);
        }
    }
    if Format::of(&bytes) == Ok(Format::Channel) && bytes.len() > 16 && u.arbitrary()? {
        bytes.truncate(bytes.len() - 16);
        let sums = checksum(&bytes);
        bytes.extend(sums.iter().flat_map(|sum| sum.to_le_bytes()));
    }
    Ok(bytes)
}
