//! `.ts` files, the format of the UCR/UEA archive of time-series classification, as aeon reads it.
//!
//! Lines of tags (`@problemName`, `@univariate`, `@classLabel true a b` …), then `@data`, then one
//! example a line: the values of a dimension separated by commas, the dimensions by colons, the
//! class last. `?` is a missing value, `#` begins a comment. The format is described at
//! <https://www.aeon-toolkit.org/en/stable/api_reference/file_specifications/ts.html>; what a file
//! claims of itself and does not keep is refused, because one of the two is an error.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::{Examples, Inputs, Origin, Sequence, Sequences};
use crate::error::{DataError, Place, shown};

/// What the tags say; `None` where they say nothing.
#[derive(Default)]
struct Header {
    /// The line of each tag met.
    lines: HashMap<String, usize>,
    univariate: Option<bool>,
    dims: Option<usize>,
    missing: Option<bool>,
    equal_length: Option<bool>,
    length: Option<usize>,
    /// `None` within: there are no classes.
    classes: Option<Option<HashSet<String>>>,
}

/// The examples of one file; its classes are left out unless `labelled`.
pub(super) fn read(file: &Path, text: &str, labelled: bool) -> Result<Examples, DataError> {
    let mut lines = text.lines().enumerate().map(|(at, line)| Line {
        file,
        number: at + 1,
        text: line.trim(),
    });
    let mut header = Header::default();
    let mut begun = false;
    for line in lines.by_ref().filter(|line| !line.is_empty()) {
        if line.text.eq_ignore_ascii_case("@data") {
            header.check(&line)?;
            begun = true;
            break;
        }
        header.take(&line)?;
    }
    let count = text.lines().count().max(1);
    if !begun {
        let end = Line {
            file,
            number: count,
            text: "",
        };
        return Err(end.wrong(
            "a line `@data` and the examples below it",
            "the end of the file",
            "Copy or download the file again, or add the line.",
        ));
    }
    let mut body = Body::default();
    for line in lines.filter(|line| !line.is_empty()) {
        body.take(&line, &mut header)?;
    }
    let Some(dims) = header.dims.filter(|_| !body.items.is_empty()) else {
        return Err(DataError::NoRows {
            file: PathBuf::from(file),
        });
    };
    let has_classes = header.classes.is_some_and(|classes| classes.is_some());
    Ok(Examples {
        inputs: Inputs::Sequences(Sequences {
            dims: match dims {
                1 => vec!["value".to_owned()],
                _ => (1..=dims).map(|dim| format!("dim_{dim}")).collect(),
            },
            items: body.items,
        }),
        labels: (labelled && has_classes).then_some(body.labels),
        origins: body.origins,
        files: vec![file.to_owned()],
        media: None,
    })
}

/// One line of the file.
struct Line<'a> {
    file: &'a Path,
    number: usize,
    text: &'a str,
}

impl Line<'_> {
    /// Whether nothing is said here.
    fn is_empty(&self) -> bool {
        self.text.is_empty() || self.text.starts_with('#')
    }

    fn wrong(
        &self,
        expected: impl Into<Box<str>>,
        found: impl Into<Box<str>>,
        advice: &'static str,
    ) -> DataError {
        DataError::Unexpected {
            file: self.file.to_owned(),
            place: Place::Line(self.number),
            expected: expected.into(),
            found: found.into(),
            advice,
        }
    }
}

const CORRECT_HEADER: &str = "Correct the header, or the examples that it describes.";
const CORRECT_EXAMPLE: &str = "Correct the example, or what the header says of it.";

