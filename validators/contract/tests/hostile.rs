//! Binaries with damaged headers: an error or a contract, never a panic, and memory in proportion to the file.
#![cfg(all(feature = "testing", feature = "binary", feature = "toml"))]

use channel_contract::{testing::*, *};
use peak_alloc::PeakAlloc;
use proptest::{prelude::*, test_runner::TestRunner};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// One test, so that no other one's memory is counted.
#[test]
fn damaged_headers_are_refused_in_proportion() {
    let names = [
        "ELF executable",
        "ELF 32 bits",
        "ELF big-endian",
        "PE DLL, lld-link",
        "PE 32 bits DLL, lld-link",
        "Mach-O arm64 dylib",
        "Mach-O 32 bits object",
        "Mach-O fat dylib",
    ];
    for name in names {
        let case = CASES.iter().find(|case| case.name == name).unwrap();
        match compile(case, "sensor-7.11.c", &[]) {
            Ok(built) => {
                truncations(&built.bytes);
                every_header_byte(&built.bytes);
                flips(&built.bytes);
            }
            Err(Unbuilt::Absent(tool)) => std::io::Write::write_fmt(
                &mut std::io::stderr(),
                format_args!("not run: damage to {name}: there is no {tool}\n"),
            )
            .unwrap_or(()),
            Err(Unbuilt::Failed(output)) => panic!("{output}"),
        }
    }
}

/// Reads, and checks the memory that it took.
fn read(file: &[u8]) -> Result<Contract, Error> {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let result = load_bytes(file);
    let used = MEMORY.peak_usage().saturating_sub(before);
    assert!(used <= 8 * file.len() + 4096, "{used} bytes for a file of {}", file.len());
    result
}

fn truncations(file: &[u8]) {
    let whole = read(file).unwrap();
    for end in (0..file.len()).step_by(7) {
        // What lies past the contract, as a symbol table does, may be missing.
        assert!(read(&file[..end]).is_ok_and(|contract| contract == whole) || read(&file[..end]).is_err());
    }
}

/// The places where headers are: the front, and in ELF the end.
fn headers(file: &[u8]) -> Vec<usize> {
    let back = file.len().saturating_sub(2048).max(1024);
    (0..file.len().min(1024)).chain(back..file.len()).collect()
}

fn every_header_byte(file: &[u8]) {
    let mut file = file.to_vec();
    for at in headers(&file) {
        let old = file[at];
        for new in [0, 1, 0x7f, 0x80, 0xff, old ^ 1] {
            file[at] = new;
            let _ = read(&file);
        }
        file[at] = old;
    }
}

fn flips(file: &[u8]) {
    let places = headers(file);
    let flips = proptest::collection::vec((proptest::sample::select(places), any::<u8>()), 1..8);
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 2000, failure_persistence: None, ..Default::default() });
    let result = runner.run(&flips, |flips| {
        let mut file = file.to_vec();
        for (at, byte) in flips {
            file[at] = byte;
        }
        let _ = read(&file);
        Ok(())
    });
    result.unwrap();
}
