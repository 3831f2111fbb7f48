//! Content files, edited by our mutator; the oracle is `channel_fuzz::reject_has_reason`.
#![cfg_attr(fuzzing, no_main)]

channel_fuzz::target!(content reject_has_reason);
