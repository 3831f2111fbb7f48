//! Writes the files of the corpus that each target starts from into a folder of its name: `seeds FOLDER [TARGET]...`.

use channel_fuzz::TARGETS;
use std::path::PathBuf;

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let folder = PathBuf::from(arguments.next().expect("a folder to write the seeds into"));
    let named: Vec<_> = arguments.collect();
    for target in
        TARGETS.iter().filter(|target| named.is_empty() || named.iter().any(|name| name == target.name))
    {
        let folder = folder.join(target.name);
        std::fs::create_dir_all(&folder).expect("the folder is made");
        for (n, seed) in target.seeds().iter().enumerate() {
            std::fs::write(folder.join(format!("{n:04}")), seed).expect("a seed is written");
        }
    }
}
