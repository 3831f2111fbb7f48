//! `contentgate mutate`: neighbours of a real file.

use crate::content;
use crate::exit::{Done, Exit, Failure};
use crate::made::{self, File, tried};
use crate::output::Terminal;
use channel_parser::Format;
use channel_smith::mutate;
use std::path::PathBuf;

/// Change a real file: what it says is edited and written again, so that a change gets past the checksum.
///
/// Most changes are of what the file says, some of its bytes. What cannot be read is changed as bytes.
#[derive(clap::Args)]
#[command(after_help = "Example: a thousand neighbours of a release
  contentgate mutate C-00000291-00000000-00000032.sys --count 1000 --output mutants/")]
pub struct Args {
    /// A content file, or a Sysmon configuration (XML), which is compiled first.
    file: PathBuf,
    /// Cross it with another: detections of both.
    #[arg(long, value_name = "OTHER")]
    with: Option<PathBuf>,
    /// A file, or a folder for several; their names say the number.
    #[arg(long, short, value_name = "FILE|FOLDER")]
    output: PathBuf,
    #[command(flatten)]
    made: made::Options,
}

/// Runs it.
pub fn run(args: &Args, terminal: &mut Terminal) -> Done {
    let file = content::bytes(&args.file)?;
    let other = args.with.as_deref().map(content::bytes).transpose()?;
    let ending = match (Format::of(&file), args.file.extension()) {
        (Ok(Format::Sysmon), _) | (_, None) => "bin".into(),
        (_, Some(ending)) => ending.to_string_lossy().into_owned(),
    };
    args.made.run(&args.output, "mutant", terminal, |seed| {
        // An edit can come to nothing.
        let made = tried(seed, 64, |seed| {
            let u = &mut seed.choices();
            let made = match &other {
                Some(other) => mutate::cross(u, &file, other).ok().flatten(),
                None => mutate::file(u, &file).ok(),
            };
            made.filter(|made| *made != file)
        });
        let made = made.map(|bytes| File { bytes, ending: ending.clone(), broken: None });
        made.ok_or_else(|| {
            let why = "cannot be crossed: only two channel files that can be read can";
            Failure::file(args.with.as_ref().unwrap_or(&args.file), why)
        })
    })?;
    Ok(Exit::Pass)
}
