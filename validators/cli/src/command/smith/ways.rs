//! The ways to break content and contracts: what they are called, and which of them somebody means.

use crate::exit::{Done, Exit, Failure};
use crate::output::Terminal;
use channel_contract::LINTS;
use channel_gate::rules::find;
use channel_parser::Format;
use channel_smith::breaks::contract::Follows;
use channel_smith::breaks::{self, Break};
use std::io::Write;

/// Lists all of them.
pub fn list(terminal: &mut Terminal) -> Done {
    for (format, of) in [(Format::Channel, "channel files"), (Format::Sysmon, "rule blobs of Sysmon")] {
        writeln!(terminal, "{of}")?;
        for way in breaks::all().filter(|way| way.format() == format) {
            let code = code(&way);
            let rule = find(&code);
            let severity = rule.as_ref().map(|rule| rule.severity.to_string()).unwrap_or_default();
            let summary = rule.map(|rule| rule.summary).unwrap_or_default();
            writeln!(terminal, "  {:<24} {code}  {severity:<7}  {summary}", way.name)?;
        }
    }
    writeln!(terminal, "contracts, with --contract")?;
    for way in breaks::contract::all() {
        match way.follows {
            Follows::Lint(code) => {
                let lint = LINTS.iter().find(|(lint, _)| *lint == code).map(|(_, what)| *what);
                writeln!(terminal, "  {:<24} {code}  {}", way.name, lint.unwrap_or_default())?;
            }
            Follows::Refusal(kind) => writeln!(terminal, "  {:<24} {:<6} {}", way.name, "", kind.word())?,
        }
    }
    Ok(Exit::Pass)
}

fn code(way: &Break) -> String {
    format!("CG{}", way.rule)
}

/// Those that are meant by a name or a rule; all if it is empty.
pub fn of_content(text: &str) -> Result<Vec<Break>, Failure> {
    meant(text, breaks::all(), |way| (way.name, code(way)))
}

/// The same for contracts.
pub fn of_contracts(text: &str) -> Result<Vec<breaks::contract::Break>, Failure> {
    meant(text, breaks::contract::all(), |way| match way.follows {
        Follows::Lint(code) => (way.name, code.to_owned()),
        Follows::Refusal(_) => (way.name, String::new()),
    })
}

fn meant<W>(
    text: &str,
    all: impl Iterator<Item = W>,
    called: impl Fn(&W) -> (&'static str, String),
) -> Result<Vec<W>, Failure> {
    let (name, code) = (text.replace('-', "_"), text.to_uppercase());
    let rule = find(text).map(|rule| rule.code.to_string()).unwrap_or(code);
    let is = |way: &W| {
        let (way, code) = called(way);
        text.is_empty() || way == name || code == rule
    };
    let meant: Vec<W> = all.filter(is).collect();
    if meant.is_empty() {
        let why = format!("there is no way to break it called `{text}`, or that a rule `{text}` must find");
        return Err(Failure::wrong_use(format!("{why}; `contentgate smith --list` shows all")));
    }
    Ok(meant)
}
