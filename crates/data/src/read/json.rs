//! JSON lines: one object a line, whose keys are the columns.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value};

use super::Assumption;
use super::sheet::{Sheet, Typed};
use crate::error::{DataError, Place, shown};
use crate::table::listed;

/// By the ending of the name, or by a first line that is an object.
pub(super) fn is_lines(ending: &str, text: &str) -> bool {
    let first = text.trim_start().lines().next().unwrap_or("").trim_end();
    matches!(ending, "jsonl" | "ndjson" | "json")
        || (first.starts_with('{') && first.ends_with('}'))
}

/// The lists that are cells: their parts with the separator between them.
#[derive(Clone, Copy)]
pub(crate) struct Lists<'a> {
    pub(crate) separator: &'a str,
    /// Which columns may have them.
    pub(crate) is_column: &'a dyn Fn(&str) -> bool,
}

impl Lists<'_> {
    /// A list as a cell; nothing if its column has no lists, or a part is a list or an object, or has
    /// the separator in it.
    fn cell(&self, key: &str, parts: &[Value]) -> Option<String> {
        if !(self.is_column)(key) {
            return None;
        }
        let parts = parts.iter().map(|part| match part {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        });
        let parts: Vec<String> = parts.collect::<Option<_>>()?;
        let cut = |part: &String| !self.separator.is_empty() && part.contains(self.separator);
        (!parts.iter().any(cut)).then(|| parts.join(self.separator))
    }
}

/// The columns of a file, in the order of their names: the keys of an object have none. A key that
/// a line does not have is a missing cell; columns that hold lists or objects are left out, and told.
pub(super) fn open(
    file: &Path,
    text: &str,
    lists: Option<Lists<'_>>,
    told: &mut Vec<Assumption>,
) -> Result<Sheet, DataError> {
    let (mut lines, mut objects) = (Vec::new(), Vec::<Map<String, Value>>::new());
    for (at, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        objects.push(serde_json::from_str(line).map_err(|error| {
            DataError::Unexpected {
                file: file.to_owned(),
                place: Place::Line(at + 1),
                expected: "a JSON object, such as {\"text\": \"fine\", \"label\": \"good\"}".into(),
                // The error counts lines of its own: there is only one.
                found: format!(
                    "`{}` (wrong at column {})",
                    shown(line.trim()),
                    error.column()
                )
                .into(),
                advice: "Write each object on one line of its own.",
            }
        })?);
        lines.push(at + 1);
    }
    if objects.is_empty() {
        return Err(DataError::Empty {
            file: file.to_owned(),
        });
    }
    let mut columns: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
    let mut nested = BTreeSet::new();
    let rows = objects.len();
    for (row, object) in objects.into_iter().enumerate() {
        for (key, value) in object {
            let text = match value {
                Value::Null => None,
                Value::String(text) => Some(text),
                Value::Number(number) => Some(number.to_string()),
                Value::Bool(truth) => Some(truth.to_string()),
                Value::Array(parts)
                    if let Some(cell) = lists.and_then(|l| l.cell(&key, &parts)) =>
                {
                    Some(cell)
                }
                Value::Array(_) | Value::Object(_) => {
                    nested.insert(key);
                    continue;
                }
            };
            let key = key.replace(char::is_control, " ");
            columns.entry(key).or_insert_with(|| vec![None; rows])[row] = text;
        }
    }
    if !nested.is_empty() {
        let nested: Vec<String> = nested.into_iter().collect();
        for name in &nested {
            columns.remove(name);
        }
        told.push(Assumption::new("left out, no cells", listed(&nested)));
    }
    let (names, columns): (Vec<String>, Vec<Typed>) = columns
        .into_iter()
        .map(|(name, cells)| (name, Typed::Texts(cells)))
        .unzip();
    told.push(Assumption::new("columns", listed(&names)));
    Ok(Sheet::of_columns(file, names, columns, rows).on_lines(lines))
}
