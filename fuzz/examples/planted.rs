//! The planted bugs, for `ci/planted.sh`: `planted list` prints the name of each and the target that must find it. With
//! `--cfg planted` also `planted shrink NAME FILE`: the smallest input found on which the target fails with the bug and
//! holds without it takes the place of FILE.

use channel_fuzz::PLANTED;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["list"] => PLANTED.iter().for_each(|one| println!("{} {}", one.name, one.target)),
        #[cfg(planted)]
        ["shrink", name, path] => shrink(name, path),
        other => panic!("`list`, or in a planted build `shrink NAME FILE`, not {other:?}"),
    }
}

#[cfg(planted)]
fn shrink(name: &str, path: &str) {
    let bug = PLANTED.iter().find(|one| one.name == name).expect("the name of a planted bug");
    let oracle = channel_fuzz::TARGETS.iter().find(|one| one.name == bug.target).expect("its target").oracle;
    let fails = |active: &str, bytes: &[u8]| {
        channel_parser::planted::activate(active);
        std::panic::catch_unwind(|| oracle(bytes)).is_err()
    };
    std::panic::set_hook(Box::new(|_| {}));
    let bytes = std::fs::read(path).expect("a file to shrink");
    // What the oracles make once they make without a bug.
    assert!(!fails("", &bytes), "{path} fails without a bug");
    let small =
        channel_smith::shrink::file(&bytes, 20_000, &mut |bytes| fails(name, bytes) && !fails("", bytes));
    assert!(fails(name, &small), "{path} does not show {name}");
    std::fs::write(path, &small).expect("the file is written");
    println!("{name}: {} bytes of {}", small.len(), bytes.len());
}
