//! Sigma rules; the oracle is `channel_fuzz::sigma_rules`.
#![cfg_attr(fuzzing, no_main)]

channel_fuzz::target!(bytes sigma_rules);
