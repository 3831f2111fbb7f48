//! Finds the contract in a sensor binary: ELF and PE, 32 and 64 bits, Mach-O thin and fat.
//!
//! goblin decodes the fixed-size headers; everything of a size that the file chooses is sliced here, because goblin's
//! own section data and iterators trust those sizes. Symbols, imports and the like are never looked at.

mod elf;
mod mach;
mod pe;

use crate::{Contract, Error, ErrorKind, bytes};
use alloc::{format, string::String, vec::Vec};
use core::ops::Range;

/// Where a binary keeps a contract: the bytes of its section, as offsets in the file.
type Place = Range<usize>;

/// Whether the bytes start like a binary of a kind that can carry a contract. What they are then may still be broken.
pub fn is_binary(file: &[u8]) -> bool {
    format_of(file).is_some()
}

enum Format {
    Elf,
    Pe,
    Mach,
    Fat,
}

fn format_of(file: &[u8]) -> Option<Format> {
    match file {
        [0x7f, b'E', b'L', b'F', ..] => Some(Format::Elf),
        [b'M', b'Z', ..] => Some(Format::Pe),
        [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..] | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..] => Some(Format::Mach),
        [0xca, 0xfe, 0xba, 0xbe | 0xbf, ..] => Some(Format::Fat),
        _ => None,
    }
}

/// Reads the contract of a binary. Of a file with several architectures every one must carry the same contract.
///
/// ```
/// use channel_contract::{ErrorKind, binary};
/// assert_eq!(binary::read(b"MZ").unwrap_err().kind, ErrorKind::Binary);
/// assert_eq!(binary::read(b"#!/bin/sh").unwrap_err().kind, ErrorKind::NeitherTextNorBinary);
/// ```
pub fn read(file: &[u8]) -> Result<Contract, Error> {
    let mut contract: Option<(Contract, u64)> = None;
    for place in sections(file)? {
        let base = place.start as u64;
        let read = bytes::read(file.get(place.clone()).unwrap_or(&[]), base)?;
        match &contract {
            None => contract = Some((read, base)),
            Some((first, _)) if *first == read => (),
            Some((_, other)) => {
                let expected = format!("the contract of the section at {other:#x}");
                let error = Error::new(ErrorKind::Disagreement, expected, "another one");
                return Err(error.at(base..place.end as u64));
            }
        }
    }
    contract.map(|(contract, _)| contract).ok_or_else(no_section)
}

/// The binary with a checksum in every record of its contract that has none; see [`bytes::seal`]. Nothing else changes,
/// the length included. A signature over the binary has to come after: a contract that cannot be read is not sealed.
pub fn seal(file: &[u8]) -> Result<Vec<u8>, Error> {
    let mut sealed = file.to_vec();
    for place in sections(file)? {
        let section = bytes::seal(file.get(place.clone()).unwrap_or(&[]), place.start as u64)?;
        if let Some(target) = sealed.get_mut(place).filter(|target| target.len() == section.len()) {
            target.copy_from_slice(&section);
        }
    }
    read(&sealed)?;
    Ok(sealed)
}

/// Where each architecture of the file keeps its contract: one section each.
fn sections(file: &[u8]) -> Result<Vec<Place>, Error> {
    match format_of(file) {
        Some(Format::Elf) => Ok([one(file, elf::places(file)?)?].into()),
        Some(Format::Pe) => Ok([one(file, pe::places(file)?)?].into()),
        Some(Format::Mach) => Ok([one(file, mach::places(file, 0..file.len())?)?].into()),
        Some(Format::Fat) => {
            let images = mach::images(file)?;
            images.into_iter().map(|image| one(file, mach::places(file, image)?)).collect()
        }
        None => {
            let start = file.get(..file.len().min(8)).unwrap_or(&[]).escape_ascii();
            Err(Error::new(ErrorKind::NeitherTextNorBinary, "ELF, PE or Mach-O", format!("\"{start}\"")))
        }
    }
}

/// The only one of the sections of an image, which holds something.
fn one(file: &[u8], places: Vec<Place>) -> Result<Place, Error> {
    let span = |place: &Place| place.start as u64..place.end as u64;
    match places.as_slice() {
        [] => Err(no_section()),
        [place] => match file.get(place.clone()) {
            Some([_, ..]) => Ok(place.clone()),
            _ => Err(Error::new(ErrorKind::EmptySection, "a sensor record", "no bytes").at(span(place))),
        },
        [_, second, ..] => {
            let found = format!("{} of them", places.len());
            Err(Error::new(ErrorKind::SeveralSections, "one", found).at(span(second)))
        }
    }
}

fn no_section() -> Error {
    let expected = "a section .chanctr (ELF, PE) or __DATA,__chanctr (Mach-O)";
    Error::new(ErrorKind::NoSection, expected, "none")
}

/// The range of a section that lies wholly in the file.
fn inside(file: &[u8], start: u64, size: u64, what: &str) -> Result<Place, Error> {
    let end = start.checked_add(size).filter(|end| *end <= file.len() as u64);
    let range = usize::try_from(start).ok().zip(end.and_then(|end| usize::try_from(end).ok()));
    range.map(|(start, end)| start..end).ok_or_else(|| {
        let found = format!("{size} bytes from {start:#x}");
        broken(format!("{what} within the {} bytes of the file", file.len()), found)
    })
}

fn broken(expected: impl Into<String>, found: impl Into<String>) -> Error {
    Error::new(ErrorKind::Binary, expected, found.into())
}

/// Decodes one fixed-size structure.
fn decode<'a, T, C: Copy>(file: &'a [u8], at: u64, ctx: C, what: &str) -> Result<T, Error>
where
    T: scroll::ctx::TryFromCtx<'a, C>,
    T::Error: From<scroll::Error>,
{
    use scroll::Pread;
    let decoded = usize::try_from(at).ok().and_then(|at| file.pread_with(at, ctx).ok());
    decoded.ok_or_else(|| broken(what, format!("no such at {at:#x} of {} bytes", file.len())))
}
