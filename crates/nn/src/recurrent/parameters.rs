//! The parameters of the fused operation, as slices and packed.
use super::cell::LayerCell;
use crate::flex::{fitting, floats, plain};
use burn::backend::flex::FlexTensor;
use ressac_kernels::context::Context;
use ressac_kernels::recurrent::{PackedWeights, Recurrence, Weights};

/// W, U, bias and the extra parameters, contiguous.
#[derive(Debug, Clone)]
pub(super) struct Parameters(pub(super) [FlexTensor; 4]);

/// Unit weights, gain and projection of a flat array.
fn extra<'a>(engine: &dyn Recurrence, values: &'a [f32]) -> [&'a [f32]; 3] {
    let (units, gain, _) = extra_lengths(engine);
    let (units, rest) = values.split_at(units);
    let (gain, projection) = rest.split_at(gain);
    [units, gain, projection]
}

pub(super) fn extra_lengths(engine: &dyn Recurrence) -> (usize, usize, usize) {
    let widths = engine.widths();
    let gain = if engine.options().normalised {
        engine.sources().len() * widths.hidden
    } else {
        0
    };
    let projection = if widths.is_projected {
        widths.output * widths.hidden
    } else {
        0
    };
    (widths.units * widths.hidden, gain, projection)
}

impl Parameters {
    pub(super) fn new(
        weights: &FlexTensor,
        recurrent: &FlexTensor,
        bias: &FlexTensor,
        extra: &FlexTensor,
    ) -> Self {
        Self([plain(weights), plain(recurrent), plain(bias), plain(extra)])
    }

    pub(super) fn weights(&self, cell: &dyn LayerCell) -> Weights<'_> {
        let [input, recurrent, bias, others] = &self.0;
        let [units, gain, projection] = extra(cell.engine(), floats(others));
        Weights {
            input: floats(input),
            recurrent: floats(recurrent),
            bias: floats(bias),
            units,
            gain,
            projection,
        }
    }

    pub(super) fn pack(&self, cell: &dyn LayerCell, context: &Context) -> PackedWeights {
        fitting(cell.engine().pack(context, self.weights(cell)))
    }
}
