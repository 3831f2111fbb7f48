//! Content files, edited by our mutator; the oracle is `channel_fuzz::accepted_never_faults`.
#![cfg_attr(fuzzing, no_main)]

channel_fuzz::target!(content accepted_never_faults);
