//! A naive evaluator of detections: reads drafts by their documentation, shares nothing with any other evaluator.

use super::event::{Event, Input};
use channel_parser::draft::*;
use channel_parser::model::Quantifier;
use regex::{Regex, RegexBuilder};
use std::collections::HashMap;
use std::net::IpAddr;

pub struct Judge<'d> {
    types: &'d [TemplateType],
    regexes: HashMap<(String, bool), Regex>,
}

/// A detection whose operands are folded where case does not count.
pub struct Prepared(Detection);

pub fn prepared(detection: &Detection) -> Prepared {
    let mut detection = detection.clone();
    let instances = detection.include.iter_mut().chain(&mut detection.exclude);
    let clauses = instances.flat_map(|i| &mut i.criteria).flat_map(|c| &mut c.clauses);
    for pattern in clauses.flat_map(|c| &mut c.patterns) {
        if let Pattern::Text { operator, nocase: true, operand } = pattern
            && *operator != TextOperator::Regex
        {
            *operand = operand.to_lowercase();
        }
    }
    Prepared(detection)
}

impl<'d> Judge<'d> {
    pub fn new(types: &'d [TemplateType]) -> Self {
        Self { types, regexes: HashMap::new() }
    }

    pub fn knows(&self, detection: &Prepared, event: &Event) -> bool {
        detection.0.include.iter().any(|i| self.types[i.template.0 as usize].id.0 == event.template)
    }

    pub fn matches(&mut self, detection: &Prepared, event: &Event) -> bool {
        detection.0.include.iter().any(|i| self.instance(i, event))
            && !detection.0.exclude.iter().any(|i| self.instance(i, event))
    }

    fn instance(&mut self, instance: &Instance, event: &Event) -> bool {
        let template = &self.types[instance.template.0 as usize];
        assert_eq!(template.fields.len(), instance.criteria.len(), "criteria are dense");
        template.id.0 == event.template
            && template.fields.iter().zip(&instance.criteria).all(|(field, criterion)| {
                if criterion.clauses.is_empty() {
                    return true;
                }
                let input = event.inputs.get(field);
                let folded =
                    if let Some(Input::Text(text)) = input { text.to_lowercase() } else { String::new() };
                criterion.clauses.iter().all(|clause| {
                    assert!(!clause.patterns.is_empty());
                    let any = clause.patterns.iter().any(|p| self.pattern(p, input, &folded));
                    any == (clause.quantifier == Quantifier::AnyOf)
                })
            })
    }

    fn pattern(&mut self, pattern: &Pattern, input: Option<&Input>, folded: &str) -> bool {
        match (pattern, input) {
            (Pattern::Absent, input) => input.is_none(),
            (_, None) => false,
            (Pattern::Present, Some(_)) => true,
            (Pattern::Text { operator, nocase, operand }, Some(Input::Text(text))) => {
                let regex = *operator == TextOperator::Regex;
                self.text(*operator, *nocase, operand, if *nocase && !regex { folded } else { text })
            }
            (Pattern::Equal(n), Some(Input::Integer(input))) => n == input,
            (Pattern::Range(low, high), Some(Input::Integer(input))) => low <= input && input <= high,
            (Pattern::Network { address, prefix }, Some(Input::Address(input))) => {
                network(*address, *prefix, *input)
            }
            (pattern, Some(input)) => panic!("{pattern:?} cannot look at {input:?}"),
        }
    }

    fn text(&mut self, operator: TextOperator, nocase: bool, operand: &str, text: &str) -> bool {
        if operator == TextOperator::Regex {
            let key = (operand.to_string(), nocase);
            let regex = self
                .regexes
                .entry(key)
                .or_insert_with(|| RegexBuilder::new(operand).case_insensitive(nocase).build().unwrap());
            return regex.is_match(text);
        }
        match operator {
            TextOperator::Exact => text == operand,
            TextOperator::Prefix => text.starts_with(operand),
            TextOperator::Suffix => text.ends_with(operand),
            TextOperator::Contains => text.contains(operand),
            TextOperator::Glob => {
                let operand: Vec<char> = operand.chars().collect();
                glob(&operand, &text.chars().collect::<Vec<_>>())
            }
            TextOperator::Regex => unreachable!(),
        }
    }
}

fn glob(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['*', rest @ ..] => (0..=text.len()).any(|n| glob(rest, &text[n..])),
        ['?', rest @ ..] => !text.is_empty() && glob(rest, &text[1..]),
        ['\\', c, rest @ ..] | [c, rest @ ..] => text.first() == Some(c) && glob(rest, &text[1..]),
    }
}

fn network(network: IpAddr, prefix: u8, address: IpAddr) -> bool {
    let bits = |octets: &[u8]| -> Vec<bool> {
        octets.iter().flat_map(|o| (0..8).map(move |b| o >> (7 - b) & 1 == 1)).collect()
    };
    let (a, b) = match (network, address) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (bits(&a.octets()), bits(&b.octets())),
        (IpAddr::V6(a), IpAddr::V6(b)) => (bits(&a.octets()), bits(&b.octets())),
        _ => return false,
    };
    a[..prefix as usize] == b[..prefix as usize]
}
