//! Log sources -> template types: data, one row a log source.
//!
//! Sources: Sigma's taxonomy of log sources (SigmaHQ/sigma-specification, appendix taxonomy) for categories, services
//! and event ids. Where a template type serves more events than the category means, the row names the event ids.

use super::rule::LogSource;

/// What serves a log source.
pub(super) struct Row {
    /// The template types, by name.
    pub templates: &'static [&'static str],
    /// The events of them that are meant; none means all.
    pub events: &'static [i64],
}

const fn row(templates: &'static [&'static str], events: &'static [i64]) -> Row {
    Row { templates, events }
}

/// Windows log sources by category.
const CATEGORIES: &[(&str, Row)] = &[
    ("clipboard_capture", row(&["clipboard_capture"], &[])),
    ("create_remote_thread", row(&["create_remote_thread"], &[])),
    ("create_stream_hash", row(&["create_stream_hash"], &[])),
    ("dns_query", row(&["dns_query"], &[])),
    ("driver_load", row(&["driver_load"], &[])),
    ("file_access", row(&["file_access"], &[])),
    ("file_block_executable", row(&["file_block_executable"], &[])),
    ("file_block_shredding", row(&["file_block_shredding"], &[])),
    ("file_change", row(&["file_change"], &[])),
    ("file_delete", row(&["file_delete", "file_delete_detected"], &[])),
    ("file_event", row(&["file_event"], &[])),
    ("file_executable_detected", row(&["file_executable_detected"], &[])),
    ("file_rename", row(&["file_rename"], &[])),
    ("image_load", row(&["image_load"], &[])),
    ("network_connection", row(&["network_connection"], &[])),
    ("pipe_created", row(&["pipe_created", "pipe_connected"], &[])),
    ("process_access", row(&["process_access"], &[])),
    ("process_creation", row(&["process_creation"], &[])),
    ("process_tampering", row(&["process_tampering"], &[])),
    ("process_termination", row(&["process_termination"], &[])),
    ("ps_classic_provider_start", row(&["powershell_classic"], &[600])),
    ("ps_classic_script", row(&["powershell_classic"], &[800])),
    ("ps_classic_start", row(&["powershell_classic"], &[400])),
    ("ps_module", row(&["powershell"], &[4103])),
    ("ps_script", row(&["powershell"], &[4104])),
    ("raw_access_thread", row(&["raw_access_thread"], &[])),
    ("registry_add", row(&["registry_add_delete"], &[])),
    ("registry_delete", row(&["registry_add_delete"], &[])),
    ("registry_event", row(&["registry_add_delete", "registry_set", "registry_rename"], &[])),
    ("registry_rename", row(&["registry_rename"], &[])),
    ("registry_set", row(&["registry_set"], &[])),
    ("sysmon_error", row(&["sysmon_error"], &[])),
    ("sysmon_status", row(&["sysmon_state", "sysmon_config"], &[])),
    ("wmi_event", row(&["wmi_filter", "wmi_consumer", "wmi_binding"], &[])),
];

/// Windows log sources by service, which is a channel of the event log.
const SERVICES: &[(&str, Row)] = &[
    ("application", row(&["application"], &[])),
    ("applocker", row(&["applocker"], &[])),
    ("appmodel-runtime", row(&["appmodel_runtime"], &[])),
    ("appxdeployment-server", row(&["appxdeployment_server"], &[])),
    ("appxpackaging-om", row(&["appxpackaging_om"], &[])),
    ("bits-client", row(&["bits_client"], &[])),
    ("capi2", row(&["capi2"], &[])),
    ("certificateservicesclient-lifecycle-system", row(&["certificate_lifecycle"], &[])),
    ("codeintegrity-operational", row(&["code_integrity"], &[])),
    ("dhcp", row(&["dhcp_server"], &[])),
    ("diagnosis-scripted", row(&["diagnosis_scripted"], &[])),
    ("dns-client", row(&["dns_client"], &[])),
    ("dns-server", row(&["dns_server"], &[])),
    ("dns-server-analytic", row(&["dns_server_analytic"], &[])),
    ("driver-framework", row(&["driver_framework"], &[])),
    ("firewall-as", row(&["firewall"], &[])),
    ("iis-configuration", row(&["iis_configuration"], &[])),
    ("ldap", row(&["ldap_client"], &[])),
    ("lsa-server", row(&["lsa_server"], &[])),
    ("microsoft-servicebus-client", row(&["servicebus_client"], &[])),
    ("msexchange-management", row(&["exchange_management"], &[])),
    ("ntlm", row(&["ntlm"], &[])),
    ("openssh", row(&["openssh"], &[])),
    ("powershell", row(&["powershell"], &[])),
    ("powershell-classic", row(&["powershell_classic"], &[])),
    ("printservice-admin", row(&["printservice_admin"], &[])),
    ("printservice-operational", row(&["printservice_operational"], &[])),
    ("security", row(&["security"], &[])),
    ("security-mitigations", row(&["security_mitigations"], &[])),
    ("shell-core", row(&["shell_core"], &[])),
    ("smbclient-connectivity", row(&["smb_client_connectivity"], &[])),
    ("smbclient-security", row(&["smb_client_security"], &[])),
    ("smbserver-connectivity", row(&["smb_server_connectivity"], &[])),
    ("sysmon", row(SYSMON_NAMES, &[])),
    ("system", row(&["system"], &[])),
    ("taskscheduler", row(&["task_scheduler"], &[])),
    ("terminalservices-localsessionmanager", row(&["terminal_services"], &[])),
    ("windefend", row(&["windefend"], &[])),
    ("wmi", row(&["wmi_activity"], &[])),
];

