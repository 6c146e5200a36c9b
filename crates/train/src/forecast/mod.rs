//! The forecast learner: windows in, scaled values compared, AdamW with clipping by the global norm.

mod loss;
pub mod report;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};

use ressac_data::panel::Panel;
use ressac_models::ModelError;
use ressac_models::forecast::{
    ForecastConfig, ForecastNetwork, ForecastPipeline, ModelKind, Resolved, ScaledPanel, Window,
};
use ressac_nn::optim::{self, AdamW, AdamWConfig};
use ressac_nn::random::Stream;
use ressac_nn::weights::{self, NamedTensors};

pub(crate) use self::loss::LossFunction;
use crate::{
    Average, Averaging, Learner, LearnerState, Place, StepContext, StepReport, TrainError,
    TrainerConfig, machine, non_finite_gradient, non_finite_state,
};

/// Windows validated in one pass.
const VALIDATED_AT_ONCE: usize = 256;

/// A forecaster in training.
pub struct ForecastLearner {
    config: ForecastConfig,
    network: Held,
    optimiser: AdamW,
    averaging: Averaging,
    loss: LossFunction,
    panel: ScaledPanel,
    training: Vec<Window>,
    validation: Vec<Window>,
    /// Where the gradient of the last step was not finite.
    culprit: Option<Place>,
    /// The device gradients are recorded on.
    device: Device,
}

/// The network, which a step takes out and puts back: nobody else may hold values that change where they are.
struct Held(Option<ForecastNetwork>);

impl Held {
    fn change<E>(
        &mut self,
        change: impl FnOnce(ForecastNetwork) -> (ForecastNetwork, Result<(), E>),
    ) -> Result<(), E> {
        let Some(network) = self.0.take() else {
            return Ok(());
        };
        let (network, changed) = change(network);
        self.0 = Some(network);
        changed
    }
}

impl std::ops::Deref for Held {
    type Target = ForecastNetwork;
    fn deref(&self) -> &ForecastNetwork {
        match &self.0 {
            Some(network) => network,
            None => unreachable!("only `change` takes the network out, and it puts it back"),
        }
    }
}

impl ForecastLearner {
    /// A learner at its first step, and the pipeline it fitted on the training parts of `panel`.
    ///
    /// # Errors
    /// When a column has no value to learn a scale from, or a schedule or average is not one.
    pub fn new(
        resolved: &Resolved,
        panel: &Panel,
        device: &Device,
    ) -> Result<(Self, ForecastPipeline), TrainError> {
        let Resolved { config, parts, .. } = resolved;
        Self::trainer_config(config)?;
        let pipeline = ForecastPipeline::fit(panel, parts, config)?;
        let before: Vec<_> = parts.iter().map(|split| 0..split.train.end).collect();
        let scaled = ScaledPanel::new(panel, &pipeline, &before, config.context, config.horizon)?;
        let training = scaled.windows(parts, |split| &split.train, config.stride);
        let validation = scaled.windows(parts, |split| &split.valid, 1);
        let device = device.clone().autodiff();
        let stream = Stream::new(config.seed, "weights");
        let widths = pipeline.widths()?;
        let parameters = ForecastNetwork::parameters(config, widths);
        let needed = memory(config, widths.targets, parameters, scaled.len());
        if let Some(there) = machine::memory().filter(|there| needed > *there) {
            return Err(TrainError::TooLarge {
                needed,
                there,
                parameters,
                batch: config.batch,
            });
        }
        let network = ForecastNetwork::new(config, widths, &stream, &device)?;
        let optimiser = AdamW::new(AdamWConfig {
            weight_decay: config.weight_decay,
            clip: (config.clip > 0.0).then_some(config.clip),
            ..AdamWConfig::default()
        });
        let average: Average = parsed("averaging", &config.averaging)?;
        let learner = Self {
            network: Held(Some(network)),
            optimiser,
            averaging: Averaging::new(average),
            loss: LossFunction::new(config.loss, &config.quantiles, &device),
            panel: scaled,
            training,
            validation,
            culprit: None,
            device,
            config: config.clone(),
        };
        Ok((learner, pipeline))
    }

    /// Whether the words of a configuration are ones that training knows, and the calendar one it can follow: what
    /// [`ForecastLearner::new`] and [`ForecastLearner::trainer_config`] would refuse, before anything is made.
    ///
    /// # Errors
    /// A schedule, an average or holidays that are none, or holidays of rows that are not days or finer.
    pub fn check(config: &ForecastConfig, panel: &Panel) -> Result<(), TrainError> {
        Self::trainer_config(config)?;
        parsed::<Average>("averaging", &config.averaging)?;
        Ok(ForecastPipeline::check_holidays(config, panel)?)
    }

    /// What the trainer reads of a forecaster's configuration.
    ///
    /// # Errors
    /// When the schedule is not one.
    pub fn trainer_config(config: &ForecastConfig) -> Result<TrainerConfig, TrainError> {
        Ok(TrainerConfig {
            epochs: config.epochs as u64,
            batch: config.batch,
            seed: config.seed,
            schedule: parsed("schedule", &config.schedule)?,
            lr: config.lr,
            patience: config.patience as u64,
            time_limit: config.time_limit.map(|limit| limit.0),
            stop_at: None,
            checkpoint_every: std::time::Duration::from_secs(30),
        })
    }

