//! What disturbs a layer in training: dropout of the recurrent connections, and zoneout.
use crate::drop_out;
use crate::random::Stream;
use burn::tensor::Tensor;
use ressac_kernels::recurrent::{Noise as KernelNoise, Widths, Zone};
use std::sync::Arc;

/// How much of it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Disturbance {
    /// Probability of dropping a unit of the fed-back state for a whole sequence.
    pub(super) recurrent: f64,
    /// Probabilities that h, and the states beside it, keep their old value.
    pub(super) zoneout: [f64; 2],
    /// Probability of dropping a recurrent weight for a whole call.
    pub(super) weights: f64,
}

/// The noise of one call of one layer and direction.
#[derive(Debug, Clone, Default)]
pub(super) struct Noise {
    /// `[batch, fed back]`.
    recurrent: Option<Arc<[f32]>>,
    /// One for each state.
    zones: Option<Arc<[Zoning]>>,
    /// Which recurrent weights are dropped, and with which probability.
    weights: Option<(f64, Stream)>,
}

#[derive(Debug)]
enum Zoning {
    Share(f32),
    /// `[batch, time, hidden]`.
    Kept(Vec<f32>),
}

impl Disturbance {
    /// The noise of a call: drawn from `draw` in training, the expectation without.
    pub(super) fn noise(
        &self,
        widths: Widths,
        states: usize,
        [batch, time]: [usize; 2],
        draw: Option<&Stream>,
    ) -> Noise {
        let rate = |state: usize| self.zoneout[state.min(1)];
        let recurrent = draw.filter(|_| self.recurrent > 0.0).map(|draw| {
            let scale = (1.0 / (1.0 - self.recurrent)) as f32;
            let stream = draw.child("recurrent dropout");
            let mut generator = stream.generator();
            let count = batch * widths.fed;
            generator.mask(self.recurrent, scale, count).into()
        });
        let zones = self.zoneout.iter().any(|&rate| rate > 0.0).then(|| {
            (0..states)
                .map(|state| match draw {
                    Some(draw) if rate(state) > 0.0 => {
                        let stream = draw.child("zoneout").at(state as u64);
                        let count = batch * time * widths.hidden;
                        // 1 with the probability that the old value stays.
                        let mut generator = stream.generator();
                        Zoning::Kept(generator.mask(1.0 - rate(state), 1.0, count))
                    }
                    _ => Zoning::Share(rate(state) as f32),
                })
                .collect()
        });
        let weights = draw.filter(|_| self.weights > 0.0);
        Noise {
            recurrent,
            zones,
            weights: weights.map(|draw| (self.weights, draw.child("weight dropout"))),
        }
    }
}

impl Noise {
    /// The zones as the kernels take them.
    pub(super) fn zones(&self) -> Option<Vec<Zone<'_>>> {
        self.zones.as_ref().map(|zones| {
            zones
                .iter()
                .map(|zone| match zone {
                    Zoning::Share(share) => Zone::Share(*share),
                    Zoning::Kept(mask) => Zone::Kept(mask),
                })
                .collect()
        })
    }

    /// All of it as the kernels take it.
    pub(super) fn kernel<'a>(&'a self, zones: Option<&'a [Zone<'a>]>) -> KernelNoise<'a> {
        KernelNoise {
            recurrent: self.recurrent(),
            zoneout: zones,
        }
    }

    /// The recurrent weights of this call.
    pub(super) fn of_weights(&self, weights: Tensor<2>) -> Tensor<2> {
        match &self.weights {
            Some((probability, draw)) => drop_out(weights, *probability, draw),
            None => weights,
        }
    }

    /// The factors of the fed-back state.
    pub(super) fn recurrent(&self) -> Option<&[f32]> {
        self.recurrent.as_deref()
    }
}
