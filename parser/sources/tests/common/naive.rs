//! A second reading of Sigma: walks the rule as it is written and answers for one event. It shares nothing with the
//! compiler, down to the YAML library.

use super::event::{Event, Input};
use regex::{Regex, RegexBuilder};
use serde_norway::{Mapping, Value};
use std::net::IpAddr;

pub struct Rule {
    pub id: String,
    pub category: Option<String>,
    pub service: Option<String>,
    selections: Vec<(String, Selection)>,
    conditions: Vec<Tree>,
}

/// A condition, with the positions of the selections it names.
enum Tree {
    Selection(usize),
    Not(Box<Tree>),
    All(Vec<Tree>),
    Any(Vec<Tree>),
}

enum Selection {
    Lines(Vec<Line>),
    Any(Vec<Selection>),
}

struct Line {
    field: String,
    all: bool,
    not: bool,
    /// For each value the ways to satisfy it.
    values: Vec<Vec<Test>>,
}

enum Test {
    Glob { tokens: Vec<Token>, cased: bool },
    Number(i64),
    Compare(String, i64),
    Regex(Regex),
    Network(IpAddr, u32),
    Absent,
    Present,
}

#[derive(Clone, Copy, PartialEq)]
enum Token {
    Char(char),
    Star,
    Question,
    AnyDash,
}

pub fn rule(text: &str) -> Rule {
    let document: Value = serde_norway::from_str(text).unwrap();
    let source = &document["logsource"];
    let part = |key: &str| source.get(key).and_then(Value::as_str).map(str::to_string);
    let detection = document["detection"].as_mapping().unwrap();
    let selections = detection.iter().filter(|(name, _)| *name != "condition");
    let selections: Vec<_> = selections.map(|(name, value)| (scalar(name), selection(value))).collect();
    let names: Vec<&str> = selections.iter().map(|(name, _)| name.as_str()).collect();
    let read = |condition: &Value| {
        let words = words(condition);
        let mut at = 0;
        let tree = or(&names, &words, &mut at);
        assert_eq!(at, words.len(), "{words:?}");
        tree
    };
    let conditions = match &detection["condition"] {
        Value::Sequence(all) => all.iter().map(read).collect(),
        one => vec![read(one)],
    };
    Rule {
        id: document["id"].as_str().unwrap().to_string(),
        category: part("category"),
        service: part("service"),
        selections,
        conditions,
    }
}

fn or(names: &[&str], words: &[String], at: &mut usize) -> Tree {
    let mut terms = vec![and(names, words, at)];
    while words.get(*at).is_some_and(|w| w.eq_ignore_ascii_case("or")) {
        *at += 1;
        terms.push(and(names, words, at));
    }
    Tree::Any(terms)
}

fn and(names: &[&str], words: &[String], at: &mut usize) -> Tree {
    let mut terms = vec![unary(names, words, at)];
    while words.get(*at).is_some_and(|w| w.eq_ignore_ascii_case("and")) {
        *at += 1;
        terms.push(unary(names, words, at));
    }
    Tree::All(terms)
}

fn unary(names: &[&str], words: &[String], at: &mut usize) -> Tree {
    let word = words[*at].as_str();
    *at += 1;
    if word.eq_ignore_ascii_case("not") {
        return Tree::Not(Box::new(unary(names, words, at)));
    }
    if word == "(" {
        let tree = or(names, words, at);
        assert_eq!(words[*at], ")");
        *at += 1;
        return tree;
    }
    if words.get(*at).is_some_and(|w| w == "of") {
        let pattern = words[*at + 1].as_str();
        *at += 2;
        let regex = Regex::new(&format!("^{}$", regex::escape(pattern).replace(r"\*", ".*"))).unwrap();
        let meant =
            |name: &str| if pattern == "them" { !name.starts_with('_') } else { regex.is_match(name) };
        let terms = (0..names.len()).filter(|n| meant(names[*n])).map(Tree::Selection).collect();
        return if word == "all" { Tree::All(terms) } else { Tree::Any(terms) };
    }
    Tree::Selection(names.iter().position(|name| *name == word).unwrap())
}

fn words(condition: &Value) -> Vec<String> {
    let spaced = condition.as_str().unwrap().replace('(', " ( ").replace(')', " ) ");
    spaced.split_whitespace().map(str::to_string).collect()
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(s) => s.clone(),
        Value::Number(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
        other => panic!("not a scalar: {other:?}"),
    }
}

fn selection(value: &Value) -> Selection {
    match value {
        Value::Mapping(map) => Selection::Lines(lines(map)),
        Value::Sequence(items) => Selection::Any(items.iter().map(selection).collect()),
        keyword => Selection::Lines(vec![line("", keyword)]),
    }
}

fn lines(map: &Mapping) -> Vec<Line> {
    map.iter().map(|(key, value)| line(&scalar(key), value)).collect()
}