    /// The part of the network that is the first to give a value that is not finite, where the loss of these windows
    /// is none.
    fn first_to_overflow(&self, windows: &[Window]) -> Result<Place, TrainError> {
        if let Some(place) = non_finite_state(&self.state()) {
            return Ok(place);
        }
        let finite = |tensor: Tensor<3>| tensor.into_data().iter::<f32>().all(f32::is_finite);
        let input = self
            .network
            .encoder_input(self.panel.batch(windows, &self.device)?)?;
        if !finite(input.clone()) {
            return Ok(Place::Output("the input's scaling or embedding"));
        }
        let state = self.network.encode(input)?;
        let encoded = state.parts().iter().all(|part| finite(part.clone()));
        Ok(Place::Output(match encoded {
            false => "the encoder",
            true => "the layers after the encoder",
        }))
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
        let targets = self.network.targets();
        memory(&self.config, targets, self.parameters(), self.panel.len())
    }
}

/// As [`ForecastLearner::memory`], before there is a network; the largest number there is where it is
/// more.
fn memory(config: &ForecastConfig, targets: usize, parameters: usize, values: usize) -> usize {
    let gates = config.cell().size().inputs;
    let (rows, steps) = match config.model {
        ModelKind::Segment => (
            targets,
            (config.context + config.horizon).div_ceil(config.segment),
        ),
        _ => (1, config.context + config.horizon),
    };
    // Each step of each layer keeps its gates, its state and output, and the gradients of both.
    let per_step = (config.layers.saturating_mul(config.hidden))
        .saturating_mul(2 * (gates + 2))
        .saturating_add(3 * targets);
    let activations = [rows, steps, per_step]
        .into_iter()
        .fold(config.batch.max(VALIDATED_AT_ONCE), usize::saturating_mul);
    parameters
        .saturating_mul(5)
        .saturating_add(activations)
        .saturating_add(values)
        .saturating_mul(4)
}

/// An option that is a word, read.
fn parsed<T: std::str::FromStr<Err = String>>(key: &str, text: &str) -> Result<T, TrainError> {
    text.parse().map_err(|problem| {
        TrainError::Model(ModelError::Options {
            key: key.to_owned(),
            problem: format!("cannot be followed: {problem}"),
        })
    })
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
        let windows: Vec<Window> = batch.iter().map(|&index| self.training[index]).collect();
        let read = self.panel.batch(&windows, &self.device)?;
        let truth = self.panel.truth(&windows, &self.device);
        let forecast = self
            .network
            .forward(read, Some(&context.stream.child("dropout")))?;
        let loss = self.loss.of(forecast, truth);
        let value = number(loss.clone().inner());
        if !value.is_finite() {
            self.culprit = Some(self.first_to_overflow(&windows)?);
            return Ok(StepReport {
                loss: value,
                gradient_norm: 0.0,
            });
        }
        let mut gradients = GradientsParams::from_grads(loss.backward(), &*self.network);
        let gradient_norm = optim::global_norm(&*self.network, &mut gradients);
        if gradient_norm.is_finite() {
            self.network.change(|network| {
                let rate = context.learning_rate;
                self.optimiser
                    .step_of_norm(rate, network, gradients, gradient_norm)
            })?;
            let network = &*self.network;
            self.averaging
                .update(context, || weights::collect(network))?;
        } else {
            self.culprit = non_finite_gradient(&*self.network, &gradients);
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
        let network = match self.averaging.weights() {
            Some(averaged) => weights::apply((*self.network).clone(), averaged)?,
            None => (*self.network).clone(),
        }
        .valid();
        let device = self.device.clone().inner();
        let loss = self.loss.on(&device);
        let mut sum = 0.0;
        for windows in self.validation.chunks(VALIDATED_AT_ONCE) {
            let read = self.panel.batch(windows, &device)?;
            let truth = self.panel.truth(windows, &device);
            let value = number(loss.of(network.forward(read, None)?, truth));
            sum += value * windows.len() as f64;
        }
        Ok(Some(sum / self.validation.len() as f64))
    }

    fn weights(&self) -> NamedTensors {
        match self.averaging.weights() {
            Some(averaged) => averaged.clone(),
            None => weights::collect(&*self.network),
        }
    }

    fn state(&self) -> LearnerState {
        let mut tensors = NamedTensors::new();
        for (prefix, part) in [
            ("network", weights::collect(&*self.network)),
            ("optimiser", self.optimiser.state()),
        ] {
            tensors.extend(
                part.into_iter()
                    .map(|(name, tensor)| (format!("{prefix}/{name}"), tensor)),
            );
        }
        let mut state = LearnerState {
            tensors,
            ..LearnerState::default()
        };
        self.averaging.save_into(&mut state);
        state
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
        let restored = weights::apply((*self.network).clone(), &part("network/"));
        self.network = Held(Some(restored.map_err(refused)?));
        self.optimiser
            .restore(&part("optimiser/"))
            .map_err(refused)?;
        self.averaging.restore(state)
    }

    fn find_non_finite(&self) -> Option<Place> {
        self.culprit
            .clone()
            .or_else(|| non_finite_state(&self.state()))
    }
}

#[cfg(test)]
mod tests;
