//! What holds for all content and for all bytes.

use channel_parser::channel::{FileName, Table, TableView, cells, checksum, encode, examine, parse};
use channel_parser::draft::Draft;
use channel_parser::text;
use channel_smith::strategy::any_content;
use proptest::prelude::*;
use proptest::sample::Index;

/// What is done to a file; the checksum is right again afterwards, so that the checks behind it are reached.
fn mutant() -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<Index>(), prop_oneof![any::<u8>(), 0..3u8, Just(255)]), 1..4);
    (any_content(), changes, any::<bool>()).prop_map(|(draft, changes, sealed)| {
        let mut bytes = encode(&draft).unwrap();
        let body = bytes.len() - 16;
        for (at, byte) in changes {
            bytes[at.index(body)] = byte;
        }
        if sealed {
            bytes.truncate(body);
            bytes.extend(checksum(&bytes).iter().flat_map(|n| n.to_le_bytes()));
        }
        bytes
    })
}

fn tiles(bytes: &[u8]) {
    let mut next = 0;
    for cell in cells(bytes) {
        assert_eq!(cell.span.start, next, "{}", cell.path);
        assert!(cell.span.end > next, "{} is empty", cell.path);
        let value = cell.value(bytes).to_string();
        assert!(!value.contains(text::is_hidden), "{}: {value:?}", cell.path);
        next = cell.span.end;
    }
    assert_eq!(next, bytes.len() as u64);
}

proptest! {
    #[test]
    fn what_is_written_is_read(draft in any_content()) {
        let bytes = encode(&draft).unwrap();
        let file = parse(&bytes).map_err(|error| TestCaseError::fail(format!("{}: {error}", error.path)))?;
        prop_assert_eq!(Draft::from(&file), draft);
    }

    #[test]
    fn what_is_read_is_written(bytes in mutant()) {
        if let Ok(file) = parse(&bytes) {
            prop_assert_eq!(encode(&Draft::from(&file)).unwrap(), bytes);
        }
    }

    #[test]
    fn text_is_another_form_of_the_file(draft in any_content()) {
        let bytes = encode(&draft).unwrap();
        let form = text::print(&parse(&bytes).unwrap());
        prop_assert!(!form.contains(|c| c != '\n' && text::is_hidden(c)));
        let document = text::parse(&form).map_err(|error| TestCaseError::fail(format!("{error} in\n{form}")))?;
        prop_assert_eq!(document.draft, draft);
        prop_assert_eq!(text::assemble(&form).unwrap(), bytes);
    }

    #[test]
    fn cells_tile_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200), like in any::<bool>()) {
        let start = if like { &b"\x89CHN\r\n\x1a\n\x01\0\0\0\x08\0\0\0"[..] } else { &[] };
        tiles(&[start, &bytes].concat());
    }

    #[test]
    fn cells_tile_damaged_files(bytes in mutant(), cut in any::<Index>()) {
        tiles(&bytes);
        tiles(&bytes[..cut.index(bytes.len())]);
    }

    #[test]
    fn cells_of_a_file_are_all_labelled(draft in any_content()) {
        let bytes = encode(&draft).unwrap();
        tiles(&bytes);
        let mut labels: Vec<_> = cells(&bytes).map(|cell| cell.path.to_string()).collect();
        prop_assert!(!labels.iter().any(|label| label == "undecoded"));
        let count = labels.len();
        labels.sort();
        labels.dedup();
        prop_assert_eq!(labels.len(), count, "two cells have one label");
    }

    #[test]
    fn errors_lie_inside_the_file(bytes in mutant()) {
        let mut errors = Vec::new();
        let file = examine(&bytes, &mut |error| errors.push(error));
        prop_assert_eq!(parse(&bytes).is_ok(), errors.is_empty());
        prop_assert!(file.is_some() || !errors.is_empty());
        for error in errors {
            prop_assert!(error.span.is_some_and(|span| span.start < span.end && span.end <= bytes.len() as u64));
        }
    }

    /// Also where errors were reported: a view may have no answer then, but never a wrong place.
    #[test]
    fn views_lie_inside_each_other(bytes in mutant()) {
        let Some(file) = examine(&bytes, &mut |_| {}) else { return Ok(()) };
        let within = |span: std::ops::Range<u64>, table: Table| {
            let TableView { at, .. } = file.table(table);
            at.start <= span.start && span.start <= span.end && span.end <= at.end
        };
        let mut patterns = 0;
        for (number, detection) in file.detections().enumerate() {
            prop_assert!(within(detection.id_span(), Table::Detections));
            for instance in detection.include().chain(detection.exclude()) {
                prop_assert_eq!(instance.detection().map(|owner| owner.index().0 as usize), Some(number));
                for (field, criterion) in (0u32..).zip(instance.criteria()) {
                    prop_assert_eq!(criterion.field().0, field);
                    prop_assert!(within(criterion.span(), Table::Criteria));
                    for pattern in criterion.patterns() {
                        prop_assert_eq!(pattern.index().0, patterns);
                        prop_assert!(within(pattern.operand_span(), Table::Patterns));
                        patterns += 1;
                    }
                }
            }
        }
        prop_assert_eq!(file.patterns().len(), patterns as usize);
        for template in file.types() {
            prop_assert!(within(template.name_span(), Table::Types));
            prop_assert_eq!(template.fields().len() as u32, template.field_count());
        }
    }

    #[test]
    fn a_changed_word_changes_the_first_number(bytes in prop::collection::vec(any::<u8>(), 8..300), at in any::<Index>(), mask in 1..u64::MAX) {
        let mut changed = bytes.clone();
        let word = at.index(bytes.len() / 8) * 8;
        let number = u64::from_le_bytes(bytes[word..word + 8].try_into().unwrap()) ^ mask;
        changed[word..word + 8].copy_from_slice(&number.to_le_bytes());
        prop_assert_ne!(checksum(&changed)[0], checksum(&bytes)[0]);
    }

    #[test]
    fn a_file_name_is_read_as_it_is_written(numbers in any::<[u32; 3]>().prop_map(|all| all.map(|n| n % 100_000_000)), junk in "\\PC*") {
        let [channel, part, revision] = numbers;
        let name = FileName { channel: channel.into(), part: part.into(), revision: revision.into() };
        prop_assert_eq!(FileName::parse(&name.to_string()), Some(name));
        prop_assert_eq!(FileName::parse(&format!("{name}{junk}")).is_some(), junk.is_empty());
        prop_assert_eq!(FileName::parse(&junk).map(|name| name.to_string()), FileName::parse(&junk).map(|_| junk.clone()));
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        prop_assert!(parse(&bytes).is_err());
    }
}
