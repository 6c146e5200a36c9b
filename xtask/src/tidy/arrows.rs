//! The map of the crates, as ARCHITECTURE.md draws it: arrows go up only.

use super::workspace::Workspace;
use crate::process::{cargo, output};

/// What each package may depend on among the packages of the workspace. A package that is not listed is a problem: a
/// new crate is a decision about the map, and this is where it is taken.
const MAY_DEPEND_ON: [(&str, &[&str]); 18] = [
    ("ressac-kernels", &[]),
    ("ressac-data", &[]),
    ("ressac-stats", &[]),
    ("ressac-chart", &[]),
    ("ressac-folder", &[]),
    (
        "ressac-monitor",
        &["ressac-data", "ressac-stats", "ressac-chart"],
    ),
    ("ressac-marks", &["ressac-data"]),
    ("ressac-nn", &["ressac-kernels"]),
    ("ressac-train", &["ressac-folder", "ressac-nn"]),
    (
        "ressac-models",
        &[
            "ressac-data",
            "ressac-stats",
            "ressac-chart",
            "ressac-folder",
            "ressac-monitor",
            "ressac-nn",
            "ressac-train",
        ],
    ),
    (
        "ressac-diagnose",
        &[
            "ressac-stats",
            "ressac-chart",
            "ressac-nn",
            "ressac-train",
            "ressac-models",
        ],
    ),
    (
        "ressac-server",
        &[
            "ressac-data",
            "ressac-stats",
            "ressac-chart",
            "ressac-monitor",
            "ressac-models",
        ],
    ),
    (
        "ressac",
        &[
            "ressac-kernels",
            "ressac-data",
            "ressac-stats",
            "ressac-chart",
            "ressac-folder",
            "ressac-monitor",
            "ressac-nn",
            "ressac-train",
            "ressac-marks",
            "ressac-models",
            "ressac-diagnose",
            "ressac-server",
        ],
    ),
    ("ressac-bench", &["ressac-kernels", "ressac-nn"]),
    ("ressac-bench-options", &["ressac-kernels"]),
    (
        "ressac-bench-memory",
        &["ressac-kernels", "ressac-nn", "ressac-chart"],
    ),
    ("ressac-example-cell", &["ressac-kernels", "ressac-nn"]),
    ("xtask", &[]),
];

/// What `cargo run` starts.
const DEFAULT_MEMBERS: [&str; 1] = ["ressac"];

/// Packages that are programs or their tools; all others are libraries.
const PROGRAMS: [&str; 6] = [
    "ressac",
    "ressac-server",
    "ressac-bench",
    "ressac-bench-options",
    "ressac-bench-memory",
    "xtask",
];

/// What belongs to the command or the server and must not be reachable from a library.
const NOT_IN_LIBRARIES: [&str; 3] = ["clap", "axum", "rusqlite"];

/// Arrows that the map does not have, packages it does not know, and other default members than the command.
pub(super) fn problems(workspace: &Workspace) -> Vec<String> {
    let mut problems = Vec::new();
    let members: Vec<&str> = workspace
        .packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    for package in &workspace.packages {
        let owner = package.name.as_str();
        let Some(allowed) = may_depend_on(owner) else {
            problems.push(format!(
                "package {owner} is not on the map: give it a line in xtask/src/tidy/arrows.rs and in ARCHITECTURE.md"
            ));
            continue;
        };
        for dependency in &package.dependencies {
            let name = dependency.name.as_str();
            let is_allowed = match dependency.kind.as_deref() {
                // Tests may look at everything below; a package may name itself to switch on a feature.
                Some("dev") => name == owner || is_below(name, owner),
                _ => allowed.contains(&name),
            };
            if members.contains(&name) && !is_allowed {
                problems.push(format!(
                    "{owner} must not depend on {name}: see the map in ARCHITECTURE.md"
                ));
            }
        }
    }
    let defaults: Vec<&str> = workspace
        .packages
        .iter()
        .filter(|package| workspace.workspace_default_members.contains(&package.id))
        .map(|package| package.name.as_str())
        .collect();
    if defaults != DEFAULT_MEMBERS {
        problems.push(format!(
            "Cargo.toml: default-members must be [\"crates/cli\"], so that `cargo run` starts the command; they are {defaults:?}"
        ));
    }
    problems
}

fn may_depend_on(package: &str) -> Option<&'static [&'static str]> {
    MAY_DEPEND_ON
        .iter()
        .find(|(name, _)| *name == package)
        .map(|(_, allowed)| *allowed)
}

/// Whether the arrows lead from `package` down to `other`.
fn is_below(other: &str, package: &str) -> bool {
    may_depend_on(package)
        .unwrap_or_default()
        .iter()
        .any(|next| *next == other || is_below(other, next))
}

