//! Bytes as they come; the oracle is `channel_fuzz::one_break_one_finding`.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| channel_fuzz::one_break_one_finding(bytes));

#[cfg(not(fuzzing))]
fn main() {
    channel_fuzz::main("one_break_one_finding");
}
