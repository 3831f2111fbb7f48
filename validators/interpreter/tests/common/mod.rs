//! What the tests share.

pub mod sysmon;
