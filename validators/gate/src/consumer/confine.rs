//! What a consumer may do, limited with safe code: the gate starts a program of its own that gives up what the consumer
//! need not have (resources, files, system calls) and then becomes the consumer.

use super::{Failure, Setup};
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::process::Command;

/// What is left of the environment. What else stands in it, such as a token of a build server, is none of its business.
const ENVIRONMENT: [&str; 14] = [
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "LD_LIBRARY_PATH",
    "SYSTEMROOT",
    "PYTHONPATH",
    "JAVA_HOME",
    "RUST_BACKTRACE",
    "UBSAN_OPTIONS",
    "LSAN_OPTIONS",
    "MSAN_OPTIONS",
    "TSAN_OPTIONS",
    "GOMAXPROCS",
];

/// The leak check of the address sanitizer needs a second process.
const ASAN: &str = "detect_leaks=0";
/// What it keeps of freed memory would look like growth.
const ASAN_FOR_GROWTH: &str = ":quarantine_size_mb=0:thread_local_quarantine_size_kb=0";

/// What a consumer is kept from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confinement {
    /// Changing files, and reading those that it has no business with.
    pub files: bool,
    /// Connections, other processes, and whatever else is a system call that no interpreter needs.
    pub calls: bool,
}

impl Confinement {
    pub(super) const fn none() -> Self {
        Self { files: false, calls: false }
    }

    /// Reads the line of the launcher.
    pub(super) fn read(line: &[u8]) -> Result<Self, String> {
        let line = String::from_utf8_lossy(line);
        match line.split_once(' ') {
            Some(("launched", what)) => {
                Ok(Self { files: what.contains("files"), calls: what.contains("calls") })
            }
            Some(("failed", why)) => Err(why.to_owned()),
            _ => Err("the launcher did not say what it did".to_owned()),
        }
    }
}

impl fmt::Display for Confinement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let memory = if cfg!(target_os = "linux") { "time and memory" } else { "time" };
        match (self.files, self.calls) {
            (true, true) => write!(f, "limited in {memory}, files, connections and processes"),
            (true, false) => write!(f, "limited in {memory} and files; NOT in connections and processes"),
            (false, true) => write!(f, "limited in {memory}, connections and processes; NOT in files"),
            (false, false) => write!(f, "limited in {memory} alone; NOT in files, connections and processes"),
        }
    }
}

/// What a consumer is started for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To see what it answers.
    Answers,
    /// To see whether it grows.
    Growth,
}

