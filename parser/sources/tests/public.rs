//! The public Windows rules of SigmaHQ, on the shipped contract: how many become detections, how large these are, and
//! whether they match what the rules say, as an evaluator reads them that shares nothing with the compiler.

mod common;

use channel_sources::sigma;
use std::collections::BTreeMap;
use std::time::Instant;

#[test]
fn nearly_all_public_rules_become_detections_and_none_is_lost() {
    let Some(path) = common::data("sigma/sigma-windows-rules.tar.gz", "nearly_all_public_rules") else {
        return;
    };
    let rules = common::rules(&path);
    let templates = common::templates();
    let start = Instant::now();
    let compiled = sigma::compile(&rules, &templates, "DRL-1.1");
    let took = start.elapsed();
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for refusal in &compiled.refused {
        *reasons.entry(refusal.reason.word()).or_default() += 1;
        println!("{refusal}");
    }
    println!("{} rules in {took:?}: {:?}, refused {reasons:?}", rules.len(), compiled.counts());
    assert_eq!(rules.len(), compiled.detections.len() + compiled.refused.len());
    assert!(compiled.detections.len() * 1000 >= rules.len() * 985, "fewer than 98.5 %");
    assert!(compiled.counts().most_instances <= 28);
}
