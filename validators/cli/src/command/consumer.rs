//! The hidden command that limits itself and becomes the vendor's interpreter: how `--consumer` starts one.

use crate::exit::{Done, Failure};
use std::ffi::OsString;

/// The name of the command.
pub const LAUNCH: &str = "launch-consumer";

/// For contentgate itself: become a consumer that may do little.
#[derive(clap::Args)]
pub struct Args {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    order: Vec<OsString>,
}

/// Runs it.
pub fn run(args: Args) -> Done {
    channel_gate::consumer::launch(args.order);
    Err(Failure::silent())
}
