//! The contracts of the public schema versions, and the names of fleets made of them.

use super::{Target, Version, manifest::restrict};
use crate::{Contract, Error, ErrorKind, text, toml};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use std::sync::OnceLock;

/// A contract that is parsed when it is asked for first. The tests parse every one.
struct Shipped {
    text: &'static str,
    contract: OnceLock<Option<Contract>>,
}

macro_rules! shipped {
    ($($major:literal $minor:literal $name:literal,)*) => {
        /// The schema versions whose contracts come along, ascending.
        pub const VERSIONS: &[Version] = &[$(match Version::new($major, $minor) {
            Some(version) => version,
            None => panic!("no version"),
        }),*];

        static SHIPPED: [Shipped; VERSIONS.len()] = [$(Shipped {
            text: include_str!(concat!("../../sysmon/", $name, ".toml")),
            contract: OnceLock::new(),
        }),*];
    };
}

shipped! {
    2 0 "2.00",
    3 10 "3.10",
    3 20 "3.20",
    3 30 "3.30",
    3 40 "3.40",
    4 0 "4.00",
    4 10 "4.10",
    4 20 "4.20",
    4 21 "4.21",
    4 22 "4.22",
    4 23 "4.23",
    4 30 "4.30",
    4 31 "4.31",
    4 32 "4.32",
    4 40 "4.40",
    4 50 "4.50",
    4 60 "4.60",
    4 70 "4.70",
    4 80 "4.80",
    4 81 "4.81",
}

/// The contract of a schema version as a blob states it.
///
/// ```
/// use channel_contract::sysmon::{Version, schema_of};
///
/// let contract = schema_of(Version::from_number(0x0004_0032).unwrap()).unwrap();
/// assert_eq!(contract.label(), "sysmon 4.50 any");
/// ```
pub fn schema_of(version: Version) -> Option<&'static Contract> {
    let shipped = SHIPPED.get(VERSIONS.binary_search(&version).ok()?)?;
    shipped.contract.get_or_init(|| toml::parse(shipped.text).ok()).as_ref()
}

/// The contract of a schema version as a configuration writes it: `4.50`.
pub fn schema(version: &str) -> Option<&'static Contract> {
    schema_of(version.parse().ok()?)
}

/// Every contract that comes along, ascending by schema version.
pub fn schemas() -> impl Iterator<Item = &'static Contract> {
    VERSIONS.iter().filter_map(|version| schema_of(*version))
}

/// The sensors of a named fleet, each with its own name: `sysmon:4.50`, `sysmon:all`, and with `:win` or `:linux` behind
/// it, as they are on that system. Nothing if the name is none of a fleet, and so may be a path.
///
/// ```
/// use channel_contract::sysmon::named_fleet;
///
/// let fleet = named_fleet("sysmon:4.50:linux").unwrap()?;
/// assert_eq!((fleet[0].0.as_str(), fleet[0].1.label()), ("sysmon:4.50:linux", "sysmon 4.50 linux".into()));
/// assert_eq!(named_fleet("sysmon:all").unwrap()?.len(), 20);
/// assert!(named_fleet("sensors/sysmon").is_none());
/// let error = named_fleet("sysmon:5").unwrap().unwrap_err().to_string();
/// assert!(error.starts_with("there is no such sensor: expected \"sysmon:all\" or \"sysmon:\" and one of 2.00, 3.10"));
/// # Ok::<(), channel_contract::Error>(())
/// ```
pub fn named_fleet(name: &str) -> Option<Result<Vec<(String, Contract)>, Error>> {
    let rest = name.strip_prefix("sysmon:")?;
    let (which, system) = rest.split_once(':').map_or((rest, None), |(which, system)| (which, Some(system)));
    let target = system.map_or(Some(Target::All), |system| match system {
        "win" | "windows" => Some(Target::Windows),
        "linux" => Some(Target::Linux),
        _ => None,
    });
    let wanted: Option<Vec<_>> = match which {
        "all" => Some(schemas().collect()),
        version => schema(version).map(|contract| [contract].into()),
    };
    let (Some(target), Some(wanted)) = (target, wanted) else {
        let versions = VERSIONS.iter().map(Version::to_string).collect::<Vec<_>>().join(", ");
        let expected = format!(
            "\"sysmon:all\" or \"sysmon:\" and one of {versions}, then nothing, \":win\" or \":linux\""
        );
        return Some(Err(Error::new(
            ErrorKind::NoSuchSensor,
            expected,
            format!("\"{}\"", text::excerpt(name)),
        )));
    };
    let suffix = system.map_or(String::new(), |system| format!(":{system}"));
    let member = |contract: &Contract| {
        (format!("sysmon:{}{suffix}", contract.sensor.version), restrict(contract, target))
    };
    Some(Ok(wanted.into_iter().map(member).collect()))
}
