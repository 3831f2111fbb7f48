//! The words of the formats, for fuzzers that put words into bytes. Made from the tables that the readers follow, so that
//! a word that a format gains is in it.

use channel_parser::channel::{MAGIC, Table, VERSION};
use channel_parser::model::{InputType, Level, Operator, Quantifier};
use channel_parser::sysmon::{Combine, DefaultAction};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Words of the text forms and of the sources that are in no table.
const WORDS: &[&str] = &[
    "channel-file 1",
    "channel ",
    " part ",
    " revision ",
    "type ",
    "field ",
    "detection ",
    " level ",
    "include type ",
    "exclude type ",
    " nocase ",
    "author",
    "licence",
    "source",
    "title",
    "set ",
    "truncate ",
    "append ",
    "zero ",
    "flip ",
    "replace ",
    " with ",
    "sysmon-rules 1",
    "version ",
    " schema ",
    "event ",
    " default ",
    " combine ",
    "group ",
    "filter ",
    "operator ",
    "<Sysmon schemaversion=\"4.90\">",
    "</Sysmon>",
    "<EventFiltering>",
    "<RuleGroup groupRelation=\"or\">",
    "<Rule groupRelation=\"and\">",
    " onmatch=\"include\"",
    " condition=\"",
    "title: ",
    "logsource:",
    "category: ",
    "product: windows",
    "detection:",
    "condition: ",
    "1 of selection*",
    "all of them",
    "|contains",
    "|all",
    "|re",
    "|cidr",
    "|windash",
    "|base64offset",
    "|fieldref",
    "|expand",
    "|exists",
    "|cased",
    "{\"type\": ",
    "\"template\": ",
    "\"inputs\": [",
    "\"src\": ",
    "\"id\": ",
    "\"fields\": {",
    "<manifest schemaversion=\"4.90\" binaryversion=\"15.0\">",
    "<filters default=\"is\">",
    "<event name=\"",
    "<data name=\"",
    " inType=\"win:UnicodeString\"",
];

/// The dictionary in libFuzzer's form.
pub fn dictionary() -> String {
    let mut words: BTreeSet<Vec<u8>> = WORDS.iter().map(|word| word.as_bytes().to_vec()).collect();
    words.insert(MAGIC.to_vec());
    words.insert(VERSION.to_le_bytes().to_vec());
    words.extend(Table::ALL.iter().map(|table| table.section().name.to_vec()));
    words.extend(Table::ALL.iter().map(|table| table.section().rows.as_bytes().to_vec()));
    let named = [
        Operator::ALL.iter().map(|word| word.word()).collect::<Vec<_>>(),
        Quantifier::ALL.iter().map(|word| word.word()).collect(),
        Level::ALL.iter().map(|word| word.word()).collect(),
        InputType::ALL.iter().map(|word| word.word()).collect(),
        (0..4).filter_map(DefaultAction::from_number).map(DefaultAction::word).collect(),
        (0..2).filter_map(Combine::from_number).map(Combine::word).collect(),
    ];
    words.extend(named.concat().into_iter().map(|word| word.as_bytes().to_vec()));
    // Where numbers break: the last that fits a width, and the first that does not.
    for bits in [7u32, 8, 15, 16, 31, 32] {
        let first = 1u64 << bits;
        words.extend([first - 1, first].map(|n| n.to_le_bytes()[..4].to_vec()));
        words.extend([first - 1, first].map(|n| format!("{n:016x}").into_bytes()));
    }
    // The version of a rule blob, and its schema.
    words.extend([0x000f_0000u32, 0x0004_005a, 0x4000_0000].map(|n| n.to_le_bytes().to_vec()));
    let mut text =
        String::from("# Words of the formats, for fuzzers. `cargo xtask bless` writes this file.\n");
    for word in words {
        text.push('"');
        for byte in word {
            match byte {
                b'"' | b'\\' => write!(text, "\\{}", char::from(byte)),
                b' '..=b'~' => write!(text, "{}", char::from(byte)),
                _ => write!(text, "\\x{byte:02x}"),
            }
            .expect("memory");
        }
        text.push_str("\"\n");
    }
    text
}
