//! `contentgate rules`: the list of rules.

use crate::exit::{Done, Exit};
use crate::output::Terminal;
use channel_contract::LINTS;
use channel_gate::rules;
use std::io::Write;

/// List the rules.
#[derive(clap::Args)]
pub struct Args {}

/// Runs it.
pub fn run(_: &Args, terminal: &mut Terminal) -> Done {
    for rule in rules::all() {
        writeln!(terminal, "{}  {:<20} {:<8} {}", rule.code, rule.name, rule.severity, rule.summary)?;
    }
    writeln!(terminal, "\nof contracts, by `contentgate contract lint`:")?;
    for (code, sentence) in LINTS {
        writeln!(terminal, "{code}  {sentence}")?;
    }
    Ok(Exit::Pass)
}
