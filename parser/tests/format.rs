//! `FORMAT.md` says what the code does.

mod common;

use channel_parser::channel::{Cell, CellKind, MAGIC, Table, VERSION, cells, checksum, parse};
use channel_parser::model::{Level, Operator};
use channel_parser::{limits, text};
use common::blessed;
use std::fmt::Write;
use std::path::Path;

const PAGE: &str = include_str!("../FORMAT.md");

/// The part of the page under a heading.
fn part(heading: &str) -> &'static str {
    let (_, rest) = PAGE.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no {heading}"));
    rest.split_once("\n#").map_or(rest, |(part, _)| part)
}

/// The rows of the table under a heading, without their marks of code.
fn table(heading: &str) -> Vec<Vec<&'static str>> {
    let rows = part(heading).lines().filter(|line| line.starts_with('|')).skip(2);
    let row = |line: &'static str| {
        line.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`')).collect()
    };
    let rows: Vec<_> = rows.map(row).collect();
    assert!(!rows.is_empty(), "no table in {heading}");
    rows
}

/// The first block of code of a kind under a heading.
fn block(heading: &str, kind: &str) -> &'static str {
    let (_, rest) = part(heading).split_once(&format!("```{kind}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

fn example() -> Vec<u8> {
    text::assemble(block("## Example", "text")).unwrap()
}

fn column(row: &[&str], index: usize) -> u64 {
    row[index].parse().unwrap_or_else(|_| panic!("{row:?}"))
}

#[test]
fn the_columns_are_those_of_the_layout() {
    for table_of in Table::ALL {
        let section = table_of.section();
        let heading = format!("### `{}`: {}", String::from_utf8_lossy(section.name), section.rows);
        let written: Vec<_> = table(&heading).iter().map(|row| (row[0], column(row, 1))).collect();
        let words = section.words.iter().map(|name| (*name, 4));
        let columns: Vec<_> = words.chain(section.bytes.iter().map(|name| (*name, 1))).collect();
        assert_eq!(written, columns, "{heading}");
    }
    let order =
        Table::ALL.map(|table| String::from_utf8_lossy(table.section().name).into_owned()).join(" | ");
    assert!(PAGE.contains(&format!("| {order} |")));
}

#[test]
fn the_header_and_the_directory_stand_where_it_says() {
    let bytes = example();
    for (heading, path, base) in [("## Header", "header", 0), ("## Directory", "directory[0]", 40)] {
        let mut written = table(heading).into_iter();
        let own = |cell: &Cell| {
            cell.kind != CellKind::Padding && cell.path.to_string().starts_with(&format!("{path}."))
        };
        for cell in cells(&bytes).filter(own) {
            let row = written.next().unwrap();
            let (start, length) = (base + column(&row, 0), column(&row, 1));
            assert_eq!(cell.span, start..start + length);
            assert_eq!(cell.path.to_string(), format!("{path}.{}", row[2]));
        }
        assert!(written.next().is_none());
    }
    let magic = MAGIC.map(|b| format!("{b:02x}")).join(" ");
    assert!(table("## Header")[0][3].contains(&magic) && VERSION == 1);
}

#[test]
fn the_words_are_those_of_the_model() {
    let levels = Level::ALL.iter().map(|level| vec![level.number().to_string(), level.word().into()]);
    assert!(table("## Levels").into_iter().eq(levels));
    for (row, operator) in table("## Operators").iter().zip(Operator::ALL) {
        let compares = operator.reads().map_or("any", |input| input.word());
        assert_eq!(row[..3], [&operator.number().to_string(), operator.word(), compares]);
    }
    assert_eq!(table("## Operators").len(), Operator::ALL.len());
}

#[test]
fn the_limits_are_those_of_the_code() {
    let numbers: Vec<_> = table("## Limits").iter().map(|row| column(row, 1)).collect();
    assert_eq!(numbers, [limits::FILE_BYTES, limits::SECTIONS.into(), limits::ROWS.into()]);
    assert!(PAGE.contains(&format!(
        "at most {} lines of damage, and {} criteria",
        limits::DAMAGE,
        limits::TEXT_CRITERIA
    )));
}

/// The checksum as the page tells it, word by word.
fn told(bytes: &[u8]) -> [u64; 2] {
    let mut padded = bytes.to_vec();
    padded.resize(bytes.len().next_multiple_of(64), 0);
    let (mut sum, mut fold) = ([0u64; 8], [0u64; 8]);
    for (i, word) in padded.chunks(8).enumerate() {
        sum[i % 8] = sum[i % 8].wrapping_add(u64::from_le_bytes(word.try_into().unwrap()));
        fold[i % 8] = (fold[i % 8] ^ (fold[i % 8] >> 29)).wrapping_add(sum[i % 8]);
    }
    [sum, fold].map(|lanes| {
        lanes.iter().fold(0u64, |all, l| all.wrapping_add(*l).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    })
}

fn hex(digits: &str) -> Vec<u8> {
    digits.split_whitespace().map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

#[test]
fn the_checksum_is_the_one_that_is_told() {
    for row in table("## Checksum") {
        let bytes = if row[0] == "none" { Vec::new() } else { hex(row[0]) };
        let written = [row[1], row[2]].map(|n| u64::from_str_radix(n.trim_start_matches("0x"), 16).unwrap());
        assert_eq!(checksum(&bytes), written, "{row:?}");
        assert_eq!(told(&bytes), written, "{row:?}");
    }
    let long: Vec<u8> = (0..=255).cycle().take(1000).collect();
    assert!((0..1000).all(|length| told(&long[..length]) == checksum(&long[..length])));
}

#[test]
fn the_example_is_the_file_of_its_text() {
    let bytes = example();
    let file = parse(&bytes).unwrap();
    assert_eq!(text::print(&file), block("## Example", "text"));
    let mut dump = String::new();
    for cell in cells(&bytes) {
        assert!(!matches!(cell.kind, CellKind::Undecoded(_)));
        let stored = &bytes[cell.span.start as usize..cell.span.end as usize];
        let digits: Vec<_> = stored.iter().map(|b| format!("{b:02x}")).collect();
        writeln!(dump, "{:>4}  {}  {}  {}", cell.span.start, digits.join(" "), cell.path, cell.value(&bytes))
            .unwrap();
    }
    let (before, rest) = PAGE.split_once("```dump\n").unwrap();
    let (_, after) = rest.split_once("```").unwrap();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("FORMAT.md");
    blessed(&page, &format!("{before}```dump\n{dump}```{after}"));
    // So what stands on the page is a whole file, byte by byte.
    let stored = |line: &str| line.trim_start().split("  ").nth(1).unwrap().to_owned();
    let shown: Vec<u8> = dump.lines().flat_map(|line| hex(&stored(line))).collect();
    assert_eq!(shown, bytes);
}
