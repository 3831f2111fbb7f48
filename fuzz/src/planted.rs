//! The planted bugs: faults of the kind that people make, one line each where they would have made it, to see whether the
//! targets find them. `--cfg planted` compiles them in, which nothing that ships is built with; `CONTENTGATE_PLANTED=NAME`
//! makes one of them active. What no target finds is a missing oracle.
//!
//! This is the one list. `tests/planted.rs` holds code, corpus and `PLANTED.md` to it; `ci/planted.sh` runs them.

/// One of them.
#[derive(Clone, Copy, Debug)]
pub struct Planted {
    /// Its name, which stands where it is planted: `planted!("july-2024")`.
    pub name: &'static str,
    /// The target that must find it.
    pub target: &'static str,
    /// The file that it is in.
    pub file: &'static str,
    /// The rules, the promise or the incident that it is about.
    pub about: &'static str,
    /// What is wrong, in a few words.
    pub what: &'static str,
}

macro_rules! planted {
    ($($target:ident { $($name:literal $file:literal $about:literal $what:literal,)* })*) => {
        /// Every planted bug, by the target that must find it.
        pub const PLANTED: &[Planted] = &[$($(Planted {
            name: $name, target: stringify!($target), file: $file, about: $about, what: $what,
        },)*)*];
    };
}

planted! {
    accepted_never_faults {
        "july-2024" "validators/src/rules/contract/unsupplied_input.rs" "CG301, July 2024"
            "the rule compares with the fields that are defined, not with the inputs that are supplied",
        "field-by-position" "validators/src/rules/contract/another_field.rs" "CG302"
            "the names of fields are not compared",
        "older-revision" "validators/src/rules/contract/type_revision.rs" "CG304"
            "content for an older revision of a template type is let through",
        "any-channel" "validators/src/rules/contract/type_channel.rs" "CG305"
            "the channel of a template type is not compared",
        "null-forgotten" "validators/src/rules/contract/nullability.rs" "CG310"
            "`absent` may be asked of an input that is always there",
        "sign-forgotten" "validators/src/rules/contract/integer_width.rs" "CG312"
            "negative numbers fit every width",
        "another-width" "validators/src/rules/contract/integer_width.rs" "CG312"
            "the number of patterns is held to the width for the number of instances",
        "first-clause" "validators/src/pairing.rs" "CG308 to CG311"
            "only the first clause of a criterion is looked at",
        "excludes-cost-nothing" "validators/src/pairing.rs" "CG210"
            "the patterns of instances that exclude are not counted",
        "cap-off-by-one" "validators/src/rules/limits/instance_cap.rs" "CG205"
            "one instance more than the cap",
        "characters-for-bytes" "validators/src/rules/limits/operand_bytes.rs" "CG208"
            "of an operand only the ASCII characters are counted",
        "counter-without-sign" "validators/src/rules/limits/match_count.rs" "CG211"
            "the counter of matches is taken for one bit wider than it is",
        "regex-without-case" "validators/src/rules/meaning/regex.rs" "CG401"
            "regexes without case are not tried",
        "load-fault-not-told" "validators/gate/src/rules/execution/load_fault.rs" "CG604"
            "faults of loading are taken for explained",
        "whole-set-not-told" "validators/gate/src/rules/execution/whole_set.rs" "CG603"
            "faults of all instances together are taken for explained",
    }
    interpreter_agrees {
        "folds-ascii-only" "validators/interpreter/src/engine/run.rs" "engine"
            "an input is taken to lower case in its ASCII characters only",
        "known-from-before" "validators/interpreter/src/engine/run.rs" "engine"
            "what was found out about one event is taken for known of the next",
        "star-gives-up" "validators/interpreter/src/text.rs" "matching"
            "a star with another one behind it takes no second character",
        "whole-bytes" "validators/interpreter/src/interpreter.rs" "matching"
            "a network's prefix counts in whole bytes",
        "work-not-counted" "validators/interpreter/src/interpreter.rs" "fault `work`"
            "only the first pattern of a clause counts as work",
        "counter-not-checked" "validators/interpreter/src/interpreter.rs" "fault `counter`"
            "the counter of matches overflows in silence",
    }
    parse_bytes {
        "half-a-checksum" "parser/src/channel/read.rs" "CG106"
            "the second number of the checksum is not compared",
        "last-row-unowned" "parser/src/channel/check.rs" "CG110"
            "rows and text behind the last end belong to nobody",
        "cut-character" "parser/src/channel/check.rs" "CG115"
            "text is checked as a whole, and may be cut within a character",
        "reference-off-by-one" "parser/src/channel/check.rs" "CG313"
            "an instance may name the template type behind the last",
        "count-not-printed" "parser/src/text/print.rs" "text form"
            "an instance with another number of criteria than its type has fields is printed like any other",
    }
    second_reader {
        "padding-not-looked-at" "parser/src/channel/read.rs" "CG112"
            "padding may hold anything",
        "type-twice" "parser/src/channel/check.rs" "CG113"
            "one template type may stand there twice",
        "host-bits" "parser/src/channel/operand.rs" "CG116"
            "a network may have bits behind its prefix",
    }
    text_roundtrip {
        "backslash-bare" "parser/src/text/quote.rs" "text form"
            "a backslash in double quotes is not escaped",
    }
    reject_has_reason {
        "first-finding-decides" "validators/src/judge.rs" "the verdict"
            "only the first finding is asked whether it is an error",
        "past-the-end" "parser/src/channel/read.rs" "places"
            "an error about the checksum ends a byte behind the file",
    }
    report_stable {
        "hash-order" "validators/src/judge.rs" "reports"
            "the refused sensors come out of a hash set",
        "direction-shown" "validators/src/report/escape.rs" "reports"
            "marks that turn the direction of writing reach the terminal",
    }
    contract_grows {
        "zero-is-no-limit" "validators/src/rules/limits/mod.rs" "CG2xx"
            "a limit of 0 is taken for none",
    }
    smith_is_accepted {
        "as-long-as-the-input" "validators/src/rules/contract/operand_length.rs" "CG311"
            "an operand as long as the longest input is refused",
    }
    one_break_one_finding {
        "emptied-file" "validators/src/rules/meaning/no_detection.rs" "CG402"
            "a file without detections is let through",
        "empty-suffix" "validators/src/rules/meaning/match_all.rs" "CG404"
            "`suffix ''` is not known to match everything",
    }
    contract_from_binary {
        "seal-not-compared" "validators/contract/src/bytes/record.rs" "contract"
            "the checksum of a record is not compared",
        "types-not-counted" "validators/contract/src/bytes/read.rs" "contract"
            "the number of template types that the sensor record states is not compared",
        "hidden-behind-a-name" "validators/contract/src/bytes/read.rs" "contract"
            "bytes behind the end of a text are not looked at",
    }
    sysmon_blob {
        "overlap-forgotten" "parser/src/sysmon/walk.rs" "CG122"
            "structures of two lists may share bytes",
        "no-cycle-check" "parser/src/sysmon/walk.rs" "CG123"
            "a list may go back to where it was",
        "group-count" "parser/src/sysmon/check.rs" "CG125"
            "the number of filters that a group states is not compared",
    }
    sysmon_xml {
        "first-of-group" "parser/src/sysmon/encode.rs" "compiler"
            "the offset of a group's first filter is that of the group",
        "four-conditions" "parser/sources/src/sysmon_xml/emit.rs" "compiler"
            "conditions of a group behind the fourth are dropped",
    }
    sigma_rules {
        "not-any-is-not-all" "parser/sources/src/sigma/lower.rs" "compiler"
            "`not (a or b)` becomes `not a or not b`",
        "one-clause-a-field" "parser/sources/src/sigma/emit.rs" "compiler"
            "of several clauses on one field only the last is kept",
    }
}

