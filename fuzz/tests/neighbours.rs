//! Files of every kind are edited, crossed and shrunk, and mostly stay files.

use arbitrary::Unstructured;
use channel_contract::{bytes, lint};
use channel_fuzz::{Made, sensors};
use channel_parser::model::view::Content;
use channel_smith::{Config, Seed, breaks, generate, mutate, shrink};
use channel_validators::{Member, Subject, judge};
use std::collections::BTreeMap;

/// A generated file of a kind, and the sensor it is for.
fn file(u: &mut Unstructured<'_>, made: Made) -> Option<(Vec<u8>, Member)> {
    let sensor = made.sensor(u).unwrap();
    let file = match made {
        Made::Contract => Some(bytes::write(&sensor.contract).unwrap()),
        _ => generate::file(u, &sensor.contract, &Config::default()).unwrap(),
    };
    Some((file?, sensor))
}

fn can_be_read(file: &[u8]) -> bool {
    Content::parse(file).is_ok() || bytes::read(file, 0).is_ok()
}

#[test]
fn edits_change_what_a_file_says() {
    for made in [Made::Channel, Made::Blob, Made::Contract] {
        let (mut files, mut edited, mut read, mut children) = (0, 0, 0, 0);
        for seed in 0..300 {
            let seed = Seed::new(seed);
            let u = &mut seed.choices();
            let (Some((one, _)), Some((other, _))) = (file(u, made), file(u, made)) else { continue };
            files += 1;
            let neighbour = mutate::file(u, &one).unwrap();
            edited += u32::from(neighbour != one);
            read += u32::from(can_be_read(&neighbour));
            if let Some(child) = mutate::cross(u, &one, &other).unwrap() {
                assert!(can_be_read(&child), "{made:?}: a child that cannot be read");
                children += u32::from(child != one);
            }
        }
        let counts = format!("{made:?}: of {files} files {edited} edited, {read} read, {children} children");
        assert!(files > 200 && edited * 5 > files * 4, "{counts}");
        assert!(read * 3 > files * 2 && children * 2 > files, "{counts}");
    }
}

#[test]
fn what_is_shrunk_still_holds_and_is_much_smaller() {
    let mut ratios: BTreeMap<_, Vec<(usize, usize)>> = BTreeMap::new();
    let config = Config { detections: 12, instances: 6, ..Config::default() };
    for seed in 0..30 {
        let seed = Seed::new(seed);
        let u = &mut seed.choices();
        for made in [Made::Channel, Made::Blob] {
            // Of channel files for the sensor of July 2024, which supplies too few inputs: few others do.
            let sensor = match made {
                Made::Channel => sensors()[1].clone(),
                _ => made.sensor(u).unwrap(),
            };
            let way = breaks::all()
                .find(|way| way.rule == 301 && (made == Made::Channel) == (way.name == "unsupplied_input"));
            let Some(broken) = way.unwrap().file(u, &sensor.contract, &config).unwrap() else { continue };
            let holds = |bytes: &[u8]| {
                let judgement = judge(&Subject::read("input", bytes), std::slice::from_ref(&sensor));
                judgement.findings.iter().any(|finding| finding.code.0 == 301)
            };
            let small = shrink::file(&broken.bytes, 2_000, &mut { holds });
            assert!(holds(&small));
            ratios.entry(format!("{made:?}")).or_default().push((small.len(), broken.bytes.len()));
        }
        let mut contract = generate::sound_contract(u).unwrap();
        contract.types.iter_mut().take(1).for_each(|template| template.supplied -= 1);
        let holds = |section: &[u8]| {
            bytes::read(section, 0)
                .is_ok_and(|contract| lint(&contract).iter().any(|one| one.code == "CG371"))
        };
        let section = bytes::write(&contract).unwrap();
        let small = shrink::file(&section, 2_000, &mut { holds });
        // A sensor, a template type with one field.
        assert_eq!(small.len(), 416 + 128 + 88);
    }
    for (made, sizes) in ratios {
        let [small, large] = sizes.iter().fold([0, 0], |[a, b], (small, large)| [a + small, b + large]);
        assert!(
            sizes.len() > 15 && small * 2 < large,
            "{made}: {} files, {large} bytes to {small}",
            sizes.len()
        );
    }
}
