//! Texts: built from one pattern of each list that must match, put together, and tried.

use super::regex::{self, Sample};
use super::{Answer, Tester, Want};
use crate::OwnedInput;
use channel_interpreter::{Regexes, text};
use channel_parser::channel::{Operand, Pattern};
use channel_parser::model::Operator;
use regex_syntax::hir::Hir;
use std::cell::OnceCell;

/// Choices of patterns that are tried, one from each list.
const CHOICES: usize = 48;
/// What stands between the parts of a text, and for `?`, one after the other.
pub(super) const FILLERS: [(&str, char); 6] =
    [("", 'x'), (" ", '0'), ("x", 'a'), ("\\", '-'), ("/", '_'), ("\u{e9}", '\u{e9}')];
/// Texts that are tried where nothing must match.
const PLAIN: [&str; 8] = ["", "x", "0", " ", "~", "\u{e9}", "xx", "\u{1f7e6}"];

/// A text that meets what is wanted.
pub fn solve<R: Regexes>(tester: &Tester<R>, want: &Want<'_>, max_bytes: u32) -> Answer {
    let max_bytes = usize::try_from(max_bytes).unwrap_or(usize::MAX);
    let is_there = |pattern: &Pattern<'_>| pattern.operator() == Some(Operator::Present);
    if want.none.iter().any(is_there) {
        return Answer::Impossible;
    }
    let comparing = |list: &Vec<Pattern<'_>>| !list.iter().any(is_there);
    let lists: Vec<Vec<Part<'_>>> =
        want.any.iter().filter(|list| comparing(list)).map(|list| parts(list)).collect();
    if lists.iter().any(Vec::is_empty) {
        // Only absence could satisfy it, or nothing that compares text.
        return Answer::Impossible;
    }
    let meets = |text: String| {
        let value = OwnedInput::Text(text);
        let short = matches!(&value, OwnedInput::Text(text) if text.len() <= max_bytes);
        (short && tester.meets(want, Some(&value))).then_some(value)
    };
    let found = |value| Answer::Found(Some(value));
    if let Some(finite) = lists.iter().find(|list| list.iter().all(|part| part.operator == Operator::Exact)) {
        return finite.iter().find_map(|part| cases(part.operand).find_map(meets)).map_or_else(
            || if caseless(want, finite) { Answer::Impossible } else { Answer::NotFound },
            found,
        );
    }
    if lists.is_empty() {
        return PLAIN.iter().find_map(|text| meets((*text).to_owned())).map_or(Answer::NotFound, found);
    }
    for choice in choices(&lists) {
        for (variation, (between, any)) in FILLERS.iter().enumerate() {
            let text = join(&choice, variation, between, *any);
            if let Some(value) = text.and_then(meets) {
                return found(value);
            }
        }
    }
    Answer::NotFound
}

/// A text as it is, and in the two cases.
fn cases(text: &str) -> impl Iterator<Item = String> {
    [text.to_owned(), text.to_lowercase(), text.to_uppercase()].into_iter()
}

/// Whether no other spelling of these exact texts could be decided otherwise.
fn caseless(want: &Want<'_>, finite: &[Part<'_>]) -> bool {
    let folds = |pattern: &Pattern<'_>| pattern.nocase() && pattern.operator() != Some(Operator::Regex);
    finite.iter().all(|part| !part.nocase)
        || want
            .any
            .iter()
            .flatten()
            .chain(&want.none)
            .all(|pattern| folds(pattern) || !compares_text(pattern))
}

fn compares_text(pattern: &Pattern<'_>) -> bool {
    pattern.operator().is_some_and(Operator::is_text)
}

/// A pattern that compares text.
pub(super) struct Part<'a> {
    operator: Operator,
    operand: &'a str,
    nocase: bool,
    /// It is read when it is first asked for, and once: many texts are made of one pattern.
    regex: OnceCell<Option<Hir>>,
}

impl<'a> Part<'a> {
    pub const fn new(operator: Operator, operand: &'a str, nocase: bool) -> Self {
        Self { operator, operand, nocase, regex: OnceCell::new() }
    }

    fn sample(&self, variation: usize) -> Option<Sample> {
        let read = || regex::parse(self.operand, self.nocase);
        regex::sample(self.regex.get_or_init(read).as_ref()?, variation)
    }
}

fn parts<'a>(list: &[Pattern<'a>]) -> Vec<Part<'a>> {
    let part = |pattern: &Pattern<'a>| match (pattern.operator()?, pattern.operand()?) {
        (operator, Operand::Text(operand)) => Some(Part::new(operator, operand, pattern.nocase())),
        _ => None,
    };
    list.iter().filter_map(part).collect()
}