/// The table of `PLANTED.md`: the list, and beside each bug what `ci/planted.sh bench` measured: a line a run, its columns
/// the bug, `ours` or `plain`, the seed, runs and seconds, both `-` where nothing was found.
pub fn table(measured: &str) -> String {
    let runs: Vec<Vec<&str>> = measured.lines().map(|line| line.split('\t').collect()).collect();
    let of = |name: &str, kind: &str| {
        let own = runs.iter().filter(|run| run.get(..2) == Some(&[name, kind]));
        let cells =
            |at: usize| own.clone().map(move |run| run.get(at).and_then(|cell| cell.parse::<f64>().ok()));
        let (Some(median_runs), Some(median_time)) = (median(cells(3)), median(cells(4))) else {
            return if own.clone().count() == 0 { ["not run"; 2] } else { ["not found"; 2] }
                .map(String::from);
        };
        let found = cells(3).flatten().count();
        let part = if found < own.clone().count() {
            format!(" ({found} of {})", own.count())
        } else {
            String::new()
        };
        [format!("{median_runs:.0}"), format!("{median_time:.1}{part}")]
    };
    let mut table = String::from(
        "| bug | about | what is wrong | target | runs | seconds | plain: runs | seconds |\n|---|---|---|---|--:|--:|--:|--:|\n",
    );
    for Planted { name, target, about, what, .. } in PLANTED {
        let ([runs, seconds], [plain_runs, plain_seconds]) = (of(name, "ours"), of(name, "plain"));
        table += &format!(
            "| `{name}` | {about} | {what} | `{target}` | {runs} | {seconds} | {plain_runs} | {plain_seconds} |\n"
        );
    }
    table
}

/// The middle of the runs, one that found nothing counting as longer than every other; `None` if it is such a one.
fn median(cells: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let mut all: Vec<f64> = cells.map(|cell| cell.unwrap_or(f64::INFINITY)).collect();
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().filter(|middle| middle.is_finite())
}

/// Makes the bug active that `CONTENTGATE_PLANTED` names; without it none is.
///
/// # Panics
///
/// If there is no bug of that name.
#[cfg(planted)]
pub fn plant() {
    let Ok(name) = std::env::var("CONTENTGATE_PLANTED") else { return };
    assert!(PLANTED.iter().any(|one| one.name == name), "there is no planted bug `{name}`");
    channel_parser::planted::activate(&name);
}

/// Nothing is planted in this build.
#[cfg(not(planted))]
pub fn plant() {}
