//! The section in ELF, by its name in the section header table.

use super::{Place, broken, decode, inside};
use crate::{Error, bytes};
use alloc::vec::Vec;
use goblin::{
    container::Ctx,
    elf::{
        Elf, SectionHeader,
        section_header::{SHN_XINDEX, SHT_NOBITS},
    },
};

/// Every section of the name. A file without section headers has none.
pub fn places(file: &[u8]) -> Result<Vec<Place>, Error> {
    let header = Elf::parse_header(file).map_err(|e| broken("an ELF header", alloc::format!("{e}")))?;
    let (container, endian) = header
        .container()
        .and_then(|container| Ok((container, header.endianness()?)))
        .map_err(|e| broken("an ELF class and byte order", alloc::format!("{e}")))?;
    if header.e_shoff == 0 {
        return Ok(Vec::new());
    }
    let ctx = Ctx::new(container, endian);
    let size = SectionHeader::size(ctx) as u64;
    let section = |n: u64| {
        let at = n.checked_mul(size).and_then(|skip| header.e_shoff.checked_add(skip)).unwrap_or(u64::MAX);
        decode::<SectionHeader, _>(file, at, ctx, "a section header")
    };
    // Counts that do not fit the header are in the first section header.
    let first = section(0)?;
    let count = if header.e_shnum == 0 { first.sh_size } else { header.e_shnum.into() };
    let names = match u32::from(header.e_shstrndx) {
        SHN_XINDEX => first.sh_link,
        n => n,
    };
    let names = section(names.into())?;
    let names = inside(file, names.sh_offset, names.sh_size, "the section names")?;
    let names = file.get(names).unwrap_or(&[]);

    let mut places = Vec::new();
    for n in 0..count {
        let header = section(n)?;
        let name = names.get(header.sh_name..).and_then(|rest| rest.get(..=bytes::SECTION.len()));
        if name.and_then(|name| name.strip_suffix(b"\0")) == Some(bytes::SECTION.as_bytes()) {
            let size = if header.sh_type == SHT_NOBITS { 0 } else { header.sh_size };
            places.push(inside(file, header.sh_offset, size, "the contract section")?);
        }
    }
    Ok(places)
}
