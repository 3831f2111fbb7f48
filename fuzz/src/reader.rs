//! Oracles of the reader besides the one on any bytes: prefixes, a second reader, the text form.

use crate::{one_line, second};
use channel_parser::draft::Draft;
use channel_parser::{ErrorKind, Format, channel, sysmon, text};

/// What is longer is looked at in steps.
const EVERY: usize = 2_000;

/// Neither a part of an accepted file is accepted, nor the file with anything behind it: a torn write is always found, and
/// the error says so at a place that is there.
pub fn parse_prefix(bytes: &[u8]) {
    let accepts = |bytes: &[u8]| channel::parse(bytes).is_ok() || sysmon::parse(bytes).is_ok();
    if !accepts(bytes) {
        return;
    }
    let step = bytes.len().div_ceil(EVERY).max(1);
    for length in (0..bytes.len()).step_by(step) {
        let part = &bytes[..length];
        assert!(!accepts(part), "accepted although cut to {length} of {} bytes", bytes.len());
        if let Err(error) = channel::parse(part)
            && Format::of(part) == Ok(Format::Channel)
        {
            let torn = matches!(error.kind, ErrorKind::Length | ErrorKind::Magic | ErrorKind::Empty);
            assert!(torn, "cut to {length} of {} bytes: {error}", bytes.len());
        }
    }
    for more in [&b"\0"[..], b"\0\0\0\0\0\0\0\0", b"x", bytes] {
        assert!(!accepts(&[bytes, more].concat()), "accepted with {} bytes behind it", more.len());
    }
}

/// The reader and one that was written from the page alone accept the same files, and read the same in them.
pub fn second_reader(bytes: &[u8]) {
    let first = channel::parse(bytes).ok().map(|file| Draft::from(&file));
    let second = second::read(bytes);
    assert_eq!(first, second, "the two readers do not agree");
}

/// A text that can be assembled to an accepted file is printed and assembled again to the same; one that cannot be says
/// in which of its lines.
pub fn text_roundtrip(bytes: &[u8]) {
    let Ok(source) = std::str::from_utf8(bytes) else { return };
    let lines = source.lines().count().max(1) + 1;
    match text::assemble(source) {
        Ok(assembled) => {
            if let Ok(file) = channel::parse(&assembled) {
                let printed = text::print(&file);
                assert_eq!(text::assemble(&printed).as_ref(), Ok(&assembled), "{printed}");
                let again = channel::parse(&assembled).map(|file| text::print(&file));
                assert_eq!(again.as_ref(), Ok(&printed), "printing is not stable");
            }
        }
        Err(error) => {
            assert!((1..=lines).contains(&(error.line as usize)), "line {} of {lines}", error.line);
            one_line(&error);
        }
    }
    match sysmon::assemble(source) {
        Ok(assembled) => {
            if let Ok(blob) = sysmon::parse(&assembled) {
                let printed = sysmon::print(&blob, &());
                assert_eq!(sysmon::assemble(&printed).as_ref(), Ok(&assembled), "{printed}");
            }
        }
        Err(error) => {
            assert!((1..=lines).contains(&(error.line as usize)), "line {} of {lines}", error.line);
            one_line(&error);
        }
    }
}
