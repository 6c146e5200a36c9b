//! The forecast learner: windows in, z-scores compared, AdamW with clipping by the global norm.

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};

use ressac_data::{Table, window};
use ressac_models::forecast::{
    ForecastConfig, ForecastNetwork, ForecastPipeline, Loss, Resolved, ScaledSeries,
};
use ressac_nn::optim::{self, AdamW, AdamWConfig};
use ressac_nn::random::Stream;
use ressac_nn::weights::{self, NamedTensors};

use crate::{Learner, LearnerState, Schedule, StepContext, StepReport, TrainError, TrainerConfig};

/// Windows validated in one pass.
const VALIDATED_AT_ONCE: usize = 256;

/// A forecaster in training.
pub struct ForecastLearner {
    config: ForecastConfig,
    network: ForecastNetwork,
    optimiser: AdamW,
    series: ScaledSeries,
    training: Vec<usize>,
    validation: Vec<usize>,
    /// The device gradients are recorded on.
    device: Device,
}

impl ForecastLearner {
    /// A learner at its first step, and the pipeline it fitted on the training part of `table`.
    ///
    /// # Errors
    /// When a value of `table` is missing.
    pub fn new(
        resolved: &Resolved,
        table: &Table,
        device: &Device,
    ) -> Result<(Self, ForecastPipeline), TrainError> {
        let Resolved { config, split, .. } = resolved;
        let pipeline = ForecastPipeline::fit(table, split.train.clone(), config.season)?;
        let series = ScaledSeries::new(table, &pipeline)?;
        let origins = |part| window::origins(part, config.context, config.horizon, 1);
        let (training, validation) = (origins(split.train.clone()), origins(split.valid.clone()));
        let device = device.clone().autodiff();
        let stream = Stream::new(config.seed, "weights");
        let network = ForecastNetwork::new(config, pipeline.columns.len(), &stream, &device)?;
        let optimiser = AdamW::new(AdamWConfig {
            weight_decay: config.weight_decay,
            clip: (config.clip > 0.0).then_some(config.clip),
            ..AdamWConfig::default()
        });
        let learner = Self {
            config: config.clone(),
            network,
            optimiser,
            series,
            training,
            validation,
            device,
        };
        Ok((learner, pipeline))
    }

    /// What the trainer reads of a forecaster's configuration.
    pub fn trainer_config(config: &ForecastConfig) -> TrainerConfig {
        TrainerConfig {
            epochs: config.epochs as u64,
            batch: config.batch,
            seed: config.seed,
            schedule: Schedule::default(),
            lr: config.lr,
            patience: config.patience as u64,
            time_limit: config.time_limit.map(|limit| limit.0),
            stop_at: None,
            checkpoint_every: std::time::Duration::from_secs(30),
        }
    }

    /// Windows to learn from and windows to validate on.
    pub fn windows(&self) -> (usize, usize) {
        (self.training.len(), self.validation.len())
    }

    /// The number of weights.
    pub fn parameters(&self) -> usize {
        self.network.num_params()
    }

    /// About how many bytes training holds at once: weights with gradient, moments and the best
    /// copy; the series; and what one batch's backward pass needs.
    pub fn memory(&self) -> usize {
        let config = &self.config;
        let variables = self.network.variables();
        let gates = match config.model {
            ressac_models::forecast::CellKind::Rnn => 1,
            ressac_models::forecast::CellKind::Gru => 3,
            ressac_models::forecast::CellKind::Lstm => 4,
        };
        // Each step of each layer keeps its gates, its state and output, and the gradients of both.
        let per_step = config.layers * config.hidden * 2 * (gates + 2) + 3 * variables;
        let activations = config.batch.max(VALIDATED_AT_ONCE) * config.context * per_step;
        let series = (self.training.len() + self.validation.len() + config.context) * variables * 3;
        4 * (5 * self.parameters() + activations + series)
    }

    fn loss(&self, forecast: Tensor<3>, truth: Tensor<3>) -> Tensor<1> {
        let error = forecast - truth;
        match self.config.loss {
            Loss::Mse => (error.clone() * error).mean(),
            Loss::Mae => error.abs().mean(),
        }
    }

    fn origins(&self, batch: &[usize]) -> Vec<usize> {
        batch.iter().map(|&index| self.training[index]).collect()
    }
}

/// The one number of a tensor.
fn number(tensor: Tensor<1>) -> f64 {
    tensor
        .into_data()
        .iter::<f32>()
        .next()
        .map_or(f64::NAN, f64::from)
}

impl Learner for ForecastLearner {
    fn items(&self) -> usize {
        self.training.len()
    }

    fn step(&mut self, batch: &[usize], context: &StepContext) -> Result<StepReport, TrainError> {
        let origins = self.origins(batch);
        let past = self
            .series
            .contexts(&origins, self.config.context, &self.device);
        let future = self
            .series
            .futures(&origins, self.config.horizon, &self.device);
        let forecast = self
            .network
            .forward(past, Some(&context.stream.child("dropout")))?;
        let loss = self.loss(forecast, future);
        let value = number(loss.clone().inner());
        if !value.is_finite() {
            return Ok(StepReport {
                loss: value,
                gradient_norm: 0.0,
            });
        }
        let gradients = GradientsParams::from_grads(loss.backward(), &self.network);
        let gradient_norm = optim::global_norm(&self.network, &gradients);
        if gradient_norm.is_finite() {
            (self.network, _) =
                self.optimiser
                    .step(context.learning_rate, self.network.clone(), gradients)?;
        }
        Ok(StepReport {
            loss: value,
            gradient_norm,
        })
    }

    fn validate(&mut self) -> Result<Option<f64>, TrainError> {
        if self.validation.is_empty() {
            return Ok(None);
        }
        let network = self.network.valid();
        let device = self.device.clone().inner();
        let mut sum = 0.0;
        for origins in self.validation.chunks(VALIDATED_AT_ONCE) {
            let past = self.series.contexts(origins, self.config.context, &device);
            let future = self.series.futures(origins, self.config.horizon, &device);
            let loss = self.loss(network.forward(past, None)?, future);
            sum += number(loss) * origins.len() as f64;
        }
        Ok(Some(sum / self.validation.len() as f64))
    }

    fn weights(&self) -> NamedTensors {
        weights::collect(&self.network)
    }

    fn state(&self) -> LearnerState {
        let mut tensors = NamedTensors::new();
        for (prefix, part) in [
            ("network", self.weights()),
            ("optimiser", self.optimiser.state()),
        ] {
            tensors.extend(
                part.into_iter()
                    .map(|(name, tensor)| (format!("{prefix}/{name}"), tensor)),
            );
        }
        LearnerState {
            tensors,
            ..LearnerState::default()
        }
    }

    fn restore(&mut self, state: &LearnerState) -> Result<(), TrainError> {
        let part = |prefix: &str| -> NamedTensors {
            state
                .tensors
                .iter()
                .filter_map(|(name, tensor)| {
                    Some((name.strip_prefix(prefix)?.to_owned(), tensor.clone()))
                })
                .collect()
        };
        let refused = |error: ressac_nn::NnError| TrainError::Checkpoint(error.to_string());
        self.network = weights::apply(self.network.clone(), &part("network/")).map_err(refused)?;
        self.optimiser.restore(&part("optimiser/")).map_err(refused)
    }
}

#[cfg(test)]
mod tests;
