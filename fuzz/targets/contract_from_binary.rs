//! Bytes as they come; the oracle is `channel_fuzz::contract_from_binary`.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| channel_fuzz::contract_from_binary(bytes));

#[cfg(not(fuzzing))]
fn main() {
    channel_fuzz::main("contract_from_binary");
}
