//! The condition of a rule: `selection and not 1 of filter_*` -> an expression over the selections' atoms.

use super::refusal::{Fault, Reason};
use super::value::Atom;
use crate::limits;
use crate::map::At;
use std::rc::Rc;

/// A condition, or a part of one.
#[derive(Debug)]
pub(super) enum Expr {
    And(Vec<Rc<Expr>>),
    Or(Vec<Rc<Expr>>),
    Not(Rc<Expr>),
    Atom(Atom),
}

/// What an author named.
#[derive(Debug)]
pub(super) struct Selection {
    pub name: String,
    pub at: At,
    pub expr: Rc<Expr>,
    /// The nodes of its expression.
    pub size: usize,
}

/// Reads conditions; remembers which selections they named.
pub(super) struct Conditions<'s> {
    selections: &'s [Selection],
    used: Vec<bool>,
    nodes: usize,
}

struct Cursor<'c> {
    tokens: Vec<&'c str>,
    next: usize,
    at: At,
}

impl<'s> Conditions<'s> {
    pub fn new(selections: &'s [Selection]) -> Self {
        Self { selections, used: vec![false; selections.len()], nodes: 0 }
    }

    /// Reads one condition.
    pub fn read(&mut self, text: &str, at: At) -> Result<Rc<Expr>, Fault> {
        let mut cursor = Cursor { tokens: tokens(text), next: 0, at };
        if let Some(what) = cursor.tokens.iter().find(|t| matches!(**t, "|" | "near")) {
            return Err(Fault::new(at, Reason::Aggregation((*what).into())));
        }
        let expr = self.or(&mut cursor, 0)?;
        match cursor.peek() {
            None => Ok(expr),
            Some(_) => Err(cursor.expected("`and`, `or` or the end")),
        }
    }

    /// The first selection that no condition named, unless its name begins with `_`.
    pub fn unused(&self) -> Option<&'s Selection> {
        let mut unused = self.selections.iter().zip(&self.used).filter(|(_, used)| !**used).map(|(s, _)| s);
        unused.find(|s| !s.name.starts_with('_'))
    }

    fn or(&mut self, cursor: &mut Cursor<'_>, depth: usize) -> Result<Rc<Expr>, Fault> {
        let mut terms = vec![self.and(cursor, depth)?];
        while cursor.eat("or") {
            terms.push(self.and(cursor, depth)?);
        }
        Ok(several(terms, Expr::Or))
    }

    fn and(&mut self, cursor: &mut Cursor<'_>, depth: usize) -> Result<Rc<Expr>, Fault> {
        let mut terms = vec![self.not(cursor, depth)?];
        while cursor.eat("and") {
            terms.push(self.not(cursor, depth)?);
        }
        Ok(several(terms, Expr::And))
    }

    fn not(&mut self, cursor: &mut Cursor<'_>, depth: usize) -> Result<Rc<Expr>, Fault> {
        let limit = limits::DEPTH;
        if depth > limit {
            return Err(Fault::new(cursor.at, Reason::Limit { what: "levels of nesting", limit }));
        }
        let depth = depth.saturating_add(1);
        if cursor.eat("not") {
            return Ok(Rc::new(Expr::Not(self.not(cursor, depth)?)));
        }
        if cursor.eat("(") {
            let inner = self.or(cursor, depth)?;
            return if cursor.eat(")") { Ok(inner) } else { Err(cursor.expected("`)`")) };
        }
        self.operand(cursor)
    }

    fn operand(&mut self, cursor: &mut Cursor<'_>) -> Result<Rc<Expr>, Fault> {
        let word = match cursor.peek() {
            Some(word) if !is_operator(word) => word,
            _ => return Err(cursor.expected("a selection, `1 of`, `all of`, `not` or `(`")),
        };
        cursor.next = cursor.next.saturating_add(1);
        if !cursor.eat("of") {
            return self.named(cursor.at, &|s| s.name == word, word).map(|found| several(found, Expr::And));
        }
        let all = match word.to_ascii_lowercase().as_str() {
            "all" => true,
            "1" | "any" => false,
            _ => {
                let found = format!("`{word} of`");
                return Err(Fault::new(
                    cursor.at,
                    Reason::Condition { expected: "`1 of` or `all of`", found },
                ));
            }
        };
        let pattern = match cursor.peek() {
            Some(pattern) if !is_operator(pattern) => pattern,
            _ => return Err(cursor.expected("`them` or names of selections")),
        };
        cursor.next = cursor.next.saturating_add(1);
        let found = if pattern.eq_ignore_ascii_case("them") {
            self.named(cursor.at, &|s| !s.name.starts_with('_'), pattern)
        } else {
            self.named(cursor.at, &|s| fits(pattern, &s.name), pattern)
        };
        Ok(several(found?, if all { Expr::And } else { Expr::Or }))
    }

    /// The expressions of the selections that are meant: at least one, and not too many nodes over the whole rule.
    fn named(
        &mut self,
        at: At,
        is_meant: &dyn Fn(&Selection) -> bool,
        name: &str,
    ) -> Result<Vec<Rc<Expr>>, Fault> {
        let mut found = Vec::new();
        for (selection, used) in self.selections.iter().zip(&mut self.used) {
            if !is_meant(selection) {
                continue;
            }
            *used = true;
            self.nodes = self.nodes.saturating_add(selection.size);
            if self.nodes > limits::EXPRESSION_NODES {
                let limit = limits::EXPRESSION_NODES;
                return Err(Fault::new(at, Reason::Limit { what: "parts in a condition", limit }));
            }
            found.push(Rc::clone(&selection.expr));
        }
        if found.is_empty() {
            return Err(Fault::new(at, Reason::UnknownSelection(name.into())));
        }
        Ok(found)
    }
}

