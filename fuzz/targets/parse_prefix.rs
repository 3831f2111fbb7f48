//! Content files, edited by our mutator; the oracle is `channel_fuzz::parse_prefix`.
#![cfg_attr(fuzzing, no_main)]

channel_fuzz::target!(content parse_prefix);