/// Choices of one pattern from each list: the first ones, then each of the others in turn.
fn choices<'l, 'a>(lists: &'l [Vec<Part<'a>>]) -> impl Iterator<Item = Vec<&'l Part<'a>>> {
    let first = std::iter::once((usize::MAX, 0));
    let one = lists.iter().enumerate().flat_map(|(list, parts)| (1..parts.len()).map(move |at| (list, at)));
    let all = (1..CHOICES / 2).map(|at| (usize::MAX, at));
    let pick = move |(changed, at): (usize, usize)| {
        let of = |(index, list): (usize, &'l Vec<Part<'a>>)| {
            let at = if changed == usize::MAX || changed == index { at } else { 0 };
            list.get(at.checked_rem(list.len())?)
        };
        lists.iter().enumerate().filter_map(of).collect()
    };
    first.chain(one.take(CHOICES)).chain(all).map(pick)
}

/// What a text must start with, hold and end with.
#[derive(Default)]
struct Frame {
    whole: Option<String>,
    start: String,
    middle: Vec<(String, bool)>,
    end: String,
}

impl Frame {
    fn starts(&mut self, text: String) {
        if text.len() > self.start.len() {
            self.start = text;
        }
    }

    fn ends(&mut self, text: String) {
        if text.len() > self.end.len() {
            self.end = text;
        }
    }

    fn glob(&mut self, operand: &str, any: char, nocase: bool) {
        let mut runs = vec![String::new()];
        let mut chars = operand.chars();
        while let Some(c) = chars.next() {
            let c = match c {
                '*' => {
                    runs.push(String::new());
                    continue;
                }
                '?' => any,
                '\\' => chars.next().unwrap_or('\\'),
                c => c,
            };
            if let Some(run) = runs.last_mut() {
                run.push(c);
            }
        }
        let last = if runs.len() > 1 { runs.pop() } else { None };
        let mut runs = runs.into_iter();
        let first = runs.next().unwrap_or_default();
        match last {
            None => self.whole = Some(first),
            Some(last) => {
                self.starts(first);
                self.middle.extend(runs.filter(|run| !run.is_empty()).map(|run| (run, nocase)));
                self.ends(last);
            }
        }
    }

    fn sample(&mut self, Sample { text, start, end }: Sample) {
        match (start, end) {
            (true, true) => self.whole = Some(text),
            (true, false) => self.starts(text),
            (false, true) => self.ends(text),
            (false, false) => self.middle.push((text, false)),
        }
    }
}

/// A text in which each of these patterns should be found.
pub(super) fn join(choice: &[&Part<'_>], variation: usize, between: &str, any: char) -> Option<String> {
    let mut frame = Frame::default();
    for part in choice {
        let own = || part.operand.to_owned();
        match part.operator {
            Operator::Exact => frame.whole = Some(own()),
            Operator::Prefix => frame.starts(own()),
            Operator::Suffix => frame.ends(own()),
            Operator::Contains => frame.middle.push((own(), part.nocase)),
            Operator::Glob => frame.glob(part.operand, any, part.nocase),
            _ => frame.sample(part.sample(variation)?),
        }
    }
    if frame.whole.is_some() {
        return frame.whole;
    }
    let Frame { start, middle, end, .. } = frame;
    // Later variations put something around what is open at its ends: it must not start or end so.
    let around = if variation > 1 { between } else { "" };
    let mut out = if start.is_empty() { around.to_owned() } else { start };
    for (part, nocase) in middle {
        let is_there = |text: &str| text::matches(Operator::Contains, nocase, &part, text) == Some(true);
        // Every other variation repeats what is there already: the order may matter.
        if variation % 2 == 1 || !(is_there(&out) || is_there(&end)) {
            if !out.is_empty() {
                out.push_str(between);
            }
            out.push_str(&part);
        }
    }
    if !out.ends_with(&end) {
        if !out.is_empty() {
            out.push_str(between);
        }
        out.push_str(&end);
    }
    if end.is_empty() {
        out.push_str(around);
    }
    Some(out)
}

/// Texts that differ from one by a character.
pub fn near(text: &str, max_bytes: u32) -> Vec<OwnedInput> {
    let chars: Vec<char> = text.chars().collect();
    let (last, middle) = (chars.len().saturating_sub(1), chars.len() / 2);
    let mut near = Vec::new();
    for at in [last, 0, middle, middle / 2] {
        let without = || chars.iter().enumerate().filter(move |(index, _)| *index != at).map(|(_, c)| *c);
        near.push(without().collect::<String>());
        let other = if chars.get(at) == Some(&'~') { '|' } else { '~' };
        near.push(chars.iter().enumerate().map(|(index, c)| if index == at { other } else { *c }).collect());
    }
    near.push(format!("~{text}"));
    near.push(format!("{text}~"));
    let fits = |text: &String| text.len() as u64 <= u64::from(max_bytes);
    near.into_iter().filter(fits).map(OwnedInput::Text).collect()
}
