//! The text form of a rule blob, both ways: one thing a line, comments with `#`. Numbers stand where the blob has
//! numbers; what they mean on a sensor is a comment, so that a text needs no schema to become the same blob again.
//!
//! ```text
//! sysmon-rules 1
//! version 15.00 schema 4.30
//!
//! event 1 default exclude combine or  # ProcessCreate
//!   filter 4 operator 13 name 'office': 'winword.exe'  # Image image
//!   group 1 combine and name 'T1059'
//!     filter 10 operator 2: ' -enc '  # CommandLine contains
//! ```

use super::draft::{Draft, Event, Filter, Group, Item};
use super::view::{Combine, DefaultAction, Version};
use super::{Blob, cells, encode};
use crate::limits;
use crate::text::damage::{self, Damage};
use crate::text::{Quoted, TextError, is_hidden};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write};

/// What the numbers of a blob mean on a sensor, for the comments.
pub trait Names {
    /// The name of the rules for an event.
    fn event(&self, id: u32) -> Option<&str>;
    /// The name of a field of an event.
    fn field(&self, event: u32, index: u32) -> Option<&str>;
    /// The name of an operator.
    fn operator(&self, number: u32) -> Option<&str>;
}

/// No comments.
impl Names for () {
    fn event(&self, _: u32) -> Option<&str> {
        None
    }

    fn field(&self, _: u32, _: u32) -> Option<&str> {
        None
    }

    fn operator(&self, _: u32) -> Option<&str> {
        None
    }
}

/// The text of an accepted blob.
pub fn print(blob: &Blob<'_>, names: &dyn Names) -> String {
    let mut text = String::new();
    // Writing into a string does not fail.
    let _ = write_draft(&mut text, &blob.draft(), names);
    text
}

fn write_draft(out: &mut String, draft: &Draft, names: &dyn Names) -> fmt::Result {
    write!(out, "sysmon-rules 1\nversion {}", Version(draft.version))?;
    if draft.schema != 0 {
        write!(out, " schema {}", Version(draft.schema))?;
    }
    out.push('\n');
    if draft.unlisted {
        out.push_str("aggregations unlisted\n");
    }
    for event in &draft.events {
        let default = DefaultAction::from_number(event.default).map_or("?", DefaultAction::word);
        write!(out, "\nevent {} default {default} combine {}", event.id, combine(event.combine))?;
        comment(out, [names.event(event.id), None])?;
        for item in &event.items {
            match item {
                Item::Filter(filter) => write_filter(out, "  ", event.id, filter, names)?,
                Item::Group(group) => {
                    write!(out, "  group {} combine {}", group.id, combine(group.combine))?;
                    write_name(out, &group.name)?;
                    if group.memory != (0, 0, 0) {
                        let (message, checked, matched) = group.memory;
                        write!(out, " memory {message} {checked} {matched}")?;
                    }
                    out.push('\n');
                    group.filters.iter().try_for_each(|f| write_filter(out, "    ", event.id, f, names))?;
                }
            }
        }
    }
    Ok(())
}

fn combine(number: u32) -> &'static str {
    Combine::from_number(number).map_or("?", Combine::word)
}

fn write_filter(
    out: &mut String,
    indent: &str,
    event: u32,
    filter: &Filter,
    names: &dyn Names,
) -> fmt::Result {
    write!(out, "{indent}filter {} operator {}", filter.field, filter.operator)?;
    if filter.environment {
        out.push_str(" environment");
    }
    write_name(out, &filter.name)?;
    write!(out, ": {}", Units(&filter.value))?;
    comment(out, [names.field(event, filter.field), names.operator(filter.operator)])
}

fn write_name(out: &mut String, name: &[u16]) -> fmt::Result {
    if name.is_empty() { Ok(()) } else { write!(out, " name {}", Units(name)) }
}

/// Ends a line, with what its numbers mean.
fn comment(out: &mut String, words: [Option<&str>; 2]) -> fmt::Result {
    for (index, word) in words.iter().flatten().enumerate() {
        out.push_str(if index == 0 { "  # " } else { " " });
        out.extend(word.chars().map(|c| if is_hidden(c) { '?' } else { c }));
    }
    out.push('\n');
    Ok(())
}

/// UTF-16 in quotes; half a surrogate pair is an escape too.
struct Units<'a>(&'a [u16]);

impl fmt::Display for Units<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Ok(text) = String::from_utf16(self.0) {
            return Quoted(&text).fmt(f);
        }
        f.write_str("\"")?;
        for c in char::decode_utf16(self.0.iter().copied()) {
            match c {
                Ok(c @ ('"' | '\\')) => write!(f, "\\{c}")?,
                Ok(c) if is_hidden(c) => write!(f, "{}", c.escape_unicode())?,
                Ok(c) => f.write_char(c)?,
                Err(half) => write!(f, "\\u{{{:x}}}", half.unpaired_surrogate())?,
            }
        }
        f.write_str("\"")
    }
}

