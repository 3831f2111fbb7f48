//! Integers and addresses. Where patterns are intervals, a value that meets what is wanted exists only if one does at
//! the edge of an interval or just past it: what is tried then is all that needs to be.

use super::{Answer, Tester, Want};
use crate::OwnedInput;
use channel_interpreter::Regexes;
use channel_parser::channel::{Operand, Pattern};
use channel_parser::model::InputType;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Masks of one want that are combined with each other; more are tried one by one.
const COMBINED: usize = 16;

/// An integer or an address that meets what is wanted.
pub fn solve<R: Regexes>(tester: &Tester<R>, want: &Want<'_>, input: InputType) -> Answer {
    let patterns = || want.any.iter().flatten().chain(&want.none);
    let mut tried = match input {
        InputType::Integer => [0, i64::MIN, i64::MAX].map(OwnedInput::Integer).to_vec(),
        _ => ends().map(OwnedInput::Address).to_vec(),
    };
    tried.extend(patterns().flat_map(|pattern| around(pattern)));
    tried.extend(masked(want).into_iter().map(OwnedInput::Integer));
    // What is meant comes first: a value of a pattern that must match, then the smallest.
    let wanted = want.any.iter().flatten().flat_map(|pattern| around(pattern).into_iter().take(1));
    let fits = |value: &OwnedInput| value.input().input_type() == input;
    let mut all = wanted.chain(tried.iter().cloned()).filter(fits);
    if let Some(found) = all.find(|value| tester.meets(want, Some(value))) {
        return Answer::Found(Some(found));
    }
    let masks = patterns().any(|pattern| matches!(pattern.operand(), Some(Operand::Mask { .. })));
    if masks { Answer::NotFound } else { Answer::Impossible }
}

/// The least and the greatest address of each kind.
fn ends() -> [IpAddr; 4] {
    [
        IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        IpAddr::V4(Ipv4Addr::BROADCAST),
        IpAddr::V6(Ipv6Addr::from_bits(u128::MAX)),
    ]
}

/// The values at the edges of a pattern, the first inside it, and those just past them.
fn around(pattern: &Pattern<'_>) -> Vec<OwnedInput> {
    let integers = |low: i64, high: i64| {
        let past = [low.checked_sub(1), high.checked_add(1)];
        [low, high].into_iter().chain(past.into_iter().flatten()).map(OwnedInput::Integer).collect()
    };
    match pattern.operand() {
        Some(Operand::Integer(n)) => integers(n, n),
        Some(Operand::Range(low, high)) => integers(low, high),
        Some(Operand::Mask { mask, value }) => {
            let lowest = mask & mask.wrapping_neg();
            let all = [value, value | !mask, value ^ lowest, !value];
            all.map(|n| OwnedInput::Integer(n.cast_signed())).to_vec()
        }
        Some(Operand::Network { address, prefix }) => {
            let Some((first, last)) = network(address, prefix) else { return Vec::new() };
            let past = [beside(first).into_iter().next(), beside(last).into_iter().next_back()];
            let all = [first, last].into_iter().chain(past.into_iter().flatten());
            all.map(OwnedInput::Address).collect()
        }
        _ => Vec::new(),
    }
}

/// The addresses before and after one, of its kind.
pub fn beside(address: IpAddr) -> Vec<IpAddr> {
    match address {
        IpAddr::V4(a) => {
            let bits = a.to_bits();
            let near = [bits.checked_sub(1), bits.checked_add(1)];
            near.into_iter().flatten().map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits))).collect()
        }
        IpAddr::V6(a) => {
            let bits = a.to_bits();
            let near = [bits.checked_sub(1), bits.checked_add(1)];
            near.into_iter().flatten().map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits))).collect()
        }
    }
}

/// The first and the last address of a network; `None` if the prefix is longer than an address.
pub fn network(address: IpAddr, prefix: u8) -> Option<(IpAddr, IpAddr)> {
    Some(match address {
        IpAddr::V4(a) => {
            let free = u32::MAX.checked_shr(prefix.into()).unwrap_or(0);
            let first = (prefix <= 32).then_some(a.to_bits() & !free)?;
            (IpAddr::V4(Ipv4Addr::from_bits(first)), IpAddr::V4(Ipv4Addr::from_bits(first | free)))
        }
        IpAddr::V6(a) => {
            let free = u128::MAX.checked_shr(prefix.into()).unwrap_or(0);
            let first = (prefix <= 128).then_some(a.to_bits() & !free)?;
            (IpAddr::V6(Ipv6Addr::from_bits(first)), IpAddr::V6(Ipv6Addr::from_bits(first | free)))
        }
    })
}