impl<'c> Cursor<'c> {
    fn peek(&self) -> Option<&'c str> {
        self.tokens.get(self.next).copied()
    }

    fn eat(&mut self, word: &str) -> bool {
        let eaten = self.peek().is_some_and(|token| token.eq_ignore_ascii_case(word));
        self.next = self.next.saturating_add(usize::from(eaten));
        eaten
    }

    fn expected(&self, expected: &'static str) -> Fault {
        let found = self.peek().map_or_else(|| "the end".to_string(), |token| format!("`{token}`"));
        Fault::new(self.at, Reason::Condition { expected, found })
    }
}

pub(super) fn several(mut terms: Vec<Rc<Expr>>, join: fn(Vec<Rc<Expr>>) -> Expr) -> Rc<Expr> {
    match (terms.len(), terms.pop()) {
        (1, Some(only)) => only,
        (_, last) => Rc::new(join(terms.into_iter().chain(last).collect())),
    }
}

fn is_operator(token: &str) -> bool {
    ["and", "or", "not", "of", "(", ")"].iter().any(|word| token.eq_ignore_ascii_case(word))
}

fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    for word in text.split_whitespace() {
        let mut rest = word;
        while !rest.is_empty() {
            // A bracket or a bar stands alone; anything else goes up to the next one.
            let end = match rest.find(['(', ')', '|']) {
                Some(0) => 1,
                Some(end) => end,
                None => rest.len(),
            };
            let (token, after) = rest.split_at(end);
            tokens.push(token);
            rest = after;
        }
    }
    tokens
}

/// Whether a name fits a pattern with `*`: each piece as early as it can be, the last one at the end.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((first, others)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let (between, last) = others.rsplit_once('*').unwrap_or(("", others));
    for piece in between.split('*').filter(|piece| !piece.is_empty()) {
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_patterns() {
        for (pattern, name, expected) in [
            ("sel*", "selection", true),
            ("sel*", "sel", true),
            ("*_a", "b_a", true),
            ("*_a", "b_ab", false),
            ("a*b*c", "abbc", true),
            ("a*b*c", "acb", false),
            ("a", "ab", false),
            ("ab*b", "ab", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }
}
