//! The definition of a recurrent layer, in `f64` and in the plainest loops: what the fast paths are held
//! to, and a gradient check for a cell of one's own.
mod ahead;
mod behind;
mod check;

pub use ahead::forward;
pub use behind::backward;
pub use check::{check_gradients, check_gradients_of, small_problem};

use super::Options;

/// A layer and a batch, in `f64`; shapes as in [`crate::recurrent`].
#[derive(Debug, Clone, Default)]
pub struct Problem {
    /// B.
    pub batch: usize,
    /// T.
    pub time: usize,
    /// I.
    pub input_size: usize,
    /// H.
    pub hidden: usize,
    /// `[B, T, I]`.
    pub input: Vec<f64>,
    /// Real steps of each row.
    pub lengths: Vec<usize>,
    /// `[B, T]`, in the place of the lengths.
    pub mask: Option<Vec<bool>>,
    /// Read from the last real step to the first.
    pub reverse: bool,
    /// One for each state, `[B, O]` or `[B, H]`.
    pub initial: Vec<Vec<f64>>,
    /// W.
    pub input_weights: Vec<f64>,
    /// U.
    pub recurrent_weights: Vec<f64>,
    /// The bias of every column.
    pub bias: Vec<f64>,
    /// Unit weights.
    pub unit_weights: Vec<f64>,
    /// Gain of every column.
    pub gain: Vec<f64>,
    /// The projection.
    pub projection: Vec<f64>,
    /// What stands around the formula.
    pub options: Options,
    /// Factors of the fed-back state, `[B, F]`.
    pub recurrent_factors: Option<Vec<f64>>,
    /// Zoneout of each state.
    pub zoneout: Option<Vec<Zoning>>,
}

/// How much of a state stays: as [`super::Zone`].
#[derive(Debug, Clone)]
pub enum Zoning {
    /// The same share everywhere.
    Share(f64),
    /// `[B, T, H]`.
    Kept(Vec<f64>),
}

/// What a forward pass gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// `[B, T, O]`, zero at padding.
    pub output: Vec<f64>,
    /// One for each state.
    pub finals: Vec<Vec<f64>>,
}

/// What a backward pass gives; shapes of the values they belong to.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradient {
    /// Of the input.
    pub input: Vec<f64>,
    /// Of W.
    pub input_weights: Vec<f64>,
    /// Of U.
    pub recurrent_weights: Vec<f64>,
    /// Of the bias.
    pub bias: Vec<f64>,
    /// Of the unit weights.
    pub unit_weights: Vec<f64>,
    /// Of the gain.
    pub gain: Vec<f64>,
    /// Of the projection.
    pub projection: Vec<f64>,
    /// Of the initial states.
    pub initial: Vec<Vec<f64>>,
}

impl Problem {
    /// O.
    pub(super) fn output_width(&self) -> usize {
        self.options.projection.unwrap_or(self.hidden)
    }

    /// F, for a cell that feeds this state back.
    pub(super) fn fed_width(&self, fed: usize) -> usize {
        if fed == 0 {
            self.output_width()
        } else {
            self.hidden
        }
    }

    /// The width of a state.
    pub(super) fn state_width(&self, state: usize) -> usize {
        self.fed_width(state)
    }

    /// The places in `[B, T]` of a row's real steps, in the order in which they are read.
    fn places(&self, row: usize) -> Vec<usize> {
        let mut times: Vec<usize> = match &self.mask {
            Some(mask) => (0..self.time)
                .filter(|time| mask[row * self.time + time])
                .collect(),
            None => (0..self.lengths[row]).collect(),
        };
        if self.reverse {
            times.reverse();
        }
        times
            .into_iter()
            .map(|time| row * self.time + time)
            .collect()
    }

    /// Unit `unit`'s weights of its own.
    fn unit_weights<const UNITS: usize>(&self, unit: usize) -> [f64; UNITS] {
        std::array::from_fn(|index| self.unit_weights[index * self.hidden + unit])
    }

    /// How much of a state stays.
    fn stays(&self, state: usize, place: usize, unit: usize) -> f64 {
        match self.zoneout.as_ref().map(|zones| &zones[state]) {
            None => 0.0,
            Some(Zoning::Share(share)) => *share,
            Some(Zoning::Kept(mask)) => mask[place * self.hidden + unit],
        }
    }

    /// The factor of a fed-back value.
    fn factor(&self, row: usize, width: usize, k: usize) -> f64 {
        match &self.recurrent_factors {
            None => 1.0,
            Some(factors) => factors[row * width + k],
        }
    }
}
