//! The ways to break content and contracts: what they are called, and which of them somebody means.

use crate::exit::{Done, Exit, Failure};
use crate::output::Terminal;
use channel_contract::LINTS;
use channel_gate::rules::find;
use channel_parser::Format;
use channel_smith::breaks::contract::Follows;
use channel_smith::breaks::{self, Break};
use serde::Serialize;
use std::io::Write;

/// A way to break something.
#[derive(Serialize)]
struct Way {
    of: &'static str,
    way: &'static str,
    /// The rule or the lint that must find it ...
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<String>,
    /// ... and what it says; or how a contract must be refused.
    what: &'static str,
}

/// Lists all of them.
pub fn list(json: bool, terminal: &mut Terminal) -> Done {
    let of_content = [(Format::Channel, "channel files"), (Format::Sysmon, "rule blobs of Sysmon")];
    let of_content = of_content.into_iter().flat_map(|(format, of)| {
        breaks::all().filter(move |way| way.format() == format).map(move |way| {
            let (code, rule) = (code(&way), find(&code(&way)));
            let severity = rule.as_ref().map(|rule| rule.severity.to_string());
            let what = rule.map(|rule| rule.summary).unwrap_or_default();
            Way { of, way: way.name, rule: Some(code), severity, what }
        })
    });
    let of_contracts = breaks::contract::all().map(|way| {
        let (rule, what) = match way.follows {
            Follows::Lint(code) => {
                let lint = LINTS.iter().find(|(lint, _)| *lint == code).map(|(_, what)| *what);
                (Some(code.to_owned()), lint.unwrap_or_default())
            }
            Follows::Refusal(kind) => (None, kind.word()),
        };
        Way { of: "contracts, with --contract", way: way.name, rule, severity: None, what }
    });
    let mut before = "";
    for way in of_content.chain(of_contracts) {
        if json {
            writeln!(terminal, "{}", serde_json::to_string(&way).map_err(Failure::cannot)?)?;
            continue;
        }
        if way.of != before {
            before = way.of;
            writeln!(terminal, "{before}")?;
        }
        let rule = way.rule.as_deref().unwrap_or_default();
        match &way.severity {
            Some(severity) => writeln!(terminal, "  {:<24} {rule}  {severity:<7}  {}", way.way, way.what)?,
            None => writeln!(terminal, "  {:<24} {rule:<6} {}", way.way, way.what)?,
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
