//! What is fitted on the training part and saved with the model: the columns and their scaling.
//!
//! The same pipeline runs in training, evaluation and prediction, so no figure of the validation or
//! test part ever reaches the network.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use ressac_data::Table;
use ressac_stats::forecast as stats;

use crate::ModelError;

/// One column's z-score: `z = (value - mean) / deviation`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnScale {
    /// The column's name in the file.
    pub name: String,
    /// The training part's mean, in the column's unit.
    pub mean: f64,
    /// The training part's standard deviation (over n, not n − 1), in the column's unit; 1 for a
    /// column that is constant there, whose z-score is then its distance from that constant.
    pub deviation: f64,
    /// The mean absolute error of the seasonal-naive forecast, one step ahead, within the training
    /// part, in the column's unit: the denominator of MASE (Hyndman and Koehler 2006). Absent
    /// without a season, or when it is zero.
    pub seasonal_error: Option<f64>,
}

impl ColumnScale {
    /// A value in the column's unit → its z-score.
    pub fn scale(&self, value: f64) -> f64 {
        (value - self.mean) / self.deviation
    }

    /// A z-score → the value in the column's unit.
    pub fn unscale(&self, z: f64) -> f64 {
        z * self.deviation + self.mean
    }
}

/// The fitted pipeline of a forecaster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForecastPipeline {
    /// The columns, in the order the network reads them.
    pub columns: Vec<ColumnScale>,
    /// The name of the column of times, when there is one.
    pub time: Option<String>,
    /// The time from one row to the next in words (`1 hour`), when it is even.
    pub step: Option<String>,
    /// Steps in one season.
    pub season: Option<usize>,
}

impl ForecastPipeline {
    /// Fits the pipeline on the rows of `training`.
    ///
    /// # Errors
    /// [`ModelError::Missing`] when any row of the table, of whichever part, lacks a value.
    pub fn fit(
        table: &Table,
        training: Range<usize>,
        season: Option<usize>,
    ) -> Result<Self, ModelError> {
        let mut columns = Vec::with_capacity(table.names.len());
        for (name, values) in table.names.iter().zip(&table.columns) {
            refuse_missing(name, values, 0)?;
            let values = &values[training.clone()];
            let count = values.len().max(1) as f64;
            let mean = values.iter().sum::<f64>() / count;
            let variance = values
                .iter()
                .map(|value| (value - mean).powi(2))
                .sum::<f64>()
                / count;
            let deviation = variance.sqrt();
            // Rounding leaves a constant column a deviation near zero rather than zero.
            let constant = deviation <= mean.abs() * 1e-12;
            let seasonal_error = season
                .filter(|&season| season < values.len())
                .map(|season| stats::seasonal_error(values, season))
                .filter(|error| error.is_finite() && *error > 0.0);
            columns.push(ColumnScale {
                name: name.clone(),
                mean,
                deviation: if constant { 1.0 } else { deviation },
                seasonal_error,
            });
        }
        let axis = table.time.as_ref();
        Ok(Self {
            columns,
            time: axis.map(|axis| axis.name.clone()),
            step: axis.and_then(|axis| axis.step).map(|step| step.to_string()),
            season,
        })
    }

