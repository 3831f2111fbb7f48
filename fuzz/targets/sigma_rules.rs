//! Bytes as they come; the oracle is `channel_fuzz::sigma_rules`.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| channel_fuzz::sigma_rules(bytes));

#[cfg(not(fuzzing))]
fn main() {
    channel_fuzz::main("sigma_rules");
}
