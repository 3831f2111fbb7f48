//! Sysmon configurations; the oracle is `channel_fuzz::sysmon_xml`.
#![cfg_attr(fuzzing, no_main)]

channel_fuzz::target!(bytes sysmon_xml);
