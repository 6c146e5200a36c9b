//! The forecast learner: windows in, scaled values compared.

use burn::tensor::{Device, Tensor};

use ressac_data::panel::Panel;
use ressac_nn::random::Stream;
use ressac_train::{
    Learner, Place, Single, Size, StepContext, StepReport, TrainError, Validation, number,
    one_network, refuse_too_large,
};

use super::choices::ModelKind;
use super::config::ForecastConfig;
use super::dataset::{ScaledPanel, Window};
use super::loss::LossFunction;
use super::network::ForecastNetwork;
use super::pipeline::ForecastPipeline;
use super::resolve::Resolved;
use crate::ModelError;

/// Windows validated in one pass.
const VALIDATED_AT_ONCE: usize = 256;

/// A forecaster in training.
pub struct ForecastLearner {
    single: Single<ForecastNetwork>,
    loss: LossFunction,
    panel: ScaledPanel,
    training: Vec<Window>,
    validation: Vec<Window>,
    size: Size,
    /// The device gradients are recorded on.
    device: Device,
}

impl ForecastLearner {
    /// A learner at its first step, and the pipeline it fitted on the training parts of `panel`.
    ///
    /// # Errors
    /// When a column has no value to learn a scale from, or the machine has not the memory.
    pub fn new(
        resolved: &Resolved,
        panel: &Panel,
        device: &Device,
    ) -> Result<(Self, ForecastPipeline), ModelError> {
        let Resolved { config, parts, .. } = resolved;
        let pipeline = ForecastPipeline::fit(panel, parts, config)?;
        let before: Vec<_> = parts.iter().map(|split| 0..split.train.end).collect();
        let scaled = ScaledPanel::new(panel, &pipeline, &before, config.context, config.horizon)?;
        let training = scaled.windows(parts, |split| &split.train, config.stride);
        let validation = scaled.windows(parts, |split| &split.valid, 1);
        let device = device.clone().autodiff();
        let stream = Stream::new(config.training.seed, "weights");
        let widths = pipeline.widths()?;
        let parameters = ForecastNetwork::parameters(config, widths);
        let size = Size {
            items: "windows",
            training: training.len(),
            validation: validation.len(),
            parameters,
            memory: memory(config, widths.targets, parameters, scaled.len()),
        };
        refuse_too_large(
            &size,
            config.training.batch,
            "Give a smaller `hidden`, `layers` or `batch`, or a shorter `context` or `horizon`",
        )?;
        let network = ForecastNetwork::new(config, widths, &stream, &device)?;
        let learner = Self {
            single: Single::new(network, &config.training.single()),
            loss: LossFunction::new(config.loss, &config.quantiles, &device),
            panel: scaled,
            training,
            validation,
            size,
            device,
        };
        Ok((learner, pipeline))
    }
}

/// The part of the network that is the first to give a value that is not finite, where the loss of these windows is none.
fn first_to_overflow(
    network: &ForecastNetwork,
    panel: &ScaledPanel,
    windows: &[Window],
    device: &Device,
) -> Result<Place, ModelError> {
    let finite = |tensor: Tensor<3>| tensor.into_data().iter::<f32>().all(f32::is_finite);
    let input = network.encoder_input(panel.batch(windows, device)?)?;
    if !finite(input.clone()) {
        return Ok(Place::Output("the input's scaling or embedding"));
    }
    let state = network.encode(input)?;
    let encoded = state.parts().iter().all(|part| finite(part.clone()));
    Ok(Place::Output(match encoded {
        false => "the encoder",
        true => "the layers after the encoder",
    }))
}

/// About how many bytes training holds at once: weights with gradient, moments and the best copy; the series; and what one
/// batch's backward pass needs. The largest number there is where it is more.
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
    let per_step = (config
        .recurrent
        .layers
        .saturating_mul(config.recurrent.hidden))
    .saturating_mul(2 * (gates + 2))
    .saturating_add(3 * targets);
    let activations = [rows, steps, per_step].into_iter().fold(
        config.training.batch.max(VALIDATED_AT_ONCE),
        usize::saturating_mul,
    );
    parameters
        .saturating_mul(5)
        .saturating_add(activations)
        .saturating_add(values)
        .saturating_mul(4)
}

impl Learner for ForecastLearner {
    fn size(&self) -> Size {
        self.size.clone()
    }

    fn step(&mut self, batch: &[usize], context: &StepContext) -> Result<StepReport, TrainError> {
        let windows: Vec<Window> = batch.iter().map(|&index| self.training[index]).collect();
        let read = self.panel.batch(&windows, &self.device)?;
        let truth = self.panel.truth(&windows, &self.device);
        let stream = context.stream.child("dropout");
        let forecast = self.single.network().forward(read, Some(&stream))?;
        let loss = self.loss.of(forecast, truth);
        let (panel, device) = (&self.panel, &self.device);
        self.single.step(context, loss, |network| {
            Ok(first_to_overflow(network, panel, &windows, device)?)
        })
    }

    fn validate(&mut self) -> Result<Option<Validation>, TrainError> {
        if self.validation.is_empty() {
            return Ok(None);
        }
        let network = self.single.validated()?;
        let device = self.device.clone().inner();
        let loss = self.loss.on(&device);
        let mut sum = 0.0;
        for windows in self.validation.chunks(VALIDATED_AT_ONCE) {
            let read = self.panel.batch(windows, &device)?;
            let truth = self.panel.truth(windows, &device);
            let value = number(loss.of(network.forward(read, None)?, truth));
            sum += value * windows.len() as f64;
        }
        Ok(Some((sum / self.validation.len() as f64).into()))
    }

    one_network!(single);
}

#[cfg(test)]
mod tests;
