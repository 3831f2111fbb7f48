//! Content files, edited by our mutator; the oracle is `channel_fuzz::interpreter_agrees`.
#![cfg_attr(fuzzing, no_main)]

channel_fuzz::target!(content interpreter_agrees);
