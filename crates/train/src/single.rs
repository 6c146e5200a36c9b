//! A learner's part for one network: AdamW with clipping, an average of the weights, and the place of a
//! number that is not finite.

use burn::module::Module;
use burn::tensor::Tensor;
use ressac_nn::optim::GradientsParams;

use ressac_nn::optim::{self, AdamW, AdamWConfig};
use ressac_nn::weights::{self, NamedTensors};

use crate::{
    Average, Averaging, LearnerState, Place, StepContext, StepReport, TrainError,
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
        let mut gradients = GradientsParams::from_grads(loss.backward(), &self.network);
        let gradient_norm = optim::global_norm(&self.network, &mut gradients);
        if gradient_norm.is_finite() {
            let (rate, network) = (context.learning_rate, &mut self.network);
            self.optimiser
                .step_of_norm(rate, network, gradients, gradient_norm)?;
            self.averaging
                .update(context, || weights::collect(&self.network))?;
        } else {
            self.culprit = non_finite_gradient(&self.network, &gradients);
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
        Ok(match self.averaging.weights() {
            Some(averaged) => weights::apply(network, averaged)?,
            None => network,
        }
        .valid())
    }

    /// The weights to keep: the average where there is one.
    pub fn weights(&self) -> NamedTensors {
        match self.averaging.weights() {
            Some(averaged) => averaged.clone(),
            None => weights::collect(&self.network),
        }
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
