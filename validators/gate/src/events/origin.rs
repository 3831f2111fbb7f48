//! Where events come from -> template types, by name: data. Contracts say what a sensor supplies and not which log a
//! recording came from, so the names of logs are here; a vendor's own type is named by its name or by the log's.
//!
//! Sources: Sysmon's manifest for its event ids, the channels of the Windows event log by the names that Sigma's taxonomy
//! gives its services (SigmaHQ/sigma-specification), the manifest of Microsoft-Windows-Kernel-File for its event ids. The
//! names of the template types are those of the contract that public Sigma rules are written for
//! (`corpus/contracts/windows`).

/// The channel of Sysmon's events.
pub(super) const SYSMON_CHANNEL: &str = "Microsoft-Windows-Sysmon/Operational";
/// Their provider.
pub(super) const SYSMON_PROVIDER: &str = "Microsoft-Windows-Sysmon";
/// The provider of file events that have no channel.
const KERNEL_FILE: &str = "Microsoft-Windows-Kernel-File";

/// Sysmon's events.
const SYSMON: &[(i64, &str)] = &[
    (1, "process_creation"),
    (2, "file_change"),
    (3, "network_connection"),
    (4, "sysmon_state"),
    (5, "process_termination"),
    (6, "driver_load"),
    (7, "image_load"),
    (8, "create_remote_thread"),
    (9, "raw_access_thread"),
    (10, "process_access"),
    (11, "file_event"),
    (12, "registry_add_delete"),
    (13, "registry_set"),
    (14, "registry_rename"),
    (15, "create_stream_hash"),
    (16, "sysmon_config"),
    (17, "pipe_created"),
    (18, "pipe_connected"),
    (19, "wmi_filter"),
    (20, "wmi_consumer"),
    (21, "wmi_binding"),
    (22, "dns_query"),
    (23, "file_delete"),
    (24, "clipboard_capture"),
    (25, "process_tampering"),
    (26, "file_delete_detected"),
    (27, "file_block_executable"),
    (28, "file_block_shredding"),
    (29, "file_executable_detected"),
    (255, "sysmon_error"),
];

/// The events of the kernel's file provider: opening, renaming with and without the path.
const KERNEL_FILES: &[(i64, &str)] = &[(12, "file_access"), (19, "file_rename"), (27, "file_rename")];

