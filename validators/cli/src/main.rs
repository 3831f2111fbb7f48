//! The command line: one file a command, each thin over a library that does the work.
#![forbid(unsafe_code)]

mod command;
mod content;
mod exit;
mod input;
mod made;
mod output;
mod time;

use channel_validators::report::Escaped;
use clap::{Parser, Subcommand};
use output::Terminal;
use std::process::ExitCode;

/// Checks endpoint security content against every sensor that would load it, before it ships.
///
/// Exit status: 0 pass; 1 refused, there are findings; 2 wrong use; 3 cannot judge.
#[derive(Parser)]
#[command(name = "contentgate", version, max_term_width = 100, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    look: output::Options,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(command::check::Args),
    Run(command::run::Args),
    Build(command::build::Args),
    Contract(command::contract::Args),
    Dump(command::dump::Args),
    Text(command::text::Args),
    Assemble(command::assemble::Args),
    Explain(command::explain::Args),
    Rules(command::rules::Args),
    Smith(command::smith::Args),
    Mutate(command::mutate::Args),
    Shrink(command::shrink::Args),
    Fuzz(command::fuzz::Args),
    #[command(name = command::consumer::LAUNCH, hide = true)]
    LaunchConsumer(command::consumer::Args),
}

/// The arguments. What is said of wrong ones shows them, which is why they are then read once more, made harmless.
fn parsed() -> Cli {
    Cli::try_parse().unwrap_or_else(|error| {
        let shown = std::env::args_os().map(|argument| Escaped(&argument.to_string_lossy()).to_string());
        Cli::try_parse_from(shown).err().unwrap_or(error).exit()
    })
}

fn main() -> ExitCode {
    let cli = parsed();
    let mut terminal = Terminal::new(&cli.look);
    let done = match cli.command {
        Command::Check(args) => command::check::run(&args, &mut terminal),
        Command::Run(args) => command::run::run(&args, &mut terminal),
        Command::Build(args) => command::build::run(&args, &mut terminal),
        Command::Contract(args) => command::contract::run(&args, &mut terminal),
        Command::Dump(args) => command::dump::run(&args, &mut terminal),
        Command::Text(args) => command::text::run(&args, &mut terminal),
        Command::Assemble(args) => command::assemble::run(&args, &mut terminal),
        Command::Explain(args) => command::explain::run(&args, &mut terminal),
        Command::Rules(args) => command::rules::run(&args, &mut terminal),
        Command::Smith(args) => command::smith::run(&args, &mut terminal),
        Command::Mutate(args) => command::mutate::run(&args, &mut terminal),
        Command::Shrink(args) => command::shrink::run(&args, &mut terminal),
        Command::Fuzz(args) => command::fuzz::run(&args, &mut terminal),
        Command::LaunchConsumer(args) => command::consumer::run(args),
    };
    let done = done.and_then(|exit| terminal.finish().map(|()| exit));
    match done {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.report();
            failure.exit.into()
        }
    }
}
