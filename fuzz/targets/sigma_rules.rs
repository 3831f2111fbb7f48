//! Sigma rules, edited line by line; the oracle is `channel_fuzz::sigma_rules`.
#![cfg_attr(fuzzing, no_main)]

channel_fuzz::target!(lines sigma_rules);
