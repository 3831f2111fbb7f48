//! A naive judge: what `FORMAT.md` says that content does on an event, and where the interpreter's README says that a
//! sensor faults. Over owned values, line by line from the page, and slow; it shares no code with the interpreter. The
//! interpreter's own tests use this file too.

use channel_contract::{Contract, TemplateType as Supplied};
use channel_interpreter::FaultKind;
use channel_parser::draft::{Criterion, Detection, Draft, Instance, Pattern, TextOperator};
use channel_parser::model::{Operator, Quantifier, TypeId};
use std::cell::RefCell;
use std::collections::HashMap;
use std::net::IpAddr;

/// An input that owns its text.
#[derive(Clone, Debug)]
pub enum Owned {
    Text(String),
    Integer(i64),
    Address(IpAddr),
}

/// "its lower case where that is one character, else itself"
fn lower(c: char) -> char {
    let all: Vec<char> = c.to_lowercase().collect();
    if let [one] = all[..] { one } else { c }
}

fn fold(text: &str, nocase: bool) -> Vec<char> {
    text.chars().map(|c| if nocase { lower(c) } else { c }).collect()
}

/// A part of a glob.
#[derive(Clone, Copy)]
pub enum Token {
    Star,
    Any,
    One(char),
}

/// The parts of a glob.
pub fn tokens(glob: &str, nocase: bool) -> Vec<Token> {
    let one = |c| Token::One(if nocase { lower(c) } else { c });
    let mut tokens = Vec::new();
    let mut quoted = false;
    for c in glob.chars() {
        match c {
            _ if quoted => tokens.push(one(c)),
            '*' => tokens.push(Token::Star),
            '?' => tokens.push(Token::Any),
            '\\' => {}
            c => tokens.push(one(c)),
        }
        quoted = c == '\\' && !quoted;
    }
    if quoted {
        tokens.push(one('\\'));
    }
    tokens
}

/// Whether a glob fits a whole text: after each token, at which places in the text its beginning may end.
fn fits(glob: &[Token], text: &[char]) -> bool {
    let mut ends = vec![false; text.len() + 1];
    ends[0] = true;
    for token in glob {
        let before = ends.clone();
        let first = before.iter().position(|end| *end).unwrap_or(before.len());
        for (at, end) in ends.iter_mut().enumerate() {
            *end = match token {
                Token::Star => at >= first,
                Token::Any => at > 0 && before[at - 1],
                Token::One(c) => at > 0 && before[at - 1] && text[at - 1] == *c,
            };
        }
    }
    ends[text.len()]
}

/// The expression as another engine than the interpreter's runs it; `None` where it cannot be run.
fn is_found(expression: &str, nocase: bool, input: &str) -> Option<bool> {
    type Built = HashMap<(String, bool), Option<regex::Regex>>;
    thread_local! { static BUILT: RefCell<Built> = RefCell::default(); }
    const MOST: usize = 1000;
    BUILT.with_borrow_mut(|built| {
        if built.len() > MOST {
            built.clear();
        }
        let build =
            || regex::RegexBuilder::new(expression).case_insensitive(nocase).nest_limit(100).build().ok();
        let regex = built.entry((expression.into(), nocase)).or_insert_with(build);
        regex.as_ref().map(|regex| regex.is_match(input))
    })
}

/// Whether a text is matched; `None` where the expression cannot be run.
pub fn text(operator: TextOperator, nocase: bool, operand: &str, input: &str) -> Option<bool> {
    let (a, b) = (fold(operand, nocase), fold(input, nocase));
    Some(match operator {
        TextOperator::Exact => a == b,
        TextOperator::Prefix => b.starts_with(&a),
        TextOperator::Suffix => b.ends_with(&a),
        TextOperator::Contains => (0..=b.len()).any(|n| b[n..].starts_with(&a)),
        TextOperator::Glob => fits(&tokens(operand, nocase), &b),
        TextOperator::Regex => return is_found(operand, nocase, input),
    })
}

fn bits(address: IpAddr) -> Vec<bool> {
    let bytes = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect()
}

