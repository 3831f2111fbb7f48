//! Text forms, edited line by line; the oracle is `channel_fuzz::text_roundtrip`.
#![cfg_attr(fuzzing, no_main)]

channel_fuzz::target!(lines text_roundtrip);