impl Header {
    /// Takes a line above `@data`.
    fn take(&mut self, line: &Line<'_>) -> Result<(), DataError> {
        let mut words = line.text.split_whitespace();
        let tag = words.next().unwrap_or("").to_ascii_lowercase();
        let values: Vec<&str> = words.collect();
        if let Some(first) = self.lines.get(&tag) {
            return Err(line.wrong(
                "each tag once",
                format!("`{}` again, after line {first}", shown(&tag)),
                "Remove one of the two lines.",
            ));
        }
        if tag.starts_with('@') {
            self.lines.insert(tag.clone(), line.number);
        }
        match tag.as_str() {
            "@problemname" => {}
            "@timestamps" => {
                if truth(line, &values)? {
                    return Err(line.wrong(
                        "values without time stamps (@timeStamps false)",
                        "@timeStamps true",
                        "Take the time stamps out: this program reads values at even steps.",
                    ));
                }
            }
            "@targetlabel" => {
                if truth(line, &values)? {
                    return Err(line.wrong(
                        "classes (@classLabel)",
                        "@targetlabel true: numbers to be predicted",
                        "Give a file of classes: this is one of regression.",
                    ));
                }
            }
            "@missing" => self.missing = Some(truth(line, &values)?),
            "@univariate" => self.univariate = Some(truth(line, &values)?),
            "@equallength" => self.equal_length = Some(truth(line, &values)?),
            "@dimension" | "@dimensions" => self.dims = Some(count(line, &values)?),
            "@serieslength" => self.length = Some(count(line, &values)?),
            "@classlabel" => {
                let classes = truth(line, values.get(..1).unwrap_or_default())?;
                let named = values.get(1..).unwrap_or_default();
                if classes && named.is_empty() {
                    return Err(line.wrong(
                        "the names of the classes after `@classLabel true`",
                        "none",
                        "Add them, separated by spaces.",
                    ));
                }
                let classes_named: HashSet<String> =
                    named.iter().map(|name| (*name).to_owned()).collect();
                if (!classes && !named.is_empty()) || classes_named.len() < named.len() {
                    return Err(line.wrong(
                        "after `@classLabel true` the name of each class once, after `@classLabel false` none",
                        found(&values),
                        CORRECT_HEADER,
                    ));
                }
                self.classes = Some(classes.then_some(classes_named));
            }
            tag if tag.starts_with('@') => {
                const TAGS: [&str; 10] = [
                    "@problemName",
                    "@timeStamps",
                    "@missing",
                    "@univariate",
                    "@dimensions",
                    "@equalLength",
                    "@seriesLength",
                    "@classLabel",
                    "@targetLabel",
                    "@data",
                ];
                let meant = match crate::nearest::nearest(tag, TAGS) {
                    Some(near) => format!("`{}` (did you mean {near}?)", shown(tag)),
                    None => format!("`{}`", shown(tag)),
                };
                return Err(line.wrong(
                    "a tag of the format .ts, such as @univariate or @data",
                    meant,
                    "Correct the tag, or remove the line.",
                ));
            }
            _ => {
                return Err(line.wrong(
                    "a tag (@…) or a comment (#…) above the line `@data`",
                    format!("`{}`", shown(line.text)),
                    "Add the line `@data` above the examples.",
                ));
            }
        }
        Ok(())
    }

    /// What the tags must say together, at the line `@data`.
    fn check(&mut self, line: &Line<'_>) -> Result<(), DataError> {
        if self.classes.is_none() {
            return Err(line.wrong(
                "a line `@classLabel true` with the names of the classes, or `@classLabel false`, above",
                "none",
                "Add the line.",
            ));
        }
        match (self.univariate, self.dims) {
            (Some(true), None) => self.dims = Some(1),
            (Some(true), Some(dims)) if dims != 1 => {
                return Err(line.wrong(
                    "one dimension, after @univariate true",
                    format!("@dimensions {dims}"),
                    CORRECT_HEADER,
                ));
            }
            _ => {}
        }
        if self.equal_length == Some(false)
            && let Some(length) = self.length
        {
            return Err(line.wrong(
                "no @seriesLength, after @equalLength false",
                format!("@seriesLength {length}"),
                CORRECT_HEADER,
            ));
        }
        Ok(())
    }
}

fn truth(line: &Line<'_>, values: &[&str]) -> Result<bool, DataError> {
    match values {
        [value] if value.eq_ignore_ascii_case("true") => Ok(true),
        [value] if value.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(line.wrong("true or false after the tag", found(values), CORRECT_HEADER)),
    }
}

fn count(line: &Line<'_>, values: &[&str]) -> Result<usize, DataError> {
    let number = match values {
        [value] => value.parse().ok().filter(|number| *number > 0),
        _ => None,
    };
    number.ok_or_else(|| {
        line.wrong(
            "a whole number from 1 after the tag",
            found(values),
            CORRECT_HEADER,
        )
    })
}