/// Makes the blob that a text describes, damaged as the lines at its end say: those of the text form of channel files.
///
/// # Errors
///
/// What is not in the grammar, and what a blob cannot say.
pub fn assemble(text: &str) -> Result<Vec<u8>, TextError> {
    let mut reader = Reader::default();
    for (number, line) in (1u32..).zip(text.lines()) {
        reader.line(&mut Line { number, whole: line, rest: line })?;
    }
    if reader.state != State::Content {
        let last = u32::try_from(text.lines().count()).unwrap_or(u32::MAX);
        let end = Line { number: last.max(1), whole: "", rest: "" };
        return Err(end.expected("`sysmon-rules 1` and a version"));
    }
    let mut blob = encode(&reader.draft).map_err(|error| TextError {
        line: 1,
        column: 1,
        expected: String::from("content that fits a rule blob"),
        found: format!("{error}"),
    })?;
    let whole = blob.clone();
    damage::apply_to(&mut blob, &reader.damage, cells(&whole).map(|cell| (cell.path, cell.span)))?;
    Ok(blob)
}

#[derive(Default, PartialEq)]
enum State {
    #[default]
    Start,
    Version,
    Content,
}

#[derive(Default)]
struct Reader {
    state: State,
    draft: Draft,
    damage: Vec<Damage>,
}

impl Reader {
    fn line(&mut self, line: &mut Line<'_>) -> Result<(), TextError> {
        let deep = line.whole.starts_with("    ");
        line.skip();
        if line.rest.is_empty() {
            return Ok(());
        }
        match self.state {
            State::Start => {
                line.keyword("sysmon-rules")?;
                line.keyword("1")?;
                self.state = State::Version;
            }
            State::Version => {
                line.keyword("version")?;
                self.draft.version = line.version()?;
                if line.accept("schema") {
                    self.draft.schema = line.version()?;
                }
                self.state = State::Content;
            }
            State::Content => self.content(line, deep)?,
        }
        if line.rest.is_empty() { Ok(()) } else { Err(line.expected("the end of the line")) }
    }

    fn content(&mut self, line: &mut Line<'_>, deep: bool) -> Result<(), TextError> {
        let start = *line;
        if damage::is_damage(line.word()) && self.damage.len() < limits::DAMAGE {
            self.damage.push(damage::read_whole(line.number, line.whole)?);
            line.rest = "";
            return Ok(());
        }
        if !self.damage.is_empty() {
            return Err(start.expected("another line of damage, or none"));
        }
        if self.draft.events.is_empty() && line.accept("aggregations") {
            self.draft.unlisted = true;
            return line.keyword("unlisted");
        }
        if line.accept("event") {
            let id = line.number("the id of an event")?;
            line.keyword("default")?;
            let default = line.one_of(&["include", "exclude"])?;
            line.keyword("combine")?;
            let combine = line.one_of(&["or", "and"])?;
            self.draft.events.push(Event { id, default, combine, items: Vec::new() });
            return Ok(());
        }
        let Some(event) = self.draft.events.last_mut() else { return Err(start.expected("an event")) };
        if line.accept("group") {
            event.items.push(Item::Group(line.group()?));
            return Ok(());
        }
        line.keyword("filter").map_err(|_| start.expected("an event, a group or a filter"))?;
        let filter = line.filter()?;
        match (deep, event.items.last_mut()) {
            (true, Some(Item::Group(group))) => group.filters.push(filter),
            (true, _) => return Err(start.expected("a filter of the event, two spaces deep")),
            (false, _) => event.items.push(Item::Filter(filter)),
        }
        Ok(())
    }
}

/// What is left of a line.
#[derive(Clone, Copy)]
struct Line<'a> {
    number: u32,
    whole: &'a str,
    rest: &'a str,
}

