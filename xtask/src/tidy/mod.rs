//! The rules of the house that no compiler knows: who may depend on whom, what a source file may hold, which licences
//! come in, what the documents must keep saying. Each rule is a function from facts to problems, tested beside it.

mod arrows;
mod documents;
mod expression;
mod licences;
mod rust_text;
mod sources;
mod workspace;

use crate::process::root;

/// Holds every rule against the workspace; an error lists all that is wrong.
pub(crate) fn run() -> Result<(), String> {
    let root = root();
    let workspace = workspace::read()?;
    let mut problems = arrows::problems(&workspace);
    problems.extend(arrows::forbidden_below_libraries(&workspace)?);
    problems.extend(licences::problems()?);
    problems.extend(sources::problems(&root)?);
    problems.extend(documents::problems(&root)?);
    for problem in &problems {
        eprintln!("tidy: {problem}");
    }
    match problems.len() {
        0 => Ok(()),
        1 => Err("1 problem, above".into()),
        count => Err(format!("{count} problems, above")),
    }
}
