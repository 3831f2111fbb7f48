//! What stands where in a channel file, as data: the reader, the writer, the dump and the text form all follow these
//! tables, so that none of them can have an opinion of its own. `FORMAT.md` is their prose.

/// The first bytes of a channel file. Bit 7 is set, CR LF and LF stand in it, and Ctrl-Z stops a careless `type`:
/// transfers that are not binary break it.
pub const MAGIC: [u8; 8] = *b"\x89CHN\r\n\x1a\n";
/// The one version of the format so far.
pub const VERSION: u32 = 1;
/// Bytes of the header.
pub const HEADER: u64 = 40;
/// Bytes of one entry of the directory.
pub const ENTRY: u64 = 24;
/// Bytes of the head of a section.
pub const HEAD: u64 = 8;
/// Sections, and so the trailer, start at multiples of this.
pub const ALIGNMENT: u64 = 8;
/// Bytes of the checksum that ends the file.
pub const TRAILER: u64 = 16;
/// The flag of a section that a reader must know.
pub const CRITICAL: u32 = 1;
/// The bit of a pattern's operator byte that asks for a comparison without case.
pub const NOCASE: u8 = 0x80;

/// One of the sections that every channel file has, in the order of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Template types.
    Types,
    /// The fields of the template types.
    Fields,
    /// Detections.
    Detections,
    /// Template instances.
    Instances,
    /// Criteria.
    Criteria,
    /// Clauses.
    Clauses,
    /// Patterns, with their operands.
    Patterns,
    /// Where each detection comes from.
    Provenance,
}

/// How a section looks: a head with the number of rows, then its columns, each with one cell a row, then its text.
#[derive(Debug)]
pub struct Section {
    /// Its name in the directory.
    pub name: &'static [u8; 4],
    /// The word for its rows in paths.
    pub rows: &'static str,
    /// Its columns of 32-bit numbers.
    pub words: &'static [&'static str],
    /// Its columns of bytes.
    pub bytes: &'static [&'static str],
    /// The word for its text, if it has one.
    pub text: Option<&'static str>,
}

impl Table {
    /// All of them, in the order of the file.
    pub const ALL: [Self; 8] = [
        Self::Types,
        Self::Fields,
        Self::Detections,
        Self::Instances,
        Self::Criteria,
        Self::Clauses,
        Self::Patterns,
        Self::Provenance,
    ];

    /// How its section looks.
    pub const fn section(self) -> &'static Section {
        match self {
            Self::Types => &Section {
                name: b"TYPE",
                rows: "types",
                words: &["id", "revision", "field_end", "name_end"],
                bytes: &[],
                text: Some("name"),
            },
            Self::Fields => &Section {
                name: b"FLDS",
                rows: "fields",
                words: &["name_end"],
                bytes: &[],
                text: Some("name"),
            },
            Self::Detections => &Section {
                name: b"DETS",
                rows: "detections",
                words: &["include_end", "exclude_end", "id_end"],
                bytes: &["level"],
                text: Some("id"),
            },
            Self::Instances => &Section {
                name: b"INST",
                rows: "instances",
                words: &["template", "criterion_end"],
                bytes: &[],
                text: None,
            },
            Self::Criteria => {
                &Section { name: b"CRIT", rows: "criteria", words: &["clause_end"], bytes: &[], text: None }
            }
            Self::Clauses => &Section {
                name: b"CLAU",
                rows: "clauses",
                words: &["pattern_end"],
                bytes: &["quantifier"],
                text: None,
            },
            Self::Patterns => &Section {
                name: b"PATT",
                rows: "patterns",
                words: &["operand_end"],
                bytes: &["operator"],
                text: Some("operand"),
            },
            Self::Provenance => &Section {
                name: b"PROV",
                rows: "provenance",
                words: &["title_end", "author_end", "licence_end", "source_end"],
                bytes: &[],
                text: Some("text"),
            },
        }
    }
}

impl Section {
    /// Bytes of one row, its text not counted.
    pub const fn row_bytes(&self) -> u64 {
        (self.words.len() as u64).saturating_mul(4).saturating_add(self.bytes.len() as u64)
    }

    /// The word for the text that a column of ends owns: `name` for `name_end`.
    pub fn text_of(&self, column: usize) -> &'static str {
        let end = self.words.get(column).copied().unwrap_or_default();
        end.strip_suffix("_end").unwrap_or(end)
    }
}

/// Columns whose numbers, read row by row, never go down: where the parts of each row end in another table or in the
/// section's own text.
#[derive(Debug)]
pub struct Chain {
    /// The table of the columns.
    pub table: Table,
    /// The first column of the chain.
    pub first: usize,
    /// How many columns it has.
    pub columns: usize,
    /// Whether the part that the first column ends must hold something.
    pub strict: bool,
    /// The table in which the parts lie; `None` for the section's own text.
    pub of: Option<Table>,
}

/// All chains. Together they give every row, and every byte of text, exactly one owner.
pub const CHAINS: [Chain; 10] = {
    const fn chain(table: Table, first: usize, columns: usize, strict: bool, of: Option<Table>) -> Chain {
        Chain { table, first, columns, strict, of }
    }
    [
        chain(Table::Types, 2, 1, true, Some(Table::Fields)),
        chain(Table::Types, 3, 1, true, None),
        chain(Table::Fields, 0, 1, true, None),
        chain(Table::Detections, 0, 2, true, Some(Table::Instances)),
        chain(Table::Detections, 2, 1, true, None),
        chain(Table::Instances, 1, 1, true, Some(Table::Criteria)),
        chain(Table::Criteria, 0, 1, false, Some(Table::Clauses)),
        chain(Table::Clauses, 0, 1, true, Some(Table::Patterns)),
        chain(Table::Patterns, 0, 1, false, None),
        chain(Table::Provenance, 0, 4, false, None),
    ]
};
