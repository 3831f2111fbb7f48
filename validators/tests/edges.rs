//! Where a rule begins and ends: one criterion each, for the example sensor, and the rules that find something in it.

mod common;

use channel_validators::{Subject, judge};
use common::{assemble, corpus, fleet_of};

const CONTENT: &str = "channel-file 1
channel 100 part 0 revision 1

type 1 revision 1 process
  field Image
  field CommandLine
  field ProcessId
  field ParentId

type 2 revision 3 connection
  field Address
  field Port
  field Protocol
  field HostName

detection edge level low
";

/// The template type, the criterion, and the rules.
const CASES: &[(u32, &str, &[&str])] = &[
    (1, "ProcessId: any of equal 2147483647", &[]),
    (1, "ProcessId: any of equal 2147483648", &["integer-width"]),
    (1, "ProcessId: any of equal -2147483648", &[]),
    (1, "ProcessId: any of equal -2147483649", &["integer-width"]),
    (1, "ProcessId: none of range -2147483649..0", &["integer-width"]),
    (1, "ProcessId: none of range 0..2147483648", &["integer-width"]),
    (1, "ProcessId: any of mask 0x7fffffff = 0x1", &[]),
    (1, "ProcessId: any of mask 0x80000000 = 0x0", &["integer-width"]),
    (1, "ProcessId: any of mask 0xffffffffffffffff = 0x1", &[]),
    (1, "ProcessId: any of mask 0xffffffffffffffff = 0x80000000", &["integer-width"]),
    (2, "Protocol: any of exact '12345678'", &[]),
    (2, "Protocol: any of exact '123456789'", &["operand-length"]),
    (2, "Protocol: any of suffix nocase '12345678901234567890123456789012'", &[]),
    (
        2,
        "Protocol: any of suffix nocase '123456789012345678901234567890123'",
        &["operand-bytes", "operand-length"],
    ),
    // A glob and a regex may be longer than what they match.
    (2, "Protocol: any of glob '1*2*3*4*5*6*7*8*9*'", &[]),
    (2, "Protocol: any of regex '(1|2|3|4|5|6|7|8|9)'", &[]),
    (2, "Protocol: any of exact ''", &[]),
    (2, "Address: any of network 10.0.0.0/8", &[]),
    (2, "Address: any of exact '10.0.0.1'", &["input-type"]),
    (2, "Port: any of network 10.0.0.0/8", &["input-type"]),
    (2, "Port: any of equal 443", &[]),
    (2, "HostName: any of absent", &[]),
    (2, "HostName: none of present", &[]),
    (2, "Address: any of present", &["nullability"]),
    (2, "Port: none of absent", &["nullability"]),
    (1, "Image: any of regex '^a+$'", &[]),
    (1, r"Image: any of regex '(a)\1'", &["regex"]),
    (1, "Image: any of regex '(?<=a)b'", &["regex"]),
    (1, "Image: any of regex '['", &["regex"]),
    (1, "Image: any of regex '(a{1000}){1000}'", &["regex"]),
    (1, "Image: any of regex 'a{900}'", &["automaton-bytes"]),
];

#[test]
fn every_case_gives_its_rules() {
    let fleet = fleet_of(&corpus().join("rules/regex"));
    let mut wrong = Vec::new();
    for (id, criterion, rules) in CASES {
        let (name, bytes) = assemble(&format!("{CONTENT}  include type {id}\n    {criterion}\n"));
        let judgement = judge(&Subject::read(name, &bytes), &fleet);
        let mut found: Vec<_> = judgement.findings.iter().map(|finding| finding.rule).collect();
        found.sort_unstable();
        if found != *rules {
            wrong.push(format!("{criterion}: expected {rules:?}, found {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
