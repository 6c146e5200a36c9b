//! A series as the network reads it, and the windows cut from it.
//!
//! Windows overlap almost wholly, so they are copied out of the one series when a batch needs them
//! instead of being laid out beforehand.

use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData};

use ressac_data::Table;

use super::pipeline::ForecastPipeline;
use crate::ModelError;

/// Z-scores, row after row: `[rows, variables]`.
#[derive(Debug, Clone)]
pub struct ScaledSeries {
    values: Vec<f32>,
    variables: usize,
}

impl ScaledSeries {
    /// The whole of `table` as z-scores.
    ///
    /// # Errors
    /// When a column of the pipeline or a value is missing.
    pub fn new(table: &Table, pipeline: &ForecastPipeline) -> Result<Self, ModelError> {
        let values = pipeline.scale(table, 0..table.rows())?;
        Ok(Self {
            values,
            variables: pipeline.columns.len(),
        })
    }

    /// The `context` rows before each of `origins`: `[origins, context, variables]`.
    pub fn contexts(&self, origins: &[usize], context: usize, device: &Device) -> Tensor<3> {
        self.cut(
            origins.iter().map(|&origin| origin - context..origin),
            origins.len(),
            context,
            device,
        )
    }

    /// The `horizon` rows from each of `origins` on: `[origins, horizon, variables]`.
    pub fn futures(&self, origins: &[usize], horizon: usize, device: &Device) -> Tensor<3> {
        self.cut(
            origins.iter().map(|&origin| origin..origin + horizon),
            origins.len(),
            horizon,
            device,
        )
    }

    fn cut(
        &self,
        windows: impl Iterator<Item = Range<usize>>,
        count: usize,
        rows: usize,
        device: &Device,
    ) -> Tensor<3> {
        let mut values = Vec::with_capacity(count * rows * self.variables);
        for window in windows {
            values.extend_from_slice(
                &self.values[window.start * self.variables..window.end * self.variables],
            );
        }
        Tensor::from_data(
            TensorData::new(values, [count, rows, self.variables]),
            device,
        )
    }
}
