//! Whether one text pattern matches one text, by the definitions of `FORMAT.md`. Linear in the text for a given pattern,
//! nothing is allocated. The engine that serves many patterns at once is held to this one.

use channel_parser::model::Operator;
use core::str::Chars;

/// A character without case: its simple lower-case mapping, itself where that is not one character.
///
/// ```
/// use channel_interpreter::text::fold;
/// assert_eq!((fold('A'), fold('Ä'), fold('K'), fold('İ')), ('a', 'ä', 'k', 'İ'));
/// ```
pub fn fold(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

fn same(a: char, b: char, nocase: bool) -> bool {
    a == b || nocase && fold(a) == fold(b)
}

/// Whether `text` is matched by a pattern with this operator and operand; `None` for an operator that is not decided here:
/// one that compares no text, and `regex`.
///
/// ```
/// use channel_interpreter::text::matches;
/// use channel_parser::model::Operator;
/// assert_eq!(matches(Operator::Suffix, true, r"\CMD.exe", r"C:\Windows\cmd.EXE"), Some(true));
/// assert_eq!(matches(Operator::Glob, false, "a*b?c", "aXbXbYc"), Some(true));
/// assert_eq!(matches(Operator::Glob, false, r"a\*", "ab"), Some(false));
/// ```
pub fn matches(operator: Operator, nocase: bool, operand: &str, text: &str) -> Option<bool> {
    Some(match operator {
        Operator::Exact => rest_after(operand, text, nocase) == Some(""),
        Operator::Prefix => rest_after(operand, text, nocase).is_some(),
        Operator::Suffix => is_suffix(operand, text, nocase),
        Operator::Contains => contains(operand, text, nocase),
        Operator::Glob => glob(operand, text, nocase),
        _ => return None,
    })
}

/// What follows `operand` at the start of `text`.
fn rest_after<'t>(operand: &str, text: &'t str, nocase: bool) -> Option<&'t str> {
    let mut rest = text.chars();
    operand.chars().all(|a| rest.next().is_some_and(|b| same(a, b, nocase))).then_some(rest.as_str())
}

fn is_suffix(operand: &str, text: &str, nocase: bool) -> bool {
    let mut rest = text.chars();
    operand.chars().rev().all(|a| rest.next_back().is_some_and(|b| same(a, b, nocase)))
}

fn contains(operand: &str, text: &str, nocase: bool) -> bool {
    let mut rest = text.chars();
    loop {
        if rest_after(operand, rest.as_str(), nocase).is_some() {
            return true;
        }
        if rest.next().is_none() {
            return false;
        }
    }
}

/// One step of a glob.
enum Step {
    /// Any text.
    Star,
    /// Any one character.
    Any,
    /// This character.
    One(char),
}

fn step(operand: &mut Chars<'_>) -> Option<Step> {
    Some(match operand.next()? {
        '*' => Step::Star,
        '?' => Step::Any,
        '\\' => Step::One(operand.next().unwrap_or('\\')),
        c => Step::One(c),
    })
}

/// On a mismatch the last star takes one more character; stars before it need not be tried again.
fn glob(operand: &str, text: &str, nocase: bool) -> bool {
    let (mut operand, mut text) = (operand.chars(), text.chars());
    let mut star: Option<(Chars<'_>, Chars<'_>)> = None;
    loop {
        let fits = match (step(&mut operand), text.clone().next()) {
            (Some(Step::Star), _) => {
                star = Some((operand.clone(), text.clone()));
                continue;
            }
            (None, None) => return true,
            (Some(_), None) => return false,
            (None, Some(_)) => false,
            (Some(Step::Any), Some(_)) => true,
            (Some(Step::One(a)), Some(b)) => same(a, b, nocase),
        };
        if fits {
            text.next();
            continue;
        }
        let Some((after_star, taken)) = &mut star else { return false };
        if taken.next().is_none()
            || channel_parser::planted!("star-gives-up") && after_star.as_str().contains('*')
        {
            return false;
        }
        (operand, text) = (after_star.clone(), taken.clone());
    }
}
