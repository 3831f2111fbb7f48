//! `new-rule`: everything that a validator rule consists of, ready to be filled in. What is left undone fails a test.

use crate::{Result, root};
use std::fs;
use std::path::Path;

/// The families: their folder, the hundred that their codes are in, and the crate that they are part of.
const FAMILIES: [(&str, u16, &str); 6] = [
    ("structure", 1, "validators"),
    ("limits", 2, "validators"),
    ("contract", 3, "validators"),
    ("meaning", 4, "validators"),
    ("release", 5, "validators"),
    ("execution", 6, GATE),
];
/// The crate of the rules that look at what was executed.
const GATE: &str = "validators/gate";

/// Writes the check, the page, the fixtures and the line in the list.
pub fn run(family: &str, name: &str) -> Result {
    let Some((_, hundred, part)) = FAMILIES.iter().find(|(folder, ..)| *folder == family) else {
        let known: Vec<_> = FAMILIES.iter().map(|(folder, ..)| *folder).collect();
        return Err(format!("there is no family `{family}`: {} are", known.join(", ")));
    };
    let plain = name
        .split('-')
        .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
    if !plain {
        return Err(format!("`{name}` is no name of a rule: lower-case words joined by `-` are"));
    }
    let (root, module) = (root(), name.replace('-', "_"));
    let folder = root.join(part).join("src/rules").join(family);
    let list = folder.join("mod.rs");
    let text = fs::read_to_string(&list).map_err(|error| format!("{}: {error}", list.display()))?;
    let listed = with(&text, &module).ok_or("the family has no list `family![ … ];`")?;
    let code = next_code(&folder, *hundred)?;
    let check =
        if *part == GATE { seen(family, code, name, &module) } else { check(family, code, name, &module) };
    write_new(&folder.join(format!("{module}.rs")), &check)?;
    write_new(&folder.join(format!("{module}.md")), &page(code, name))?;
    let fixtures = root.join("corpus/rules").join(name);
    fs::create_dir_all(&fixtures).map_err(|error| error.to_string())?;
    for fixture in ["bad.chn.txt", "good.chn.txt"] {
        write_new(&fixtures.join(fixture), FIXTURE)?;
    }
    fs::write(&list, listed).map_err(|error| error.to_string())?;
    println!(
        "CG{code} {name}: fill in\n  {0}/{module}.rs\n  {0}/{module}.md\n  {1}/{{bad,good}}.chn.txt\nthen `cargo xtask bless`",
        folder.display(),
        fixtures.display()
    );
    Ok(())
}

/// A list with one more module at its end, however it is laid out.
fn with(text: &str, module: &str) -> Option<String> {
    let open = text.find("family![")?;
    let end = open + text.get(open..)?.find("];")?;
    let (before, after) = text.split_at_checked(end)?;
    Some(format!("{}\n    {module},\n{after}", before.trim_end()))
}

/// The code after the highest that the files of a family use.
fn next_code(folder: &Path, hundred: u16) -> Result<u16> {
    let mut highest = hundred * 100;
    for entry in fs::read_dir(folder).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let page = fs::read_to_string(&path).map_err(|error| error.to_string())?;
            let code =
                page.strip_prefix("# CG").and_then(|rest| rest.get(..3)).and_then(|code| code.parse().ok());
            highest =
                highest.max(code.ok_or(format!("{} does not start with `# CG` and a code", path.display()))?);
        }
    }
    Ok(highest + 1)
}

fn write_new(path: &Path, text: &str) -> Result {
    if path.exists() {
        return Err(format!("{} is there already", path.display()));
    }
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

fn check(family: &str, code: u16, name: &str, module: &str) -> String {
    let constructor = match family {
        "structure" => "structural",
        "limits" => "limit",
        other => other,
    };
    format!(
        r#"//! What it demands, in one sentence.

use crate::rules::{{Check, Rule}};
use crate::{{Findings, Pairing}};

#[doc = include_str!("{module}.md")]
pub static RULE: Rule = super::{constructor}(
    {code},
    "{name}",
    "what it demands, in one sentence",
    include_str!("{module}.md"),
    Check::Sensor(check),
);

fn check(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {{
    let _ = (rule, pairing, findings);
}}
"#
    )
}

/// A check that looks at what was seen when content was executed.
fn seen(family: &str, code: u16, name: &str, module: &str) -> String {
    format!(
        r#"//! What it demands, in one sentence.

use crate::rules::{{Check, Rule}};
use crate::sight::Sight;
use channel_validators::Findings;

#[doc = include_str!("{module}.md")]
pub static RULE: Rule = super::{family}(
    {code},
    "{name}",
    "what it demands, in one sentence",
    include_str!("{module}.md"),
    Check(check),
);

fn check(rule: &'static Rule, sight: &Sight<'_>, findings: &mut Findings) {{
    let _ = (rule, sight, findings);
}}
"#
    )
}

fn page(code: u16, name: &str) -> String {
    let sections = ["What it checks", "Why it matters", "Bad", "Good", "How to fix", "Incident"];
    sections.iter().fold(format!("# CG{code} {name}\n"), |page, section| format!("{page}\n## {section}\n"))
}

const FIXTURE: &str = "# What it shows.\nchannel-file 1\nchannel 100 part 0 revision 1\n";

#[cfg(test)]
mod tests {
    use super::with;

    #[test]
    fn a_list_grows_however_it_is_laid_out() {
        for list in ["family![one, two,];", "family![\n    one,\n    two,\n];"] {
            let grown = with(&format!("before\n{list}\nafter"), "three").unwrap();
            let words: String = grown.split_whitespace().collect();
            assert_eq!(words, "beforefamily![one,two,three,];after");
        }
        assert_eq!(with("no list", "three"), None);
    }
}