/// Integers that satisfy a mask of each of the first lists together, at the edges of the ranges.
fn masked(want: &Want<'_>) -> Vec<i64> {
    let mask = |pattern: &Pattern<'_>| match pattern.operand() {
        Some(Operand::Mask { mask, value }) => Some((mask, value)),
        _ => None,
    };
    let mut merged = vec![(0u64, 0u64)];
    for list in want.any.iter().take(COMBINED) {
        let own: Vec<_> = list.iter().filter_map(mask).take(COMBINED).collect();
        if own.is_empty() {
            continue;
        }
        let both = merged.iter().flat_map(|(mask, value)| {
            own.iter().filter_map(move |(other, wanted)| {
                ((value ^ wanted) & mask & other == 0).then_some((mask | other, value | wanted))
            })
        });
        merged = both.take(COMBINED).collect();
    }
    let edges = want.any.iter().flatten().chain(&want.none).filter_map(|pattern| match pattern.operand() {
        Some(Operand::Range(low, high)) => Some([Some(low), high.checked_add(1)]),
        Some(Operand::Integer(n)) => Some([Some(n), n.checked_add(1)]),
        _ => None,
    });
    let edges: Vec<_> =
        [i64::MIN, 0].into_iter().chain(edges.flatten().flatten().take(COMBINED * 2)).collect();
    let mut found = Vec::new();
    for (mask, value) in merged {
        found.extend(edges.iter().filter_map(|edge| at_least(*edge, mask, value)));
        // A pattern that must not match differs from the value in a bit that is free.
        let free: Vec<_> = (0..64).map(|bit| 1u64 << bit).filter(|bit| mask & bit == 0).collect();
        found.extend(free.iter().map(|bit| (value | bit).cast_signed()));
        found.push((value | !mask).cast_signed());
    }
    found
}

/// The least integer from a bound on whose bits under a mask are a value.
fn at_least(bound: i64, mask: u64, value: u64) -> Option<i64> {
    const SIGN: u64 = 1 << 63;
    // With the sign bit turned, signed integers are in the order of unsigned ones.
    let (low, value) = (bound.cast_unsigned() ^ SIGN, value ^ (mask & SIGN));
    if low & mask == value {
        return Some(bound);
    }
    // It follows the bound down to some bit, is greater there, and least below.
    (0..64).find_map(|bit| {
        let here = 1u64 << bit;
        let above = !(here | (here - 1));
        let fits =
            (low ^ value) & mask & above == 0 && low & here == 0 && (mask & here == 0 || value & here != 0);
        let least = low & above | here | value & (here - 1);
        fits.then_some((least ^ SIGN).cast_signed())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_least_is_the_least() {
        let all = |n: i64, mask: u64, value: u64| n.cast_unsigned() & mask == value;
        for (mask, value) in
            [(0, 0), (0b101, 0b100), (0b110, 0b010), (1 << 63, 0), (1 << 63, 1 << 63), (u64::MAX, 7)]
        {
            for bound in -20..20 {
                let slow = (bound..100).find(|n| all(*n, mask, value));
                if let Some(slow) = slow {
                    assert_eq!(at_least(bound, mask, value), Some(slow), "{bound} {mask:b} {value:b}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_found_fits_and_is_not_below(bound: i64, mask: u64, bits: u64) {
            let value = bits & mask;
            match at_least(bound, mask, value) {
                Some(n) => prop_assert!(n >= bound && n.cast_unsigned() & mask == value),
                None => {
                    let sign = if mask >> 63 == 1 { u64::MAX } else { u64::MAX >> 1 };
                    prop_assert!(((!mask | value) & sign).cast_signed() < bound);
                }
            }
        }

        #[test]
        fn networks_hold_their_ends(bits: u32, prefix in 0u8..=32) {
            let (first, last) = network(IpAddr::V4(Ipv4Addr::from_bits(bits)), prefix).unwrap();
            let (IpAddr::V4(first), IpAddr::V4(last)) = (first, last) else { panic!() };
            prop_assert_eq!(u64::from(last.to_bits()) - u64::from(first.to_bits()) + 1, 1u64 << (32 - prefix));
            prop_assert!(first.to_bits() <= bits && bits <= last.to_bits());
        }
    }
}
