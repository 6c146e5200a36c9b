//! The golden files of `fixtures/`, made again or held against the PyTorch of the day.
//!
//! Nothing else in the workspace needs Python: the files are committed, and tests only read them.

use crate::process::{self, root};
use std::path::{Path, PathBuf};
use std::process::Command;

/// `cargo xtask golden [--python PYTHON] [--check]`.
pub(crate) fn run(options: &[&str]) -> Result<(), String> {
    let (python, check) = parse(options)?;
    let python = resolve(python);
    let torch = Command::new(&python)
        .args(["-c", "import torch, numpy; print(torch.__version__)"])
        .output();
    match torch {
        Ok(output) if output.status.success() => {
            eprint!("PyTorch {}", String::from_utf8_lossy(&output.stdout));
        }
        _ => {
            return Err(format!(
                "`{}` has no PyTorch with NumPy, which make the golden files. For example:\n  \
                 python3 -m venv .venv && .venv/bin/pip install torch==2.15.0 numpy\n  \
                 cargo xtask golden --python .venv/bin/python",
                python.display()
            ));
        }
    }
    for script in scripts(&root().join("fixtures"))? {
        let mut command = Command::new(&python);
        // No bytecode folders in the working tree.
        command
            .arg("-B")
            .arg(&script)
            .args(check.then_some("--check"))
            .current_dir(root());
        process::run(&mut command)?;
    }
    Ok(())
}

fn parse<'a>(options: &[&'a str]) -> Result<(&'a str, bool), String> {
    let (mut python, mut check) = ("python3", false);
    let mut rest = options.iter();
    while let Some(option) = rest.next() {
        match *option {
            "--check" => check = true,
            "--python" => {
                python = rest
                    .next()
                    .ok_or("`--python` needs the path of a Python with PyTorch")?;
            }
            other => {
                return Err(format!(
                    "`golden` takes --python PYTHON and --check, not `{other}`"
                ));
            }
        }
    }
    Ok((python, check))
}

/// A path stays what it means where it was typed, though the scripts run from the root.
fn resolve(python: &str) -> PathBuf {
    let path = PathBuf::from(python);
    if path.components().count() > 1 {
        std::path::absolute(&path).unwrap_or(path)
    } else {
        path
    }
}

/// Every `make.py` one folder below `fixtures`, in name order.
fn scripts(fixtures: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(fixtures)
        .map_err(|error| format!("cannot read {}: {error}", fixtures.display()))?;
    let mut scripts: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path().join("make.py")))
        .filter(|script| script.is_file())
        .collect();
    scripts.sort();
    Ok(scripts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_golden_file_has_its_script() {
        let fixtures = root().join("fixtures");
        let scripts = scripts(&fixtures).unwrap();
        let folders: Vec<&Path> = scripts
            .iter()
            .filter_map(|script| script.parent())
            .collect();
        let mut files = 0;
        for entry in std::fs::read_dir(&fixtures).unwrap() {
            let folder = entry.unwrap().path();
            let golden = std::fs::read_dir(&folder).into_iter().flatten().flatten();
            for file in
                golden.filter(|file| file.path().extension().is_some_and(|e| e == "safetensors"))
            {
                assert!(
                    folders.contains(&folder.as_path()),
                    "{:?} has no make.py beside it",
                    file.path()
                );
                files += 1;
            }
        }
        assert!(
            files > 0,
            "no golden file at all below {}",
            fixtures.display()
        );
    }

    #[test]
    fn unknown_options_are_refused() {
        assert_eq!(parse(&["--check", "--python", "py"]), Ok(("py", true)));
        assert!(parse(&["--python"]).unwrap_err().contains("needs the path"));
        assert!(parse(&["--chekc"]).unwrap_err().contains("not `--chekc`"));
    }
}