/// Libraries from which the command's or the server's dependencies can be reached, with the way there.
pub(super) fn forbidden_below_libraries(workspace: &Workspace) -> Result<Vec<String>, String> {
    let mut arguments = vec![
        "tree",
        "--locked",
        "--edges",
        "normal,build",
        "--prefix",
        "depth",
        "--format",
        " {p}",
    ];
    for package in &workspace.packages {
        if !PROGRAMS.contains(&package.name.as_str()) {
            arguments.extend(["--package", package.name.as_str()]);
        }
    }
    Ok(forbidden_in_tree(&output(&mut cargo(&arguments))?))
}

/// Reads `cargo tree --prefix depth`: each line a depth, a space, a name and a version.
fn forbidden_in_tree(tree: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let mut way: Vec<&str> = Vec::new();
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        let (Some(depth), Some(name)) = (words.next(), words.next()) else {
            continue;
        };
        let Ok(depth) = depth.parse::<usize>() else {
            continue;
        };
        way.truncate(depth);
        way.push(name);
        if NOT_IN_LIBRARIES.contains(&name) {
            problems.push(format!(
                "{name} must not be reachable from a library: {}",
                way.join(" > ")
            ));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::workspace::{Dependency, Package};
    use super::*;

    fn workspace(packages: &[(&str, &[&str])], default: &str) -> Workspace {
        let packages = packages
            .iter()
            .map(|(name, dependencies)| Package {
                id: format!("id of {name}"),
                name: (*name).into(),
                dependencies: dependencies
                    .iter()
                    .map(|name| match name.strip_prefix("dev ") {
                        Some(name) => Dependency {
                            name: name.into(),
                            kind: Some("dev".into()),
                        },
                        None => Dependency {
                            name: (*name).into(),
                            kind: None,
                        },
                    })
                    .collect(),
            })
            .collect();
        Workspace {
            packages,
            workspace_default_members: vec![format!("id of {default}")],
        }
    }

    #[test]
    fn the_arrows_of_the_map_pass() {
        let house = workspace(
            &[
                ("ressac", &["clap", "ressac-models", "ressac-data"]),
                ("ressac-train", &["ressac-nn"]),
                ("ressac-models", &["ressac-train", "ressac-data", "serde"]),
                ("ressac-nn", &["burn", "ressac-kernels", "dev ressac-nn"]),
                ("ressac-kernels", &[]),
                ("ressac-data", &[]),
            ],
            "ressac",
        );
        assert_eq!(problems(&house), Vec::<String>::new());
    }

    #[test]
    fn an_arrow_downwards_is_a_problem() {
        let house = workspace(
            &[
                ("ressac", &[]),
                ("ressac-data", &["ressac-stats"]),
                ("ressac-stats", &[]),
            ],
            "ressac",
        );
        assert_eq!(
            problems(&house),
            ["ressac-data must not depend on ressac-stats: see the map in ARCHITECTURE.md"]
        );
    }

    #[test]
    fn tests_may_look_at_everything_below_and_at_nothing_else() {
        let below = workspace(
            &[
                ("ressac", &[]),
                ("ressac-train", &["dev ressac-kernels"]),
                ("ressac-kernels", &[]),
            ],
            "ressac",
        );
        assert_eq!(problems(&below), Vec::<String>::new());
        let beside = workspace(
            &[
                ("ressac", &[]),
                ("ressac-stats", &["dev ressac-data"]),
                ("ressac-data", &[]),
            ],
            "ressac",
        );
        assert_eq!(problems(&beside).len(), 1);
    }

    #[test]
    fn a_package_that_is_not_on_the_map_is_a_problem() {
        let problems = problems(&workspace(
            &[("ressac", &[]), ("ressac-extras", &[])],
            "ressac",
        ));
        assert_eq!(problems.len(), 1);
        assert!(
            problems[0].contains("ressac-extras is not on the map"),
            "{problems:?}"
        );
    }

    #[test]
    fn another_default_member_is_a_problem() {
        let problems = problems(&workspace(&[("ressac", &[]), ("xtask", &[])], "xtask"));
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("they are [\"xtask\"]"), "{problems:?}");
    }

    #[test]
    fn a_forbidden_dependency_is_shown_with_the_way_to_it() {
        let tree = "0 ressac-data v0.1.0 (/x)\n1 csv v1.4.0\n2 serde v1.0.0\n1 helper v2.0.0\n2 clap v4.5.0\n\n0 ressac-stats v0.1.0\n1 libm v0.2.0\n";
        assert_eq!(
            forbidden_in_tree(tree),
            ["clap must not be reachable from a library: ressac-data > helper > clap"]
        );
    }
}
