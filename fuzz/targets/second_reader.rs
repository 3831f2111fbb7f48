//! Bytes as they come; the oracle is `channel_fuzz::second_reader`.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| channel_fuzz::second_reader(bytes));

#[cfg(not(fuzzing))]
fn main() {
    channel_fuzz::main("second_reader");
}
