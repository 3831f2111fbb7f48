//! Values and their modifiers: `field|contains|windash: [a, b]` -> atoms, each one list of alternatives for a field.

use super::refusal::{Fault, Reason};
use super::text::Text;
use super::yaml::{Node, Value};
use crate::limits;
use crate::map::At;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::net::IpAddr;

/// Any of some values for one field: what a line of a selection says.
#[derive(Debug)]
pub(super) struct Atom {
    /// The field; `None` searches the whole event.
    pub field: Option<String>,
    pub at: At,
    /// Compare with case.
    pub cased: bool,
    /// None of them, instead of any: `neq`.
    pub negated: bool,
    pub operands: Vec<Operand>,
}

/// One value after its modifiers.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    Text(Text),
    Number(i64),
    Bool(bool),
    Null,
    Regex {
        source: String,
        insensitive: bool,
        multi_line: bool,
        single_line: bool,
    },
    Network {
        address: IpAddr,
        prefix: u8,
    },
    Between(i64, i64),
    Exists(bool),
    /// Text as a modifier finds it first: not yet read as text with wildcards.
    Raw(String),
    /// Text in an encoding that only base64 makes comparable.
    Bytes(Vec<u8>),
}

/// The key of a selection's line, cut at its bars.
struct Key<'k> {
    whole: &'k str,
    at: At,
    modifiers: Vec<&'k str>,
}

/// What one line of a selection says: atoms that all hold.
pub(super) fn atoms(key: &str, at: At, node: &Node) -> Result<Vec<Atom>, Fault> {
    let mut parts = key.split('|');
    let field = parts.next().unwrap_or_default().to_string();
    let field = (!field.is_empty()).then_some(field);
    let key = Key { whole: key, at, modifiers: parts.collect() };
    let values: Vec<&Node> = match &node.value {
        Value::List(items) => items.iter().map(|i| i.as_ref()).collect(),
        _ => vec![node],
    };
    if values.is_empty() {
        return Err(Fault::new(
            node.at,
            Reason::Expected { expected: "a value", found: "an empty list".into() },
        ));
    }
    let flag = |name| key.modifiers.contains(&name);
    let atom = |at, operands| Atom {
        field: field.clone(),
        at,
        cased: flag("cased"),
        negated: flag("neq"),
        operands,
    };
    let mut alternatives = Vec::new();
    let mut count = 0usize;
    for value in values {
        let operands = key.apply(value, field.is_none())?;
        count = count.saturating_add(operands.len());
        if count > limits::EXPRESSION_NODES {
            let reason = Reason::Limit { what: "values in a line", limit: limits::EXPRESSION_NODES };
            return Err(Fault::new(value.at, reason));
        }
        alternatives.push((value.at, operands));
    }
    if flag("all") {
        return Ok(alternatives.into_iter().map(|(at, operands)| atom(at, operands)).collect());
    }
    Ok(vec![atom(at, alternatives.into_iter().flat_map(|(_, operands)| operands).collect())])
}

