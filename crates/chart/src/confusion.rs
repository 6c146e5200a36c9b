//! Confusion matrices: which class is taken for which, counts in the cells.

use crate::heat::HeatMap;
use crate::picture::{Drawing, Picture, shortened};

/// Letters of a class's name with its number, as a heat map shows them.
const NAME: usize = 14;
/// Classes up to which a 0 is written; in more cells it would hide the others.
const ZEROS: usize = 12;

/// Counts of true classes (rows) against predicted ones (columns), on their way to SVG.
///
/// A cell's colour is its share of the row, so that a rare class is seen as well as a frequent one;
/// in the cell stands the count. Up to about 30 classes the counts can be read.
///
/// ```
/// use ressac_chart::ConfusionMatrix;
/// let svg = ConfusionMatrix::new("Which class for which", &["cat", "dog"], &[40, 10, 3, 17]).render();
/// assert!(svg.contains("cat taken for dog: 10 of 50"));
/// ```
#[derive(Clone, Debug)]
pub struct ConfusionMatrix {
    title: String,
    classes: Vec<String>,
    counts: Vec<u64>,
}

impl ConfusionMatrix {
    /// A matrix with `counts[truth * classes.len() + predicted]`. Counts that are not there are 0; more
    /// than cells are not drawn.
    pub fn new<C: AsRef<str>>(title: impl Into<String>, classes: &[C], counts: &[u64]) -> Self {
        ConfusionMatrix {
            title: title.into(),
            classes: classes.iter().map(|c| c.as_ref().to_owned()).collect(),
            counts: counts.to_vec(),
        }
    }

    /// The matrix as an SVG file, self-contained.
    pub fn render(&self) -> String {
        self.picture().file()
    }

    /// Names of rows and columns. Where names have no room below the columns, classes are numbered and
    /// the columns have the numbers.
    fn names(&self) -> (Vec<String>, Vec<String>) {
        let longest = self
            .classes
            .iter()
            .map(|c| c.chars().count().min(NAME))
            .max();
        if HeatMap::has_room_below(self.classes.len(), longest.unwrap_or(0)) {
            return (self.classes.clone(), self.classes.clone());
        }
        let numbered = (1..).zip(&self.classes);
        let rows = numbered.map(|(number, name)| {
            let number = number.to_string();
            format!(
                "{} · {number}",
                shortened(name, NAME.saturating_sub(3 + number.len()))
            )
        });
        let columns = (1..=self.classes.len()).map(|number| number.to_string());
        (rows.collect(), columns.collect())
    }
}

impl Drawing for ConfusionMatrix {
    fn picture(&self) -> Picture {
        let size = self.classes.len();
        let count = |cell: usize| self.counts.get(cell).copied().unwrap_or(0);
        // What has room in a cell.
        let digits = match size {
            0..=6 => 7,
            7..=ZEROS => 4,
            _ => 3,
        };
        let (mut shares, mut words, mut said) = (Vec::new(), Vec::new(), Vec::new());
        for (row, truth) in self.classes.iter().enumerate() {
            let total = (0..size).fold(0_u64, |sum, column| {
                sum.saturating_add(count(row * size + column))
            });
            for (column, predicted) in self.classes.iter().enumerate() {
                let count = count(row * size + column);
                // A class without an example has no shares: its row stays hatched.
                shares.push(100.0 * count as f64 / total as f64);
                let blank = total == 0 || count == 0 && size > ZEROS;
                words.push(if blank {
                    String::new()
                } else {
                    brief(count, digits)
                });
                let taken = if row == column {
                    format!("{truth} found")
                } else {
                    format!("{truth} taken for {predicted}")
                };
                said.push(format!("{taken}: {count} of {total}"));
            }
        }
        let (rows, columns) = self.names();
        HeatMap::new(&*self.title, &rows, &columns, &shares)
            .row_label("true class")
            .column_label("predicted class")
            .unit("share of the true class, %")
            .written(words, said)
            .picture()
    }
}

/// A count as it is if it has at most so many digits, else in about three characters.
fn brief(count: u64, digits: usize) -> String {
    let whole = count.to_string();
    if whole.len() <= digits {
        return whole;
    }
    let (unit, suffix) = match count {
        0..1_000_000 => (1_000, 'k'),
        1_000_000..1_000_000_000 => (1_000_000, 'M'),
        _ => (1_000_000_000, 'G'),
    };
    format!("{}{suffix}", count.saturating_add(unit / 2) / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_shortened_where_they_have_no_room() {
        for (count, digits, written) in [
            (0, 3, "0"),
            (2_345, 4, "2345"),
            (2_345, 3, "2k"),
            (12_740, 7, "12740"),
            (12_740, 4, "13k"),
            (1_550_000, 4, "2M"),
            (34_000_000_000, 7, "34G"),
        ] {
            assert_eq!(brief(count, digits), written);
        }
        assert_eq!(brief(u64::MAX, 3), "18446744073G");
    }
}
