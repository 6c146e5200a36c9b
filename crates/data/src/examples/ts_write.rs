//! Sequences as `.ts` files, so that what this crate makes, and others read, is one format.

use std::io::Write;

use super::{Examples, Inputs};
use crate::error::{DataError, shown};

/// Writes sequences as a `.ts` file of the problem's name; NaN becomes `?`.
///
/// The names of the dimensions have no place in the format and are not kept.
///
/// # Errors
/// [`DataError::WrongRow`] for texts, for a name of a class or problem with a space or colon, and
/// for values that do not fill their dimensions; [`DataError::Unwritable`].
pub fn write_ts(examples: &Examples, problem: &str, mut out: impl Write) -> Result<(), DataError> {
    let wrong = |row: usize, problem: String| Err(DataError::WrongRow { row, problem });
    let Inputs::Sequences(sequences) = &examples.inputs else {
        return wrong(1, "a .ts file holds sequences, not texts".to_owned());
    };
    let (dims, items) = (sequences.dims.len(), &sequences.items);
    let classes = examples.classes();
    let has_space =
        |name: &&str| name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == ':');
    let names = classes.iter().map(String::as_str);
    if let Some(name) = names.chain([problem]).find(has_space) {
        let problem = format!(
            "the name `{}` is empty, or has a space or colon, which mean something in a .ts file",
            shown(name)
        );
        return wrong(1, problem);
    }
    let full = |item: &super::Sequence| item.steps > 0 && item.values.len() == dims * item.steps;
    if let Some(at) = items.iter().position(|item| !full(item)) {
        let problem = format!("expected {dims} dimensions of the same length, from 1 step");
        return wrong(at + 1, problem);
    }
    let first = items.first().map_or(0, |item| item.steps);
    let equal = items.iter().all(|item| item.steps == first);
    let missing = items
        .iter()
        .any(|item| item.values.iter().any(|v| v.is_nan()));
    let mut text = format!(
        "@problemName {problem}\n@timeStamps false\n@missing {missing}\n@univariate {}\n",
        dims == 1
    );
    if dims != 1 {
        text.push_str(&format!("@dimensions {dims}\n"));
    }
    text.push_str(&format!("@equalLength {equal}\n"));
    if equal && first > 0 {
        text.push_str(&format!("@seriesLength {first}\n"));
    }
    text.push_str(&match classes.is_empty() {
        true => "@classLabel false\n@data\n".to_owned(),
        false => format!("@classLabel true {}\n@data\n", classes.join(" ")),
    });
    for (at, item) in items.iter().enumerate() {
        let of_dim = |dim: usize| {
            let cells = item.dim(dim).iter().map(|value| match value.is_nan() {
                true => "?".to_owned(),
                false => value.to_string(),
            });
            cells.collect::<Vec<_>>().join(",")
        };
        let mut parts: Vec<String> = (0..dims).map(of_dim).collect();
        let label = examples.labels.as_ref().and_then(|labels| labels.get(at));
        parts.extend(label.cloned());
        text.push_str(&parts.join(":"));
        text.push('\n');
        out.write_all(text.as_bytes())
            .map_err(|source| DataError::Unwritable { source })?;
        text.clear();
    }
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|source| DataError::Unwritable { source })
}
