//! Sysmon configurations, edited line by line; the oracle is `channel_fuzz::sysmon_xml`.
#![cfg_attr(fuzzing, no_main)]

channel_fuzz::target!(lines sysmon_xml);
