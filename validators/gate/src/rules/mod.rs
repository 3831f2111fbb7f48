//! The rules of the gate, in the form of the validator's: each a file with its data and its check, a page beside it,
//! fixtures in `corpus/rules/<name>/`, and a line in the list of its family. `cargo xtask new-rule` writes all four; a
//! test names whichever is missing.

pub mod consumer;
pub mod execution;
pub mod known;

use crate::sight::Sight;
use channel_validators::Findings;
use channel_validators::rules as judge;

/// A rule of the gate.
pub type Rule = judge::Rule<Check>;

/// What a rule makes of what was seen when content was executed on one sensor.
#[derive(Clone, Copy)]
pub struct Check(pub fn(&'static Rule, &Sight<'_>, &mut Findings));

/// Makes the modules of a family and lists their rules, so that a rule needs one line.
macro_rules! family {
    ($($module:ident),* $(,)?) => {
        $(pub mod $module;)*
        /// The rules of this family, in the order of their codes.
        pub const RULES: &[&crate::rules::Rule] = &[$(&$module::RULE),*];
    };
}
pub(crate) use family;

/// Every rule of the gate about events that it makes itself, in the order of the codes.
pub static RULES: &[&Rule] = execution::RULES;

/// Every rule that there is, the validator's and the gate's, in the order of the codes.
pub fn all() -> impl Iterator<Item = judge::Rule<()>> {
    let executed = RULES.iter().map(|rule| rule.told()).chain(known::RULES.iter().map(|rule| rule.told()));
    let own = executed.chain(consumer::RULES.iter().map(|rule| rule.told()));
    judge::RULES.iter().map(|rule| rule.told()).chain(own)
}

/// The rule with this code or this name.
pub fn find(what: &str) -> Option<judge::Rule<()>> {
    let code = what.parse().ok();
    all().find(|rule| Some(rule.code) == code || rule.name == what)
}
