//! The distinct regexes of a file, each built once into the automaton that a linear-time engine runs.

use channel_parser::channel::{ChannelFile, Operand};
use channel_parser::model::Operator;
use regex_automata::nfa::thompson::NFA;
use regex_automata::util::syntax;
use std::collections::BTreeMap;

/// The bytes of a single automaton past which we stop building: a few words of pattern can ask for gigabytes.
const SIZE_LIMIT: u64 = 16 << 20;
/// The bytes of all automata of a file past which no further one is built: each costs time as well as memory.
const BUDGET: u64 = 256 << 20;
/// How deep the groups of a regex may nest: building one is recursive.
const NEST_LIMIT: u32 = 100;

/// A regex and whether it compares without case.
pub(crate) type Regex<'a> = (&'a str, bool);

/// The regexes of a file.
#[derive(Default)]
pub(crate) struct Regexes<'a> {
    /// For each distinct one the bytes of its automaton, or why there is none.
    pub distinct: BTreeMap<Regex<'a>, Result<u64, String>>,
    /// The bytes of the automata of all patterns: not every sensor shares those of equal ones.
    pub automaton_bytes: u64,
}

pub(crate) fn build<'a>(file: &'a ChannelFile<'a>) -> Regexes<'a> {
    let (mut regexes, mut spent) = (Regexes::default(), 0);
    for pattern in file.patterns() {
        if pattern.operator() == Some(Operator::Regex)
            && let Some(Operand::Text(regex)) = pattern.operand()
        {
            let nocase = pattern.nocase();
            let built = regexes.distinct.entry((regex, nocase));
            let built = built.or_insert_with(|| automaton(regex, nocase, &mut spent));
            regexes.automaton_bytes += built.as_ref().copied().unwrap_or(0);
        }
    }
    regexes
}

fn automaton(regex: &str, nocase: bool, spent: &mut u64) -> Result<u64, String> {
    if *spent >= BUDGET {
        return Err(format!("the regexes before it take the {} MiB that a check may build", BUDGET >> 20));
    }
    let syntax = syntax::Config::new().case_insensitive(nocase).nest_limit(NEST_LIMIT);
    let parsed = syntax::parse_with(regex, &syntax).map_err(|error| {
        // The engine draws the regex over several lines; its last line says what is wrong.
        let drawn = error.to_string();
        drawn.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
    })?;
    let config = NFA::config().nfa_size_limit(usize::try_from(SIZE_LIMIT).ok());
    let built = NFA::compiler().configure(config).build_from_hir(&parsed);
    let size = built.as_ref().map_or(SIZE_LIMIT, |nfa| nfa.memory_usage() as u64);
    *spent += size;
    built.map(|_| size).map_err(|_| format!("its automaton takes more than {} MiB", SIZE_LIMIT >> 20))
}
