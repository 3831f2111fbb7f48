//! The section in PE, by its name of exactly eight bytes.

use super::{Place, broken, decode, inside};
use crate::{Error, bytes};
use alloc::{format, vec::Vec};
use goblin::pe::{
    header::{CoffHeader, PE_MAGIC, PE_POINTER_OFFSET, SIZEOF_COFF_HEADER, SIZEOF_PE_MAGIC},
    section_table::SIZEOF_SECTION_TABLE,
};
use scroll::LE;

/// Every section of the name. What the loader would fill with zeros past the file's own bytes is not part of it.
pub fn places(file: &[u8]) -> Result<Vec<Place>, Error> {
    let pointer: u32 = decode(file, PE_POINTER_OFFSET.into(), LE, "a pointer to the PE header")?;
    let at = u64::from(pointer);
    let magic: u32 = decode(file, at, LE, "a PE header")?;
    if magic != PE_MAGIC {
        return Err(broken("a PE header (\"PE\\0\\0\")", format!("{magic:#010x} at {at:#x}")));
    }
    let at = at.saturating_add(SIZEOF_PE_MAGIC as u64);
    let header: CoffHeader = decode(file, at, LE, "a COFF header")?;
    let table =
        at.saturating_add(SIZEOF_COFF_HEADER as u64).saturating_add(header.size_of_optional_header.into());

    let mut places = Vec::new();
    for n in 0..u64::from(header.number_of_sections) {
        let at = table.saturating_add(n.saturating_mul(SIZEOF_SECTION_TABLE as u64));
        // Not goblin's section table: it copies a long name for every section, however many share one.
        let name: u64 = decode(file, at, LE, "a section header")?;
        if name.to_le_bytes() != bytes::SECTION.as_bytes() {
            continue;
        }
        let number = |field| decode::<u32, _>(file, at.saturating_add(field), LE, "a section header");
        let (virtual_size, raw_size, raw_start) = (number(8)?, number(16)?, number(20)?);
        let raw = inside(file, raw_start.into(), raw_size.into(), "the contract section")?;
        // An image pads the raw data past the virtual size; an object has no virtual size.
        let size =
            usize::try_from(virtual_size).ok().filter(|n| *n != 0 && *n < raw.len()).unwrap_or(raw.len());
        places.push(raw.start..raw.start.saturating_add(size));
    }
    Ok(places)
}
