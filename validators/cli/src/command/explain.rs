//! `contentgate explain`: the page of a rule.

use crate::exit::{Done, Exit, Failure};
use crate::output::Terminal;
use channel_contract::LINTS;
use channel_gate::rules::{all, find};
use std::io::Write;

/// Explain a rule: what it checks, why it matters, bad, good, how to fix.
#[derive(clap::Args)]
pub struct Args {
    /// The code or the name of a rule: `CG301`, `unsupplied-input`.
    rule: String,
}

/// Runs it.
pub fn run(args: &Args, terminal: &mut Terminal) -> Done {
    if let Some((code, sentence)) = LINTS.iter().find(|(code, _)| code.eq_ignore_ascii_case(&args.rule)) {
        writeln!(
            terminal,
            "# {code}\n\nA finding of `contentgate contract lint`, about a sensor and not about content:\n{sentence}."
        )?;
        return Ok(Exit::Pass);
    }
    let Some(rule) = find(&args.rule) else {
        let near = all().min_by_key(|rule| {
            distance(rule.name, &args.rule).min(distance(&rule.code.to_string(), &args.rule))
        });
        let near =
            near.map(|rule| format!("; the nearest is {} {}", rule.code, rule.name)).unwrap_or_default();
        return Err(Failure::wrong_use(format!("there is no rule `{}`{near}", args.rule)));
    };
    writeln!(terminal, "{}", rule.page.trim_end())?;
    Ok(Exit::Pass)
}

/// How many characters must be added, dropped or changed to get from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).flat_map(char::to_lowercase).collect();
    let mut before: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().flat_map(char::to_lowercase).enumerate() {
        let mut row = vec![i + 1];
        for ((to, diagonal), above) in b.iter().zip(&before).zip(before.iter().skip(1)) {
            let left = row.last().copied().unwrap_or(0);
            row.push((diagonal + usize::from(from != *to)).min(above + 1).min(left + 1));
        }
        before = row;
    }
    before.last().copied().unwrap_or(0)
}
