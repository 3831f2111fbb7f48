//! The section in Mach-O, by the names of segment and section; and the images of a fat file.

use super::{Place, broken, decode, inside};
use crate::{Error, bytes};
use alloc::{format, vec::Vec};
use goblin::mach::{
    fat::{FAT_MAGIC, FatArch, SIZEOF_FAT_ARCH, SIZEOF_FAT_HEADER},
    header::{MH_CIGAM, MH_CIGAM_64, MH_MAGIC_64, SIZEOF_HEADER_32, SIZEOF_HEADER_64},
    load_command::{
        LC_SEGMENT, LC_SEGMENT_64, SIZEOF_SECTION_32, SIZEOF_SECTION_64, SIZEOF_SEGMENT_COMMAND_32,
        SIZEOF_SEGMENT_COMMAND_64, Section32, Section64, SegmentCommand32, SegmentCommand64,
    },
};
use scroll::{BE, Endian};

/// More architectures than one file has ever had.
const MAX_IMAGES: u32 = 64;
/// Sections of this type have no bytes in the file.
const ZERO_FILL: u32 = 1;

/// The images of a fat file.
pub fn images(file: &[u8]) -> Result<Vec<Place>, Error> {
    let magic: u32 = decode(file, 0, BE, "a fat header")?;
    let count: u32 = decode(file, 4, BE, "a fat header")?;
    if magic != FAT_MAGIC {
        return Err(broken("a fat header with 32-bit offsets", "one with 64-bit offsets"));
    }
    if !(1..=MAX_IMAGES).contains(&count) {
        return Err(broken("1 to 64 architectures", format!("{count}")));
    }
    let mut images: Vec<Place> = Vec::new();
    for n in 0..u64::from(count) {
        let at = n.saturating_mul(SIZEOF_FAT_ARCH as u64).saturating_add(SIZEOF_FAT_HEADER as u64);
        let arch: FatArch = decode(file, at, BE, "a fat architecture")?;
        let image = inside(file, arch.offset.into(), arch.size.into(), "an architecture")?;
        if let Some(other) = images.iter().find(|other| other.start < image.end && image.start < other.end) {
            return Err(broken("architectures apart", format!("{image:x?} over {other:x?}")));
        }
        images.push(image);
    }
    Ok(images)
}

/// How the numbers of one image are stored.
#[derive(Clone, Copy)]
struct Shape {
    wide: bool,
    endian: Endian,
}

/// Every section of the names in one image.
pub fn places(file: &[u8], image: Place) -> Result<Vec<Place>, Error> {
    let bytes = file.get(image.clone()).unwrap_or(&[]);
    let magic: u32 = decode(bytes, 0, BE, "a Mach-O header")?;
    let wide = matches!(magic, MH_MAGIC_64 | MH_CIGAM_64);
    if !wide && !matches!(magic, MH_CIGAM | goblin::mach::header::MH_MAGIC) {
        return Err(broken("a Mach-O header", format!("{magic:#010x} at {:#x}", image.start)));
    }
    let shape = Shape { wide, endian: Endian::from(matches!(magic, MH_CIGAM | MH_CIGAM_64)) };
    let count: u32 = decode(bytes, 16, shape.endian, "a Mach-O header")?;
    let size: u32 = decode(bytes, 20, shape.endian, "a Mach-O header")?;
    let start = if wide { SIZEOF_HEADER_64 } else { SIZEOF_HEADER_32 } as u64;
    let commands = inside(bytes, start, size.into(), "the load commands")?;

    let mut places = Vec::new();
    let mut rest = bytes.get(commands).unwrap_or(&[]);
    for _ in 0..count {
        let command: u32 = decode(rest, 0, shape.endian, "a load command")?;
        let length: u32 = decode(rest, 4, shape.endian, "a load command")?;
        let split = usize::try_from(length).ok().filter(|n| *n >= 8).and_then(|n| rest.split_at_checked(n));
        let Some((this, next)) = split else {
            return Err(broken("a load command of 8 bytes or more", format!("one of {length}")));
        };
        rest = next;
        if command == if wide { LC_SEGMENT_64 } else { LC_SEGMENT } {
            segment(this, shape, |start, size| {
                let place = inside(bytes, start, size, "the contract section")?;
                let absolute = |n: usize| n.saturating_add(image.start);
                places.push(absolute(place.start)..absolute(place.end));
                Ok(())
            })?;
        }
    }
    Ok(places)
}

/// Hands over the start and size of every section of the names in a segment command.
fn segment(
    command: &[u8],
    shape: Shape,
    mut found: impl FnMut(u64, u64) -> Result<(), Error>,
) -> Result<(), Error> {
    let (what, endian) = ("a segment", shape.endian);
    let (count, head, step) = if shape.wide {
        let segment: SegmentCommand64 = decode(command, 0, endian, what)?;
        (segment.nsects, SIZEOF_SEGMENT_COMMAND_64, SIZEOF_SECTION_64)
    } else {
        let segment: SegmentCommand32 = decode(command, 0, endian, what)?;
        (segment.nsects, SIZEOF_SEGMENT_COMMAND_32, SIZEOF_SECTION_32)
    };
    for n in 0..u64::from(count) {
        let at = n.saturating_mul(step as u64).saturating_add(head as u64);
        let section: Section64 = if shape.wide {
            decode(command, at, endian, "a section")?
        } else {
            widen(decode(command, at, endian, "a section")?)
        };
        if is(&section.segname, bytes::MACH_SEGMENT) && is(&section.sectname, bytes::MACH_SECTION) {
            let zero_fill = section.flags & 0xff == ZERO_FILL;
            found(section.offset.into(), if zero_fill { 0 } else { section.size })?;
        }
    }
    Ok(())
}

fn widen(section: Section32) -> Section64 {
    goblin::mach::segment::Section::from(section).into()
}

/// Whether a name padded with zeros is this one.
fn is(padded: &[u8; 16], name: &str) -> bool {
    padded.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.iter().all(|byte| *byte == 0))
}
