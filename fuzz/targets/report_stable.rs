//! Bytes as they come; the oracle is `channel_fuzz::report_stable`.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| channel_fuzz::report_stable(bytes));

#[cfg(not(fuzzing))]
fn main() {
    channel_fuzz::main("report_stable");
}
