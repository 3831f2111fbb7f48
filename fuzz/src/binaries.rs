//! The smallest binaries of each kind that carry a contract: what a compiler makes is large, and not the same everywhere.

use channel_contract::bytes::{MACH_SECTION, MACH_SEGMENT, SECTION};

/// Numbers of a binary: little or big end first, with 32 or 64 bits to an address.
#[derive(Default)]
struct Binary {
    bytes: Vec<u8>,
    big: bool,
    wide: bool,
}

impl Binary {
    fn new(big: bool, wide: bool) -> Self {
        Self { bytes: Vec::new(), big, wide }
    }

    fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend(bytes);
        self
    }

    /// A name, filled up with zeros.
    fn name(self, name: &str, width: usize) -> Self {
        let zeros = vec![0; width - name.len()];
        self.raw(name.as_bytes()).raw(&zeros)
    }

    fn half(self, n: u16) -> Self {
        let bytes = if self.big { n.to_be_bytes() } else { n.to_le_bytes() };
        self.raw(&bytes)
    }

    fn word(self, n: u32) -> Self {
        let bytes = if self.big { n.to_be_bytes() } else { n.to_le_bytes() };
        self.raw(&bytes)
    }

    fn words(self, all: &[u32]) -> Self {
        all.iter().fold(self, |binary, n| binary.word(*n))
    }

    /// An address, an offset or a size, each as wide as an address.
    fn wide(self, all: &[u32]) -> Self {
        all.iter().fold(self, |binary, n| match (binary.wide, binary.big) {
            (false, _) => binary.word(*n),
            (true, true) => binary.word(0).word(*n),
            (true, false) => binary.word(*n).word(0),
        })
    }
}

fn size(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).expect("a small binary")
}

/// A section in every kind of binary that can carry it.
pub fn around(section: &[u8]) -> Vec<Vec<u8>> {
    let both = [false, true];
    let shapes = both.into_iter().flat_map(|big| both.map(|wide| (big, wide)));
    let elf = shapes.clone().map(|(big, wide)| elf(section, big, wide));
    let mach: Vec<_> = shapes.map(|(big, wide)| mach(section, big, wide)).collect();
    let fat = fat(&mach[..2]);
    elf.chain(mach).chain([fat, pe(section)]).collect()
}

fn elf(section: &[u8], big: bool, wide: bool) -> Vec<u8> {
    let names = format!("\0{SECTION}\0.shstrtab\0");
    let (header, entry) = if wide { (64, 64) } else { (52, 40) };
    let (own, strings) = (header, header + size(section));
    let table = strings + size(names.as_bytes());
    let ident = [0x7f, b'E', b'L', b'F', 1 + u8::from(wide), 1 + u8::from(big), 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let section_header = |binary: Binary, name: u32, kind: u32, offset: u32, size: u32| {
        binary.words(&[name, kind]).wide(&[0, 0, offset, size]).words(&[0, 0]).wide(&[1, 0])
    };
    let mut binary = Binary::new(big, wide).raw(&ident).half(3).half(62).word(1).wide(&[0, 0, table]).word(0);
    for n in [header, 0, 0, entry, 3, 2] {
        binary = binary.half(u16::try_from(n).expect("a small number"));
    }
    binary = binary.raw(section).raw(names.as_bytes());
    binary = section_header(binary, 0, 0, 0, 0);
    binary = section_header(binary, 1, 1, own, size(section));
    let last = 2 + size(SECTION.as_bytes());
    section_header(binary, last, 3, strings, size(names.as_bytes())).bytes
}

fn pe(section: &[u8]) -> Vec<u8> {
    let (pointer, table) = (0x40, 0x40 + 4 + 20);
    let binary = Binary::default().name("MZ", 0x3c).word(pointer).raw(b"PE\0\0");
    let binary = binary.half(0x8664).half(1).words(&[0, 0, 0]).half(0).half(0);
    let own = table + 40;
    let binary = binary.name(SECTION, 8).words(&[size(section), 0x1000, size(section), own, 0, 0, 0, 0]);
    binary.raw(section).bytes
}

fn mach(section: &[u8], big: bool, wide: bool) -> Vec<u8> {
    let (header, segment, one) = if wide { (32, 72, 80) } else { (28, 56, 68) };
    let own = header + segment + one;
    let (magic, command) = if wide { (0xfeed_facf, 0x19) } else { (0xfeed_face, 0x1) };
    let mut binary = Binary::new(big, wide).words(&[magic, 7, 3, 6, 1, segment + one, 0]);
    if wide {
        binary = binary.word(0);
    }
    binary = binary.words(&[command, segment + one]).name(MACH_SEGMENT, 16);
    binary = binary.wide(&[0, size(section), own, size(section)]).words(&[3, 3, 1, 0]);
    binary = binary.name(MACH_SECTION, 16).name(MACH_SEGMENT, 16).wide(&[0, size(section)]);
    binary = binary.words(&[own, 0, 0, 0, 0, 0, 0]);
    if wide {
        binary = binary.word(0);
    }
    binary.raw(section).bytes
}

fn fat(images: &[Vec<u8>]) -> Vec<u8> {
    let count = u32::try_from(images.len()).expect("few images");
    let mut binary = Binary::new(true, false).words(&[0xcafe_babe, count]);
    let mut start = 8 + 20 * count;
    for image in images {
        binary = binary.words(&[7, 3, start, size(image), 0]);
        start += size(image);
    }
    images.iter().fold(binary, |binary, image| binary.raw(image)).bytes
}
