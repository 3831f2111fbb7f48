//! Every regex is one that a linear-time engine can run.

use crate::rules::{Check, Rule, quoted};
use crate::{ChannelContent, Finding, Findings};
use channel_parser::channel::Operand;
use channel_parser::model::Operator;

#[doc = include_str!("regex.md")]
pub static RULE: Rule = super::meaning(
    401,
    "regex",
    "every regex is one that a linear-time engine can run",
    include_str!("regex.md"),
    Check::Content(check),
);

fn check(rule: &'static Rule, content: &ChannelContent<'_>, findings: &mut Findings) {
    if content.regexes.distinct.values().all(Result::is_ok) {
        return;
    }
    for (_, path, pattern) in content.patterns() {
        if pattern.operator() != Some(Operator::Regex) || channel_parser::planted!("regex-without-case") && pattern.nocase() {
            continue;
        }
        let Some(Operand::Text(regex)) = pattern.operand() else { continue };
        if let Some(Err(why)) = content.regexes.distinct.get(&(regex, pattern.nocase())) {
            let message = format!("the regex {} cannot run in linear time: {why}", quoted(regex));
            findings.push(
                Finding::new(rule, path, message)
                    .at(pattern.operand_span(), "the regex")
                    .also(pattern.operator_span(), "operator `regex`")
                    .sides("a regex without look-around and back-references, of bounded size", why)
                    .help("rewrite it without what the engine refuses, or as several simpler patterns"),
            );
        }
    }
}