fn line(key: &str, value: &Value) -> Line {
    let mut words = key.split('|').map(str::to_string);
    let field = words.next().unwrap();
    let modifiers: Vec<String> = words.collect();
    let has = |m: &str| modifiers.iter().any(|x| x == m);
    let values = match value {
        Value::Sequence(items) => items.iter().collect(),
        one => vec![one],
    };
    let values = values.into_iter().map(|v| tests(v, &modifiers, field.is_empty())).collect();
    Line { field, all: has("all"), not: has("neq"), values }
}

fn tests(value: &Value, modifiers: &[String], keyword: bool) -> Vec<Test> {
    let has = |m: &str| modifiers.iter().any(|x| x == m);
    if has("exists") {
        return vec![if value.as_bool().unwrap() { Test::Present } else { Test::Absent }];
    }
    if value.is_null() {
        return vec![Test::Absent];
    }
    if let Some(op) = modifiers.iter().find(|m| ["lt", "lte", "gt", "gte"].contains(&m.as_str())) {
        return vec![Test::Compare(op.clone(), value.as_i64().unwrap())];
    }
    let is_bare = modifiers.iter().all(|m| m == "all" || m == "neq") && !keyword;
    if let Some(n) = value.as_i64().filter(|_| is_bare) {
        return vec![Test::Number(n)];
    }
    let source = scalar(value);
    if has("re") {
        let mut builder = RegexBuilder::new(&source);
        builder.case_insensitive(has("i")).multi_line(has("m")).dot_matches_new_line(has("s"));
        return vec![Test::Regex(builder.build().unwrap())];
    }
    if has("cidr") {
        let (address, bits) = source.split_once('/').unwrap();
        return vec![Test::Network(address.parse().unwrap(), bits.parse().unwrap())];
    }
    let mut texts = vec![tokens(&source)];
    let mut bytes: Option<Vec<u8>> = None;
    for modifier in modifiers {
        match modifier.as_str() {
            "contains" => {
                texts.iter_mut().for_each(|t| *t = [&[Token::Star], &t[..], &[Token::Star]].concat())
            }
            "startswith" => texts.iter_mut().for_each(|t| t.push(Token::Star)),
            "endswith" => texts.iter_mut().for_each(|t| t.insert(0, Token::Star)),
            "windash" => texts.iter_mut().for_each(|t| dashes(t)),
            "wide" | "utf16le" => {
                bytes = Some(string(&texts[0]).encode_utf16().flat_map(u16::to_le_bytes).collect())
            }
            "utf16be" => bytes = Some(string(&texts[0]).encode_utf16().flat_map(u16::to_be_bytes).collect()),
            "utf16" => {
                let marked = format!("\u{feff}{}", string(&texts[0]));
                bytes = Some(marked.encode_utf16().flat_map(u16::to_le_bytes).collect());
            }
            "base64" => {
                let raw = bytes.take().unwrap_or_else(|| string(&texts[0]).into_bytes());
                texts = vec![base64(&raw).chars().map(Token::Char).collect()];
            }
            "base64offset" => {
                let raw = bytes.take().unwrap_or_else(|| string(&texts[0]).into_bytes());
                texts = (0..3).map(|shift| fixed_part(&raw, shift)).collect();
            }
            "all" | "cased" | "neq" => {}
            other => panic!("modifier {other}"),
        }
    }
    if keyword {
        texts.iter_mut().for_each(|t| *t = [&[Token::Star], &t[..], &[Token::Star]].concat());
    }
    let cased = has("cased") && !value.is_bool();
    let test = |tokens| Test::Glob { tokens: if cased { tokens } else { folded(tokens) }, cased };
    texts.into_iter().map(test).collect()
}

fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let next = chars.get(at + 1);
        let (token, length) = match (chars[at], next) {
            ('\\', Some(c @ ('\\' | '*' | '?'))) => (Token::Char(*c), 2),
            ('*', _) => (Token::Star, 1),
            ('?', _) => (Token::Question, 1),
            (c, _) => (Token::Char(c), 1),
        };
        found.push(token);
        at += length;
    }
    found
}

fn string(tokens: &[Token]) -> String {
    let char_of = |t: &Token| match t {
        Token::Char(c) => *c,
        _ => panic!("wildcards in an encoded value"),
    };
    tokens.iter().map(char_of).collect()
}

