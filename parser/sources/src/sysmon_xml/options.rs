//! The options that may stand beside the rules of a configuration. They are the sensor's, not the blob's: only their
//! names and whether they may hold a value are checked.

use channel_parser::sysmon::Version;

/// An option of the sensor that a configuration may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigOption {
    /// The element.
    pub name: &'static str,
    /// Whether it holds a value; otherwise it is empty.
    pub value: bool,
    /// The first schema version that has it.
    pub since: Version,
    /// The last schema version that has it, if it is gone.
    pub until: Option<Version>,
}

const fn option(name: &'static str, value: bool, since: u32) -> ConfigOption {
    ConfigOption { name, value, since: Version(since), until: None }
}

const fn gone(name: &'static str, value: bool, since: u32, until: u32) -> ConfigOption {
    ConfigOption { name, value, since: Version(since), until: Some(Version(until)) }
}

/// Every option of every schema version up to 4.81.
pub const OPTIONS: [ConfigOption; 13] = [
    option("ArchiveDirectory", true, 0x2_0000),
    option("CaptureClipboard", false, 0x2_0000),
    option("CheckRevocation", true, 0x3_000a),
    gone("CopyOnDelete_Extensions", true, 0x2_0000, 0x4_0017),
    gone("CopyOnDelete_PE", false, 0x2_0000, 0x4_0017),
    gone("CopyOnDelete_Processes", true, 0x2_0000, 0x4_0017),
    gone("CopyOnDelete_SIDs", true, 0x2_0000, 0x4_0017),
    option("DnsLookup", true, 0x4_001e),
    option("DriverName", true, 0x2_0000),
    option("FieldSizes", true, 0x4_0051),
    option("HashAlgorithms", true, 0x2_0000),
    option("PipeMonitoringConfig", true, 0x3_001e),
    option("ProcessAccessConfig", true, 0x3_000a),
];

/// The option of this name in this schema version.
pub(super) fn find(name: &str, schema: Version) -> Option<&'static ConfigOption> {
    let known = OPTIONS.iter().find(|option| option.name == name)?;
    let there = known.since <= schema && known.until.is_none_or(|until| schema <= until);
    there.then_some(known)
}
