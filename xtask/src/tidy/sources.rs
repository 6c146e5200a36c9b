//! What a Rust file may hold: one job, a reason for being, nothing left for later, unsafe code in one crate only.

use super::rust_text::{Views, has_word, views};
use std::path::{Path, PathBuf};

/// Folders of the workspace that hold Rust sources.
const FOLDERS: [&str; 5] = ["crates", "xtask", "bench", "examples", "fixtures"];
/// The longest file, in lines; about 400 is the aim.
const LINES: usize = 500;
/// The crate that may hold unsafe code.
const UNSAFE: &str = "crates/kernels/";
/// The crates that print and exit; tests and examples may say something too (that they skip, and why).
const MAY_PRINT: [&str; 4] = ["crates/cli/", "xtask/", "bench/", "examples/"];
/// The crates that see Burn.
const SEE_BURN: [&str; 3] = ["crates/nn/", "crates/models/", "crates/train/"];
/// The floors that know no family: whatever they do, they do through the families' traits.
const NO_FAMILY: [&str; 5] = [
    "crates/folder/src/",
    "crates/train/src/",
    "crates/diagnose/src/",
    "crates/server/src/",
    "crates/cli/src/verbs",
];
/// Where the families live, one folder each, with a `family.rs`.
const FAMILIES: &str = "crates/models/src";
/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 7] = [
    "base", "common", "core", "helper", "helpers", "util", "utils",
];

/// Every rule over every Rust file.
pub(super) fn problems(root: &Path) -> Result<Vec<String>, String> {
    let mut problems = Vec::new();
    let families = families(root);
    for folder in FOLDERS {
        for file in rust_files(&root.join(folder))? {
            let source = std::fs::read_to_string(&file)
                .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
            let path = file
                .strip_prefix(root)
                .unwrap_or(&file)
                .to_string_lossy()
                .replace('\\', "/");
            problems.extend(in_file(&path, &source));
            problems.extend(named_family(&path, &source, &families));
        }
    }
    Ok(problems)
}

/// The names of the families.
fn families(root: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(root.join(FAMILIES)) else {
        return Vec::new();
    };
    let folders = entries.flatten().map(|entry| entry.path());
    folders
        .filter(|path| path.join("family.rs").is_file())
        .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
        .collect()
}

/// The lines of a file on a floor without families whose code names one; its tests may.
fn named_family(path: &str, source: &str, families: &[String]) -> Vec<String> {
    let tests = path.contains("/tests/") || path.ends_with("tests.rs");
    if tests || !NO_FAMILY.iter().any(|floor| path.starts_with(floor)) {
        return Vec::new();
    }
    let code = views(source).code.to_lowercase();
    let lines = code.split('\n').enumerate();
    lines
        .filter_map(|(number, line)| {
            let family = families.iter().find(|family| begins_a_word(line, family))?;
            Some(format!(
                "{path}:{}: names the family `{family}`, on a floor that knows none: ask for it through a trait of crates/models",
                number + 1
            ))
        })
        .collect()
}

/// Whether a word of the line begins with `name`: `began` does not name a `gan`.
fn begins_a_word(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(char::is_alphabetic)
    })
}

/// The Rust files below `folder`, in order, without build outputs and hidden folders.
fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        if !folder.is_dir() {
            continue;
        }
        let entries = std::fs::read_dir(&folder)
            .map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
        for path in entries.flatten().map(|entry| entry.path()) {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                folders.push(path);
            } else if name.ends_with(".rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The rules for one file; `path` is relative to the root, with `/`.
fn in_file(path: &str, source: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let lines = source.lines().count();
    if lines > LINES {
        problems.push(format!(
            "{path}: {lines} lines, more than {LINES}: it has more than one job"
        ));
    }
    if !says_why(source) {
        problems.push(format!(
            "{path}: begins with no `//!` that says why it exists"
        ));
    }
    if let Some(name) = path
        .split('/')
        .map(stem)
        .find(|name| EMPTY_NAMES.contains(name))
    {
        problems.push(format!(
            "{path}: `{name}` says nothing: name it after what is inside"
        ));
    }
    let Views { code, comments } = views(source);
    for (number, (code, comment)) in code.split('\n').zip(comments.split('\n')).enumerate() {
        for problem in in_line(path, code, comment) {
            problems.push(format!("{path}:{}: {problem}", number + 1));
        }
    }
    problems
}

/// The rules for one line, its code and its comment apart.
fn in_line(path: &str, code: &str, comment: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for call in ["todo!", "unimplemented!", "dbg!"] {
        if calls(code, call) {
            problems.push(format!("`{call}` is left in the code"));
        }
    }
    for mark in ["FIXME", "TODO", "XXX"] {
        if has_word(comment, mark) {
            problems.push(format!("`{mark}`: do it, or write an issue"));
        }
    }
    if code.replace(' ', "").contains("#[ignore") {
        problems.push("a test that is ignored proves nothing: mend it or remove it".into());
    }
    if has_word(code, "unsafe") && !path.starts_with(UNSAFE) {
        problems.push(format!("unsafe code lives in {UNSAFE} only"));
    }
    let shown =
        path.contains("/tests/") || path.contains("/examples/") || path.ends_with("tests.rs");
    let library = !shown && !MAY_PRINT.iter().any(|folder| path.starts_with(folder));
    if library
        && ["print!", "println!", "eprint!", "eprintln!"]
            .iter()
            .any(|call| calls(code, call))
    {
        problems.push("only the command prints: return the text, or assert in a test".into());
    }
    if library && code.contains("process::exit") {
        problems.push("only the command exits: return an error".into());
    }
    if SEE_BURN.iter().any(|folder| path.starts_with(folder))
        && ["Distribution", "random_like", "Initializer"]
            .iter()
            .any(|word| has_word(code, word))
    {
        problems.push(
            "Burn's random numbers come from one global generator that cannot be saved: use ressac_nn::random".into(),
        );
    }
    problems
}

/// Whether the macro `call` (with its `!`) is used.
fn calls(code: &str, call: &str) -> bool {
    code.match_indices(call).any(|(at, _)| {
        !code[..at]
            .chars()
            .next_back()
            .is_some_and(|before| before.is_alphanumeric() || before == '_')
    })
}

/// Whether the first thing in the file, attributes apart, is a `//!` with words in it.
fn says_why(source: &str) -> bool {
    source
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with("#!["))
        .and_then(|line| line.strip_prefix("//!"))
        .is_some_and(|text| text.split_whitespace().count() >= 3)
}