/// Whether an input that is there, of the type that the pattern reads, is matched; `None` as for [`text`].
fn compare(pattern: &Pattern, input: &Owned) -> Option<bool> {
    Some(match (pattern, input) {
        (Pattern::Text { operator, nocase, operand }, Owned::Text(input)) => {
            return text(*operator, *nocase, operand, input);
        }
        (Pattern::Equal(n), Owned::Integer(input)) => input == n,
        (Pattern::Range(low, high), Owned::Integer(input)) => (low..=high).contains(&input),
        (Pattern::Mask { mask, value }, Owned::Integer(input)) => *input as u64 & mask == *value,
        (Pattern::Network { address, prefix }, Owned::Address(input)) => {
            let (network, input) = (bits(*address), bits(*input));
            let prefix = usize::from(*prefix);
            network.len() == input.len() && network[..prefix] == input[..prefix]
        }
        _ => panic!("{pattern:?} does not compare {input:?}"),
    })
}

/// One event on one sensor.
pub struct Judge<'j> {
    pub draft: &'j Draft,
    pub contract: &'j Contract,
    pub template: TypeId,
    pub inputs: &'j [Option<Owned>],
    /// Patterns that were compared.
    pub work: u64,
    /// Instances that matched.
    pub matched: u64,
}

impl<'j> Judge<'j> {
    pub fn new(
        draft: &'j Draft,
        contract: &'j Contract,
        template: TypeId,
        inputs: &'j [Option<Owned>],
    ) -> Self {
        Self { draft, contract, template, inputs, work: 0, matched: 0 }
    }

    /// The detections that match, by position; or the kind of fault that the sensor comes to first.
    pub fn run(&mut self) -> Result<Vec<u32>, FaultKind> {
        let mut matching = Vec::new();
        for (at, detection) in (0u32..).zip(&self.draft.detections) {
            if self.detection(detection)? {
                matching.push(at);
            }
        }
        Ok(matching)
    }

    pub fn detection(&mut self, detection: &Detection) -> Result<bool, FaultKind> {
        Ok(self.any(&detection.include)? && !self.any(&detection.exclude)?)
    }

    fn any(&mut self, instances: &[Instance]) -> Result<bool, FaultKind> {
        for instance in instances {
            if self.instance(instance)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub fn instance(&mut self, instance: &Instance) -> Result<bool, FaultKind> {
        let declared = self.draft.types.get(instance.template.0 as usize);
        if declared.map(|declared| declared.id) != Some(self.template) {
            return Ok(false);
        }
        for (field, criterion) in instance.criteria.iter().enumerate() {
            if !self.criterion(field, criterion)? {
                return Ok(false);
            }
        }
        self.matched += 1;
        let most = self.contract.limits.widths.match_count.max();
        if self.matched > most { Err(FaultKind::Counter) } else { Ok(true) }
    }

    pub fn criterion(&mut self, field: usize, criterion: &Criterion) -> Result<bool, FaultKind> {
        if criterion.clauses.is_empty() {
            return Ok(true);
        }
        let supplied: &Supplied = self.contract.template(self.template).expect("the event's type");
        if field >= self.inputs.len() || field >= supplied.fields.len() {
            return Err(FaultKind::PastInputs);
        }
        for clause in &criterion.clauses {
            let mut any = false;
            for pattern in &clause.patterns {
                any = any || self.pattern(field, pattern)?;
            }
            if any != (clause.quantifier == Quantifier::AnyOf) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn pattern(&mut self, field: usize, pattern: &Pattern) -> Result<bool, FaultKind> {
        self.work += 1;
        let declared = &self.contract.template(self.template).expect("the event's type").fields[field];
        let (operator, input) = (pattern.operator(), self.inputs[field].as_ref());
        if self.work > self.contract.limits.work_per_event {
            return Err(FaultKind::Work);
        }
        if !self.contract.operators.contains(operator) {
            return Err(FaultKind::Operator);
        }
        match (operator, input) {
            (Operator::Present | Operator::Absent, _) if !declared.nullable => Err(FaultKind::Null),
            (Operator::Present, input) => Ok(input.is_some()),
            (Operator::Absent, input) => Ok(input.is_none()),
            _ if operator.reads() != Some(declared.input) => Err(FaultKind::Type),
            (_, None) => Ok(false),
            (_, Some(input)) => compare(pattern, input).ok_or(FaultKind::Regex),
        }
    }
}
