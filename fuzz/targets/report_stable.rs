//! Content files, edited by our mutator; the oracle is `channel_fuzz::report_stable`.
#![cfg_attr(fuzzing, no_main)]

channel_fuzz::target!(content report_stable);
