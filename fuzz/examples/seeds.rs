//! Writes every file of the corpus as bytes into a folder, for a fuzzer to start from: `seeds FOLDER`.

use std::path::PathBuf;

fn main() {
    let folder = PathBuf::from(std::env::args_os().nth(1).expect("a folder to write the seeds into"));
    std::fs::create_dir_all(&folder).expect("the folder is made");
    for (n, seed) in channel_fuzz::seeds().iter().enumerate() {
        std::fs::write(folder.join(format!("{n:04}")), seed).expect("a seed is written");
    }
}
