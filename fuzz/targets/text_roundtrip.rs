//! Text forms; the oracle is `channel_fuzz::text_roundtrip`.
#![cfg_attr(fuzzing, no_main)]

channel_fuzz::target!(bytes text_roundtrip);
