//! Inputs right beside what a pattern looks for: on the border of what it matches, on both sides. Events are steered by the
//! interpreter's own answers elsewhere; these are made from the operand alone.

use crate::naive::{Owned, Token, tokens};
use channel_parser::draft::{Pattern, TextOperator};
use std::net::IpAddr;

/// What stands in the place of a star.
const STARS: [&str; 4] = ["", "q", "qQ", "\u{212a}"];

/// Such inputs, of the type that the pattern reads; none for one that reads nothing.
pub fn inputs(pattern: &Pattern) -> Vec<Owned> {
    match pattern {
        Pattern::Text { operator, operand, .. } => {
            texts(*operator, operand).into_iter().map(Owned::Text).collect()
        }
        Pattern::Equal(n) => integers([*n, n.wrapping_sub(1), n.wrapping_add(1), n.wrapping_neg()]),
        Pattern::Range(low, high) => integers([*low, *high, low.wrapping_sub(1), high.wrapping_add(1)]),
        Pattern::Mask { mask, value } => {
            let lowest = mask & mask.wrapping_neg();
            integers([*value, value ^ lowest, value | !mask, !value].map(u64::cast_signed))
        }
        Pattern::Network { address, prefix } => addresses(*address, *prefix),
        Pattern::Present | Pattern::Absent => Vec::new(),
    }
}

fn integers(all: [i64; 4]) -> Vec<Owned> {
    all.map(Owned::Integer).into()
}

fn texts(operator: TextOperator, operand: &str) -> Vec<String> {
    let mut texts: Vec<String> = match operator {
        TextOperator::Glob => STARS.iter().map(|star| filled(operand, star)).collect(),
        _ => vec![operand.into()],
    };
    let whole = texts[texts.len() / 2].clone();
    let mut cut = whole.clone();
    cut.pop();
    texts.extend([cut, format!("{whole}q"), format!("q{whole}"), format!("{whole}{whole}")]);
    texts.extend([whole.to_uppercase(), whole.to_lowercase()]);
    texts
}

/// A text that a glob fits, with this in the place of every star.
fn filled(glob: &str, star: &str) -> String {
    let mut text = String::new();
    for token in tokens(glob, false) {
        match token {
            Token::Star => text.push_str(star),
            Token::Any => text.push('q'),
            Token::One(c) => text.push(c),
        }
    }
    text
}

/// The network's own address, the last in it, and those that differ in one bit around the end of the prefix.
fn addresses(network: IpAddr, prefix: u8) -> Vec<Owned> {
    let (bits, width) = match network {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32u32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    };
    let host = 1u128.checked_shl(width.saturating_sub(prefix.into())).map_or(u128::MAX, |end| end - 1);
    let near = u32::from(prefix).saturating_sub(9)..u32::from(prefix).saturating_add(2).min(width);
    let flips = near.map(|at| bits ^ 1u128 << (width - 1 - at));
    let address = |bits: u128| match network {
        IpAddr::V4(_) => IpAddr::V4((bits as u32).into()),
        IpAddr::V6(_) => IpAddr::V6(bits.into()),
    };
    [bits, bits | host].into_iter().chain(flips).map(|bits| Owned::Address(address(bits))).collect()
}
