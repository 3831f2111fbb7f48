//! Changes bytes, whatever they say: one cell of the dump, or any. Half of the changes get past the checksums.

use crate::breaks::bytes::seal;
use arbitrary::{Result, Unstructured};
use channel_contract::bytes::seal as seal_contract;
use channel_parser::{Format, channel, sysmon};
use core::ops::Range;

/// The first bytes of a record of a contract.
const RECORD: &[u8] = b"\x89CHANCTR";

/// Changes bytes.
pub fn bytes(u: &mut Unstructured<'_>, bytes: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = bytes.to_vec();
    if bytes.is_empty() {
        return Ok(vec![u.arbitrary()?]);
    }
    let spans: Vec<Range<usize>> = match Format::of(&bytes) {
        Ok(Format::Sysmon) => sysmon::cells(&bytes).map(|cell| range(&cell.span)).collect(),
        _ if bytes.starts_with(RECORD) => {
            (0..bytes.len()).step_by(4).map(|at| at..(at + 4).min(bytes.len())).collect()
        }
        _ => channel::cells(&bytes).map(|cell| range(&cell.span)).collect(),
    };
    let Range { start: from, end: to } = u.choose(&spans)?.clone();
    match u.int_in_range(0..=7u8)? {
        0 => {
            let at = u.int_in_range(from..=to.max(from + 1) - 1)?;
            let mask = u.int_in_range(1..=255u8)?;
            bytes.iter_mut().skip(at).take(1).for_each(|b| *b ^= mask);
        }
        // One more or one less: of a number its first byte, of text any.
        5..=7 => {
            let at = if to - from <= 8 { from } else { u.int_in_range(from..=to - 1)? };
            let step = *u.choose(&[1u8, 255])?;
            bytes.iter_mut().skip(at).take(1).for_each(|b| *b = b.wrapping_add(step));
        }
        1 => bytes.get_mut(from..to).unwrap_or_default().fill(*u.choose(&[0u8, 1, 0x7f, 0xff])?),
        2 => bytes.truncate(u.int_in_range(0..=to)?),
        3 => bytes.extend((0..u.int_in_range(1..=16)?).map(|_| u.arbitrary()).collect::<Result<Vec<u8>>>()?),
        _ => {
            // A number of another cell of the same width: an offset into another structure, a count that is not this one's.
            let same: Vec<_> = spans.iter().filter(|other| other.len() == to - from).collect();
            let copy = bytes.get((*u.choose(&same)?).clone()).unwrap_or_default().to_vec();
            bytes.get_mut(from..to).unwrap_or_default().copy_from_slice(&copy);
        }
    }
    if u.arbitrary()? {
        if bytes.starts_with(RECORD) {
            return Ok(sealed(&bytes));
        }
        if Format::of(&bytes) == Ok(Format::Channel) && bytes.len() > 16 {
            seal(&mut bytes);
        }
    }
    Ok(bytes)
}

fn range(span: &Range<u64>) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// The section with right checksums, as far as its records can be told apart.
fn sealed(section: &[u8]) -> Vec<u8> {
    let mut unsealed = section.to_vec();
    let mut at = 0;
    while let Some(record) =
        unsealed.get_mut(at..).filter(|rest| rest.starts_with(RECORD) && rest.len() >= 24)
    {
        let length =
            record.get(12..).and_then(|rest| rest.first_chunk()).map_or(0, |four| u32::from_le_bytes(*four));
        record.iter_mut().skip(11).take(1).for_each(|b| *b = 0);
        record.iter_mut().skip(16).take(8).for_each(|b| *b = 0);
        at += (length as usize).max(24);
    }
    seal_contract(&unsealed, 0).unwrap_or_else(|_| section.to_vec())
}
