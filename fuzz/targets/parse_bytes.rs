//! Bytes as they come; the oracle is `channel_fuzz::parse_bytes`.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| channel_fuzz::parse_bytes(bytes));

#[cfg(not(fuzzing))]
fn main() {
    channel_fuzz::main("parse_bytes");
}
