//! Scaling: what brings a column to about mean 0 and deviation 1, and back.

use serde::{Deserialize, Serialize};

/// One column's z-score: `z = (value - mean) / deviation`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnScale {
    /// The mean, in the column's unit.
    pub mean: f64,
    /// The standard deviation (over n, not n − 1), in the column's unit; 1 for a column that is
    /// constant, whose z-score is then its distance from that constant.
    pub deviation: f64,
}

impl ColumnScale {
    /// Fits the values that are there; nothing if none is.
    pub fn fit<'a>(values: impl Iterator<Item = &'a f64> + Clone) -> Option<Self> {
        let there = values.copied().filter(|value| !value.is_nan());
        let count = there.clone().count();
        if count == 0 {
            return None;
        }
        let mean = there.clone().sum::<f64>() / count as f64;
        let variance = there.map(|value| (value - mean).powi(2)).sum::<f64>() / count as f64;
        let deviation = variance.sqrt();
        // Rounding leaves a constant column a deviation near zero rather than zero.
        let constant = deviation <= mean.abs() * 1e-12;
        Some(Self {
            mean,
            deviation: if constant { 1.0 } else { deviation },
        })
    }

    /// A value in the column's unit → its z-score.
    pub fn scale(&self, value: f64) -> f64 {
        (value - self.mean) / self.deviation
    }

    /// A z-score → the value in the column's unit.
    pub fn unscale(&self, z: f64) -> f64 {
        z * self.deviation + self.mean
    }
}

/// A static column as numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StaticScale {
    /// A column of numbers: its z-score over the series.
    Number(ColumnScale),
    /// A column of words: one input for each word met in training; none is 1 for another word.
    Words(Vec<String>),
}

/// More words than this in a static column would be one input for nearly every series.
pub(super) const MOST_WORDS: usize = 64;

impl StaticScale {
    /// Numbers if every cell is one, else words; nothing if there are too many words.
    pub fn fit(cells: &[&str]) -> Option<Self> {
        let numbers: Option<Vec<f64>> = cells
            .iter()
            .map(|cell| cell.parse().ok().filter(|value: &f64| value.is_finite()))
            .collect();
        if let Some(numbers) = numbers {
            return ColumnScale::fit(numbers.iter()).map(StaticScale::Number);
        }
        let mut words: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        words.sort();
        words.dedup();
        (words.len() <= MOST_WORDS).then_some(StaticScale::Words(words))
    }

    /// How many inputs it makes.
    pub fn width(&self) -> usize {
        match self {
            StaticScale::Number(_) => 1,
            StaticScale::Words(words) => words.len(),
        }
    }

    /// Appends a cell's inputs; nothing for a text where a number is expected.
    pub fn write(&self, cell: &str, out: &mut Vec<f32>) -> Option<()> {
        match self {
            StaticScale::Number(scale) => {
                let value: f64 = cell.parse().ok()?;
                out.push(scale.scale(value) as f32);
            }
            StaticScale::Words(words) => {
                out.extend(words.iter().map(|word| f32::from(u8::from(word == cell))));
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_values_have_no_part_in_the_scale() {
        let scale = ColumnScale::fit([1.0, f64::NAN, 3.0].iter()).unwrap();
        assert_eq!((scale.mean, scale.deviation), (2.0, 1.0));
        assert_eq!(ColumnScale::fit([f64::NAN].iter()), None);
    }

    #[test]
    fn a_constant_column_scales_to_zero_and_back_to_its_constant() {
        let scale = ColumnScale::fit([0.1; 9].iter()).unwrap();
        assert!(scale.scale(0.1).abs() < 1e-6);
        assert!((scale.unscale(0.0) - 0.1).abs() < 1e-12);
        assert_eq!(scale.deviation, 1.0);
    }

    #[test]
    fn static_cells_are_numbers_or_words() {
        let numbers = StaticScale::fit(&["1", "3"]).unwrap();
        let mut out = Vec::new();
        numbers.write("3", &mut out).unwrap();
        assert_eq!(out, [1.0]);
        assert_eq!(numbers.write("north", &mut out), None);

        let words = StaticScale::fit(&["south", "north", "south"]).unwrap();
        assert_eq!(words.width(), 2);
        let mut out = Vec::new();
        words.write("south", &mut out).unwrap();
        words.write("west", &mut out).unwrap();
        assert_eq!(out, [0.0, 1.0, 0.0, 0.0]);

        let many: Vec<String> = (0..100).map(|shop| format!("shop {shop}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(StaticScale::fit(&many), None);
    }
}