/// The template types of Sysmon's events, each with the one event id that it serves.
const SYSMON: &[(&str, i64)] = &[
    ("process_creation", 1),
    ("file_change", 2),
    ("network_connection", 3),
    ("sysmon_state", 4),
    ("process_termination", 5),
    ("driver_load", 6),
    ("image_load", 7),
    ("create_remote_thread", 8),
    ("raw_access_thread", 9),
    ("process_access", 10),
    ("file_event", 11),
    ("registry_add_delete", 12),
    ("registry_set", 13),
    ("registry_rename", 14),
    ("create_stream_hash", 15),
    ("sysmon_config", 16),
    ("pipe_created", 17),
    ("pipe_connected", 18),
    ("wmi_filter", 19),
    ("wmi_consumer", 20),
    ("wmi_binding", 21),
    ("dns_query", 22),
    ("file_delete", 23),
    ("clipboard_capture", 24),
    ("process_tampering", 25),
    ("file_delete_detected", 26),
    ("file_block_executable", 27),
    ("file_block_shredding", 28),
    ("file_executable_detected", 29),
    ("sysmon_error", 255),
];

const SYSMON_NAMES: &[&str] = &{
    let mut names = [""; SYSMON.len()];
    let mut n = 0;
    while n < SYSMON.len() {
        #[allow(
            clippy::indexing_slicing,
            clippy::arithmetic_side_effects,
            reason = "evaluated by the compiler"
        )]
        {
            names[n] = SYSMON[n].0;
        }
        n += 1;
    }
    names
};

/// What is the same in every event of a template type, and so needs no input.
pub(super) enum Fact {
    Number(i64),
    Text(&'static str),
}

/// What every event of a template type has in a field, if that is known.
pub(super) fn fact(template: &str, field: &str) -> Option<Fact> {
    let (_, event) = SYSMON.iter().find(|(name, _)| *name == template)?;
    match field {
        "EventID" => Some(Fact::Number(*event)),
        "Provider_Name" => Some(Fact::Text("Microsoft-Windows-Sysmon")),
        "Channel" => Some(Fact::Text("Microsoft-Windows-Sysmon/Operational")),
        _ => None,
    }
}

/// The row of a log source. A rule without a product is about every product that has its category.
pub(super) fn find(source: &LogSource) -> Option<&'static Row> {
    if source.product.as_deref().is_some_and(|product| product != "windows") {
        return None;
    }
    let (rows, word) = match (source.category.as_deref(), source.service.as_deref()) {
        (Some(category), None) => (CATEGORIES, category),
        // Sysmon's categories are often written with the service that they imply.
        (Some(category), Some("sysmon")) => (CATEGORIES, category),
        (None, Some(service)) if source.product.is_some() => (SERVICES, service),
        _ => return None,
    };
    rows.iter().find(|(name, _)| *name == word).map(|(_, row)| row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_ascend_and_name_each_log_source_once() {
        assert!(CATEGORIES.is_sorted_by(|a, b| a.0 < b.0));
        assert!(SERVICES.is_sorted_by(|a, b| a.0 < b.0));
        assert!(SYSMON.is_sorted_by(|a, b| a.1 < b.1));
    }
}