    /// The pipeline's columns of `table` in the pipeline's order, without a missing value in `rows`.
    ///
    /// # Errors
    /// [`ModelError::Column`] when a column is not there, [`ModelError::Missing`] when a value is
    /// not, [`ModelError::Step`] when the rows are another time apart than in training.
    pub fn select<'a>(
        &self,
        table: &'a Table,
        rows: Range<usize>,
    ) -> Result<Vec<&'a [f64]>, ModelError> {
        let found = table
            .time
            .as_ref()
            .and_then(|axis| axis.step)
            .map(|step| step.to_string());
        if let (Some(expected), Some(found)) = (&self.step, found)
            && *expected != found
        {
            return Err(ModelError::Step {
                expected: expected.clone(),
                found,
            });
        }
        self.columns
            .iter()
            .map(|scale| {
                let values = table
                    .column(&scale.name)
                    .ok_or_else(|| ModelError::Column {
                        name: scale.name.clone(),
                        expected: self
                            .columns
                            .iter()
                            .map(|column| column.name.clone())
                            .collect(),
                        found: table.names.clone(),
                    })?;
                refuse_missing(&scale.name, &values[rows.clone()], rows.start)?;
                Ok(values)
            })
            .collect()
    }

    /// Rows `rows` as z-scores, row after row: `[rows, variables]`.
    ///
    /// # Errors
    /// Those of [`ForecastPipeline::select`].
    pub fn scale(&self, table: &Table, rows: Range<usize>) -> Result<Vec<f32>, ModelError> {
        let columns = self.select(table, rows.clone())?;
        let mut scaled = Vec::with_capacity(rows.len() * columns.len());
        for row in rows {
            for (scale, values) in self.columns.iter().zip(&columns) {
                scaled.push(scale.scale(values[row]) as f32);
            }
        }
        Ok(scaled)
    }
}

fn refuse_missing(name: &str, values: &[f64], first_row: usize) -> Result<(), ModelError> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(row) => Err(ModelError::Missing {
            column: name.to_owned(),
            row: first_row + row + 1,
            count: values.iter().filter(|value| !value.is_finite()).count(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: &[(&str, &[f64])]) -> Table {
        Table {
            names: columns.iter().map(|(name, _)| (*name).to_owned()).collect(),
            columns: columns.iter().map(|(_, values)| values.to_vec()).collect(),
            time: None,
        }
    }

    #[test]
    fn scaling_is_fitted_on_the_training_part_only() {
        let series = table(&[("load", &[1.0, 3.0, 1.0, 3.0, 1000.0, -1000.0])]);
        let pipeline = ForecastPipeline::fit(&series, 0..4, None).unwrap();
        assert_eq!(
            (pipeline.columns[0].mean, pipeline.columns[0].deviation),
            (2.0, 1.0)
        );
        assert_eq!(pipeline.scale(&series, 3..5).unwrap(), [1.0, 998.0]);
    }

    #[test]
    fn a_constant_column_scales_to_zero_and_back_to_its_constant() {
        let series = table(&[("flat", &[0.1; 9])]);
        let pipeline = ForecastPipeline::fit(&series, 0..9, Some(2)).unwrap();
        assert!(
            pipeline
                .scale(&series, 0..9)
                .unwrap()
                .iter()
                .all(|z| z.abs() < 1e-6)
        );
        assert!((pipeline.columns[0].unscale(0.0) - 0.1).abs() < 1e-12);
        assert_eq!(pipeline.columns[0].deviation, 1.0);
        assert_eq!(pipeline.columns[0].seasonal_error, None);
    }

    #[test]
    fn columns_are_found_by_name_whatever_their_order() {
        let pipeline = ForecastPipeline::fit(
            &table(&[("a", &[0.0, 2.0]), ("b", &[0.0, 4.0])]),
            0..2,
            None,
        )
        .unwrap();
        let other = table(&[("b", &[4.0]), ("extra", &[9.0]), ("a", &[2.0])]);
        assert_eq!(pipeline.scale(&other, 0..1).unwrap(), [1.0, 1.0]);
    }

    #[test]
    fn a_column_that_is_not_there_is_named_beside_those_that_are() {
        let pipeline = ForecastPipeline::fit(&table(&[("load", &[0.0, 2.0])]), 0..2, None).unwrap();
        let error = pipeline
            .scale(&table(&[("price", &[1.0])]), 0..1)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("`load`") && error.contains("price"),
            "{error}"
        );
    }

    #[test]
    fn a_missing_value_names_its_column_and_first_row() {
        let series = table(&[("a", &[1.0, 2.0, 3.0]), ("b", &[1.0, f64::NAN, f64::NAN])]);
        let error = ForecastPipeline::fit(&series, 0..1, None).unwrap_err();
        assert!(
            matches!(&error, ModelError::Missing { column, row: 2, count: 2 } if column == "b"),
            "{error}"
        );
    }
}
