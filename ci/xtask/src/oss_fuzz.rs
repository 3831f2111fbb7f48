//! What OSS-Fuzz asks for: a compiler that is old enough, and a build that runs where nothing else is. The build itself is
//! `ci/oss-fuzz/build.sh`, its rehearsal `ci/oss-fuzz/rehearse.sh`.

use crate::{Result, cargo, output};
use serde_json::Value;
use std::collections::BTreeSet;

/// The version of OSS-Fuzz's pinned compiler, nightly-2025-09-05.
const PINNED: (u32, u32) = (1, 91);

/// Holds the fuzz targets, and all that they build, to the compiler that OSS-Fuzz has pinned.
pub fn compiler() -> Result {
    let metadata = output(cargo().args(["metadata", "--locked", "--format-version=1"]))?;
    let metadata: Value = serde_json::from_str(&metadata).map_err(|error| error.to_string())?;
    let tree = tree(&metadata, "channel-fuzz").ok_or("cargo metadata has no tree of channel-fuzz")?;
    let newer: Vec<_> = tree.iter().filter(|(needs, _)| *needs > PINNED).collect();
    match tree.last() {
        Some(((major, minor), name)) if newer.is_empty() => {
            println!(
                "oss-fuzz: {name} and {} others ask for Rust {major}.{minor} at most, {}.{} is pinned",
                tree.len() - 1,
                PINNED.0,
                PINNED.1
            );
            Ok(())
        }
        _ => Err(format!("these need a newer compiler than OSS-Fuzz's {PINNED:?}: {newer:?}")),
    }
}

/// The compiler that each crate in the tree of `root` declares to need, and the crate.
fn tree(metadata: &Value, root: &str) -> Option<BTreeSet<((u32, u32), String)>> {
    let packages = metadata["packages"].as_array()?;
    let nodes = metadata["resolve"]["nodes"].as_array()?;
    let root = packages.iter().find(|package| package["name"] == root)?;
    let mut tree = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut next = vec![&root["id"]];
    while let Some(id) = next.pop() {
        if !seen.insert(id.as_str()?) {
            continue;
        }
        let package = packages.iter().find(|package| package["id"] == *id)?;
        tree.insert((
            version(package["rust_version"].as_str()),
            format!("{} {}", package["name"].as_str()?, package["version"].as_str()?),
        ));
        let node = nodes.iter().find(|node| node["id"] == *id)?;
        let built = |dependency: &&Value| {
            dependency["dep_kinds"]
                .as_array()
                .is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"] != "dev"))
        };
        next.extend(node["deps"].as_array()?.iter().filter(built).map(|dependency| &dependency["pkg"]));
    }
    Some(tree)
}

/// `1.88` or `1.88.0` as numbers; what declares nothing needs nothing.
fn version(declared: Option<&str>) -> (u32, u32) {
    let mut numbers = declared.unwrap_or_default().split('.').map(|n| n.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}
