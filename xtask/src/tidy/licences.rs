//! Which licences may come in with a dependency. The software is given as MIT OR Apache-2.0, so nothing may ask more
//! of its users than to keep a notice.

use super::expression::is_met;
use crate::process::{cargo, output};

const ALLOWED: [&str; 11] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Zlib",
];

/// Packages let in by name, each with its licence: MPL-2.0 asks only that changes to the package's own files be published,
/// and we make none. `colored` comes with burn-tensor.
const EXCEPTIONS: [(&str, &str); 1] = [("colored", "MPL-2.0")];

/// Dependencies that are built here under a licence outside the list, or under none.
///
/// `cargo tree` names what is built on this machine; `cargo metadata` also lists optional packages that never are.
pub(super) fn problems() -> Result<Vec<String>, String> {
    let tree = output(&mut cargo(&[
        "tree",
        "--workspace",
        "--locked",
        "--edges",
        "normal,build,dev",
        "--prefix",
        "none",
        "--format",
        "{p}|{l}",
    ]))?;
    Ok(outside(&tree))
}

/// Reads lines of `name vX.Y.Z (…)|licence`, the last part ` (*)` when seen before.
fn outside(tree: &str) -> Vec<String> {
    let mut problems: Vec<String> = tree
        .lines()
        .filter_map(|line| {
            let (package, licence) = line.split_once('|')?;
            let licence = licence.trim_end_matches("(*)").trim();
            let name = package.split(' ').next().unwrap_or(package);
            let allowed =
                |licence: &str| ALLOWED.contains(&licence) || EXCEPTIONS.contains(&(name, licence));
            match is_met(licence, allowed) {
                Ok(true) => None,
                Ok(false) => Some(format!(
                    "{package} comes under `{licence}`, outside the allowed licences"
                )),
                Err(_) if licence.is_empty() => Some(format!("{package} names no licence")),
                Err(error) => Some(format!(
                    "{package}: the licence `{licence}` cannot be read: {error}"
                )),
            }
        })
        .collect();
    problems.sort();
    problems.dedup();
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_is_for_one_package_and_one_licence() {
        assert_eq!(outside("colored v3.1.1|MPL-2.0"), Vec::<String>::new());
        assert_eq!(
            outside("colored v4.0.0|GPL-3.0\nother v1.0.0|MPL-2.0").len(),
            2
        );
    }

    #[test]
    fn only_what_is_outside_the_list_is_told_and_once() {
        let tree = "a v1.0.0|MIT OR Apache-2.0\nb v2.0.0|GPL-3.0\nb v2.0.0|GPL-3.0 (*)\nc v0.1.0 (proc-macro)|\n\nd v1.0.0|MIT (*)\n";
        assert_eq!(
            outside(tree),
            [
                "b v2.0.0 comes under `GPL-3.0`, outside the allowed licences",
                "c v0.1.0 (proc-macro) names no licence"
            ]
        );
    }
}
