//! Bytes as they come; the oracle is `channel_fuzz::smith_is_accepted`.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| channel_fuzz::smith_is_accepted(bytes));

#[cfg(not(fuzzing))]
fn main() {
    channel_fuzz::main("smith_is_accepted");
}
