//! What a decoder attends to and what it carries from step to step, row by row.

use burn::tensor::{Int, Tensor, TensorData};

use ressac_nn::attention::Attended;
use ressac_nn::{Lengths, NnError, State};

/// What a decoder attends to.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    pub(super) first: Attended,
    pub(super) again: Option<Attended>,
}

impl Sources {
    /// The real steps of each source.
    pub(crate) fn lengths(&self) -> &Lengths {
        &self.first.lengths
    }

    /// Those of these rows, in this order.
    ///
    /// # Errors
    /// No row.
    pub(crate) fn select(&self, rows: &[usize]) -> Result<Self, NnError> {
        let counts = self.lengths().counts();
        let lengths = Lengths::new(rows.iter().map(|row| counts[*row]).collect::<Vec<_>>())?;
        let of = |part: &Tensor<3>| select(part, 0, rows);
        let values = of(&self.first.values);
        let attended = |to: &Attended| Attended {
            keys: of(&to.keys),
            values: values.clone(),
            lengths: lengths.clone(),
        };
        Ok(Self {
            first: attended(&self.first),
            again: self.again.as_ref().map(attended),
        })
    }
}

/// These places of a dimension.
fn select(values: &Tensor<3>, dimension: usize, places: &[usize]) -> Tensor<3> {
    let places: Vec<i64> = places.iter().map(|place| *place as i64).collect();
    let count = places.len();
    let places = TensorData::new(places, [count]);
    let places = Tensor::<1, Int>::from_data(places, &values.device());
    values.clone().select(dimension, places)
}

/// What a decoder carries from step to step.
#[derive(Debug, Clone)]
pub(crate) struct DecoderState {
    pub(super) first: State,
    pub(super) rest: Option<State>,
}

impl DecoderState {
    /// A state of these parts, those of all layers one after the other.
    pub(crate) fn new(mut parts: Vec<Tensor<3>>, layers_of_first: usize) -> Self {
        let rest = parts.split_off(layers_of_first.min(parts.len()));
        Self {
            first: State::new(parts),
            rest: (!rest.is_empty()).then(|| State::new(rest)),
        }
    }

    /// The parts of all layers, each `[states, rows, hidden]`.
    pub(crate) fn parts(&self) -> Vec<Tensor<3>> {
        let rest = self.rest.iter().flat_map(|rest| rest.parts());
        self.first.parts().iter().chain(rest).cloned().collect()
    }

    fn map(&self, change: impl Fn(Tensor<3>) -> Tensor<3>) -> Self {
        let of = |state: &State| State::new(state.parts().iter().cloned().map(&change).collect());
        Self {
            first: of(&self.first),
            rest: self.rest.as_ref().map(of),
        }
    }

    /// The states of these rows, in this order.
    pub(crate) fn select(&self, rows: &[usize]) -> Self {
        self.map(|part| select(&part, 1, rows))
    }

    /// The same values, cut off from the graph of training.
    pub(crate) fn detach(&self) -> Self {
        self.map(Tensor::detach)
    }
}
