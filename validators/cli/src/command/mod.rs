//! One file a command.

pub mod assemble;
pub mod build;
pub mod check;
pub mod consumer;
pub mod contract;
pub mod dump;
pub mod explain;
pub mod fuzz;
pub mod mutate;
pub mod rules;
pub mod run;
pub mod shrink;
pub mod smith;
pub mod text;
