//! The parameters of the fused operation, as slices and packed.
use super::cell::LayerCell;
use crate::flex::{fitting, floats, plain};
use burn::backend::flex::FlexTensor;
use ressac_kernels::context::Context;
use ressac_kernels::recurrent::{PackedWeights, Recurrence, Weights};
use std::sync::{Arc, Mutex, MutexGuard};

/// The packed parameters of the last inference call, kept while the parameters stay the same arrays.
///
/// The arrays themselves are held too, so their memory cannot be reused or changed in place under the
/// same address: equal addresses mean equal parameters.
#[derive(Clone, Default)]
pub(super) struct PackCache(Arc<Mutex<Option<Cached>>>);

struct Cached {
    parameters: [FlexTensor; 4],
    context: Context,
    packed: Arc<PackedWeights>,
}

impl std::fmt::Debug for PackCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PackCache")
    }
}

impl PackCache {
    fn lock(&self) -> MutexGuard<'_, Option<Cached>> {
        self.0.lock().unwrap_or_else(|poison| poison.into_inner())
    }

    pub(super) fn get(
        &self,
        cell: &dyn LayerCell,
        context: Context,
        parameters: &Parameters,
    ) -> Arc<PackedWeights> {
        let mut cached = self.lock();
        if let Some(cached) = &*cached
            && cached.context.instruction_set() == context.instruction_set()
            && cached.parameters[..3]
                .iter()
                .zip(&parameters.0)
                .all(|(old, new)| {
                    Arc::ptr_eq(&old.data_arc(), &new.data_arc()) && old.layout() == new.layout()
                })
            // The extra parameters are put together anew for each call, so it is their values that tell.
            && floats(&cached.parameters[3]) == floats(&parameters.0[3])
        {
            return Arc::clone(&cached.packed);
        }
        let packed = Arc::new(parameters.pack(cell, &context));
        *cached = Some(Cached {
            parameters: parameters.0.clone(),
            context,
            packed: Arc::clone(&packed),
        });
        packed
    }
}

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
