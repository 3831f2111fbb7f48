//! CG62x: what a vendor's own interpreter does on content, beside ours. They are about a program that is given with
//! `--consumer`, not about bytes: so their fixtures are the programs of `corpus/consumers/`, which the tests of the
//! consumer hold to them.

use crate::consumer::ProblemKind;
use channel_validators::rules as judge;
use channel_validators::{Code, Severity};

/// A rule about one kind of problem.
pub type Rule = judge::Rule<ProblemKind>;

macro_rules! family {
    ($($module:ident),* $(,)?) => {
        $(pub mod $module;)*
        /// The rules of this family, in the order of their codes.
        pub static RULES: &[&Rule] = &[$(&$module::RULE),*];
    };
}

family![
    consumer_crash,
    consumer_hang,
    consumer_budget,
    consumer_disagrees,
    consumer_protocol,
    consumer_incomplete
];

const fn consumer(
    code: u16,
    name: &'static str,
    kind: ProblemKind,
    summary: &'static str,
    page: &'static str,
) -> Rule {
    Rule { code: Code(code), name, summary, severity: Severity::Error, page, check: kind, also: None }
}
