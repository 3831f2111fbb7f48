//! Texts that are none: each is refused at the place where it stops making sense.

mod common;

use channel_parser::channel::encode;
use channel_parser::text;
use channel_smith::strategy::any_content;
use common::{blessed, texts};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::fmt::Write;

/// The cases of a file stand between lines of dashes; `$` stands for the lines that start every text.
#[test]
fn wrong_texts_are_refused_where_they_are_wrong() {
    for (path, cases) in texts("tests/text-errors", ".txt") {
        let mut output = String::new();
        for case in cases.split("----\n") {
            let case = case.replace("$\n", "channel-file 1\nchannel 1 part 0 revision 1\n");
            match text::assemble(&case) {
                Ok(_) => panic!("{}: accepted\n{case}", path.display()),
                Err(error) => {
                    let line = case.lines().nth(error.line as usize - 1).unwrap_or_default();
                    writeln!(output, "{line}\n{:1$}^\n{error}\n", "", error.column as usize - 1).unwrap();
                }
            }
        }
        blessed(&path.with_extension("expect"), &output);
    }
}

#[test]
fn comments_blanks_and_line_ends_mean_nothing() {
    let plain = "channel-file 1\nchannel 1 part 0 revision 1\n\ntype 1 revision 1 a\n  field b\n\n\
        detection d level low\n  include type 1\n    b: any of\n      prefix '#'\n      absent\n";
    let other = "# x\r\n\r\n\tchannel-file 1 # y\r\nchannel 0x1 part 00 revision 1\r\ntype 1 revision 1 'a'\r\nfield b\r\n\
        detection \"\\u{64}\" level low\r\ninclude type 1 fields 1\r\n[0]: any of prefix '#', # z\r\nabsent # z";
    assert_eq!(text::assemble(other), text::assemble(plain));
}

proptest! {
    #[test]
    fn hostile_text_is_refused_or_accepted(
        draft in any_content(),
        changes in prop::collection::vec((any::<Index>(), any::<Index>(), piece()), 0..4),
    ) {
        let bytes = encode(&draft).unwrap();
        let mut form: Vec<char> = text::print(&channel_parser::channel::parse(&bytes).unwrap()).chars().collect();
        for (at, length, piece) in changes {
            let at = at.index(form.len() + 1);
            let end = at + length.index(8).min(form.len() - at);
            form.splice(at..end, piece.chars());
        }
        let form = String::from_iter(form);
        if let Err(error) = text::assemble(&form) {
            let line = form.lines().nth(error.line as usize - 1).unwrap_or_default();
            prop_assert!(error.column as usize <= line.chars().count() + 1, "{}", error);
            prop_assert!(!error.to_string().contains(text::is_hidden));
        }
    }

    #[test]
    fn quoted_text_is_read_as_it_is_written(name in "\\PC{0,8}\\u{202e}?['\\\\\\n\"#]?[a-z]") {
        let form = format!("channel-file 1\nchannel 1 part 0 revision 1\ntype 1 revision 1 {}\nfield f", text::Quoted(&name));
        prop_assert_eq!(&text::parse(&form).unwrap().draft.types[0].name, &name);
    }
}

fn piece() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "",
        "\n",
        "'",
        "\"",
        "\\",
        ":",
        "..",
        "[4294967295]:",
        "fields 99999999\n",
        "\nset header.length = 0\n",
        "\ntruncate 9",
        "\nreplace 0..99 with 00",
        "\nflip 99999999999 1",
        "any of",
        "include type 1\n",
        "\\u{110000}",
        "\u{202e}",
        "/129",
        "-",
    ];
    prop_oneof![select(PIECES).prop_map(String::from), "\\PC{0,4}", any::<char>().prop_map(String::from)]
}