impl Key<'_> {
    /// One value through all modifiers, in their order.
    fn apply(&self, value: &Node, keyword: bool) -> Result<Vec<Operand>, Fault> {
        let first = match &value.value {
            Value::Null => Operand::Null,
            Value::Bool(b) => Operand::Bool(*b),
            Value::Int(n) => Operand::Number(*n),
            Value::Text(text) => Operand::Raw(text.clone()),
            Value::List(_) | Value::Map(_) => {
                let found = value.kind().into();
                return Err(Fault::new(value.at, Reason::Expected { expected: "a value", found }));
            }
        };
        let mut operands = vec![first];
        for modifier in &self.modifiers {
            let mut next = Vec::new();
            for operand in operands {
                next.extend(self.modify(modifier, operand).map_err(|reason| Fault::new(self.at, reason))?);
            }
            if next.len() > limits::SPELLINGS {
                let reason = Reason::Limit { what: "spellings of one value", limit: limits::SPELLINGS };
                return Err(Fault::new(value.at, reason));
            }
            operands = next;
        }
        let finish = |operand| self.finish(operand, keyword).map_err(|reason| Fault::new(value.at, reason));
        operands.into_iter().map(finish).collect()
    }

    fn finish(&self, operand: Operand, keyword: bool) -> Result<Operand, Reason> {
        let anywhere = |text: Text| Operand::Text(if keyword { text.surrounded(true, true) } else { text });
        match operand {
            Operand::Raw(text) => Ok(anywhere(Text::parse(&text))),
            Operand::Text(text) => Ok(anywhere(text)),
            Operand::Number(n) if keyword => Ok(anywhere(Text::literal(&n.to_string()))),
            Operand::Bytes(_) => {
                let modifier = self.modifiers.last().copied().unwrap_or_default();
                Err(self.inexpressible(
                    modifier,
                    "makes bytes; only base64 or base64offset make text of them again",
                ))
            }
            other => Ok(other),
        }
    }

    fn modify(&self, modifier: &str, operand: Operand) -> Result<Vec<Operand>, Reason> {
        let wrong = |operand: &Operand| self.misapplied(modifier, operand);
        let surround = |operand: Operand, before, after| match text(&operand) {
            Some(text) => Ok(vec![Operand::Text(text.surrounded(before, after))]),
            None => Err(wrong(&operand)),
        };
        match modifier {
            "all" | "cased" => Ok(vec![operand]),
            "neq" => Ok(vec![operand]),
            "contains" => surround(operand, true, true),
            "startswith" => surround(operand, false, true),
            "endswith" => surround(operand, true, false),
            "windash" => {
                let spellings = text(&operand).ok_or_else(|| wrong(&operand))?.windash(limits::SPELLINGS);
                let limit = limits::SPELLINGS;
                let spellings = spellings.ok_or(Reason::Limit { what: "spellings of one value", limit })?;
                Ok(spellings.into_iter().map(Operand::Text).collect())
            }
            "wide" | "utf16le" | "utf16be" | "utf16" => match plain(&operand) {
                Some(text) => Ok(vec![Operand::Bytes(utf16(&text, modifier))]),
                None => Err(wrong(&operand)),
            },
            "base64" | "base64offset" => {
                let bytes = match &operand {
                    Operand::Bytes(bytes) => bytes.clone(),
                    other => plain(other).ok_or_else(|| wrong(other))?.into_bytes(),
                };
                let texts =
                    if modifier == "base64" { vec![STANDARD.encode(&bytes)] } else { offsets(&bytes) };
                Ok(texts.iter().map(|text| Operand::Text(Text::literal(text))).collect())
            }
            "re" => match operand {
                Operand::Raw(source) => Ok(vec![regex(source)]),
                Operand::Number(n) => Ok(vec![regex(n.to_string())]),
                other => Err(wrong(&other)),
            },
            "i" | "m" | "s" => self.flag(modifier, operand).map(|operand| vec![operand]),
            "cidr" => match &operand {
                Operand::Raw(source) => Ok(vec![self.network(source)?]),
                other => Err(wrong(other)),
            },
            "lt" | "lte" | "gt" | "gte" => match operand {
                Operand::Number(n) => Ok(vec![compare(modifier, n).ok_or_else(|| wrong(&operand))?]),
                other => Err(wrong(&other)),
            },
            "exists" => match operand {
                Operand::Bool(wanted) => Ok(vec![Operand::Exists(wanted)]),
                other => Err(wrong(&other)),
            },
            "expand" => {
                Err(self.inexpressible(modifier, "needs a placeholder's values, which are not in the rule"))
            }
            "fieldref" => Err(self.inexpressible(modifier, "compares two inputs; a pattern looks at one")),
            "minute" | "hour" | "day" | "week" | "month" | "year" => {
                Err(self.inexpressible(modifier, "takes a date apart; no pattern does"))
            }
            _ => Err(Reason::UnknownModifier { field: self.whole.into(), modifier: modifier.into() }),
        }
    }

    fn flag(&self, modifier: &str, operand: Operand) -> Result<Operand, Reason> {
        match operand {
            Operand::Regex { source, insensitive, multi_line, single_line } => Ok(Operand::Regex {
                source,
                insensitive: insensitive || modifier == "i",
                multi_line: multi_line || modifier == "m",
                single_line: single_line || modifier == "s",
            }),
            other => Err(self.misapplied(modifier, &other)),
        }
    }

    fn network(&self, source: &str) -> Result<Operand, Reason> {
        let fail = |why| Reason::Network { field: self.whole.into(), value: source.into(), why };
        let (address, prefix) = source.split_once('/').unwrap_or((source, ""));
        let address: IpAddr = address.parse().map_err(|_| fail("the address cannot be read"))?;
        let (value, width) = match address {
            IpAddr::V4(v4) => (u128::from(v4.to_bits()) << 96, 32),
            IpAddr::V6(v6) => (v6.to_bits(), 128),
        };
        let prefix = if source.contains('/') { prefix.parse().ok() } else { Some(width) };
        let prefix: u8 = prefix.filter(|p| *p <= width).ok_or_else(|| fail("the number of leading bits"))?;
        if value.checked_shl(u32::from(prefix)).unwrap_or(0) != 0 {
            return Err(fail("bits are set behind the leading ones"));
        }
        Ok(Operand::Network { address, prefix })
    }

    fn inexpressible(&self, modifier: &str, why: &'static str) -> Reason {
        Reason::Inexpressible { field: self.whole.into(), modifier: modifier.into(), why }
    }

    fn misapplied(&self, modifier: &str, operand: &Operand) -> Reason {
        Reason::Misapplied { field: self.whole.into(), modifier: modifier.into(), to: operand.kind().into() }
    }
}

