//! Bytes as they come; the oracle is `channel_fuzz::text_roundtrip`.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| channel_fuzz::text_roundtrip(bytes));

#[cfg(not(fuzzing))]
fn main() {
    channel_fuzz::main("text_roundtrip");
}
