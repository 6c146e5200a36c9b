//! The classes in a column of labels, and whether a classifier can be trained on them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::kind::FEW;
use super::label_sets::joined;
use super::{Examples, Labels, label_counts};
use crate::error::{DataError, shown};
use crate::read::{Assumption, Sheets};

/// The classes in these rows; none at all if every cell is empty.
pub(super) fn labels(
    sheets: &Sheets,
    column: usize,
    rows: impl Iterator<Item = usize> + Clone,
    wanted: &Labels,
    told: &mut Vec<Assumption>,
) -> Result<Option<Vec<String>>, DataError> {
    let cells = rows
        .clone()
        .map(|row| sheets.text(row, column).into_owned());
    let mut labels: Vec<String> = cells.collect();
    let name = shown(&sheets.names()[column]);
    let several = matches!(wanted, Labels::Several { .. });
    if several && labels.iter().all(String::is_empty) {
        let problem = format!("every cell of column `{name}` is empty: there are no classes");
        return Err(sheets.unfit(
            problem,
            "Name another column of classes, or fill some cells in.",
        ));
    }
    if labels.iter().all(String::is_empty) {
        let found = format!("none: every cell of {name} is empty");
        told.push(Assumption::new("classes", found));
        return Ok(None);
    }
    if let Labels::Several { separator, .. } = wanted {
        if separator.is_empty() {
            let problem = "the separator between the classes of a cell is empty";
            return Err(sheets.unfit(problem, "Name one, such as | or ;."));
        }
        for label in &mut labels {
            *label = joined(label, separator);
        }
        return Ok(Some(labels));
    }
    let mut pairs = rows.clone().zip(&labels);
    if let Some((row, _)) = pairs.find(|(_, label)| label.is_empty()) {
        let (sheet, own) = sheets.locate(row);
        return Err(DataError::Unexpected {
            file: sheet.file.clone(),
            place: sheet.place(own),
            expected: format!("a class in column `{}`", sheet.shown(column)).into(),
            found: "an empty cell".into(),
            advice: "Fill it in, or remove the row.",
        });
    }
    tell_spaces(sheets, column, rows, told);
    tell_numbers(&name, &labels, told);
    Ok(Some(labels))
}

/// Tells of classes that stand with spaces around them and without, which are read as one.
fn tell_spaces(
    sheets: &Sheets,
    column: usize,
    rows: impl Iterator<Item = usize> + Clone,
    told: &mut Vec<Assumption>,
) {
    let spelled = |row: usize| {
        let (sheet, own) = sheets.locate(row);
        sheet.spelled(own, column)
    };
    let has_spaces = |row: usize| spelled(row).trim().len() < spelled(row).len();
    if !rows.clone().any(has_spaces) {
        return;
    }
    let mut spellings: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for row in rows {
        let spelled = spelled(row);
        let of_class = spellings.entry(spelled.trim().to_owned()).or_default();
        *of_class.entry(spelled.into_owned()).or_default() += 1;
    }
    for (_, of_class) in spellings.into_iter().filter(|(_, of)| of.len() > 1) {
        let each = of_class.iter();
        let each = each.map(|(spelled, count)| format!("`{}` ({count})", shown(spelled)));
        let found = each.collect::<Vec<_>>().join(" and ");
        told.push(Assumption::new("classes read as one", found));
    }
}

/// Tells that numbers are taken as classes, unless they are two whole ones, such as 0 and 1.
fn tell_numbers(column: &str, labels: &[String], told: &mut Vec<Assumption>) {
    let Some(values) = Numbers::of(labels) else {
        return;
    };
    if values.count > 2 || !values.whole {
        let found = format!(
            "the {} numbers in {column} from {} to {}, each a class",
            values.count, values.least, values.most
        );
        told.push(Assumption::new("classes", found));
    }
}

/// Labels that are all numbers.
struct Numbers {
    count: usize,
    least: f64,
    most: f64,
    whole: bool,
}

impl Numbers {
    fn of(labels: &[String]) -> Option<Self> {
        let distinct: BTreeSet<&String> = labels.iter().collect();
        let parsed = distinct.into_iter().map(|label| label.parse::<f64>().ok());
        let values: Vec<f64> = parsed.collect::<Option<_>>()?;
        if values.is_empty() || !values.iter().all(|value| value.is_finite()) {
            return None;
        }
        let bits: HashSet<u64> = values.iter().map(|value| value.to_bits()).collect();
        Some(Numbers {
            count: bits.len(),
            least: values.iter().copied().fold(f64::INFINITY, f64::min),
            most: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            whole: values.iter().all(|value| value.fract() == 0.0),
        })
    }

    /// Whether they measure something rather than name classes: fractions of which hardly one
    /// repeats, or more whole numbers than can be told apart. Codes without gaps (1 to 52) are
    /// classes even with two examples each.
    fn measure(&self, examples: usize) -> bool {
        let without_gaps = self.whole && self.most - self.least < self.count as f64 * 1.1;
        match self.whole {
            false => self.count > FEW || (self.count > 2 && 2 * self.count > examples),
            true if self.count <= FEW => false,
            true if without_gaps => 2 * self.count > examples,
            true => 5 * self.count > examples,
        }
    }
}

/// Refuses examples that no classifier can be trained on: without classes, of one class alone, or
/// with a measured number for a class. Ask it of what is trained on only: a few examples to be
/// scored may well be of one class.
///
/// `column` is the column of the classes ([`super::Columns::label`]); `None` where a file names its
/// classes itself, and its numbers are not doubted.
///
/// # Errors
/// [`DataError::Unfit`], which names the file, the column and what was counted.
pub fn require_classes(examples: &Examples, column: Option<&str>) -> Result<(), DataError> {
    let unfit = |problem: String, advice| DataError::Unfit {
        file: examples.files.first().cloned().unwrap_or_default(),
        problem,
        advice,
    };
    let Some(labels) = &examples.labels else {
        return Err(unfit(
            "the examples have no classes".to_owned(),
            "Name the column that holds them, or give files that have them.",
        ));
    };
    let in_column = column.map_or_else(String::new, |name| format!(" in column `{}`", shown(name)));
    let counts = label_counts(examples);
    if let [(class, count)] = &counts[..] {
        return Err(unfit(
            format!(
                "every one of {count} examples has the class `{}`{in_column}: there is nothing to tell apart",
                shown(class)
            ),
            "Give examples of at least two classes, or name another column of classes.",
        ));
    }
    if let Some(column) = column
        && let Some(values) = Numbers::of(labels)
        && values.measure(labels.len())
    {
        return Err(unfit(
            format!(
                "column `{}` holds {} different numbers in {} examples (from {} to {}): they measure something, and name no classes",
                shown(column),
                values.count,
                labels.len(),
                values.least,
                values.most
            ),
            "Name another column of classes, or write ranges of the numbers (low, high) in its place: a classifier predicts no numbers.",
        ));
    }
    Ok(())
}