impl<'a> Line<'a> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start_matches(' ');
        if self.rest.starts_with('#') {
            self.rest = "";
        }
    }

    fn expected(&self, expected: &str) -> TextError {
        let before = self.whole.len().saturating_sub(self.rest.len());
        let column = self.whole.get(..before).map_or(0, |before| before.chars().count());
        let column = u32::try_from(column).unwrap_or(u32::MAX).saturating_add(1);
        let shown: String = self.rest.chars().take(40).collect();
        let found = match shown.as_str() {
            "" => String::from("the end of the line"),
            shown => format!("{}", Quoted(shown)),
        };
        TextError { line: self.number, column, expected: String::from(expected), found }
    }

    fn word(&self) -> &'a str {
        let end = self.rest.find([' ', ':', '#']).unwrap_or(self.rest.len());
        self.rest.get(..end).unwrap_or_default()
    }

    fn advance(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
        self.skip();
    }

    fn accept(&mut self, word: &str) -> bool {
        let is = self.word() == word;
        if is {
            self.advance(word.len());
        }
        is
    }

    fn keyword(&mut self, word: &str) -> Result<(), TextError> {
        if self.accept(word) { Ok(()) } else { Err(self.expected(&format!("`{word}`"))) }
    }

    fn one_of(&mut self, words: &[&str]) -> Result<u32, TextError> {
        let found = (0u32..).zip(words).find(|(_, word)| self.word() == **word);
        let Some((number, word)) = found else { return Err(self.expected(&words.join(", "))) };
        self.advance(word.len());
        Ok(number)
    }

    fn number<T: core::str::FromStr>(&mut self, what: &str) -> Result<T, TextError> {
        let word = self.word();
        let digits = word.bytes().all(|b| b.is_ascii_digit());
        let number = word.parse().ok().filter(|_| digits).ok_or_else(|| self.expected(what))?;
        self.advance(word.len());
        Ok(number)
    }

    fn version(&mut self) -> Result<u32, TextError> {
        let word = self.word();
        let parts = word.split_once('.').filter(|_| word.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
        let parts =
            parts.and_then(|(major, minor)| Some((major.parse::<u16>().ok()?, minor.parse::<u16>().ok()?)));
        let Some((major, minor)) = parts else { return Err(self.expected("a version such as 4.30")) };
        self.advance(word.len());
        Ok(u32::from(major) << 16 | u32::from(minor))
    }

    fn group(&mut self) -> Result<Group, TextError> {
        let id = self.number("the id of a group")?;
        self.keyword("combine")?;
        let combine = self.one_of(&["or", "and"])?;
        let name = if self.accept("name") { self.text()? } else { Vec::new() };
        let mut memory = (0, 0, 0);
        if self.accept("memory") {
            let what = "a number of the working memory";
            memory = (self.number(what)?, self.number(what)?, self.number(what)?);
        }
        Ok(Group { id, combine, name, memory, filters: Vec::new() })
    }

    fn filter(&mut self) -> Result<Filter, TextError> {
        let field = self.number("the position of a field")?;
        self.keyword("operator")?;
        let operator = self.number("the number of an operator")?;
        let environment = self.accept("environment");
        let name = if self.accept("name") { self.text()? } else { Vec::new() };
        if !self.rest.starts_with(':') {
            return Err(self.expected("`:` and a value"));
        }
        self.advance(1);
        Ok(Filter { field, name, operator, environment, value: self.text()? })
    }

    /// A text in quotes.
    fn text(&mut self) -> Result<Vec<u16>, TextError> {
        let start = *self;
        if let Some(rest) = self.rest.strip_prefix('\'') {
            let Some((text, _)) = rest.split_once('\'') else {
                return Err(start.expected("a text in quotes"));
            };
            if let Some(hidden) = text.find(is_hidden) {
                self.advance(hidden.saturating_add(1));
                return Err(self.expected("an escape for a character that cannot be seen"));
            }
            self.advance(text.len().saturating_add(2));
            return Ok(text.encode_utf16().collect());
        }
        let Some(mut rest) = self.rest.strip_prefix('"') else {
            return Err(start.expected("a text in quotes"));
        };
        let mut units = Vec::new();
        loop {
            self.rest = rest;
            let mut chars = rest.chars();
            let Some(c) = chars.next().filter(|c| !is_hidden(*c)) else {
                return Err(self.expected("`\"` at the end of the text, or an escape"));
            };
            rest = chars.as_str();
            match c {
                '"' => {
                    self.rest = rest;
                    self.skip();
                    return Ok(units);
                }
                '\\' => {
                    let escape = escape(rest).ok_or_else(|| self.expected("an escape"))?;
                    units.extend_from_slice(&escape.0);
                    rest = escape.1;
                }
                c => units.extend_from_slice(c.encode_utf16(&mut [0; 2])),
            }
        }
    }
}

/// What an escape stands for, after its backslash, and what comes behind it.
fn escape(rest: &str) -> Option<(Vec<u16>, &str)> {
    let mut chars = rest.chars();
    let unit = match chars.next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        c @ ('"' | '\\') => c,
        'u' => {
            let (digits, rest) = chars.as_str().strip_prefix('{')?.split_once('}')?;
            if digits.is_empty() || digits.len() > 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
                return None;
            }
            let number = u32::from_str_radix(digits, 16).ok()?;
            let units = match (u16::try_from(number), char::from_u32(number)) {
                (Ok(unit), _) => alloc::vec![unit],
                (_, Some(c)) => c.encode_utf16(&mut [0; 2]).to_vec(),
                _ => return None,
            };
            return Some((units, rest));
        }
        _ => return None,
    };
    Some((unit.encode_utf16(&mut [0; 2]).to_vec(), chars.as_str()))
}
