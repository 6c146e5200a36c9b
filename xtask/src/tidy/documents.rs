//! What the documents must keep saying: the two commands, the same commands in both languages, links that lead
//! somewhere.

use std::path::Path;

/// The two commands by which the project is met.
const COMMANDS: [&str; 2] = ["cargo run --release -- demo", "cargo test --workspace"];
/// Documents whose links are followed.
const LINKED: [&str; 7] = [
    "README.md",
    "README.fr.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "fixtures/README.md",
    "bench/README.md",
];

/// Every rule over the documents at the root.
pub(super) fn problems(root: &Path) -> Result<Vec<String>, String> {
    let read = |name: &str| {
        std::fs::read_to_string(root.join(name))
            .map_err(|error| format!("cannot read {name}: {error}"))
    };
    let (english, french) = (read("README.md")?, read("README.fr.md")?);
    let mut problems = commands_missing("README.md", &english);
    problems.extend(commands_missing("README.fr.md", &french));
    if !read(".ci/run")?
        .lines()
        .any(|line| line.trim() == COMMANDS[1])
    {
        problems.push(format!(
            ".ci/run does not run the README's test command, `{}`",
            COMMANDS[1]
        ));
    }
    if command_lines(&english) != command_lines(&french) {
        problems.push("README.md and README.fr.md do not show the same commands".into());
    }
    for name in LINKED {
        for target in dead_links(root, name, &read(name)?) {
            problems.push(format!("{name}: the link to {target} leads nowhere"));
        }
    }
    Ok(problems)
}

fn commands_missing(name: &str, text: &str) -> Vec<String> {
    let lines = command_lines(text);
    COMMANDS
        .iter()
        .filter(|command| !lines.contains(command))
        .map(|command| {
            format!("{name} does not show `{command}` on a line of its own in a code block")
        })
        .collect()
}

/// The lines of the fenced shell blocks, without comments and trailing remarks.
fn command_lines(text: &str) -> Vec<&str> {
    let mut inside = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            inside = line.trim() == "```sh";
        } else if inside {
            let command = line.split(" #").next().unwrap_or_default().trim();
            if !command.is_empty() && !command.starts_with('#') {
                lines.push(command);
            }
        }
    }
    lines
}

/// Relative link targets of `[text](target)` that do not exist, seen from the document `name`.
fn dead_links<'a>(root: &Path, name: &str, text: &'a str) -> Vec<&'a str> {
    let folder = root.join(name);
    let folder = folder.parent().unwrap_or(root);
    text.match_indices("](")
        .filter_map(|(at, _)| text[at + 2..].split_once(')').map(|(target, _)| target))
        .filter(|target| !target.contains("://") && !target.starts_with('#'))
        .filter(|target| {
            let file = target.split('#').next().unwrap_or_default();
            !folder.join(file).exists()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_from_code_blocks_without_remarks() {
        let text = "Run `x`.\n```sh\ncargo test   # all\n\n# a remark\n```\nnot this\n```rust\nnor this\n```\n```sh\nressac demo\n```\n";
        assert_eq!(command_lines(text), ["cargo test", "ressac demo"]);
    }

    #[test]
    fn a_readme_without_its_commands_is_a_problem() {
        let text = "```sh\ncargo test --workspace\n```\n`cargo run --release -- demo`";
        assert_eq!(
            commands_missing("README.md", text),
            [
                "README.md does not show `cargo run --release -- demo` on a line of its own in a code block"
            ]
        );
    }

    #[test]
    fn a_link_to_nothing_is_found() {
        let root = crate::process::root();
        let text = "[a](Cargo.toml) [b](no-such-file.md#part) [c](https://example.org) [d](#here) [e](../Cargo.toml)";
        assert_eq!(
            dead_links(&root, "README.md", text),
            ["no-such-file.md#part", "../Cargo.toml"]
        );
        assert_eq!(
            dead_links(&root, "xtask/Cargo.toml", text),
            ["no-such-file.md#part"]
        );
    }
}