fn found(values: &[&str]) -> String {
    match values {
        [] => "nothing".to_owned(),
        values => format!("`{}`", shown(&values.join(" "))),
    }
}

/// The examples so far.
#[derive(Default)]
struct Body {
    items: Vec<Sequence>,
    labels: Vec<String>,
    origins: Vec<Origin>,
}

impl Body {
    /// Takes a line below `@data`.
    fn take(&mut self, line: &Line<'_>, header: &mut Header) -> Result<(), DataError> {
        let mut parts: Vec<&str> = line.text.split(':').map(str::trim).collect();
        if let Some(Some(classes)) = &header.classes {
            let label = match parts.len() {
                0 | 1 => None,
                _ => parts.pop(),
            };
            let Some(label) = label else {
                return Err(line.wrong(
                    "the class after the last colon",
                    "no colon",
                    CORRECT_EXAMPLE,
                ));
            };
            if !classes.contains(label) {
                return Err(line.wrong(
                    "a class that @classLabel names",
                    format!("`{}`", shown(label)),
                    "Correct the class, or add it to the line @classLabel.",
                ));
            }
            self.labels.push(label.to_owned());
        }
        // The first example says what the header leaves open.
        let dims = *header.dims.get_or_insert(parts.len());
        if parts.len() != dims {
            return Err(line.wrong(
                format!("{dims} {}, separated by colons", plural(dims, "dimension")),
                parts.len().to_string(),
                CORRECT_EXAMPLE,
            ));
        }
        let mut sequence = Sequence {
            values: Vec::new(),
            steps: 0,
        };
        for (dim, part) in parts.iter().enumerate() {
            let before = sequence.values.len();
            values(line, dim, part, header.missing, &mut sequence.values)?;
            let steps = sequence.values.len() - before;
            if dim == 0 {
                sequence.steps = steps;
            } else if steps != sequence.steps {
                return Err(line.wrong(
                    format!(
                        "{} values in dimension {}, as in dimension 1",
                        sequence.steps,
                        dim + 1
                    ),
                    steps.to_string(),
                    "Give every dimension of an example the same length.",
                ));
            }
        }
        // A length is claimed of every example, whether or not the header calls them equal.
        if header.equal_length == Some(true) || header.length.is_some() {
            let length = *header.length.get_or_insert(sequence.steps);
            if sequence.steps != length {
                return Err(line.wrong(
                    match header.lines.contains_key("@serieslength") {
                        true => format!("{length} values, after @seriesLength {length}"),
                        false => format!("{length} values, after @equalLength true"),
                    },
                    sequence.steps.to_string(),
                    CORRECT_EXAMPLE,
                ));
            }
        }
        self.items.push(sequence);
        self.origins.push(Origin {
            file: 0,
            place: Place::Line(line.number),
            id: None,
        });
        Ok(())
    }
}

/// Reads the values of one dimension.
fn values(
    line: &Line<'_>,
    dim: usize,
    part: &str,
    missing: Option<bool>,
    values: &mut Vec<f64>,
) -> Result<(), DataError> {
    if part.is_empty() {
        return Err(line.wrong(
            format!("values in dimension {}", dim + 1),
            "none",
            CORRECT_EXAMPLE,
        ));
    }
    for (step, cell) in part.split(',').map(str::trim).enumerate() {
        if cell == "?" || cell.eq_ignore_ascii_case("nan") {
            if missing == Some(false) {
                return Err(line.wrong(
                    format!(
                        "a number as value {} of dimension {}, after @missing false",
                        step + 1,
                        dim + 1
                    ),
                    format!("`{cell}`"),
                    CORRECT_EXAMPLE,
                ));
            }
            values.push(f64::NAN);
            continue;
        }
        match cell.parse::<f64>() {
            Ok(value) if value.is_finite() => values.push(value),
            _ => {
                return Err(line.wrong(
                    format!("a number as value {} of dimension {}", step + 1, dim + 1),
                    format!("`{}`", shown(cell)),
                    "Correct the value, or write ? if it is missing.",
                ));
            }
        }
    }
    Ok(())
}

fn plural(count: usize, word: &str) -> String {
    format!("{word}{}", if count == 1 { "" } else { "s" })
}
