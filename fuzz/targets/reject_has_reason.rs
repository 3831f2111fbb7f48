//! Bytes as they come; the oracle is `channel_fuzz::reject_has_reason`.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| channel_fuzz::reject_has_reason(bytes));

#[cfg(not(fuzzing))]
fn main() {
    channel_fuzz::main("reject_has_reason");
}
