//! Choices of the generator; the oracle is `channel_fuzz::one_break_one_finding`.
#![cfg_attr(fuzzing, no_main)]

channel_fuzz::target!(bytes one_break_one_finding);
