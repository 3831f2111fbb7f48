//! A condition -> a formula over the inputs of one template type. Here values meet the types of inputs.

use super::condition::Expr;
use super::formula::{Formula, Literal};
use super::logsource::{self, Fact};
use super::refusal::{Fault, Reason};
use super::value::{Atom, Operand};
use crate::map::At;
use crate::{Input, Template, limits};
use channel_parser::draft::{Pattern, TextOperator};
use channel_parser::model::{InputType, Quantifier};
use regex::RegexBuilder;
use std::net::{IpAddr, Ipv4Addr};

/// The input that carries the whole text of an event, for searches without a field: the rendered message.
pub(super) const KEYWORD_INPUT: &str = "Message";

/// What a field of a rule is in one template type.
enum Meaning<'t> {
    /// An input.
    Input(usize, &'t Input),
    /// The same in all its events.
    Fact(Fact),
    /// Another template type of the log source has it; in events of this one it is absent.
    Absent,
}

/// The template types of a rule's log source, and the one that is compiled for.
pub(super) struct Target<'t> {
    pub template: &'t Template,
    pub siblings: &'t [&'t Template],
}

impl<'t> Target<'t> {
    /// That the event is one of those that the log source means; no events mean all of them.
    pub fn events(&self, events: &[i64], at: At) -> Result<Formula, Fault> {
        let operands = events.iter().map(|event| Operand::Number(*event)).collect();
        match events {
            [] => Ok(Formula::Const(true)),
            _ => self.atom(
                &Atom { field: Some("EventID".into()), at, cased: false, negated: false, operands },
                false,
            ),
        }
    }

    /// The formula of an expression, or of its negation.
    pub fn formula(&self, expr: &Expr, negated: bool) -> Result<Formula, Fault> {
        let each = |terms: &[std::rc::Rc<Expr>]| {
            terms.iter().map(|term| self.formula(term, negated)).collect::<Result<Vec<_>, _>>()
        };
        match (expr, negated) {
            (Expr::Atom(atom), _) => self.atom(atom, negated),
            (Expr::Not(inner), _) => self.formula(inner, !negated),
            (Expr::And(terms), false) => Ok(Formula::and(each(terms)?)),
            (Expr::Or(terms), true) if !channel_parser::planted!("not-any-is-not-all") => {
                Ok(Formula::and(each(terms)?))
            }
            (Expr::Or(terms), _) | (Expr::And(terms), true) => Ok(Formula::or(each(terms)?)),
        }
    }

    fn atom(&self, atom: &Atom, negated: bool) -> Result<Formula, Fault> {
        let fault = |reason| Fault::new(atom.at, reason);
        let holds = match self.meaning(atom).map_err(fault)? {
            Meaning::Input(field, input) => {
                let patterns = atom.operands.iter().map(|operand| self.pattern(atom, input, operand));
                let patterns = patterns.collect::<Result<Vec<_>, _>>().map_err(fault)?;
                let quantifier = if negated { Quantifier::NoneOf } else { Quantifier::AnyOf };
                return Ok(Formula::Literal(Literal::new(field, quantifier, patterns, atom.at)));
            }
            Meaning::Absent => {
                atom.operands.iter().any(|o| matches!(o, Operand::Null | Operand::Exists(false)))
            }
            Meaning::Fact(fact) => {
                let holds = atom.operands.iter().map(|operand| is_fact(atom, &fact, operand));
                holds.collect::<Result<Vec<_>, _>>().map_err(fault)?.contains(&true)
            }
        };
        Ok(Formula::Const(holds != negated))
    }

    fn meaning(&self, atom: &Atom) -> Result<Meaning<'t>, Reason> {
        let field = atom.field.as_deref().unwrap_or(KEYWORD_INPUT);
        if let Some((n, input)) = input(self.template, field) {
            return Ok(Meaning::Input(n, input));
        }
        let templates = || self.siblings.iter().map(|t| t.name.clone()).collect();
        if atom.field.is_none() {
            return Err(Reason::NoKeywordInput { templates: templates() });
        }
        if let Some(fact) = logsource::fact(&self.template.name, field) {
            return Ok(Meaning::Fact(fact));
        }
        if self.siblings.iter().any(|t| input(t, field).is_some()) {
            return Ok(Meaning::Absent);
        }
        Err(Reason::UnknownField { field: field.into(), templates: templates() })
    }

    fn pattern(&self, atom: &Atom, input: &Input, operand: &Operand) -> Result<Pattern, Reason> {
        match operand {
            Operand::Null | Operand::Exists(false) => return Ok(Pattern::Absent),
            Operand::Exists(true) => return Ok(Pattern::Present),
            Operand::Text(text) if text.is_any() => return Ok(Pattern::Present),
            _ => {}
        }
        let pattern = match input.input {
            InputType::Text => text_pattern(atom, operand)?,
            InputType::Integer => integer_pattern(operand),
            InputType::Address => address_pattern(operand),
        };
        pattern.ok_or_else(|| Reason::WrongType {
            field: input.name.clone(),
            input: input.input,
            template: self.template.name.clone(),
            value: shown(operand),
        })
    }
}

