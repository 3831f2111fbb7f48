//! For tests, of this crate and of others: compiles the example sensors of `corpus/contracts/sensors` for every kind of
//! binary that the machine has tools for. No binary is ever kept.
//!
//! ```
//! use channel_contract::{binary, testing};
//!
//! for case in testing::CASES.iter().take(1) {
//!     match testing::compile(case, "sensor-7.11.c", &[]) {
//!         Ok(built) => assert_eq!(binary::read(&built.bytes).unwrap().types[0].supplied, 20),
//!         Err(testing::Unbuilt::Absent(tool)) => println!("not run: {}, for there is no {tool}", case.name),
//!         Err(testing::Unbuilt::Failed(output)) => panic!("{output}"),
//!     }
//! }
//! ```

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec::Vec,
};
use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

/// One way to build a sensor.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// What comes out.
    pub name: &'static str,
    /// One command a step. `{c}` are the flags of every compiler, `{src}` is the source, `{out}` the result; `{1}` and
    /// `{2}` are files between.
    pub steps: &'static [&'static str],
}

macro_rules! cases {
    ($($name:literal: $($step:literal)+;)*) => {
        /// Every way to build a sensor whose contract must come out whole.
        pub const CASES: &[Case] = &[$(Case { name: $name, steps: &[$($step),+] }),*];
    };
}

cases! {
    "ELF executable": "cc -std=c99 {c} -DEXECUTABLE {src} -o {out}";
    "ELF executable, C11": "cc -std=c11 {c} -DEXECUTABLE {src} -o {out}";
    "ELF executable, C++": "g++ -std=c++11 -xc++ {c} -DEXECUTABLE {src} -o {out}";
    "ELF executable, clang, C++": "clang++-19 -std=c++17 -xc++ {c} -DEXECUTABLE {src} -o {out}";
    "ELF executable, LTO": "cc -std=c99 {c} -O2 -flto -DEXECUTABLE {src} -o {out}";
    "ELF executable, stripped": "cc -std=c99 {c} -O2 -DEXECUTABLE {src} -o {out}" "strip -s {out}";
    "ELF executable, gc-sections": "cc -std=c99 {c} -O2 -Wl,--gc-sections -DEXECUTABLE {src} -o {out}";
    "ELF executable, clang, lld, gc-sections":
        "clang-19 -std=c99 {c} -O2 -fuse-ld=lld -Wl,--gc-sections -DEXECUTABLE {src} -o {out}";
    "ELF shared object": "cc -std=c99 {c} -shared -fPIC -fvisibility=hidden {src} -o {out}";
    "ELF shared object, LTO, gc-sections, stripped":
        "cc -std=c99 {c} -O2 -flto -shared -fPIC -ffunction-sections -fdata-sections -Wl,--gc-sections {src} -o {out}"
        "strip -s {out}";
    "ELF relocatable, as a kernel module is": "cc -std=c99 {c} -O2 -c {src} -o {1}" "ld -r {1} -o {out}";
    "ELF arm64 shared object": "aarch64-linux-gnu-gcc -std=c99 {c} -O2 -shared -fPIC {src} -o {out}";
    "ELF 32 bits": "clang-19 --target=i686-linux-gnu -std=c99 -ffreestanding -fPIC {c} -c {src} -o {1}"
        "ld.lld-19 -shared --gc-sections {1} -o {out}";
    "ELF big-endian": "clang-19 --target=powerpc64-linux-gnu -std=c99 -ffreestanding -fPIC {c} -c {src} -o {1}"
        "ld.lld-19 -shared --gc-sections {1} -o {out}";
    "PE DLL": "x86_64-w64-mingw32-gcc -std=c99 {c} -shared {src} -o {out}";
    "PE DLL, LTO, stripped": "x86_64-w64-mingw32-gcc -std=c99 {c} -O2 -flto -shared {src} -o {out}"
        "x86_64-w64-mingw32-strip -s {out}";
    "PE executable": "x86_64-w64-mingw32-gcc -std=c99 {c} -O2 -DEXECUTABLE {src} -o {out}";
    "PE driver": "x86_64-w64-mingw32-gcc -std=c99 {c} -O2 -nostdlib -Wl,--subsystem,native -Wl,-e,on_pipe_event {src} -o {out}";
    "PE DLL, lld-link": "clang-19 --target=x86_64-pc-windows-msvc -std=c99 -ffreestanding {c} -O2 -c {src} -o {1}"
        "lld-link-19 /dll /noentry /opt:ref /out:{out} {1}";
    "PE 32 bits DLL, lld-link": "clang-19 --target=i686-pc-windows-msvc -std=c99 -ffreestanding {c} -O2 -c {src} -o {1}"
        "lld-link-19 /dll /noentry /opt:ref /safeseh:no /out:{out} {1}";
    "Mach-O arm64 object": "clang-19 --target=arm64-apple-macos11 -std=c99 -ffreestanding {c} -c {src} -o {out}";
    "Mach-O 32 bits object": "clang-19 --target=armv7-apple-ios9 -std=c99 -ffreestanding {c} -c {src} -o {out}";
    "Mach-O arm64 dylib": "clang-19 --target=arm64-apple-macos11 -std=c99 -ffreestanding {c} -O2 -c {src} -o {1}"
        "ld64.lld-19 -arch arm64 -platform_version macos 11.0 11.0 -dylib -dead_strip -undefined dynamic_lookup {1} -o {out}";
    "Mach-O fat dylib": "clang-19 --target=arm64-apple-macos11 -std=c99 -ffreestanding {c} -O2 -c {src} -o {1}"
        "ld64.lld-19 -arch arm64 -platform_version macos 11.0 11.0 -dylib -undefined dynamic_lookup {1} -o {2}"
        "clang-19 --target=x86_64-apple-macos11 -std=c99 -ffreestanding {c} -O2 -c {src} -o {1}"
        "ld64.lld-19 -arch x86_64 -platform_version macos 11.0 11.0 -dylib -undefined dynamic_lookup {1} -o {3}"
        "llvm-lipo-19 -create {2} {3} -output {out}";
}

