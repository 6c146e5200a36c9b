//! Rows of numbers: [`super::logistic`] on columns of one scale, the penalty chosen on a validation
//! part.

use std::borrow::Cow;

use super::logistic::{Choice, Labelled, Logistic, LogisticError, Rows, STRENGTHS, choose};

/// Values further from the mean than this many deviations are read as if they were there: one of
/// them would outweigh a whole training part.
const FARTHEST: f64 = 1e4;

/// Deviations smaller than this share of the largest value are rounding.
const CONSTANT: f64 = 1e-12;

/// Values times classes on which a strength is chosen at the most: beyond, five fits would take minutes.
const MOST_CHOSEN_ON: usize = 20_000_000;

/// Mean and deviation of each column of a training part, by which rows are brought to mean 0 and
/// variance 1. A missing value (NaN) is read as the mean, a column that is constant as 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Standard {
    /// Of each column the largest magnitude, and mean and deviation relative to it: the square of
    /// the value itself could overflow.
    columns: Vec<(f64, f64, f64)>,
}

impl Standard {
    /// Measures each column of rows, `values[row * columns + column]`, by what is not missing.
    pub fn fit(values: &[f64], columns: usize) -> Self {
        let of_column = |column: usize| {
            let there = || {
                let of_column = values.iter().skip(column).step_by(columns);
                of_column.copied().filter(|value| !value.is_nan())
            };
            let largest = there().fold(0.0_f64, |most, value| most.max(value.abs()));
            let largest = if largest > 0.0 { largest } else { 1.0 };
            let count = there().count().max(1) as f64;
            let mean = there().map(|value| value / largest).sum::<f64>() / count;
            let squares = there().map(|value| (value / largest - mean).powi(2));
            (largest, mean, (squares.sum::<f64>() / count).sqrt())
        };
        Standard {
            columns: (0..columns).map(of_column).collect(),
        }
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns.len()
    }

    /// The rows in this scale, as they lie. Infinite values stay infinite: the regression refuses
    /// them with their place.
    pub fn scaled(&self, values: &[f64]) -> Vec<f32> {
        let scaled = |(value, (largest, mean, deviation)): (&f64, &(f64, f64, f64))| {
            if value.is_infinite() {
                return *value as f32;
            }
            let z = (value / largest - mean) / deviation;
            if z.is_nan() || *deviation <= CONSTANT {
                0.0
            } else {
                z.clamp(-FARTHEST, FARTHEST) as f32
            }
        };
        let columns = self.columns.iter().cycle();
        values.iter().zip(columns).map(scaled).collect()
    }
}

/// A logistic regression on rows of numbers: what one would take instead of a network where an
/// example is a row of features.
#[derive(Clone, Debug, PartialEq)]
pub struct RowRegression {
    /// The scale of the training part.
    pub standard: Standard,
    /// The regression on rows of that scale.
    pub model: Logistic,
    /// The strength of its penalty.
    pub strength: f64,
}

impl RowRegression {
    /// Fits it on the rows and classes of a training part, the strength of the penalty that of
    /// [`STRENGTHS`] which does best on a validation part; without one of these it is 1. On a large training part the
    /// strength is chosen by fits on evenly spaced rows of it, and the best of these goes on with all rows. Rows are
    /// `values[row * columns + column]`, NaN is a missing value.
    ///
    /// # Errors
    /// As [`Logistic::fit`]: no example or no column, labels and rows that do not fit together or to
    /// the classes, an infinite value.
    pub fn fit(
        training: (&[f64], &[usize]),
        validation: (&[f64], &[usize]),
        columns: usize,
        classes: usize,
    ) -> Result<Self, LogisticError> {
        let standard = Standard::fit(training.0, columns);
        let (scaled, valid) = (standard.scaled(training.0), standard.scaled(validation.0));
        let labelled = |values, labels| Labelled {
            rows: Rows::Dense { values, columns },
            labels,
        };
        let train = labelled(&scaled, training.1);
        let (model, strength) = if validation.1.is_empty() && valid.is_empty() {
            (Logistic::fit(train, classes, 1.0)?, 1.0)
        } else {
            let valid = labelled(&valid, validation.1);
            let every = step(training.1.len(), columns, classes);
            let (values, labels) = every_so_many(&scaled, training.1, columns, every);
            let part = labelled(&values, &labels);
            let Choice { model, chosen, .. } = choose(part, valid, classes, &STRENGTHS)?;
            let strength = STRENGTHS[chosen];
            match every {
                1 => (model, strength),
                _ => (model.fit_on(train, strength)?, strength),
            }
        };
        Ok(RowRegression {
            standard,
            model,
            strength,
        })
    }

    /// Probabilities \[rows × classes\].
    ///
    /// # Errors
    /// When the values are not whole rows, or one is infinite.
    pub fn probabilities(&self, values: &[f64]) -> Result<Vec<f64>, LogisticError> {
        let columns = self.standard.columns();
        let values = self.standard.scaled(values);
        self.model.probabilities(Rows::Dense {
            values: &values,
            columns,
        })
    }
}

/// A strength is chosen on one of so many rows.
fn step(rows: usize, columns: usize, classes: usize) -> usize {
    let size = rows.saturating_mul(columns).saturating_mul(classes);
    size.div_ceil(MOST_CHOSEN_ON).max(1)
}

