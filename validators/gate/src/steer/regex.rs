//! Texts in which a regular expression is found, read off the expression.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

/// How deep the groups of an expression may nest, as in the interpreter.
const NEST_LIMIT: u32 = 100;
/// No longer text is made.
const LONGEST: usize = 1 << 16;

/// A text for an expression.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// The text.
    pub text: String,
    /// Whether it must stand at the start of the input.
    pub start: bool,
    /// Whether it must stand at its end.
    pub end: bool,
}

/// The expression, taken apart; `None` if it is none.
pub fn parse(expression: &str, nocase: bool) -> Option<Hir> {
    let mut parser = ParserBuilder::new().case_insensitive(nocase).nest_limit(NEST_LIMIT).build();
    parser.parse(expression).ok()
}

/// One text for it; another for each variation, the shortest for 0. `None` if it gets too long.
pub fn sample(hir: &Hir, variation: usize) -> Option<Sample> {
    let mut sample = Sample::default();
    write(hir, variation, &mut sample).then_some(sample)
}

/// As deep as the groups nest.
fn write(hir: &Hir, variation: usize, out: &mut Sample) -> bool {
    if out.text.len() > LONGEST {
        return false;
    }
    match hir.kind() {
        HirKind::Empty => true,
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => {
                out.text.push_str(text);
                true
            }
            Err(_) => false,
        },
        HirKind::Class(class) => match member(class, variation) {
            Some(c) => {
                out.text.push(c);
                true
            }
            None => false,
        },
        HirKind::Look(look) => {
            match look {
                Look::Start | Look::StartLF | Look::StartCRLF => out.start = true,
                Look::End | Look::EndLF | Look::EndCRLF => out.end = true,
                _ => {}
            }
            true
        }
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            let more = u32::try_from(variation % 3).unwrap_or(0);
            let times = min.saturating_add(more).min(max.unwrap_or(u32::MAX));
            (0..times).all(|_| write(sub, variation, out))
        }
        HirKind::Capture(capture) => write(&capture.sub, variation, out),
        HirKind::Concat(all) => all.iter().all(|one| write(one, variation, out)),
        HirKind::Alternation(all) => {
            let at = variation.checked_rem(all.len()).unwrap_or(0);
            all.get(at).is_some_and(|one| write(one, variation, out))
        }
    }
}

/// A character of a class, one that people read if there is one.
fn member(class: &Class, variation: usize) -> Option<char> {
    const READABLE: &str = "axA0_-. /\\zZ9";
    let ranges: Vec<(u32, u32)> = match class {
        Class::Unicode(class) => class.ranges().iter().map(|r| (r.start().into(), r.end().into())).collect(),
        Class::Bytes(class) => class.ranges().iter().map(|r| (r.start().into(), r.end().into())).collect(),
    };
    let is_in = |c: &char| ranges.iter().any(|(low, high)| (*low..=*high).contains(&u32::from(*c)));
    let readable: Vec<char> = READABLE.chars().filter(is_in).collect();
    match variation.checked_rem(readable.len()) {
        Some(at) => readable.get(at).copied(),
        None => ranges.iter().filter_map(|(low, high)| char::from_u32(*low).or(char::from_u32(*high))).max(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_found() {
        let all = [
            r"^\\[0-9a-f]{8}$",
            r"a|bc|d{3}",
            r"\s+x\d?",
            r"(?i)cmd\.exe.*?/c",
            r"\bword\b",
            r"[^a-z]",
            r"\p{Greek}",
            "",
            "^$",
        ];
        for expression in all {
            let (hir, regex) =
                (parse(expression, false).unwrap(), regex_automata::meta::Regex::new(expression).unwrap());
            for variation in 0..6 {
                let sample = sample(&hir, variation).unwrap();
                assert!(regex.is_match(&sample.text), "{expression}: {sample:?}");
            }
        }
        assert_eq!(
            sample(&parse(r"^\\[0-9a-f]{2}$", false).unwrap(), 0).unwrap(),
            Sample { text: r"\aa".into(), start: true, end: true }
        );
        assert_eq!(sample(&parse("(a{999}){999}", false).unwrap(), 0), None);
    }
}
