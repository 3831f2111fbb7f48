//! Choices of the generator; the oracle is `channel_fuzz::smith_is_accepted`.
#![cfg_attr(fuzzing, no_main)]

channel_fuzz::target!(bytes smith_is_accepted);
