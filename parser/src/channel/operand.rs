//! The operand of a pattern. Text stands as it is; numbers and addresses stand as lower-case hexadecimal digits of a
//! fixed width, so that all operands share one text, each value has one spelling, and a hex dump can be read.

use crate::model::Operator;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a pattern compares with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand<'a> {
    /// The text of an operator that compares text.
    Text(&'a str),
    /// The integer of `equal`.
    Integer(i64),
    /// The first and the last integer of `range`.
    Range(i64, i64),
    /// The mask and the value of `mask`.
    Mask {
        /// The bits to look at.
        mask: u64,
        /// What they must be.
        value: u64,
    },
    /// The network of `network`.
    Network {
        /// Its address.
        address: IpAddr,
        /// How many leading bits count.
        prefix: u8,
    },
    /// `present` and `absent` have none.
    None,
}

/// Why bytes are no operand of an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperandError {
    /// Not UTF-8.
    Text,
    /// Not 16 hexadecimal digits.
    Integer,
    /// Not twice 16 digits, the second number at least the first.
    Range,
    /// Not twice 16 digits, the second number within the first.
    Mask,
    /// Not 8 or 32 digits of an address and 2 of a prefix that leaves no bit of the address out.
    Network,
    /// Not empty.
    NotEmpty,
}

impl OperandError {
    /// What had to be there.
    pub const fn expected(self) -> &'static str {
        match self {
            Self::Text => "UTF-8 text",
            Self::Integer => "16 lower-case hexadecimal digits",
            Self::Range => "two numbers of 16 lower-case hexadecimal digits, the second not below the first",
            Self::Mask => {
                "two numbers of 16 lower-case hexadecimal digits, the second without bits outside the first"
            }
            Self::Network => {
                "8 or 32 lower-case hexadecimal digits of an address and 2 of a prefix that covers its set bits"
            }
            Self::NotEmpty => "no operand",
        }
    }
}

impl<'a> Operand<'a> {
    /// Reads the operand of an operator.
    ///
    /// # Errors
    ///
    /// What the operator would have needed.
    pub fn decode(operator: Operator, bytes: &'a [u8]) -> Result<Self, OperandError> {
        match operator {
            Operator::Exact
            | Operator::Prefix
            | Operator::Suffix
            | Operator::Contains
            | Operator::Glob
            | Operator::Regex => core::str::from_utf8(bytes).map(Self::Text).map_err(|_| OperandError::Text),
            Operator::Equal => digits(bytes)
                .filter(|_| bytes.len() == 16)
                .map(|n| Self::Integer(n as u64 as i64))
                .ok_or(OperandError::Integer),
            Operator::Range => pair(bytes)
                .map(|(low, high)| (low as i64, high as i64))
                .filter(|(low, high)| low <= high)
                .map(|(low, high)| Self::Range(low, high))
                .ok_or(OperandError::Range),
            Operator::Mask => pair(bytes)
                .filter(|(mask, value)| value & !mask == 0)
                .map(|(mask, value)| Self::Mask { mask, value })
                .ok_or(OperandError::Mask),
            Operator::Network => network(bytes).ok_or(OperandError::Network),
            Operator::Present | Operator::Absent => {
                if bytes.is_empty() {
                    Ok(Self::None)
                } else {
                    Err(OperandError::NotEmpty)
                }
            }
        }
    }
}

/// The number that up to 32 lower-case hexadecimal digits stand for.
fn digits(bytes: &[u8]) -> Option<u128> {
    if bytes.is_empty() || bytes.len() > 32 {
        return None;
    }
    bytes.iter().try_fold(0u128, |number, b| {
        let digit = match b {
            b'0'..=b'9' => b.wrapping_sub(b'0'),
            b'a'..=b'f' => b.wrapping_sub(b'a').wrapping_add(10),
            _ => return None,
        };
        Some(number << 4 | u128::from(digit))
    })
}

fn pair(bytes: &[u8]) -> Option<(u64, u64)> {
    let both = digits(bytes).filter(|_| bytes.len() == 32)?;
    Some(((both >> 64) as u64, both as u64))
}

fn network<'a>(bytes: &[u8]) -> Option<Operand<'a>> {
    let (address, prefix) = bytes.split_at_checked(bytes.len().checked_sub(2)?)?;
    let prefix = digits(prefix)? as u8;
    let bits = digits(address)?;
    let address = match address.len() {
        8 => IpAddr::V4(Ipv4Addr::from_bits(bits as u32)),
        32 => IpAddr::V6(Ipv6Addr::from_bits(bits)),
        _ => return None,
    };
    is_network(address, prefix).then_some(Operand::Network { address, prefix })
}

/// Whether a prefix of an address is not too long, and leaves out no bit that is set.
pub(crate) fn is_network(address: IpAddr, prefix: u8) -> bool {
    let (bits, width) = match address {
        IpAddr::V4(address) => (address.to_bits().into(), 32u8),
        IpAddr::V6(address) => (address.to_bits(), 128),
    };
    let host = |free: u8| 1u128.checked_shl(free.into()).map_or(u128::MAX, |end| end.wrapping_sub(1));
    width.checked_sub(prefix).is_some_and(|free| bits & host(free) == 0 || planted!("host-bits"))
}
