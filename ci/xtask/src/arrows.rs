//! Holds the crates to the arrows of the design: who may know whom. Judge, executor and generator are three
//! independent readings of one contract, and can share a mistake only if they know each other.

use crate::{Result, cargo, output};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Each crate, and the crates of ours that it may depend on. What is not listed may know nobody.
const ARROWS: [(&str, &[&str]); 12] = [
    ("channel-parser", &[]),
    ("channel-sources", &["channel-parser"]),
    ("channel-embed", &[]),
    ("channel-contract", &["channel-parser"]),
    ("channel-validators", &["channel-parser", "channel-contract"]),
    ("channel-interpreter", &["channel-parser", "channel-contract"]),
    ("channel-smith", &["channel-parser", "channel-contract"]),
    (
        "channel-gate",
        &["channel-parser", "channel-contract", "channel-validators", "channel-interpreter", "channel-smith"],
    ),
    (
        "contentgate",
        &[
            "channel-parser",
            "channel-sources",
            "channel-contract",
            "channel-validators",
            "channel-interpreter",
            "channel-smith",
            "channel-gate",
        ],
    ),
    (
        "channel-fuzz",
        &[
            "channel-parser",
            "channel-sources",
            "channel-contract",
            "channel-validators",
            "channel-interpreter",
            "channel-smith",
            "channel-gate",
        ],
    ),
    (
        "channel-benches",
        &[
            "channel-parser",
            "channel-sources",
            "channel-contract",
            "channel-validators",
            "channel-interpreter",
            "channel-smith",
            "channel-gate",
        ],
    ),
    ("xtask", &[]),
];

/// The crates that a sensor embeds with the reader: itself, nom, and what nom needs.
const READER: [&str; 3] = ["channel-parser", "memchr", "nom"];

/// Shows the arrows, and says which of them should not be there.
pub fn run() -> Result {
    let graph = graph()?;
    let wrong = wrong(&graph);
    for (name, knows) in &graph {
        println!("{name} -> {}", if knows.is_empty() { "nobody".into() } else { join(knows) });
    }
    if !wrong.is_empty() {
        return Err(wrong.join("\n"));
    }
    let reader = reader()?;
    if reader.iter().map(String::as_str).ne(READER) {
        return Err(format!("the reader's tree is {}, and must be {}", join(&reader), READER.join(", ")));
    }
    println!("arrows: {} crates hold to the design; the reader's tree is {}", graph.len(), READER.join(", "));
    Ok(())
}

fn join(names: &BTreeSet<String>) -> String {
    names.iter().cloned().collect::<Vec<_>>().join(", ")
}

/// Our crates, and which of ours each depends on, other than for its tests.
fn graph() -> Result<BTreeMap<String, BTreeSet<String>>> {
    let metadata = output(cargo().args(["metadata", "--no-deps", "--format-version=1"]))?;
    let metadata: Value = serde_json::from_str(&metadata).map_err(|error| error.to_string())?;
    let packages = metadata["packages"].as_array().ok_or("cargo metadata names no packages")?;
    let name = |value: &Value| value["name"].as_str().unwrap_or_default().to_owned();
    let ours: BTreeSet<String> = packages.iter().map(name).collect();
    let knows = |package: &Value| {
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        dependencies.filter(|d| d["kind"] != "dev").map(name).filter(|d| ours.contains(d)).collect()
    };
    Ok(packages.iter().map(|package| (name(package), knows(package))).collect())
}

/// What is wrong with a graph, a line each.
fn wrong(graph: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let allowed: BTreeMap<_, _> = ARROWS.into_iter().collect();
    let mut wrong = Vec::new();
    for (name, knows) in graph {
        let Some(may) = allowed.get(name.as_str()) else {
            wrong.push(format!("{name} is not in the list of arrows (ci/xtask/src/arrows.rs)"));
            continue;
        };
        for other in knows.iter().filter(|other| !may.contains(&other.as_str())) {
            wrong.push(format!("{name} must not depend on {other}"));
        }
    }
    wrong
}

/// The names of the crates in the tree of the reader as a sensor embeds it.
fn reader() -> Result<BTreeSet<String>> {
    let tree = [
        "tree",
        "-p",
        "channel-parser",
        "--no-default-features",
        "-e",
        "normal,build",
        "--prefix=none",
        "-f={p}",
    ];
    let tree = output(cargo().args(tree))?;
    Ok(tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_hold_to_the_design() {
        run().unwrap();
    }

    #[test]
    fn an_arrow_that_should_not_be_is_named() {
        let knows = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let graph = BTreeMap::from([
            ("channel-validators".to_owned(), knows(&["channel-parser", "channel-interpreter"])),
            ("channel-new".to_owned(), knows(&[])),
        ]);
        let wrong = wrong(&graph);
        assert!(wrong.iter().any(|line| line == "channel-validators must not depend on channel-interpreter"));
        assert!(wrong.iter().any(|line| line.starts_with("channel-new is not in the list")));
        assert_eq!(wrong.len(), 2);
    }
}
