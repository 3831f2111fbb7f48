//! Content files, edited by our mutator; the oracle is `channel_fuzz::second_reader`.
#![cfg_attr(fuzzing, no_main)]

channel_fuzz::target!(content second_reader);
