//! Holds every oracle to the seeds of its target, and to what a campaign kept in FOLDER/<target>/: `replay [FOLDER]`. What
//! `ci/coverage.sh` measures.

use channel_fuzz::{TARGETS, files};
use std::path::PathBuf;

fn main() {
    let kept = std::env::args_os().nth(1).map(PathBuf::from);
    for target in TARGETS {
        let kept = kept.iter().flat_map(|folder| files(&folder.join(target.name)));
        let kept = kept.map(|path| std::fs::read(path).expect("an input that was kept"));
        let inputs: Vec<_> = target.seeds().into_iter().chain(kept).collect();
        inputs.iter().for_each(|input| (target.oracle)(input));
        println!("{}: holds on {} inputs", target.name, inputs.len());
    }
}
