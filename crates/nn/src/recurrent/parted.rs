//! A part of a state between Burn's shape and the kernels' slices.
use super::layer::part_shape;
use crate::flex::{floats, tensor};
use burn::backend::TensorMetadata;
use burn::backend::flex::FlexTensor;
use ressac_kernels::recurrent::Recurrence;

/// The states of a part, as the kernels take them: slices one after another. With a projection they lie side by side in
/// each row and are brought into that order here.
pub(super) struct Parted(Vec<f32>, Vec<usize>);

impl Parted {
    pub(super) fn of(engine: &dyn Recurrence, tensor: &FlexTensor) -> Self {
        let values = floats(tensor);
        let shape = tensor.shape();
        let lengths = state_lengths(engine, shape[1]);
        if !engine.widths().is_projected {
            return Self(values.to_vec(), lengths);
        }
        let (rows, row) = (shape[1], shape[2]);
        let mut ordered = Vec::with_capacity(values.len());
        let mut from = 0;
        for state in 0..engine.states() {
            let width = engine.state_width(state);
            for place in 0..rows {
                ordered.extend_from_slice(&values[place * row + from..][..width]);
            }
            from += width;
        }
        Self(ordered, lengths)
    }

    pub(super) fn zeros(engine: &dyn Recurrence, batch: usize) -> Self {
        let lengths = state_lengths(engine, batch);
        Self(vec![0.0; lengths.iter().sum()], lengths)
    }

    /// As one part.
    pub(super) fn into_tensor(self, engine: &dyn Recurrence, batch: usize) -> FlexTensor {
        let shape = part_shape(engine, batch);
        if !engine.widths().is_projected {
            return tensor(self.0, shape);
        }
        let mut values = vec![0.0; self.0.len()];
        let (mut from, mut start) = (0, 0);
        for (state, length) in self.1.iter().enumerate() {
            let width = engine.state_width(state);
            for (place, row) in self.0[start..start + length]
                .chunks_exact(width)
                .enumerate()
            {
                values[place * shape[2] + from..][..width].copy_from_slice(row);
            }
            from += width;
            start += length;
        }
        tensor(values, shape)
    }

    pub(super) fn slices(&self) -> Vec<&[f32]> {
        let mut rest = self.0.as_slice();
        self.1
            .iter()
            .map(|&length| {
                let (state, after) = rest.split_at(length);
                rest = after;
                state
            })
            .collect()
    }

    pub(super) fn slices_mut(&mut self) -> Vec<&mut [f32]> {
        let mut rest = self.0.as_mut_slice();
        self.1
            .iter()
            .map(|&length| {
                let (state, after) = std::mem::take(&mut rest).split_at_mut(length);
                rest = after;
                state
            })
            .collect()
    }
}

fn state_lengths(engine: &dyn Recurrence, batch: usize) -> Vec<usize> {
    (0..engine.states())
        .map(|state| batch * engine.state_width(state))
        .collect()
}
