//! Text with wildcards as Sigma writes it, and what becomes of it as a pattern.

use channel_parser::draft::TextOperator;
use std::iter;

/// A piece of a text with wildcards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Literal(String),
    /// Any text, also none: `*`.
    Any,
    /// Any one character: `?`.
    One,
}

/// Text with wildcards; no two literals and no two `Any` stand side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text(Vec<Part>);

impl Text {
    /// Reads Sigma's spelling: `\` takes the meaning from `*`, `?` and `\`, and is itself before anything else.
    pub fn parse(source: &str) -> Self {
        let mut text = Self::default();
        let mut chars = source.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.next_if(|c| matches!(c, '*' | '?' | '\\')) {
                    Some(escaped) => text.push_char(escaped),
                    None => text.push_char('\\'),
                },
                '*' => text.push(Part::Any),
                '?' => text.push(Part::One),
                c => text.push_char(c),
            }
        }
        text
    }

    /// Text without wildcards, whatever it holds.
    pub fn literal(text: &str) -> Self {
        if text.is_empty() { Self::default() } else { Self(vec![Part::Literal(text.to_string())]) }
    }

    fn push_char(&mut self, c: char) {
        match self.0.last_mut() {
            Some(Part::Literal(text)) => text.push(c),
            _ => self.0.push(Part::Literal(c.to_string())),
        }
    }

    fn push(&mut self, part: Part) {
        match part {
            Part::Literal(text) => text.chars().for_each(|c| self.push_char(c)),
            Part::Any if self.0.last() == Some(&Part::Any) => {}
            part => self.0.push(part),
        }
    }

    /// With `*` before it, after it, or both.
    pub fn surrounded(&self, before: bool, after: bool) -> Self {
        let mut text = Self::default();
        before.then(|| text.push(Part::Any));
        self.0.iter().for_each(|part| text.push(part.clone()));
        after.then(|| text.push(Part::Any));
        text
    }

    /// The text, if it has no wildcards.
    pub fn plain(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether it fits any text: `*`.
    pub fn is_any(&self) -> bool {
        self.0 == [Part::Any]
    }

    /// The literal that it begins with, if nothing but `*` follows.
    pub fn prefix(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Part::Literal(text), Part::Any] => Some(text),
            _ => None,
        }
    }

    /// The literal in `*literal*`.
    pub fn contained(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Part::Any, Part::Literal(text), Part::Any] => Some(text),
            _ => None,
        }
    }

    /// The simplest operator that means the same, and its operand.
    pub fn operator(&self) -> (TextOperator, String) {
        match self.0.as_slice() {
            [] => (TextOperator::Exact, String::new()),
            [Part::Literal(text)] => (TextOperator::Exact, text.clone()),
            [Part::Literal(text), Part::Any] => (TextOperator::Prefix, text.clone()),
            [Part::Any, Part::Literal(text)] => (TextOperator::Suffix, text.clone()),
            [Part::Any, Part::Literal(text), Part::Any] => (TextOperator::Contains, text.clone()),
            parts => (TextOperator::Glob, parts.iter().map(glob).collect()),
        }
    }

    /// The positions at which `windash` finds a dash: a `-` or `/` with a word behind it and none before it. A wildcard
    /// is no word.
    fn dashes(&self) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for (n, part) in self.0.iter().enumerate() {
            let Part::Literal(text) = part else { continue };
            let mut before = false;
            let mut chars = text.char_indices().peekable();
            while let Some((at, c)) = chars.next() {
                let after = chars.peek().is_some_and(|(_, next)| is_word(*next));
                if matches!(c, '-' | '/') && !before && after {
                    found.push((n, at));
                }
                before = is_word(c);
            }
        }
        found
    }

    /// Every spelling with each of its dashes as each kind of dash; `None` if there are more than `limit`.
    pub fn windash(&self, limit: usize) -> Option<Vec<Self>> {
        const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];
        let dashes = self.dashes();
        let count = iter::repeat_n(DASHES.len(), dashes.len()).try_fold(1usize, usize::checked_mul)?;
        if count > limit {
            return None;
        }
        let mut spellings = vec![self.clone()];
        // From the back, so that a longer dash moves no position that is still to come.
        for (part, at) in dashes.into_iter().rev() {
            spellings =
                spellings.iter().flat_map(|s| DASHES.map(|dash| s.with_char(part, at, dash))).collect();
        }
        Some(spellings)
    }

    fn with_char(&self, part: usize, at: usize, new: char) -> Self {
        let mut copy = self.clone();
        if let Some(Part::Literal(text)) = copy.0.get_mut(part) {
            *text = text.char_indices().map(|(i, c)| if i == at { new } else { c }).collect();
        }
        copy
    }

    /// Whether a text fits, for what is known when compiling.
    pub fn fits(&self, text: &str, cased: bool) -> bool {
        let fold = |s: &str| if cased { s.to_string() } else { s.to_lowercase() };
        let text: Vec<char> = fold(text).chars().collect();
        // The positions that the parts so far can end at.
        let mut ends = vec![0];
        for part in &self.0 {
            ends = match part {
                Part::Any => (ends.first().copied().unwrap_or(usize::MAX)..=text.len()).collect(),
                Part::One => {
                    ends.into_iter().filter(|e| *e < text.len()).map(|e| e.saturating_add(1)).collect()
                }
                Part::Literal(literal) => {
                    let literal: Vec<char> = fold(literal).chars().collect();
                    let fits = |e: &usize| text.get(*e..).is_some_and(|rest| rest.starts_with(&literal));
                    ends.into_iter().filter(fits).map(|e| e.saturating_add(literal.len())).collect()
                }
            };
        }
        ends.last() == Some(&text.len())
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn glob(part: &Part) -> String {
    match part {
        Part::Any => "*".to_string(),
        Part::One => "?".to_string(),
        Part::Literal(text) => {
            let escape = |c| matches!(c, '*' | '?' | '\\').then_some('\\').into_iter().chain(iter::once(c));
            text.chars().flat_map(escape).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sigma's spelling, and the operator and operand it becomes.
    #[test]
    fn escapes_and_shapes() {
        use TextOperator::*;
        let cases = [
            (r"", Exact, r""),
            (r"abc", Exact, r"abc"),
            (r"C:\Windows\", Exact, r"C:\Windows\"),
            (r"C:\\Windows", Exact, r"C:\Windows"),
            (r"\\\\host", Exact, r"\\host"),
            (r"\\\host", Exact, r"\\host"),
            (r"a*", Prefix, r"a"),
            (r"*a", Suffix, r"a"),
            (r"**a**", Contains, r"a"),
            (r"a\*", Exact, r"a*"),
            (r"a\\*", Prefix, r"a\"),
            (r"a\\\*", Exact, r"a\*"),
            (r"a\\\\*", Prefix, r"a\\"),
            (r"\?", Exact, r"?"),
            (r"a?", Glob, r"a?"),
            (r"a*b", Glob, r"a*b"),
            (r"?\*\\*", Glob, r"?\*\\*"),
            (r"\\?\C", Glob, r"\\?\\C"),
        ];
        for (source, operator, operand) in cases {
            assert_eq!(Text::parse(source).operator(), (operator, operand.to_string()), "{source}");
        }
    }

    #[test]
    fn windash_spells_every_dash_in_every_way() {
        let count = |s: &str| Text::parse(s).windash(200).map(|v| v.len());
        assert_eq!(count("a-b"), Some(1));
        assert_eq!(count("-a"), Some(5));
        assert_eq!(count(" -a /b"), Some(25));
        assert_eq!(count("--a"), Some(5));
        assert_eq!(count("*-a*"), Some(5));
        assert_eq!(count("- a"), Some(1));
        assert_eq!(count("-a -b -c -d"), None);
        assert!(
            Text::parse(" /a -b").windash(25).is_some_and(|v| v.contains(&Text::literal(" \u{2015}a /b")))
        );
    }

    #[test]
    fn fits_is_what_wildcards_mean() {
        for (pattern, text, cased, expected) in [
            ("*", "", false, true),
            ("a*c", "abbc", false, true),
            ("A*C", "abbc", false, true),
            ("A*C", "abbc", true, false),
            ("a?c", "ac", false, false),
            ("*b", "ab b", false, true),
            ("*b", "aba", false, false),
            ("", "", false, true),
            ("", "a", false, false),
        ] {
            assert_eq!(Text::parse(pattern).fits(text, cased), expected, "{pattern} {text}");
        }
    }
}
