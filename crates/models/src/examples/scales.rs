//! Scales of the dimensions of sequences: fitted on the training part, kept with the model.

use serde::{Deserialize, Serialize};

use ressac_data::examples::{Sequence, Sequences};

use super::ExamplesError;
use crate::ModelError;
use crate::intact::wrong;

/// The largest value that can be squared and summed.
const MOST: f64 = 1e100;

/// Values further from the mean than this many deviations are read as if they were there: a value a million times as
/// large as any of the training part would drown all others.
const FARTHEST: f64 = 1e4;

/// The scale of every dimension of sequences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scales {
    /// The names of the dimensions.
    pub names: Vec<String>,
    /// The mean of each over all steps of the training part.
    pub means: Vec<f64>,
    /// The standard deviation of each; 1 where it is constant.
    pub deviations: Vec<f64>,
    /// Whether the training part lacks values, so that the network reads which are there.
    pub masked: bool,
}

impl Scales {
    /// The scale of each dimension; with `together` one for all of them, as bands and pixels are on one scale already: what
    /// is rare in one of them is not to become large there.
    pub(crate) fn fit(sequences: &Sequences, together: bool) -> Result<Self, ModelError> {
        let mut scales = Self {
            names: sequences.dims.clone(),
            means: Vec::new(),
            deviations: Vec::new(),
            masked: false,
        };
        let (mut all, mut sum, mut sum_of_squares) = (0, 0.0, 0.0);
        for (dim, name) in sequences.dims.iter().enumerate() {
            let values = || {
                let items = sequences.items.iter();
                items.flat_map(|item| item.dim(dim)).copied()
            };
            let there = || values().filter(|value| !value.is_nan());
            if let Some(value) = there().find(|value| value.abs() > MOST) {
                return Err(ExamplesError::TooLarge {
                    name: name.clone(),
                    value,
                    most: MOST,
                }
                .into());
            }
            let count = there().count();
            if count == 0 {
                return Err(ExamplesError::NoValue(name.clone()).into());
            }
            scales.masked |= values().any(f64::is_nan);
            let mean = there().sum::<f64>() / count as f64;
            let squares: f64 = there().map(|value| (value - mean).powi(2)).sum();
            let deviation = (squares / count as f64).sqrt();
            scales.means.push(mean);
            // Rounding leaves a constant a deviation of about its last digit.
            let constant = deviation <= 1e-12 * mean.abs();
            scales
                .deviations
                .push(if constant { 1.0 } else { deviation });
            all += count;
            sum += mean * count as f64;
            sum_of_squares += squares + mean * mean * count as f64;
        }
        if together {
            let mean = sum / all as f64;
            let deviation = (sum_of_squares / all as f64 - mean * mean).max(0.0).sqrt();
            let constant = deviation <= 1e-6 * mean.abs() || deviation == 0.0;
            scales.means.fill(mean);
            scales
                .deviations
                .fill(if constant { 1.0 } else { deviation });
        }
        Ok(scales)
    }

    /// Numbers that the network reads of each step.
    pub fn width(&self) -> usize {
        self.names.len() * (1 + usize::from(self.masked))
    }

    /// The z-scores of a sequence step by step, a missing value being the mean; then, where the network reads which are
    /// there, 1 for each that is.
    pub(crate) fn scaled(&self, item: &Sequence) -> Vec<f32> {
        let dims = self.names.len();
        let mut values = Vec::with_capacity(item.steps * self.width());
        for step in 0..item.steps {
            let at = |dim: usize| item.dim(dim).get(step).copied().unwrap_or(f64::NAN);
            values.extend((0..dims).map(|dim| {
                let z = (at(dim) - self.means[dim]) / self.deviations[dim];
                if z.is_nan() {
                    0.0
                } else {
                    z.clamp(-FARTHEST, FARTHEST) as f32
                }
            }));
            if self.masked {
                values.extend((0..dims).map(|dim| if at(dim).is_nan() { 0.0 } else { 1.0 }));
            }
        }
        values
    }

    /// A value of a dimension back in its own unit.
    pub(crate) fn unscaled(&self, dim: usize, value: f64) -> f64 {
        value * self.deviations[dim] + self.means[dim]
    }

    /// Refuses scales that are not one above 0 for each dimension: a damaged folder.
    ///
    /// # Errors
    /// As said.
    pub(crate) fn check(&self) -> Result<(), ModelError> {
        let dims = self.names.len();
        let fits = dims > 0 && self.means.len() == dims && self.deviations.len() == dims;
        let finite = self.means.iter().all(|mean| mean.is_finite())
            && self.deviations.iter().all(|d| d.is_finite() && *d > 0.0);
        match fits && finite {
            true => Ok(()),
            false => Err(wrong(format!(
                "the pipeline does not hold one scale above 0 for each of {dims} dimensions"
            ))),
        }
    }
}
