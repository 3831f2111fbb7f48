//! The planted bugs: the list, the code, the saved inputs and `PLANTED.md` name the same ones, and without the switch every
//! saved input holds. `ci/planted.sh` turns the switch on.

use channel_fuzz::{Kind, PLANTED, TARGETS, corpus, files, planted_table};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// In a build like any other a planted bug is the constant `false`.
#[cfg(not(planted))]
const _: () = assert!(!channel_parser::planted!("july-2024"));

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

#[test]
fn the_list_is_that_of_the_code() {
    let folders =
        ["parser", "validators", "fuzz/smith", "fuzz/src"].map(|folder| files(&root().join(folder)));
    let mut planted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in folders.concat().iter().filter(|path| path.extension().is_some_and(|end| end == "rs")) {
        let own = path.strip_prefix(root()).unwrap().to_str().unwrap();
        let source = fs::read_to_string(path).unwrap();
        for name in source.split("planted!(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            if own != "fuzz/src/planted.rs" {
                planted.entry(name.into()).or_default().push(own.into());
            }
        }
    }
    let listed: BTreeMap<String, Vec<String>> =
        PLANTED.iter().map(|one| (one.name.into(), vec![one.file.into()])).collect();
    assert_eq!(planted, listed, "planted in the code, and in the list");
    assert_eq!(listed.len(), PLANTED.len(), "a name stands in the list twice");
}

#[test]
fn every_input_that_shows_one_holds_without_it() {
    let folder = corpus().join("planted");
    let saved: BTreeSet<_> =
        files(&folder).iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    let mut shown = BTreeSet::new();
    for bug in PLANTED {
        let target = TARGETS.iter().find(|target| target.name == bug.target).expect("a target");
        // What choices mean changes with the generator: there the script searches.
        if target.seeds != Kind::Choices {
            (target.oracle)(&fs::read(folder.join(bug.name)).expect("the input that shows a bug"));
            shown.insert(bug.name.to_owned());
        }
    }
    assert_eq!(saved, shown, "saved inputs, and the list");
}

#[test]
fn the_page_has_the_list_and_the_figures() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (page, figures) = (here.join("PLANTED.md"), here.join("planted.tsv"));
    let table = planted_table(&fs::read_to_string(figures).unwrap());
    let text = fs::read_to_string(&page).unwrap();
    let start = text.find("| bug |").expect("a table");
    let made = format!("{}{table}", &text[..start]);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&page, &made).unwrap();
    }
    assert_eq!(fs::read_to_string(&page).unwrap(), made, "BLESS=1 writes {}", page.display());
}
