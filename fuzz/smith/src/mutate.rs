//! Changes a real file structurally: what is read is edited as content and written again, so that a change gets past
//! the checksum and the tables and meets the rules behind them. Two files of one kind can be crossed. A file is a channel
//! file, a rule blob of Sysmon, or the section of a contract.

mod blob;
mod content;
mod contract;
mod damage;
mod neighbour;

pub use neighbour::{records, rules};

use crate::parsed::Parsed;
use arbitrary::{Result, Unstructured};
use channel_contract::Contract;
use channel_parser::draft::Draft;

/// A neighbour of a file: mostly one edit of what it says, at times of its bytes, with the checksum repaired. What is
/// no content at all is changed as bytes.
///
/// # Errors
///
/// None but those of `arbitrary`, which a source of choices that is exhausted does not raise.
pub fn file(u: &mut Unstructured<'_>, bytes: &[u8]) -> Result<Vec<u8>> {
    let Some(mut parsed) = Parsed::read(bytes) else { return damage::bytes(u, bytes) };
    if u.ratio(1, 8)? {
        return damage::bytes(u, bytes);
    }
    for _ in 0..u.int_in_range(1..=3)? {
        match &mut parsed {
            Parsed::Content(draft) => content::edit(u, draft)?,
            Parsed::Blob(draft) => blob::edit(u, draft)?,
            Parsed::Contract(contract) => contract::edit(u, contract)?,
        }
    }
    parsed.write().map_or_else(|| damage::bytes(u, bytes), Ok)
}

/// A child of two files: detections of both on the template types of the first, events of both blobs, template types of
/// both contracts. Files of two kinds have none, nor have files that cannot be read.
///
/// # Errors
///
/// As [`file()`].
pub fn cross(u: &mut Unstructured<'_>, one: &[u8], other: &[u8]) -> Result<Option<Vec<u8>>> {
    let (Some(mut one), Some(other)) = (Parsed::read(one), Parsed::read(other)) else { return Ok(None) };
    match (&mut one, other) {
        (Parsed::Content(draft), Parsed::Content(other)) => content::cross(u, draft, other)?,
        (Parsed::Blob(draft), Parsed::Blob(other)) => blob::cross(u, draft, other)?,
        (Parsed::Contract(contract), Parsed::Contract(other)) => contract::cross(u, contract, *other)?,
        _ => return Ok(None),
    }
    Ok(one.write())
}

/// Edits a contract, which can always be written afterwards if it could before.
///
/// # Errors
///
/// As [`file()`].
pub fn contract(u: &mut Unstructured<'_>, contract: &mut Contract) -> Result<()> {
    contract::edit(u, contract)
}

/// Edits the content of a channel file; not all of what comes of it can be written.
///
/// # Errors
///
/// As [`file()`].
pub fn content(u: &mut Unstructured<'_>, draft: &mut Draft) -> Result<()> {
    content::edit(u, draft)
}

/// A number that is often a limit, or beside one.
fn number(u: &mut Unstructured<'_>, old: u32) -> Result<u32> {
    const LIMITS: &[u32] =
        &[0, 1, 0x7f, 0xff, 0x100, 0x7fff, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, u32::MAX];
    Ok(match u.int_in_range(0..=4u8)? {
        0 => old.wrapping_add(1),
        1 => old.wrapping_sub(1),
        2 => *u.choose(LIMITS)?,
        _ => u.arbitrary()?,
    })
}

/// Drops, repeats or swaps.
fn list<T: Clone>(u: &mut Unstructured<'_>, items: &mut Vec<T>) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let (a, b) = (u.choose_index(items.len())?, u.choose_index(items.len())?);
    match u.int_in_range(0..=2u8)? {
        0 => drop(items.remove(a)),
        1 => items.insert(b, items[a].clone()),
        _ => items.swap(a, b),
    }
    Ok(())
}

/// Some of both lists, those of the second between those of the first.
fn mix<T>(u: &mut Unstructured<'_>, items: &mut Vec<T>, others: Vec<T>) -> Result<()> {
    for other in others {
        if u.arbitrary()? {
            continue;
        }
        let at = if items.is_empty() { 0 } else { u.choose_index(items.len())? };
        items.insert(at, other);
    }
    Ok(())
}