/// What every compiler is told.
const FLAGS: &str = "-Wall -Wextra -Wpedantic -Werror -I{include} -I{sensors}";

/// A sensor's binary.
#[derive(Debug)]
pub struct Built {
    /// The binary.
    pub bytes: Vec<u8>,
    /// Where it lies until this is dropped.
    pub path: PathBuf,
    folder: tempfile::TempDir,
}

impl Built {
    /// The folder that holds the binary, for further files that go with it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// Why there is no binary.
#[derive(Debug)]
pub enum Unbuilt {
    /// The machine has no such tool: the test did not run, and has to say so.
    Absent(String),
    /// What the tool printed.
    Failed(String),
}

/// The folder of the example sensors.
pub fn sensors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus/contracts/sensors")
}

/// Builds an example sensor, with further flags for the compiler. `source` is a name in [`sensors`] or a whole path.
pub fn compile(case: &Case, source: &str, flags: &[&str]) -> Result<Built, Unbuilt> {
    let failed = |e: io::Error| Unbuilt::Failed(format!("{}: {e}", case.name));
    let folder = tempfile::tempdir().map_err(failed)?;
    // Without an extension gcc for Windows adds its own.
    let path = folder.path().join("sensor.bin");
    for step in case.steps {
        let mut words = step.split_whitespace();
        let tool = words.next().unwrap_or("");
        let mut command = Command::new(tool);
        for word in words {
            match word {
                "{c}" => {
                    command.args(FLAGS.split_whitespace().map(|word| place(word, source, folder.path())));
                    command.args(flags);
                }
                _ => {
                    command.arg(place(word, source, folder.path()));
                }
            }
        }
        let output = match command.env("LC_ALL", "C").output() {
            Ok(output) => output,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(Unbuilt::Absent(tool.to_owned())),
            Err(e) => return Err(failed(e)),
        };
        if !output.status.success() {
            let printed = String::from_utf8_lossy(&output.stderr);
            return Err(Unbuilt::Failed(format!("{}: {command:?}\n{printed}", case.name)));
        }
    }
    Ok(Built { bytes: fs::read(&path).map_err(failed)?, path, folder })
}

/// One word of a step, its placeholders filled in.
fn place(word: &str, source: &str, folder: &Path) -> String {
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("embed/include");
    let file = |name: &str| folder.join(name).display().to_string();
    word.replace("{src}", &sensors().join(source).display().to_string())
        .replace("{include}", &include.display().to_string())
        .replace("{sensors}", &sensors().display().to_string())
        .replace("{out}", &file("sensor.bin"))
        .replace("{1}", &file("1.o"))
        .replace("{2}", &file("2.o"))
        .replace("{3}", &file("3.o"))
}
