//! `docs/options.md` lists every option of every task; it is written from their declarations.
//!
//! When they change: `RESSAC_WRITE_DOCS=1 cargo test -p ressac --test command options`.

use std::fs;
use std::path::Path;

use ressac::models::family::Ask;
use ressac::models::options::{Form, Key};
use ressac::models::{AnyFamily, FAMILIES};

const HEAD: &str = "\
# Options

*Written from the declarations in `crates/models`; `ressac train <task> --help` tells the same.*

Every option of `train` can stand in a TOML file given with `--config`, under the name in the first column; the flag is
`--name`, with `-` for `_`. Where an option is not given, its default holds or it is inferred from the data, and what was
inferred is told.
";

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn table(keys: &[Key]) -> String {
    let mut text = String::new();
    let mut heading = "";
    for key in keys {
        if key.heading != heading {
            heading = key.heading;
            text.push_str(&format!(
                "\n### {heading}\n\n| option | value | default | |\n|---|---|---|---|\n"
            ));
        }
        let value = match (key.flag, key.form) {
            (false, _) => format!("{} (files only)", key.value),
            (true, Form::Files) => format!("{} (one or more)", key.value),
            (true, _) => key.value.to_owned(),
        };
        text.push_str(&format!(
            "| `{}` | {} | {} | {} |\n",
            key.name,
            cell(&value),
            cell(key.default.unwrap_or("")),
            cell(&key.help)
        ));
    }
    text
}

fn page() -> String {
    let mut text = HEAD.to_owned();
    let verbs = |family: &dyn AnyFamily| {
        [("evaluate", Ask::Evaluate), ("predict", Ask::Predict)]
            .map(|(verb, ask)| (verb, family.asks(ask)))
    };
    for family in FAMILIES {
        let task = family.task();
        text.push_str(&format!("\n## `train {task}`\n\n{}.\n", family.about()));
        text.push_str(&table(&family.keys()));
        for (verb, keys) in verbs(*family).iter().filter(|(_, keys)| !keys.is_empty()) {
            text.push_str(&format!("\n## `{verb}` of a {task} model\n"));
            text.push_str(&table(keys));
        }
    }
    text
}

#[test]
fn the_page_of_options_is_what_is_declared() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/options.md");
    if std::env::var_os("RESSAC_WRITE_DOCS").is_some() {
        fs::write(&path, page()).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page(),
        "docs/options.md is not what the options say: run RESSAC_WRITE_DOCS=1 cargo test -p ressac --test command options"
    );
}