fn input<'t>(template: &'t Template, field: &str) -> Option<(usize, &'t Input)> {
    template.inputs.iter().enumerate().find(|(_, input)| input.name == field)
}

fn shown(operand: &Operand) -> String {
    match operand {
        Operand::Text(text) => match text.operator() {
            (TextOperator::Glob | TextOperator::Exact, operand) => format!("`{operand}`"),
            (operator, operand) => format!("{} `{operand}`", channel_parser::model::Operator::from(operator)),
        },
        other => other.kind().to_string(),
    }
}

fn text_pattern(atom: &Atom, operand: &Operand) -> Result<Option<Pattern>, Reason> {
    let exact = |text: String, nocase| Pattern::Text { operator: TextOperator::Exact, nocase, operand: text };
    Ok(match operand {
        Operand::Text(text) => {
            let (operator, operand) = text.operator();
            Some(Pattern::Text { operator, nocase: !atom.cased, operand })
        }
        Operand::Number(n) => Some(exact(n.to_string(), !atom.cased)),
        Operand::Bool(b) => Some(exact(b.to_string(), true)),
        Operand::Regex { insensitive, .. } => {
            let operand = checked_regex(atom, operand)?;
            Some(Pattern::Text { operator: TextOperator::Regex, nocase: *insensitive, operand })
        }
        _ => None,
    })
}

fn integer_pattern(operand: &Operand) -> Option<Pattern> {
    match operand {
        Operand::Number(n) => Some(Pattern::Equal(*n)),
        Operand::Text(text) => text.plain()?.parse().ok().map(Pattern::Equal),
        Operand::Between(low, high) => Some(Pattern::Range(*low, *high)),
        _ => None,
    }
}

/// Addresses, networks, the beginnings of IPv4 addresses that are networks (`10.`), and Windows' `-`, which stands for
/// an address that is not there: a sensor that hands over addresses hands over none.
fn address_pattern(operand: &Operand) -> Option<Pattern> {
    match operand {
        Operand::Network { address, prefix } => Some(Pattern::Network { address: *address, prefix: *prefix }),
        Operand::Text(text) => match text.prefix() {
            Some(prefix) => ipv4_beginning(prefix),
            None if text.plain().or(text.contained()) == Some("-") => Some(Pattern::Absent),
            None => {
                let address: IpAddr = text.plain()?.parse().ok()?;
                Some(Pattern::Network { address, prefix: if address.is_ipv4() { 32 } else { 128 } })
            }
        },
        _ => None,
    }
}

fn ipv4_beginning(text: &str) -> Option<Pattern> {
    let octets = text.strip_suffix('.')?.split('.').map(|octet| octet.parse().ok());
    let octets: Vec<u8> = octets.collect::<Option<_>>()?;
    let (a, b, c) = match octets.as_slice() {
        [a] => (*a, 0, 0),
        [a, b] => (*a, *b, 0),
        [a, b, c] => (*a, *b, *c),
        _ => return None,
    };
    let prefix = u8::try_from(octets.len().checked_mul(8)?).ok()?;
    Some(Pattern::Network { address: IpAddr::V4(Ipv4Addr::new(a, b, c, 0)), prefix })
}

/// The regular expression with its flags in front, once an engine of the linear-time kind has accepted it.
fn checked_regex(atom: &Atom, operand: &Operand) -> Result<String, Reason> {
    compiled(atom, operand).map(|(source, _)| source)
}

fn compiled(atom: &Atom, operand: &Operand) -> Result<(String, Option<regex::Regex>), Reason> {
    let Operand::Regex { source, insensitive, multi_line, single_line } = operand else {
        return Ok((String::new(), None));
    };
    let flags = match (multi_line, single_line) {
        (true, true) => "(?ms)",
        (true, false) => "(?m)",
        (false, true) => "(?s)",
        (false, false) => "",
    };
    let source = format!("{flags}{source}");
    let mut builder = RegexBuilder::new(&source);
    match builder.case_insensitive(*insensitive).size_limit(limits::REGEX_BYTES).build() {
        Ok(regex) => Ok((source, Some(regex))),
        Err(error) => {
            // The last line says what is wrong; the lines before it draw where.
            let text = error.to_string();
            let message = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_string();
            Err(Reason::Regex { field: atom.field.clone().unwrap_or_default(), message })
        }
    }
}

/// Whether a value is what every event has.
fn is_fact(atom: &Atom, fact: &Fact, operand: &Operand) -> Result<bool, Reason> {
    Ok(match (operand, fact) {
        (Operand::Exists(wanted), _) => *wanted,
        (Operand::Number(n), Fact::Number(fact)) => n == fact,
        (Operand::Between(low, high), Fact::Number(fact)) => (low..=high).contains(&fact),
        (Operand::Text(text), Fact::Number(fact)) => text.fits(&fact.to_string(), atom.cased),
        (Operand::Text(text), Fact::Text(fact)) => text.fits(fact, atom.cased),
        (Operand::Regex { .. }, fact) => {
            let text = match fact {
                Fact::Number(n) => n.to_string(),
                Fact::Text(text) => (*text).to_string(),
            };
            compiled(atom, operand)?.1.is_some_and(|regex| regex.is_match(&text))
        }
        _ => false,
    })
}
