//! How a vendor holds a sensor's own parser to its contract: content that it must take, the same with one thing wrong,
//! which it must refuse, and the smallest file of each kind that it dies of. `sensor` stands for yours; it counts the fields
//! that are defined and not the inputs that are supplied, as one did in July 2024.
//!
//! `cargo run --package channel-smith --example own_parser -- corpus/incidents/channel-file-291/sensor-7.11.toml`

use channel_contract::{Contract, toml};
use channel_parser::{channel, text};
use channel_smith::{Config, Seed, breaks, generate, shrink};
use std::collections::BTreeMap;
use std::panic::{catch_unwind, set_hook};

/// Whether the sensor takes a file. It loads it, and executes it on one event.
fn sensor(bytes: &[u8], contract: &Contract) -> bool {
    let Ok(file) = channel::parse(bytes) else { return false };
    for instance in file.instances() {
        let template = instance.template().and_then(|declared| contract.template(declared.id()));
        let Some(template) = template.filter(|known| known.defined() == instance.field_count()) else {
            return false;
        };
        let inputs = vec!["an input"; template.supplied as usize];
        for criterion in instance.criteria().filter(|criterion| !criterion.is_wildcard()) {
            let input = inputs[criterion.field().0 as usize];
            std::hint::black_box(input);
        }
    }
    true
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("a contract as TOML is expected")?;
    let contract = toml::parse(&std::fs::read_to_string(path)?)?;
    let dies = |bytes: &[u8]| catch_unwind(|| sensor(bytes, &contract)).is_err();
    set_hook(Box::new(|_| {}));
    let (mut taken, mut crashes) = (BTreeMap::new(), BTreeMap::new());
    for seed in (0..2_000).map(Seed::new) {
        let u = &mut seed.choices();
        let Some(right) = generate::file(u, &contract, &Config::default())? else { return Ok(()) };
        assert!(sensor(&right, &contract), "refused, and nothing is wrong with it:\n{}", shown(&right));
        let Some(broken) = breaks::file(u, &contract, &Config::default())? else { continue };
        if dies(&broken.bytes) {
            crashes.entry(broken.name).or_insert(broken);
        } else if sensor(&broken.bytes, &contract) {
            *taken.entry((broken.rule, broken.name)).or_insert(0u32) += 1;
        }
    }
    for ((rule, name), times) in taken {
        println!("taken {times} times, although CG{rule} says what is wrong with it: {name}");
    }
    for (name, broken) in crashes {
        let small = shrink::file(&broken.bytes, 10_000, &mut |bytes| dies(bytes));
        println!("\nit dies of {name} (CG{} at {}):\n\n{}", broken.rule, broken.place, shown(&small));
    }
    Ok(())
}

fn shown(bytes: &[u8]) -> String {
    channel::parse(bytes).map_or_else(|error| error.to_string(), |file| text::print(&file))
}
