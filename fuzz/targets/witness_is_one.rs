//! Content files, edited by our mutator; the oracle is `channel_fuzz::witness_is_one`.
#![cfg_attr(fuzzing, no_main)]

channel_fuzz::target!(content witness_is_one);
