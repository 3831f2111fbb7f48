//! Sensor binaries; the oracle is `channel_fuzz::contract_from_binary`.
#![cfg_attr(fuzzing, no_main)]

channel_fuzz::target!(bytes contract_from_binary);
