//! Bytes as they come; the oracle is `channel_fuzz::sysmon_xml`.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| channel_fuzz::sysmon_xml(bytes));

#[cfg(not(fuzzing))]
fn main() {
    channel_fuzz::main("sysmon_xml");
}
