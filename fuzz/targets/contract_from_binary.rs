//! Sensor binaries and sections, the latter edited by our mutator; the oracle is `channel_fuzz::contract_from_binary`.
#![cfg_attr(fuzzing, no_main)]

channel_fuzz::target!(content contract_from_binary);