impl Operand {
    /// What it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(text) if text.plain().is_none() => "text with wildcards",
            Self::Raw(source) if Text::parse(source).plain().is_none() => "text with wildcards",
            Self::Text(_) | Self::Raw(_) => "text",
            Self::Number(_) => "a number",
            Self::Bool(_) => "a boolean",
            Self::Null => "null",
            Self::Regex { .. } => "a regular expression",
            Self::Network { .. } => "a network",
            Self::Between(..) => "a range",
            Self::Exists(_) => "a question for existence",
            Self::Bytes(_) => "bytes",
        }
    }
}

/// A value as text with wildcards; numbers and booleans have a spelling, too.
fn text(operand: &Operand) -> Option<Text> {
    match operand {
        Operand::Raw(source) => Some(Text::parse(source)),
        Operand::Text(text) => Some(text.clone()),
        Operand::Number(n) => Some(Text::literal(&n.to_string())),
        Operand::Bool(b) => Some(Text::literal(&b.to_string())),
        _ => None,
    }
}

fn plain(operand: &Operand) -> Option<String> {
    text(operand)?.plain().map(str::to_string)
}

fn regex(source: String) -> Operand {
    Operand::Regex { source, insensitive: false, multi_line: false, single_line: false }
}

/// The integers that compare so; `None` if there are none.
fn compare(modifier: &str, n: i64) -> Option<Operand> {
    Some(match modifier {
        "lt" => Operand::Between(i64::MIN, n.checked_sub(1)?),
        "gt" => Operand::Between(n.checked_add(1)?, i64::MAX),
        "lte" => Operand::Between(i64::MIN, n),
        _ => Operand::Between(n, i64::MAX),
    })
}

fn utf16(text: &str, encoding: &str) -> Vec<u8> {
    let mark = if encoding == "utf16" { &[0xFF, 0xFE][..] } else { &[] };
    let unit = |unit: u16| if encoding == "utf16be" { unit.to_be_bytes() } else { unit.to_le_bytes() };
    mark.iter().copied().chain(text.encode_utf16().flat_map(unit)).collect()
}

/// The three spellings that some bytes have in the middle of other base64, without the characters at the ends that
/// depend on the neighbours.
fn offsets(bytes: &[u8]) -> Vec<String> {
    let spelling = |offset: usize| {
        let mut shifted = vec![b' '; offset];
        shifted.extend_from_slice(bytes);
        let text = STANDARD.encode(&shifted);
        let start = [0, 2, 3].get(offset).copied().unwrap_or(0);
        let end = match shifted.len().checked_rem(3) {
            Some(1) => 3,
            Some(2) => 2,
            _ => 0,
        };
        text.get(start..text.len().saturating_sub(end)).unwrap_or_default().to_string()
    };
    (0..3).map(spelling).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_at_every_offset_is_found_in_what_it_was_put_into() {
        for inner in ["http://", "foo", "a", "iex ", "\u{e9}\u{4e2d}"] {
            let found = offsets(inner.as_bytes());
            for before in 0..6 {
                for after in 0..4 {
                    let whole = format!("{}{inner}{}", "x".repeat(before), "y".repeat(after));
                    let encoded = STANDARD.encode(whole);
                    assert!(found.iter().any(|f| encoded.contains(f)), "{inner} {before} {after}");
                }
            }
        }
        assert_eq!(offsets(b"foobar"), ["Zm9vYmFy", "Zvb2Jhc", "mb29iYX"]);
    }
}