fn stem(part: &str) -> &str {
    part.strip_suffix(".rs").unwrap_or(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, body: &str) -> Vec<String> {
        in_file(path, &format!("//! Why this file exists.\n{body}"))
    }

    #[track_caller]
    fn assert_only(problems: Vec<String>, part: &str) {
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains(part), "{problems:?}");
    }

    #[test]
    fn a_plain_file_passes() {
        let body = "/// Doubles. Not `todo!()`; the words dbg! and unsafe may stand in a comment.\npub fn double(x: f32) -> f32 { x * 2.0 }\nconst T: &str = \"println!\";\n";
        assert_eq!(
            found("crates/data/src/double.rs", body),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_file_without_its_reason_is_a_problem() {
        assert_only(
            in_file("crates/data/src/a.rs", "pub fn f() {}\n"),
            "begins with no `//!`",
        );
        assert_only(
            in_file("crates/data/src/a.rs", "//!\npub fn f() {}\n"),
            "begins with no `//!`",
        );
        assert!(
            in_file(
                "crates/data/src/a.rs",
                "#![allow(x)]\n\n//! Why it is there.\n"
            )
            .is_empty()
        );
    }

    #[test]
    fn a_file_of_501_lines_is_a_problem() {
        assert!(found("crates/data/src/a.rs", &"\n".repeat(499)).is_empty());
        assert_only(
            found("crates/data/src/a.rs", &"\n".repeat(500)),
            "501 lines",
        );
    }

    #[test]
    fn what_is_left_for_later_is_a_problem() {
        for (body, part) in [
            ("fn f() { todo!() }", ":2: `todo!`"),
            (
                "\nfn f() { std::unimplemented!(\"x\") }",
                ":3: `unimplemented!`",
            ),
            ("fn f() { dbg!(1); }", "`dbg!`"),
            ("// FIXME: later", "`FIXME`"),
            ("/* TODO */", "`TODO`"),
            ("// XXX", "`XXX`"),
            ("#[ignore = \"slow\"]", "ignored"),
        ] {
            assert_only(found("xtask/src/a.rs", body), part);
        }
        assert!(found("xtask/src/a.rs", "fn f() { my_dbg!(1) }").is_empty());
    }

    #[test]
    fn unsafe_code_is_for_the_kernels() {
        assert_only(
            found("crates/nn/src/a.rs", "fn f() { unsafe { g() } }"),
            "unsafe code lives in",
        );
        assert!(found("crates/kernels/src/a.rs", "fn f() { unsafe { g() } }").is_empty());
        assert!(found("crates/nn/src/a.rs", "#![forbid(unsafe_code)]").is_empty());
    }

    #[test]
    fn libraries_neither_print_nor_exit() {
        assert_only(
            found("crates/train/src/a.rs", "fn f() { eprintln!(\"x\") }"),
            "only the command prints",
        );
        assert_only(
            found("crates/train/src/a.rs", "fn f() { std::process::exit(1) }"),
            "only the command exits",
        );
        for path in [
            "crates/cli/src/a.rs",
            "crates/data/tests/a.rs",
            "crates/nn/src/tests.rs",
        ] {
            assert!(
                found(path, "fn f() { println!(\"x\") }").is_empty(),
                "{path}"
            );
        }
    }

    #[test]
    fn burns_random_numbers_are_refused() {
        assert_only(
            found("crates/nn/src/a.rs", "use burn::tensor::Distribution;"),
            "ressac_nn::random",
        );
        assert!(found("crates/data/src/a.rs", "struct Distribution;").is_empty());
    }

    #[test]
    fn floors_without_families_name_none() {
        let families = ["forecast".to_owned()];
        let source = "//! Of forecasts.\nuse models::Forecaster; // forecast\nconst T: &str = \"forecast\";\n";
        let found = named_family("crates/cli/src/verbs/train.rs", source, &families);
        assert_only(found, "train.rs:2: names the family `forecast`");
        for path in ["crates/models/src/job.rs", "crates/diagnose/src/tests/a.rs"] {
            assert!(named_family(path, source, &families).is_empty(), "{path}");
        }
        let families = ["gan".to_owned()];
        let began = "let began = now;\n";
        assert!(named_family("crates/train/src/trainer.rs", began, &families).is_empty());
        let found = named_family("crates/train/src/trainer.rs", "use gan::Pair;\n", &families);
        assert_only(found, "trainer.rs:1: names the family `gan`");
    }

    #[test]
    fn a_name_that_says_nothing_is_a_problem() {
        assert_only(
            found("crates/data/src/utils.rs", ""),
            "`utils` says nothing",
        );
        assert_only(found("crates/core/src/lib.rs", ""), "`core` says nothing");
    }
}
