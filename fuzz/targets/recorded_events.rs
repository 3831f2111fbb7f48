//! Recorded events; the oracle is `channel_fuzz::recorded_events`.
#![cfg_attr(fuzzing, no_main)]

channel_fuzz::target!(bytes recorded_events);
