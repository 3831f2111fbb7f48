//! Content at random, for the property tests of this and other crates: every draft can be written, and the reader
//! accepts what is written.

use crate::channel::Table;
use crate::draft::*;
use crate::model::{Level, Quantifier, TypeIndex};
use alloc::string::String;
use alloc::vec::Vec;
use core::net::IpAddr;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Any text, with a liking for what is hard to quote, to fold and to tell from syntax.
pub fn text() -> impl Strategy<Value = String> {
    const HARD: &[&str] =
        &["", "'", "\"", "\\", "# no comment", "\u{202e}\u{0}\n", "ẞß İı Σς", "any of", "🦀", "[0]", "a: b"];
    prop_oneof![
        select(HARD).prop_map(String::from),
        "[a-zA-Z\\\\.*?']{1,12}",
        vec(any::<char>(), 0..5).prop_map(String::from_iter),
    ]
}

/// A text of at least one letter.
pub fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{1,3}", text().prop_map(|text| text + "x")]
}

/// Any pattern that can be written.
pub fn pattern() -> impl Strategy<Value = Pattern> {
    use TextOperator::*;
    let operators = select(&[Exact, Prefix, Suffix, Contains, Glob, Regex][..]);
    let compared = (operators, any::<bool>(), text());
    let network = |(address, prefix): (IpAddr, u8)| {
        let (bits, width) = match address {
            IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
            IpAddr::V6(address) => (address.to_bits(), 128),
        };
        let prefix = prefix.min(width);
        let bits = bits.checked_shr((width - prefix).into()).unwrap_or(0);
        let bits = bits.checked_shl((width - prefix).into()).unwrap_or(0);
        let address = if width == 32 { IpAddr::V4((bits as u32).into()) } else { IpAddr::V6(bits.into()) };
        Pattern::Network { address, prefix }
    };
    prop_oneof![
        6 => compared.prop_map(|(operator, nocase, operand)| Pattern::Text { operator, nocase, operand }),
        1 => any::<i64>().prop_map(Pattern::Equal),
        1 => any::<(i64, i64)>().prop_map(|(a, b)| Pattern::Range(a.min(b), a.max(b))),
        1 => any::<(u64, u64)>().prop_map(|(mask, bits)| Pattern::Mask { mask, value: bits & mask }),
        1 => (any::<IpAddr>(), 0..=128u8).prop_map(network),
        1 => select(&[Pattern::Present, Pattern::Absent][..]),
    ]
}

fn criterion() -> impl Strategy<Value = Criterion> {
    let clause = (select(Quantifier::ALL), vec(pattern(), 1..4))
        .prop_map(|(quantifier, patterns)| Clause { quantifier, patterns });
    prop_oneof![2 => Just(Criterion::default()), 1 => vec(clause, 1..3).prop_map(|clauses| Criterion { clauses })]
}

fn detection(types: usize) -> impl Strategy<Value = Detection> {
    let instance = || {
        (any::<Index>(), vec(criterion(), 1..5)).prop_map(move |(template, criteria)| {
            let template = TypeIndex(template.index(types).try_into().unwrap_or_default());
            Instance { template, criteria }
        })
    };
    let provenance = (text(), text(), text(), text())
        .prop_map(|(title, author, licence, source)| Provenance { title, author, licence, source });
    let parts = (name(), select(Level::ALL), provenance, vec(instance(), 1..3), vec(instance(), 0..3));
    parts.prop_map(|(id, level, provenance, include, exclude)| Detection {
        id,
        level,
        provenance,
        include,
        exclude,
    })
}

fn types() -> impl Strategy<Value = Vec<TemplateType>> {
    let rest = (any::<u32>(), name(), vec(name(), 1..5));
    btree_map(prop_oneof![0..4u32, any::<u32>()], rest, 0..3).prop_map(|types| {
        let template = |(id, (revision, name, fields)): (u32, (u32, _, _))| TemplateType {
            id: id.into(),
            revision: revision.into(),
            name,
            fields,
        };
        types.into_iter().map(template).collect()
    })
}

fn extra() -> impl Strategy<Value = Vec<ExtraSection>> {
    btree_map("[0-9A-Za-z]{4}", vec(any::<u8>(), 0..70), 0..3).prop_map(|sections| {
        let named = |(name, bytes): (String, Vec<u8>)| {
            let name = <[u8; 4]>::try_from(name.as_bytes()).ok()?;
            let known = Table::ALL.iter().any(|table| *table.section().name == name);
            (!known).then_some(ExtraSection { name, bytes })
        };
        sections.into_iter().filter_map(named).collect()
    })
}

/// Any draft that can be written, and is accepted when it is read.
pub fn draft() -> impl Strategy<Value = Draft> {
    types().prop_flat_map(|types| {
        let most = if types.is_empty() { 0 } else { 3 };
        let detections = vec(detection(types.len()), 0..=most);
        let parts = (any::<(u32, u32, u32)>(), detections, extra());
        parts.prop_map(move |((channel, part, revision), detections, extra)| Draft {
            channel: channel.into(),
            part: part.into(),
            revision: revision.into(),
            types: types.clone(),
            detections,
            extra,
        })
    })
}
