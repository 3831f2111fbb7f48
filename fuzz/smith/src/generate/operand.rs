//! Patterns for one field: each operator that the sensor implements for its type of input, with an operand that is
//! within its limits and that no other operand covers, so that no alternative is of no use.

use crate::Config;
use arbitrary::{Result, Unstructured};
use channel_contract::{Contract, Field};
use channel_parser::draft::{Pattern, TextOperator};
use channel_parser::model::{InputType, Operator};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The bytes of an automaton that one of our regular expressions may take at most; their lengths are small.
const AUTOMATON_BYTES: u64 = 1 << 17;
/// The letters of the part of an operand that tells it from every other.
pub const TAG: usize = 4;
/// How many such parts there are.
pub const TAGS: u32 = 25u32.pow(TAG as u32 - 1);

/// The letters of a number: no other number has them, and none of them are a part of another's.
pub fn tag(mut n: u32) -> String {
    let mut letter = || {
        let digit = (n % 25) as u8;
        n /= 25;
        char::from(b'a' + digit)
    };
    // The `z` stands nowhere else: what holds a whole tag holds this one.
    let mut tag: String = (0..TAG - 1).map(|_| letter()).collect();
    tag.push('z');
    tag
}

/// Makes patterns, each unlike all before.
pub struct Operands<'c> {
    contract: &'c Contract,
    config: &'c Config,
    made: u32,
    automata: u64,
}

impl<'c> Operands<'c> {
    pub fn new(contract: &'c Contract, config: &'c Config) -> Self {
        Self { contract, config, made: 0, automata: contract.limits.automaton_bytes }
    }

    /// A pattern on this field; `None` if the sensor has no operator for it, or no room for an operand.
    pub fn pattern(&mut self, u: &mut Unstructured<'_>, field: &Field) -> Result<Option<Pattern>> {
        self.made = self.made.saturating_add(1);
        let usable = |operator: &Operator| match operator.reads() {
            Some(input) => {
                input == field.input && (*operator != Operator::Regex || self.automata >= AUTOMATON_BYTES)
            }
            None => field.nullable,
        };
        let usable: Vec<_> = self.contract.operators.iter().filter(usable).collect();
        if usable.is_empty() {
            return Ok(None);
        }
        let operator = *u.choose(&usable)?;
        match (operator, TextOperator::from_operator(operator)) {
            (_, Some(text)) => self.text(u, text, field),
            (Operator::Present, _) => Ok(Some(Pattern::Present)),
            (Operator::Absent, _) => Ok(Some(Pattern::Absent)),
            (Operator::Network, _) => Ok(Some(self.network(u)?)),
            _ => Ok(self.integer(operator)),
        }
    }

    fn text(
        &mut self,
        u: &mut Unstructured<'_>,
        operator: TextOperator,
        field: &Field,
    ) -> Result<Option<Pattern>> {
        debug_assert_eq!(field.input, InputType::Text);
        let limits = self.contract.limits;
        let room =
            limits.operand_bytes.min(field.max_bytes).min(self.config.operand_bytes.max(TAG as u32)) as usize;
        if room < TAG || self.made >= TAGS {
            return Ok(None);
        }
        let mut operand = tag(self.made);
        let parts: &[&str] = match operator {
            TextOperator::Glob => &["*", "?", "\\*", "\\\\", "\\?", "."],
            TextOperator::Regex => &["\\\\", "[A-C]", "X+", "(?:AB|CD)", "\\.", ".{2}"],
            _ if self.config.unicode => {
                &["\\", "/", ".exe", "*", "Ab", "İ", "\u{212a}", "ß", "🦀", "\u{202e}", "'", "\0"]
            }
            _ => &["\\", "/", ".exe", "*", "Ab", "'", " "],
        };
        for _ in 0..u.int_in_range(0..=3)? {
            let part = *u.choose(parts)?;
            if operand.len() + part.len() > room {
                break;
            }
            if u.arbitrary()? && operator != TextOperator::Regex {
                operand.insert_str(0, part)
            } else {
                operand.push_str(part)
            }
        }
        if operator == TextOperator::Regex {
            self.automata -= AUTOMATON_BYTES;
        }
        Ok(Some(Pattern::Text { operator, nocase: u.arbitrary()?, operand }))
    }

    /// Each number stands in a band of its own, so that no range covers another operand.
    fn integer(&self, operator: Operator) -> Option<Pattern> {
        let low = i64::from(self.made).checked_mul(16)?;
        let high = low.checked_add(15)?;
        let store = self.contract.limits.widths.integer_operand;
        let pattern = match operator {
            Operator::Equal => Pattern::Equal(low),
            Operator::Range => Pattern::Range(low, high),
            Operator::Mask => Pattern::Mask {
                mask: high.cast_unsigned(),
                value: low.cast_unsigned() & high.cast_unsigned(),
            },
            _ => return None,
        };
        store.holds_signed(high).then_some(pattern)
    }

    /// A network of few addresses, each in a band of its own.
    fn network(&self, u: &mut Unstructured<'_>) -> Result<Pattern> {
        let band = self.made.wrapping_shl(8);
        let free = u.int_in_range(0..=8u8)?;
        Ok(if u.arbitrary()? {
            Pattern::Network { address: IpAddr::V4(Ipv4Addr::from_bits(band)), prefix: 32 - free }
        } else {
            Pattern::Network { address: IpAddr::V6(Ipv6Addr::from_bits(band.into())), prefix: 128 - free }
        })
    }
}
