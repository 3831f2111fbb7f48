//! What can be wrong with the section itself, each with its own error: none, empty, several, sizes that lie,
//! architectures that disagree.
#![cfg(all(feature = "testing", feature = "binary", feature = "toml"))]

use channel_contract::{testing::*, *};

/// Runs the test with the old sensor as this case builds it, or says that it did not run.
fn with(name: &str, test: impl FnOnce(Vec<u8>)) {
    let case = CASES.iter().find(|case| case.name == name).unwrap();
    match compile(case, "sensor-7.11.c", &[]) {
        Ok(built) => test(built.bytes),
        Err(Unbuilt::Absent(tool)) => std::io::Write::write_fmt(
            &mut std::io::stderr(),
            format_args!("not run: the section in {name}: there is no {tool}\n"),
        )
        .unwrap_or(()),
        Err(Unbuilt::Failed(output)) => panic!("{output}"),
    }
}

fn find(file: &[u8], what: &[u8]) -> Vec<usize> {
    (0..file.len()).filter(|at| file[*at..].starts_with(what)).collect()
}

fn put(file: &mut [u8], at: usize, n: u32) {
    file[at..at + 4].copy_from_slice(&n.to_le_bytes());
}

fn kind(file: &[u8]) -> ErrorKind {
    binary::read(file).unwrap_err().kind
}

#[test]
fn the_section_header_of_pe_is_not_trusted() {
    with("PE DLL, lld-link", |file| {
        let sound = binary::read(&file).unwrap();
        let header = find(&file, b".chanctr")[0];
        let changed = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut file = file.clone();
            change(&mut file);
            file
        };
        // Once this took 4 GB: the loader would fill with zeros, the reader does not.
        assert_eq!(binary::read(&changed(&|f| put(f, header + 8, u32::MAX))).unwrap(), sound);
        assert_eq!(kind(&changed(&|f| put(f, header + 16, u32::MAX))), ErrorKind::Binary);
        assert_eq!(kind(&changed(&|f| put(f, header + 20, u32::MAX))), ErrorKind::Binary);
        assert_eq!(kind(&changed(&|f| put(f, header + 16, 0))), ErrorKind::EmptySection);
        assert_eq!(kind(&changed(&|f| f[header] = b'_')), ErrorKind::NoSection);
        let other = find(&file, b".text\0\0\0")[0];
        let twice = changed(&|f| f[other..other + 8].copy_from_slice(b".chanctr"));
        assert_eq!(kind(&twice), ErrorKind::SeveralSections);
    });
}

#[test]
fn the_counts_of_mach_o_are_not_trusted() {
    with("Mach-O arm64 dylib", |file| {
        // The segment is named in its command and in its section; `nsects` is 64 bytes into the command.
        let command =
            find(&file, b"__DATA\0").into_iter().map(|at| at - 8).find(|at| file[*at] == 0x19).unwrap();
        let mut changed = file.clone();
        put(&mut changed, command + 64, u32::MAX);
        assert_eq!(kind(&changed), ErrorKind::Binary);
        put(&mut changed, command + 64, 0);
        assert_eq!(kind(&changed), ErrorKind::NoSection);
        put(&mut changed, command + 4, 0);
        assert_eq!(kind(&changed), ErrorKind::Binary);
    });
}

#[test]
fn architectures_have_to_agree() {
    with("Mach-O fat dylib", |mut file| {
        let mut other = binary::read(&file).unwrap();
        other.types[0].supplied = 21;
        let other = bytes::write(&other).unwrap();
        let second = find(&file, b"\x89CHANCTR\x01\0\x02")[1];
        file[second..second + other.len() - 416].copy_from_slice(&other[416..]);
        let error = binary::read(&file).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Disagreement);
        assert!(error.at.is_some_and(|at| at.contains(&(second as u64))));
    });
}

#[test]
fn errors_of_records_are_offsets_in_the_file() {
    with("ELF executable", |mut file| {
        let record = find(&file, b"\x89CHANCTR\x01\0\x01")[0];
        file[record + 30] ^= 1;
        let at = record as u64 + 16;
        assert_eq!(binary::read(&file).unwrap_err().at, Some(at..at + 8));
    });
}