/// Sigma's reference implementation finds the dashes with this expression.
fn dashes(tokens: &mut [Token]) {
    let shown: String = tokens.iter().map(|t| if let Token::Char(c) = t { *c } else { '\0' }).collect();
    let found: Vec<usize> = Regex::new(r"\B[-/]\b").unwrap().find_iter(&shown).map(|m| m.start()).collect();
    for (n, (at, _)) in shown.char_indices().enumerate() {
        if found.contains(&at) {
            tokens[n] = Token::AnyDash;
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut group = [0u8; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let n = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for digit in 0..4 {
            let known = digit <= chunk.len();
            text.push(if known { DIGITS[(n >> (18 - 6 * digit) & 63) as usize] as char } else { '=' });
        }
    }
    text
}

/// The digits that depend on these bytes alone, whatever stands around them.
fn fixed_part(bytes: &[u8], shift: usize) -> Vec<Token> {
    let whole = base64(&[&vec![b'x'; shift][..], bytes].concat());
    let (from, to) = ((shift * 8).div_ceil(6), (shift + bytes.len()) * 8 / 6);
    whole.chars().skip(from).take(to - from).map(Token::Char).collect()
}

impl Rule {
    pub fn matches(&self, event: &Event) -> bool {
        self.conditions.iter().any(|tree| self.holds(tree, event))
    }

    fn holds(&self, tree: &Tree, event: &Event) -> bool {
        match tree {
            Tree::Selection(n) => self.selections[*n].1.matches(event),
            Tree::Not(inner) => !self.holds(inner, event),
            Tree::All(terms) => terms.iter().all(|t| self.holds(t, event)),
            Tree::Any(terms) => terms.iter().any(|t| self.holds(t, event)),
        }
    }
}

impl Selection {
    fn matches(&self, event: &Event) -> bool {
        match self {
            Self::Lines(lines) => lines.iter().all(|line| line.matches(event)),
            Self::Any(all) => all.iter().any(|s| s.matches(event)),
        }
    }
}

impl Line {
    fn matches(&self, event: &Event) -> bool {
        let field = if self.field.is_empty() { "Message" } else { &self.field };
        let input = event.inputs.get(field);
        // An address that is not there is written `-`.
        let dash = input.is_none() && event.addresses.contains(&self.field);
        let shown = input.map(shown).unwrap_or_else(|| if dash { "-".into() } else { String::new() });
        let folded = fold(&shown);
        let is_dash =
            |test: &Test| matches!(test, Test::Glob { tokens, .. } if tokens.contains(&Token::Char('-')));
        let holds = |tests: &Vec<Test>| {
            tests.iter().any(|t| {
                t.holds(input, &shown, &folded)
                    || dash && is_dash(t) && t.holds(Some(&Input::Text("-".into())), "-", &['-'])
            })
        };
        match (self.all, self.not) {
            (false, false) => self.values.iter().any(holds),
            (false, true) => !self.values.iter().any(holds),
            (true, false) => self.values.iter().all(holds),
            (true, true) => self.values.iter().all(|v| !holds(v)),
        }
    }
}

impl Test {
    fn holds(&self, input: Option<&Input>, shown: &str, folded: &[char]) -> bool {
        let Some(input) = input else { return matches!(self, Self::Absent) };
        match self {
            Self::Absent => false,
            Self::Present => true,
            Self::Number(n) => shown == n.to_string(),
            Self::Compare(op, n) => {
                let Input::Integer(input) = input else { return false };
                match op.as_str() {
                    "lt" => input < n,
                    "lte" => input <= n,
                    "gt" => input > n,
                    _ => input >= n,
                }
            }
            Self::Regex(regex) => regex.is_match(shown),
            Self::Network(network, bits) => match (network, input) {
                (IpAddr::V4(n), Input::Address(IpAddr::V4(a))) => {
                    let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
                    n.to_bits() & mask == a.to_bits() & mask
                }
                (IpAddr::V6(n), Input::Address(IpAddr::V6(a))) => {
                    let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
                    n.to_bits() & mask == a.to_bits() & mask
                }
                _ => false,
            },
            Self::Glob { tokens, cased } => {
                // Two spellings of an address are one address.
                if let Input::Address(address) = input
                    && tokens.iter().all(|t| matches!(t, Token::Char(_)))
                    && let Ok(wanted) = string(tokens).parse::<IpAddr>()
                {
                    return wanted == *address;
                }
                if *cased { fits(tokens, &shown.chars().collect::<Vec<_>>()) } else { fits(tokens, folded) }
            }
        }
    }
}

fn shown(input: &Input) -> String {
    match input {
        Input::Text(text) => text.clone(),
        Input::Integer(n) => n.to_string(),
        Input::Address(address) => address.to_string(),
    }
}

fn fold(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

fn folded(tokens: Vec<Token>) -> Vec<Token> {
    let lower = |token| match token {
        Token::Char(c) => c.to_lowercase().map(Token::Char).collect(),
        other => vec![other],
    };
    tokens.into_iter().flat_map(lower).collect()
}

/// The classic matcher: on a mismatch, the last star takes one more character.
fn fits(tokens: &[Token], text: &[char]) -> bool {
    let (mut t, mut p) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        let same = match tokens.get(p) {
            Some(Token::Star) => {
                star = Some((p, t));
                p += 1;
                continue;
            }
            Some(Token::Question) => true,
            Some(Token::AnyDash) => "-/\u{2013}\u{2014}\u{2015}".contains(text[t]),
            Some(Token::Char(c)) => *c == text[t],
            None => false,
        };
        if same {
            (t, p) = (t + 1, p + 1);
        } else if let Some((star_p, star_t)) = star {
            star = Some((star_p, star_t + 1));
            (t, p) = (star_t + 1, star_p + 1);
        } else {
            return false;
        }
    }
    tokens[p..].iter().all(|token| *token == Token::Star)
}
