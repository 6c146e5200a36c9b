//! What one cell says: a number, nothing, or a text.

use super::Assumption;
use super::grid::Grid;

/// A cell, read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell {
    Number(f64),
    Missing,
    Text,
}

/// What separates the whole part of a number from its fraction; one for the whole file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decimal {
    Point,
    Comma,
}

impl Decimal {
    /// A comma where commas are free and more cells are numbers with a comma than with a point.
    pub(super) fn infer(grid: &Grid, told: &mut Vec<Assumption>) -> Decimal {
        if !grid.comma_is_free() {
            return Decimal::Point;
        }
        let (mut points, mut commas) = (0_usize, 0_usize);
        for cell in grid.cells() {
            if cell.contains(',') {
                commas += usize::from(matches!(Decimal::Comma.read(cell), Cell::Number(_)));
            } else if cell.contains('.') {
                points += usize::from(matches!(Decimal::Point.read(cell), Cell::Number(_)));
            }
        }
        if commas > points {
            told.push(Assumption::new("decimal mark", "comma"));
            Decimal::Comma
        } else {
            Decimal::Point
        }
    }

    /// Reads a trimmed cell.
    pub(super) fn read(self, cell: &str) -> Cell {
        if is_missing(cell) {
            return Cell::Missing;
        }
        let number = match self {
            Decimal::Point => number(cell),
            Decimal::Comma if cell.contains('.') => None,
            Decimal::Comma => number(&cell.replacen(',', ".", 1)),
        };
        number.map_or(Cell::Text, Cell::Number)
    }

    /// What may help with a cell that is no number, beginning with a space, or nothing.
    pub(super) fn hint(self, cell: &str) -> &'static str {
        let grouped = |mark: char| {
            let groups: Vec<&str> = cell.split([mark, '\u{a0}', '\u{202f}']).collect();
            groups.len() > 1
                && groups
                    .iter()
                    .all(|group| group.starts_with(|c: char| c.is_ascii_digit()))
        };
        if grouped(' ') || grouped('\'') {
            return " Numbers must be written without marks between thousands.";
        }
        match self {
            Decimal::Point if cell.contains(',') => {
                " A decimal comma is read only where the separator is a semicolon or a tab."
            }
            Decimal::Comma if cell.contains('.') => {
                " The other numbers of this file have a decimal comma."
            }
            _ => "",
        }
    }
}

fn is_missing(cell: &str) -> bool {
    cell.is_empty()
        || ["na", "n/a", "nan", "null", "none"]
            .iter()
            .any(|m| cell.eq_ignore_ascii_case(m))
}

/// A finite number in decimal notation. `inf` and what overflows to it are refused: no reading of
/// a load or a price is infinite, and one would make every mean after it infinite too.
fn number(cell: &str) -> Option<f64> {
    cell.parse::<f64>().ok().filter(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_missing_values_and_texts_are_told_apart() {
        for (cell, value) in [
            ("1", 1.0),
            ("-2.5", -2.5),
            ("+3e2", 300.0),
            (".5", 0.5),
            ("7.", 7.0),
        ] {
            assert_eq!(Decimal::Point.read(cell), Cell::Number(value), "{cell}");
        }
        for cell in ["", "NA", "n/a", "NaN", "null", "None"] {
            assert_eq!(Decimal::Point.read(cell), Cell::Missing, "{cell}");
        }
        for cell in [
            "abc",
            "1,5",
            "inf",
            "-infinity",
            "1e999",
            "1 000",
            "12h",
            "--1",
            "0x10",
        ] {
            assert_eq!(Decimal::Point.read(cell), Cell::Text, "{cell}");
        }
        assert_eq!(Decimal::Comma.read("1,5"), Cell::Number(1.5));
        assert_eq!(Decimal::Comma.read("15"), Cell::Number(15.0));
        assert_eq!(Decimal::Comma.read("1.5"), Cell::Text);
        assert_eq!(Decimal::Comma.read("1,5,5"), Cell::Text);
    }

    #[test]
    fn a_number_written_another_way_gets_advice() {
        assert!(Decimal::Point.hint("1 234").contains("thousands"));
        assert!(Decimal::Point.hint("1,5").contains("decimal comma"));
        assert!(Decimal::Comma.hint("1.5").contains("decimal comma"));
        assert_eq!(Decimal::Point.hint("closed"), "");
    }
}
