//! Breaks of contracts.