/// One of so many rows, and their labels.
fn every_so_many<'a>(
    values: &'a [f32],
    labels: &'a [usize],
    columns: usize,
    every: usize,
) -> (Cow<'a, [f32]>, Cow<'a, [usize]>) {
    if every == 1 {
        return (values.into(), labels.into());
    }
    let rows = values.chunks(columns.max(1)).step_by(every);
    let labels = labels.iter().step_by(every).copied().collect();
    (
        Cow::Owned(rows.flatten().copied().collect()),
        Cow::Owned(labels),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of a number that tells two classes apart, in the unit given, and one that tells nothing.
    fn rows(unit: f64) -> (Vec<f64>, Vec<usize>) {
        let values = (0..60).flat_map(|k| {
            let k = f64::from(k);
            [unit * (k + (k * 1.7).sin() * 9.0), (k * 2.3).cos()]
        });
        (
            values.collect(),
            (0..60).map(|k| usize::from(k >= 30)).collect(),
        )
    }

    // k = np.arange(60); X = np.c_[k + np.sin(k * 1.7) * 9, np.cos(k * 2.3)]; y = (k >= 30).astype(int)
    // m = make_pipeline(StandardScaler(), LogisticRegression(C=1, tol=1e-10)).fit(X, y)  # 1.9.1
    // m.predict_proba(X)[[0, 28, 31, 59], 1]
    #[test]
    fn without_a_validation_part_it_is_the_pipeline_of_scikit_learn() {
        let (values, labels) = rows(1.0);
        let fitted = RowRegression::fit((&values, &labels), (&[], &[]), 2, 2).unwrap();
        let found = fitted.probabilities(&values).unwrap();
        for (row, expected) in [
            (0, 0.012_796_5),
            (28, 0.297_960_2),
            (31, 0.737_441_2),
            (59, 0.983_045_4),
        ] {
            assert!(
                (found[2 * row + 1] - expected).abs() < 1e-3,
                "{}",
                found[2 * row + 1]
            );
        }
        assert_eq!(fitted.strength, 1.0);
    }

    #[test]
    fn the_unit_of_a_column_makes_no_difference_and_a_missing_value_is_the_mean() {
        let (values, labels) = rows(1.0);
        let (large, _) = rows(1e200);
        let fit = |values: &[f64]| {
            RowRegression::fit((values, &labels), (values, &labels), 2, 2).unwrap()
        };
        let (small, large_unit) = (fit(&values), fit(&large));
        assert_eq!(small.strength, large_unit.strength);
        let of = |fitted: &RowRegression, row: &[f64]| fitted.probabilities(row).unwrap()[1];
        let (a, b) = (of(&small, &values[..2]), of(&large_unit, &large[..2]));
        assert!((a - b).abs() < 1e-4, "{a} {b}");
        let mean = values.iter().step_by(2).sum::<f64>() / 60.0;
        let missing = of(&small, &[f64::NAN, 0.3]);
        assert!((missing - of(&small, &[mean, 0.3])).abs() < 1e-6);
        assert!(of(&small, &[1e300, 0.0]) > 0.99);
    }

    #[test]
    fn what_makes_no_rows_is_refused() {
        let fit = |values: &[f64], labels: &[usize], columns| {
            RowRegression::fit((values, labels), (&[], &[]), columns, 2)
        };
        assert_eq!(fit(&[], &[], 1), Err(LogisticError::NoExamples));
        assert!(matches!(
            fit(&[1.0, 2.0], &[0, 1], 0),
            Err(LogisticError::Lengths { .. })
        ));
        assert!(matches!(
            fit(&[1.0; 3], &[0], 2),
            Err(LogisticError::Values { .. })
        ));
        assert!(matches!(
            fit(&[1.0, 2.0, 3.0, f64::INFINITY], &[0, 1], 2),
            Err(LogisticError::Feature {
                row: 1,
                column: 1,
                ..
            })
        ));
        let constant = fit(&[3.0, 3.0, 3.0], &[0, 1, 1], 1).unwrap();
        let found = constant.probabilities(&[3.0]).unwrap();
        assert!((found[1] - 2.0 / 3.0).abs() < 1e-3, "{found:?}");
    }

    #[test]
    fn a_large_part_chooses_its_strength_on_evenly_spaced_rows() {
        assert_eq!([step(100, 10, 2), step(36_000, 784, 10)], [1, 15]);
        let values = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
        let labels = [0, 1, 2, 3];
        let (rows, of) = every_so_many(&values, &labels, 2, 3);
        assert_eq!((&*rows, &*of), (&[0.0, 1.0, 6.0, 7.0][..], &[0, 3][..]));
        let (all, _) = every_so_many(&values, &labels, 2, 1);
        assert_eq!(*all, values);
    }

    #[test]
    fn a_fit_that_goes_on_from_a_part_ends_where_one_from_nothing_does() {
        let (values, labels) = rows(1.0);
        let scaled = Standard::fit(&values, 2).scaled(&values);
        let all = Labelled {
            rows: Rows::Dense {
                values: &scaled,
                columns: 2,
            },
            labels: &labels,
        };
        let (some, of) = every_so_many(&scaled, &labels, 2, 4);
        let part = Labelled {
            rows: Rows::Dense {
                values: &some,
                columns: 2,
            },
            labels: &of,
        };
        let whole = Logistic::fit(all, 2, 1.0).unwrap();
        let gone_on = Logistic::fit(part, 2, 1.0).unwrap();
        let gone_on = gone_on.fit_on(all, 1.0).unwrap();
        let [whole, gone_on] = [whole, gone_on].map(|model| model.probabilities(all.rows).unwrap());
        for (a, b) in whole.iter().zip(&gone_on) {
            assert!((a - b).abs() < 1e-2, "{a} {b}");
        }
    }
}