/// The command that becomes the consumer.
pub(super) fn command(setup: &Setup, purpose: Purpose) -> Result<Command, Failure> {
    let mut words = Vec::new();
    if let Some(launcher) = &setup.launcher {
        words.extend(launcher.iter().cloned());
        words.push(setup.limits.total.as_secs().saturating_add(1).to_string().into());
        for folder in &setup.read {
            words.push("--read".into());
            words.push(folder.into());
        }
        words.push("--".into());
    }
    words.extend(setup.command.iter().cloned());
    let mut words = words.into_iter();
    let program = words.next().ok_or_else(|| Failure::NotStarted("no command is given".into()))?;
    let mut command = Command::new(program);
    command.args(words).env_clear();
    for name in ENVIRONMENT {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    let mut asan = OsString::from(ASAN);
    if let Some(own) = std::env::var_os("ASAN_OPTIONS") {
        asan.push(":");
        asan.push(own);
    }
    if purpose == Purpose::Growth {
        asan.push(ASAN_FOR_GROWTH);
    }
    command.env("ASAN_OPTIONS", asan);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    Ok(command)
}

/// What the launcher was told: seconds on a processor, folders to read, and the consumer's command.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "what else there is limits less"))]
struct Order {
    seconds: u64,
    read: Vec<PathBuf>,
    command: Vec<OsString>,
}

impl Order {
    fn new(arguments: impl IntoIterator<Item = OsString>) -> Option<Self> {
        let mut arguments = arguments.into_iter();
        let seconds = arguments.next()?.to_str()?.parse().ok()?;
        let mut read = Vec::new();
        loop {
            match arguments.next()?.to_str() {
                Some("--read") => read.push(arguments.next()?.into()),
                Some("--") => break,
                _ => return None,
            }
        }
        Some(Self { seconds, read, command: arguments.collect() })
    }
}

/// The launcher: limits this process and becomes the consumer. It is called by the hidden command that
/// [`Setup::launcher`] names, with the arguments that follow those, and says on standard output what it did. It comes
/// back only if that fails.
pub fn launch(arguments: impl IntoIterator<Item = OsString>) {
    let why = match Order::new(arguments) {
        Some(order) => become_consumer(&order),
        None => "this command is for contentgate itself".to_owned(),
    };
    // If nobody listens, there is nobody to tell.
    let _ = tell(&format!("failed {}\n", why.replace('\n', " ")));
}

fn tell(line: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout();
    out.write_all(line.as_bytes())?;
    out.flush()
}

#[cfg(not(unix))]
fn become_consumer(_: &Order) -> String {
    "this system has nothing to limit a process with".to_owned()
}

#[cfg(unix)]
fn become_consumer(order: &Order) -> String {
    use std::os::unix::process::CommandExt;
    let Some((program, arguments)) = order.command.split_first() else {
        return "no command is given".to_owned();
    };
    let Some(program) = found(program) else {
        return format!("there is no program `{}`", program.display());
    };
    if let Err(error) = resources(order.seconds) {
        return format!("its resources could not be limited: {error}");
    }
    #[cfg(target_os = "linux")]
    let limited = super::linux::limit(&order.readable(&program));
    #[cfg(not(target_os = "linux"))]
    let limited: Result<Vec<&str>, String> = Ok(Vec::new());
    let limited = match limited {
        Ok(limited) => limited,
        Err(why) => return why,
    };
    if let Err(error) = tell(&format!("launched {}\n", limited.join(" "))) {
        return error.to_string();
    }
    Command::new(&program).args(arguments).exec().to_string()
}

/// Where a program is.
#[cfg(unix)]
fn found(program: &std::ffi::OsStr) -> Option<PathBuf> {
    let path = PathBuf::from(program);
    if path.components().count() > 1 {
        return path.is_file().then_some(path);
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(&path)).find(|path| path.is_file())
}

#[cfg(unix)]
fn resources(seconds: u64) -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let most = |what, n| setrlimit(what, Rlimit { current: Some(n), maximum: Some(n) });
    most(Resource::Cpu, seconds)?;
    most(Resource::Core, 0)?;
    // A file in memory counts too.
    most(Resource::Fsize, 0)?;
    most(Resource::Nofile, 256)?;
    // Elsewhere threads do not count; on Linux they do, and processes are a matter of system calls.
    #[cfg(not(target_os = "linux"))]
    most(Resource::Nproc, 0)?;
    Ok(())
}

#[cfg(target_os = "linux")]
impl Order {
    /// What the consumer may read: the system's libraries, its own program and what lies beside it, the files among its
    /// arguments, and the folders that were named.
    fn readable(&self, program: &std::path::Path) -> Vec<PathBuf> {
        const SYSTEM: [&str; 24] = [
            "/usr",
            "/bin",
            "/sbin",
            "/lib",
            "/lib32",
            "/lib64",
            "/opt",
            "/nix/store",
            "/gnu/store",
            "/etc/ld.so.cache",
            "/etc/ld.so.conf",
            "/etc/ld.so.conf.d",
            "/etc/ld.so.preload",
            "/etc/localtime",
            "/etc/alternatives",
            "/etc/ssl/openssl.cnf",
            "/proc",
            "/sys/devices/system/cpu",
            "/sys/fs/cgroup",
            "/dev/null",
            "/dev/zero",
            "/dev/full",
            "/dev/random",
            "/dev/urandom",
        ];
        let mut paths: Vec<PathBuf> = SYSTEM.iter().map(PathBuf::from).collect();
        let real = std::fs::canonicalize(program).unwrap_or_else(|_| program.to_path_buf());
        for program in [program, &real] {
            paths.push(program.to_path_buf());
            let Some(folder) = program.parent() else { continue };
            if folder.ends_with("bin") {
                // What is installed has its libraries beside `bin`.
                let around = folder.parent().unwrap_or(folder);
                paths.extend(
                    ["bin", "lib", "lib64", "libexec", "share", "pyvenv.cfg"].map(|name| around.join(name)),
                );
            } else {
                paths.push(folder.to_path_buf());
            }
        }
        let files = self.command.iter().skip(1).map(PathBuf::from).filter(|path| path.is_file());
        paths.extend(files);
        paths.extend(self.read.iter().cloned());
        paths
    }
}