/// Channels of the event log.
const CHANNELS: &[(&str, &str)] = &[
    ("Application", "application"),
    ("DNS Server", "dns_server"),
    ("MSExchange Management", "exchange_management"),
    ("Microsoft-IIS-Configuration/Operational", "iis_configuration"),
    ("Microsoft-ServiceBus-Client", "servicebus_client"),
    ("Microsoft-ServiceBus-Client/Admin", "servicebus_client"),
    ("Microsoft-ServiceBus-Client/Operational", "servicebus_client"),
    ("Microsoft-Windows-AppLocker/EXE and DLL", "applocker"),
    ("Microsoft-Windows-AppLocker/MSI and Script", "applocker"),
    ("Microsoft-Windows-AppLocker/Packaged app-Deployment", "applocker"),
    ("Microsoft-Windows-AppLocker/Packaged app-Execution", "applocker"),
    ("Microsoft-Windows-AppModel-Runtime/Admin", "appmodel_runtime"),
    ("Microsoft-Windows-AppXDeploymentServer/Operational", "appxdeployment_server"),
    ("Microsoft-Windows-AppxPackaging/Operational", "appxpackaging_om"),
    ("Microsoft-Windows-Bits-Client/Operational", "bits_client"),
    ("Microsoft-Windows-CAPI2/Operational", "capi2"),
    ("Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational", "certificate_lifecycle"),
    ("Microsoft-Windows-CodeIntegrity/Operational", "code_integrity"),
    ("Microsoft-Windows-DHCP-Server/Operational", "dhcp_server"),
    ("Microsoft-Windows-DNS Client Events/Operational", "dns_client"),
    ("Microsoft-Windows-DNS-Server/Analytical", "dns_server_analytic"),
    ("Microsoft-Windows-Diagnosis-Scripted/Operational", "diagnosis_scripted"),
    ("Microsoft-Windows-DriverFrameworks-UserMode/Operational", "driver_framework"),
    ("Microsoft-Windows-LDAP-Client/Debug", "ldap_client"),
    ("Microsoft-Windows-LSA/Operational", "lsa_server"),
    ("Microsoft-Windows-NTLM/Operational", "ntlm"),
    ("Microsoft-Windows-PowerShell/Operational", "powershell"),
    ("Microsoft-Windows-PrintService/Admin", "printservice_admin"),
    ("Microsoft-Windows-PrintService/Operational", "printservice_operational"),
    ("Microsoft-Windows-SMBServer/Connectivity", "smb_server_connectivity"),
    ("Microsoft-Windows-Security-Mitigations/Kernel Mode", "security_mitigations"),
    ("Microsoft-Windows-Security-Mitigations/User Mode", "security_mitigations"),
    ("Microsoft-Windows-Shell-Core/Operational", "shell_core"),
    ("Microsoft-Windows-SmbClient/Connectivity", "smb_client_connectivity"),
    ("Microsoft-Windows-SmbClient/Security", "smb_client_security"),
    ("Microsoft-Windows-TaskScheduler/Operational", "task_scheduler"),
    ("Microsoft-Windows-TerminalServices-LocalSessionManager/Operational", "terminal_services"),
    ("Microsoft-Windows-WMI-Activity/Operational", "wmi_activity"),
    ("Microsoft-Windows-Windows Defender/Operational", "windefend"),
    ("Microsoft-Windows-Windows Firewall With Advanced Security/Firewall", "firewall"),
    ("OpenSSH/Operational", "openssh"),
    ("PowerShellCore/Operational", "powershell"),
    ("Security", "security"),
    ("System", "system"),
    ("Windows PowerShell", "powershell_classic"),
];

/// Whether events of a channel, or of a provider without one, are Sysmon's.
pub(super) fn is_sysmon(provider: Option<&str>, channel: Option<&str>) -> bool {
    match channel {
        Some(channel) => channel.eq_ignore_ascii_case(SYSMON_CHANNEL),
        None => provider.is_none_or(|provider| provider.eq_ignore_ascii_case(SYSMON_PROVIDER)),
    }
}

/// The name of the template type of an event that is Sysmon's.
pub(super) fn of_sysmon(id: i64) -> Option<&'static str> {
    named(SYSMON, id)
}

/// The name of the template type of every other event: that of its channel, or the channel's own.
pub(super) fn of_log<'n>(id: i64, provider: Option<&str>, channel: Option<&'n str>) -> Option<&'n str> {
    if provider.is_some_and(|provider| provider.eq_ignore_ascii_case(KERNEL_FILE)) {
        return named(KERNEL_FILES, id);
    }
    let channel = channel?;
    let row = CHANNELS.iter().find(|(name, _)| name.eq_ignore_ascii_case(channel));
    Some(row.map_or(channel, |(_, template)| template))
}

fn named(rows: &[(i64, &'static str)], id: i64) -> Option<&'static str> {
    rows.iter().find(|(event, _)| *event == id).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Whoever adds a log source to the contract for Sigma's rules is told that its recordings are not found.
    #[test]
    fn rows_name_the_template_types_of_the_shipped_contract_and_each_of_them() {
        assert!(CHANNELS.is_sorted_by(|a, b| a.0 < b.0));
        let text = include_str!("../../../../corpus/contracts/windows/sensor.toml");
        let contract = channel_contract::toml::parse(text).unwrap();
        let names: BTreeSet<&str> = contract.types.iter().map(|template| template.name.as_str()).collect();
        let logs = CHANNELS.iter().map(|(_, template)| *template);
        let events = SYSMON.iter().chain(KERNEL_FILES).map(|(_, template)| *template);
        assert_eq!(names, logs.chain(events).collect());
        for (id, name) in SYSMON {
            let template = contract.types.iter().find(|template| template.name == *name).unwrap();
            assert_eq!(i64::from(template.id.0), *id);
        }
    }
}
