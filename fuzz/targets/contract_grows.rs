//! Content files, edited by our mutator; the oracle is `channel_fuzz::contract_grows`.
#![cfg_attr(fuzzing, no_main)]

channel_fuzz::target!(content contract_grows);
