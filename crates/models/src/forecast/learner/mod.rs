//! The forecast learner: windows in, scaled values compared.

use burn::tensor::{Device, Tensor};

use ressac_data::panel::Panel;
use ressac_nn::random::Stream;
use ressac_train::{
    Items, ItemsLoss, Objective, ObjectiveLearner, Place, Set, Size, TrainError, refuse_too_large,
};

use super::choices::ModelKind;
use super::config::ForecastConfig;
use super::dataset::{ScaledPanel, Window};
use super::loss::LossFunction;
use super::network::ForecastNetwork;
use super::pipeline::ForecastPipeline;
use super::resolve::Resolved;
use crate::ModelError;
use crate::options::memory_of;

/// A forecaster in training.
pub type ForecastLearner = ObjectiveLearner<ForecastObjective>;

/// The loss of a forecaster over windows of a panel.
pub struct ForecastObjective {
    loss: LossFunction,
    panel: ScaledPanel,
    training: Vec<Window>,
    validation: Vec<Window>,
    size: Size,
}

/// A learner at its first step, and the pipeline it fitted on the training parts of `panel`.
///
/// # Errors
/// When a column has no value to learn a scale from, or the machine has not the memory.
pub(super) fn learner(
    resolved: &Resolved,
    panel: &Panel,
    device: &Device,
) -> Result<(ForecastLearner, ForecastPipeline), ModelError> {
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
    let objective = ForecastObjective {
        loss: LossFunction::new(config.loss, &config.quantiles, &device),
        panel: scaled,
        training,
        validation,
        size,
    };
    let network = ForecastNetwork::new(config, widths, &stream, &device)?;
    let single = config.training.single();
    let learner = ObjectiveLearner::new(objective, network, &single, device);
    Ok((learner, pipeline))
}

/// About how many bytes training holds at once, the series among them.
fn memory(config: &ForecastConfig, targets: usize, parameters: usize, values: usize) -> usize {
    let (rows, steps) = match config.model {
        ModelKind::Segment => (
            targets,
            (config.context + config.horizon).div_ceil(config.segment),
        ),
        _ => (1, config.context + config.horizon),
    };
    let per_step = (config.recurrent)
        .kept_per_step(config.cell_kind(), 1)
        .saturating_add(3 * targets);
    let activations = [rows, steps, per_step].into_iter().fold(
        config.training.batch.max(ressac_train::VALIDATED_AT_ONCE),
        usize::saturating_mul,
    );
    memory_of(parameters, activations.saturating_add(values))
}

impl ForecastObjective {
    fn windows(&self, items: Items<'_>) -> Vec<Window> {
        let all = match items.set {
            Set::Training => &self.training,
            Set::Validation => &self.validation,
        };
        items.places.iter().map(|&index| all[index]).collect()
    }
}

impl Objective for ForecastObjective {
    type Network = ForecastNetwork;

    fn size(&self) -> Size {
        self.size.clone()
    }

    fn loss(&self, network: &ForecastNetwork, items: Items<'_>) -> Result<ItemsLoss, TrainError> {
        let windows = self.windows(items);
        let read = self.panel.batch(&windows, items.device)?;
        let truth = self.panel.truth(&windows, items.device);
        let forecast = network.forward(read, items.draw)?;
        Ok(ItemsLoss {
            loss: self.loss.on(items.device).of(forecast, truth),
            weight: windows.len(),
            figures: Vec::new(),
            read: Vec::new(),
            running: Vec::new(),
        })
    }

    fn overflow(&self, network: &ForecastNetwork, items: Items<'_>) -> Result<Place, TrainError> {
        let finite = |tensor: Tensor<3>| tensor.into_data().iter::<f32>().all(f32::is_finite);
        let windows = self.windows(items);
        let input = network.encoder_input(self.panel.batch(&windows, items.device)?)?;
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
}

#[cfg(test)]
mod tests;
