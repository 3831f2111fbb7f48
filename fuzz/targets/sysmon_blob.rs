//! Content files, edited by our mutator; the oracle is `channel_fuzz::sysmon_blob`.
#![cfg_attr(fuzzing, no_main)]

channel_fuzz::target!(content sysmon_blob);
