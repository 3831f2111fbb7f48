//! The limits that Linux has: Landlock for files, seccomp for system calls.

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetError, RulesetStatus, Scope, path_beneath_rules,
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter,
};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Limits this process, and says what is limited. What the kernel does not have is left out; what it refuses is an error.
pub(super) fn limit(readable: &[PathBuf]) -> Result<Vec<&'static str>, String> {
    let mut limited = Vec::new();
    if files(readable).map_err(|error| format!("its files could not be limited: {error}"))? {
        limited.push("files");
    }
    if calls().map_err(|error| format!("its system calls could not be limited: {error}"))? {
        limited.push("calls");
    }
    Ok(limited)
}

/// Reading what is given, writing nowhere but to nothing.
fn files(readable: &[PathBuf]) -> Result<bool, RulesetError> {
    const KNOWN: ABI = ABI::V6;
    let nothing = AccessFs::ReadFile | AccessFs::WriteFile;
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(Scope::from_all(KNOWN))?
        .create()?
        .add_rules(path_beneath_rules(readable, AccessFs::from_read(KNOWN)))?
        .add_rules(path_beneath_rules(["/dev/null"], nothing))?
        .restrict_self()?;
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}

/// Calls that start processes (threads may be started), reach others, connect, change the system, change files in ways
/// that Landlock does not know, or leave something behind.
const DENIED: &[libc::c_long] = &[
    libc::SYS_socket,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_kcmp,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_setpgid,
    libc::SYS_setsid,
    libc::SYS_setpriority,
    libc::SYS_sched_setscheduler,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_fanotify_init,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_syslog,
    libc::SYS_quotactl,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_semget,
    libc::SYS_msgget,
    libc::SYS_mq_open,
    libc::SYS_mq_unlink,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    FCHMODAT2,
];

/// One number on every architecture, and younger than the list that is compiled in.
const FCHMODAT2: libc::c_long = 452;

/// Those that only older architectures have.
#[cfg(target_arch = "x86_64")]
const ALSO_DENIED: &[libc::c_long] = &[
    libc::SYS_fork,
    libc::SYS_vfork,
    libc::SYS_chmod,
    libc::SYS_chown,
    libc::SYS_lchown,
    libc::SYS_utime,
    libc::SYS_utimes,
    libc::SYS_futimesat,
    libc::SYS_iopl,
    libc::SYS_ioperm,
    libc::SYS_modify_ldt,
];
#[cfg(not(target_arch = "x86_64"))]
const ALSO_DENIED: &[libc::c_long] = &[];

/// Those that send signals: the consumer may send them to itself.
const SIGNALS: [libc::c_long; 5] = [
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_tgkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
];

/// Denies them with an error, as a system does that lacks the right.
fn calls() -> Result<bool, Box<dyn std::error::Error>> {
    let Ok(target) = TargetArch::try_from(std::env::consts::ARCH) else { return Ok(false) };
    let always = |numbers: Vec<i64>| numbers.into_iter().map(|number| (number, Vec::new())).collect();
    let mut denied: Vec<i64> = DENIED.iter().chain(ALSO_DENIED).copied().collect();
    denied.extend(second_table(&denied));
    apply(target, always(denied), libc::EPERM)?;
    apply(target, conditional()?, libc::EPERM)?;
    // Its flags lie in memory, where a filter cannot look. A library that misses it takes the older call.
    apply(target, always(vec![libc::SYS_clone3]), libc::ENOSYS)?;
    Ok(true)
}

/// x86-64 has a second table of calls, which nobody needs, and a few that are only there.
fn second_table(denied: &[i64]) -> Vec<i64> {
    const SECOND: i64 = 0x4000_0000;
    if !cfg!(target_arch = "x86_64") {
        return Vec::new();
    }
    let others = [libc::SYS_clone, libc::SYS_clone3, libc::SYS_prlimit64].into_iter().chain(SIGNALS);
    denied.iter().copied().chain(others).chain(512..548).map(|number| number | SECOND).collect()
}

/// Calls that are denied for some arguments: processes but not threads, signals to others, limits of others.
fn conditional() -> Result<BTreeMap<i64, Vec<SeccompRule>>, seccompiler::BackendError> {
    let own = u64::from(std::process::id());
    let thread = u64::from(libc::CLONE_THREAD.unsigned_abs());
    let first = |length, op, value| SeccompCondition::new(0, length, op, value);
    let mut rules = BTreeMap::new();
    let no_thread = first(SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(thread), 0)?;
    rules.insert(libc::SYS_clone, vec![SeccompRule::new(vec![no_thread])?]);
    let other = first(SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, own)?;
    for number in SIGNALS {
        rules.insert(number, vec![SeccompRule::new(vec![other.clone()])?]);
    }
    let not_me = first(SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, 0)?;
    rules.insert(libc::SYS_prlimit64, vec![SeccompRule::new(vec![other, not_me])?]);
    Ok(rules)
}

fn apply(
    target: TargetArch,
    rules: BTreeMap<i64, Vec<SeccompRule>>,
    error: i32,
) -> Result<(), Box<dyn std::error::Error>> {
    let deny = SeccompAction::Errno(error.unsigned_abs());
    let filter: BpfProgram = SeccompFilter::new(rules, SeccompAction::Allow, deny, target)?.try_into()?;
    apply_filter(&filter)?;
    Ok(())
}
