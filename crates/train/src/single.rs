//! A learner's part for one network: AdamW with clipping, an average of the weights, and the place of a
//! number that is not finite.

use burn::module::Module;
use burn::tensor::Tensor;
use ressac_nn::optim::GradientsParams;

use ressac_nn::embedding::Reading;
use ressac_nn::image::Running;
use ressac_nn::optim::{self, AdamW, AdamWConfig};
use ressac_nn::weights::{self, NamedTensors};

use crate::{
    Average, Averaging, LearnerState, MovedRows, Place, StepContext, StepReport, TrainError,
    non_finite_gradient, non_finite_state,
};

/// How one network is trained.
#[derive(Debug, Clone, PartialEq)]
pub struct SingleConfig {
    /// AdamW's weight decay.
    pub weight_decay: f64,
    /// The largest global norm of the gradient; 0 switches clipping off.
    pub clip: f64,
    /// Which average of the weights is validated and kept.
    pub averaging: Average,
}

/// One network in training.
#[derive(Debug)]
pub struct Single<N> {
    network: N,
    optimiser: AdamW,
    averaging: Averaging,
    /// Where the loss or the gradient of the last step was not finite.
    culprit: Option<Place>,
}

impl<N: Module> Single<N> {
    /// A network before its first step; it records gradients.
    pub fn new(network: N, config: &SingleConfig) -> Self {
        Self {
            network,
            optimiser: AdamW::new(AdamWConfig {
                weight_decay: config.weight_decay,
                clip: (config.clip > 0.0).then_some(config.clip),
                ..AdamWConfig::default()
            }),
            averaging: Averaging::new(config.averaging),
            culprit: None,
        }
    }

    /// The network as it stands.
    pub fn network(&self) -> &N {
        &self.network
    }

    /// One step down the gradient of `loss`. Where the loss is not finite, nothing moves and `overflow` is asked
    /// which part of the network is the first to give such a value.
    ///
    /// # Errors
    /// When the optimiser's state is not this network's, or `overflow` fails.
    pub fn step(
        &mut self,
        context: &StepContext,
        loss: Tensor<1>,
        overflow: impl FnOnce(&N) -> Result<Place, TrainError>,
    ) -> Result<StepReport, TrainError> {
        self.step_reading(context, loss, (Vec::new(), Vec::new()), overflow)
    }

    /// As [`Single::step`], of a loss for which rows of tables were read ([`ressac_nn::Embedding::read`]): those rows
    /// alone are moved. Running averages of normalisations are put into the network behind the step.
    ///
    /// # Errors
    /// As [`Single::step`].
    pub fn step_reading(
        &mut self,
        context: &StepContext,
        loss: Tensor<1>,
        (read, running): (Vec<Reading>, Vec<Running>),
        overflow: impl FnOnce(&N) -> Result<Place, TrainError>,
    ) -> Result<StepReport, TrainError> {
        let value = number(loss.clone().inner());
        if !value.is_finite() {
            self.culprit = Some(match non_finite_state(&self.state()) {
                Some(place) => place,
                None => overflow(&self.network)?,
            });
            return Ok(StepReport {
                loss: value,
                ..StepReport::default()
            });
        }
        let mut graph = loss.backward();
        let rows: Vec<_> = (read.into_iter())
            .filter_map(|read| read.gradient(&mut graph))
            .collect();
        let mut gradients = GradientsParams::from_grads(graph, &self.network);
        let gradient_norm = optim::global_norm_with_rows(&self.network, &mut gradients, &rows);
        if gradient_norm.is_finite() {
            let tables: Vec<_> = (rows.iter())
                .map(|rows| (rows.parameter(), rows.rows().to_vec()))
                .collect();
            let values = |network: &N| -> Vec<_> {
                let of = |(table, rows): &(_, Vec<u32>)| weights::rows(network, *table, rows);
                tables.iter().map(of).collect()
            };
            let averages = self.averaging.averages();
            let before = averages.then(|| values(&self.network));
            let (rate, network) = (context.learning_rate, &mut self.network);
            self.optimiser
                .step_with_rows(rate, network, gradients, rows, gradient_norm)?;
            if !running.is_empty() {
                let running = running.into_iter().flat_map(|running| running.0);
                self.network = weights::set(self.network.clone(), running.collect());
            }
            let after = averages.then(|| values(&self.network));
            let both = before
                .into_iter()
                .flatten()
                .zip(after.into_iter().flatten());
            let moved: Vec<MovedRows> = (both.zip(&tables))
                .filter_map(|((before, after), (_, rows))| {
                    let ((table, before), (_, after)) = (before?, after?);
                    let rows = rows.clone();
                    Some(MovedRows {
                        table,
                        rows,
                        before,
                        after,
                    })
                })
                .collect();
            self.averaging.update_with_rows(context, &moved, |tables| {
                weights::collect_without(&self.network, tables)
            })?;
        } else {
            self.culprit = non_finite_gradient(&self.network, &gradients, &rows);
        }
        Ok(StepReport {
            loss: value,
            gradient_norm,
            ..StepReport::default()
        })
    }

    /// The network to validate with: the averaged weights where there are some, recording nothing.
    ///
    /// # Errors
    /// When the average is not of this network.
    pub fn validated(&self) -> Result<N, TrainError> {
        let network = self.network.clone();
        let averaged = self.averaging.settled(|| weights::collect(&network));
        Ok(match averaged {
            Some(averaged) => weights::apply(network, &averaged)?,
            None => network,
        }
        .valid())
    }

    /// The weights to keep: the average where there is one.
    pub fn weights(&self) -> NamedTensors {
        let current = || weights::collect(&self.network);
        self.averaging.settled(current).unwrap_or_else(current)
    }

    /// The whole state.
    pub fn state(&self) -> LearnerState {
        let mut state = LearnerState::default();
        state.put("network", weights::collect(&self.network));
        state.put("optimiser", self.optimiser.state());
        self.averaging.save_into(&mut state);
        state
    }

    /// Puts a state back.
    ///
    /// # Errors
    /// When names or shapes are not those of this network.
    pub fn restore(&mut self, state: &LearnerState) -> Result<(), TrainError> {
        let refused = |error: ressac_nn::NnError| TrainError::Checkpoint(error.to_string());
        let restored = weights::apply(self.network.clone(), &state.take("network"));
        self.network = restored.map_err(refused)?;
        self.optimiser
            .restore(&state.take("optimiser"))
            .map_err(refused)?;
        self.averaging.restore(state)
    }

    /// Where the last step met a value that is not finite.
    pub fn find_non_finite(&self) -> Option<Place> {
        self.culprit
            .clone()
            .or_else(|| non_finite_state(&self.state()))
    }
}

/// The part of a [`crate::Learner`] that is the same for every learner with one network: weights, state, restoring it, and
/// the place of a value that is not finite, all from its field `$single`, a [`Single`].
#[macro_export]
macro_rules! one_network {
    ($single:ident) => {
        fn weights(&self) -> $crate::NamedTensors {
            self.$single.weights()
        }

        fn state(&self) -> $crate::LearnerState {
            self.$single.state()
        }

        fn restore(&mut self, state: &$crate::LearnerState) -> Result<(), $crate::TrainError> {
            self.$single.restore(state)
        }

        fn find_non_finite(&self) -> Option<$crate::Place> {
            self.$single.find_non_finite()
        }
    };
}

/// The one number of a tensor.
pub fn number(tensor: Tensor<1>) -> f64 {
    tensor
        .into_data()
        .iter::<f32>()
        .next()
        .map_or(f64::NAN, f64::from)
}
