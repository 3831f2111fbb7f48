//! Bytes as they come; the oracle is `channel_fuzz::parse_prefix`.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| channel_fuzz::parse_prefix(bytes));

#[cfg(not(fuzzing))]
fn main() {
    channel_fuzz::main("parse_prefix");
}
