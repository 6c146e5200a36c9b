//! The classification learner: examples in, classes compared.

use burn::tensor::{Device, Tensor};

use ressac_data::examples::Examples;
use ressac_nn::loss::{CrossEntropy, cross_entropy};
use ressac_nn::random::Stream;
use ressac_train::{
    Learner, Place, Single, Size, StepContext, StepReport, TrainError, Validation, number,
    one_network, order, refuse_too_large,
};

use super::config::ClassifyConfig;
use super::encoded::Encoded;
use super::network::{ClassifyNetwork, Widths};
use super::pipeline::ClassifyPipeline;
use super::resolve::{Resolved, require_known};
use crate::ModelError;

/// Examples validated in one pass.
const VALIDATED_AT_ONCE: usize = 256;

/// Examples with their classes.
struct Known {
    examples: Encoded,
    truth: Vec<u32>,
}

impl Known {
    fn new(pipeline: &ClassifyPipeline, examples: &Examples) -> Result<Self, ModelError> {
        Ok(Self {
            truth: (pipeline.truth(examples)?.into_iter())
                .map(|class| class as u32)
                .collect(),
            examples: Encoded::new(pipeline, examples)?,
        })
    }

    fn truth(&self, places: &[usize]) -> Vec<u32> {
        places.iter().map(|at| self.truth[*at]).collect()
    }
}

/// A classifier in training.
pub struct ClassifyLearner {
    single: Single<ClassifyNetwork>,
    training: Known,
    validation: Known,
    size: Size,
    /// The device gradients are recorded on.
    device: Device,
}

impl ClassifyLearner {
    /// A learner at its first step, and the pipeline it fitted on the training part.
    ///
    /// # Errors
    /// When the training part has one class alone, another part has one that it lacks, or the machine has not the
    /// memory.
    pub fn new(
        resolved: &Resolved,
        device: &Device,
    ) -> Result<(Self, ClassifyPipeline), ModelError> {
        let Resolved { config, parts, .. } = resolved;
        let pipeline = ClassifyPipeline::fit(&parts.train, config)?;
        require_known(&pipeline, parts)?;
        let training = Known::new(&pipeline, &parts.train)?;
        let validation = Known::new(&pipeline, &parts.valid)?;
        let widths = Widths::of(config, &pipeline);
        let parameters = ClassifyNetwork::parameters(config, widths);
        let size = Size {
            items: "examples",
            training: training.truth.len(),
            validation: validation.truth.len(),
            parameters,
            memory: memory(config, widths, parameters, &training.examples),
        };
        refuse_too_large(
            &size,
            config.training.batch,
            "Give a smaller `hidden`, `layers` or `batch`, fewer `words`, or shorter examples",
        )?;
        let device = device.clone().autodiff();
        let stream = Stream::new(config.training.seed, "weights");
        let network = ClassifyNetwork::new(config, widths, &stream, &device)?;
        let learner = Self {
            single: Single::new(network, &config.training.single()),
            training,
            validation,
            size,
            device,
        };
        Ok((learner, pipeline))
    }
}

/// About how many bytes training holds at once: weights with gradient, moments and copies, and what the backward pass of
/// a batch of the longest examples needs.
fn memory(config: &ClassifyConfig, widths: Widths, parameters: usize, training: &Encoded) -> usize {
    let gates = config.cell().size().inputs;
    let longest = training.lengths().iter().copied().max().unwrap_or(0);
    let each = config.recurrent.hidden.saturating_mul(config.directions());
    // Each step of each layer keeps its gates, its state and output, and the gradients of both.
    let per_step = (config.recurrent.layers.saturating_mul(each))
        .saturating_mul(2 * (gates + 2))
        .saturating_add(widths.input.saturating_mul(4));
    let values: usize = training.lengths().iter().sum();
    let activations = [longest, per_step]
        .into_iter()
        .fold(config.training.batch, usize::saturating_mul);
    parameters
        .saturating_mul(6)
        .saturating_add(activations)
        .saturating_add(values.saturating_mul(widths.vectors.map_or(widths.input, |_| 1)))
        .saturating_mul(4)
}

/// The part of the network that is the first to give a value that is not finite.
fn first_to_overflow(
    network: &ClassifyNetwork,
    examples: &Encoded,
    places: &[usize],
    device: &Device,
) -> Result<Place, TrainError> {
    let input = network.input(examples.batch(places, device)?)?;
    let finite = input.into_data().iter::<f32>().all(f32::is_finite);
    Ok(Place::Output(match finite {
        false => "the input's scaling or embedding",
        true => "the recurrent layers or the output layer",
    }))
}

impl Learner for ClassifyLearner {
    fn size(&self) -> Size {
        self.size.clone()
    }

    fn epoch(&self, batch: usize, draw: &Stream) -> Vec<Vec<usize>> {
        order::by_length(self.training.examples.lengths(), batch, draw)
    }

    fn step(&mut self, batch: &[usize], context: &StepContext) -> Result<StepReport, TrainError> {
        let (examples, device) = (&self.training.examples, &self.device);
        let read = examples.batch(batch, device)?;
        let truth = self.training.truth(batch);
        let stream = context.stream.child("dropout");
        let (logits, read) = self.single.network().forward_train(read, &stream)?;
        let found = right(&logits.clone().inner(), &truth) as f64 / truth.len() as f64;
        let loss = cross_entropy(logits, &truth, &CrossEntropy::new())?;
        let mut report = self.single.step_reading(context, loss, read, |network| {
            first_to_overflow(network, examples, batch, device)
        })?;
        report.figures = vec![("accuracy", found)];
        Ok(report)
    }

    fn validate(&mut self) -> Result<Option<Validation>, TrainError> {
        let count = self.validation.truth.len();
        if count == 0 {
            return Ok(None);
        }
        let network = self.single.validated()?;
        let device = self.device.clone().inner();
        let (mut sum, mut found) = (0.0, 0);
        for places in self.validation.examples.batches(VALIDATED_AT_ONCE) {
            let read = self.validation.examples.batch(&places, &device)?;
            let truth = self.validation.truth(&places);
            let logits = network.forward(read)?;
            found += right(&logits, &truth);
            sum +=
                number(cross_entropy(logits, &truth, &CrossEntropy::new())?) * places.len() as f64;
        }
        Ok(Some(Validation {
            loss: sum / count as f64,
            figures: vec![("accuracy", found as f64 / count as f64)],
        }))
    }

    one_network!(single);
}

/// How many rows have their largest logit at the true class.
fn right(logits: &Tensor<2>, truth: &[u32]) -> usize {
    let classes = logits.dims()[1];
    let values: Vec<f32> = logits.clone().into_data().iter::<f32>().collect();
    let rows = values.chunks_exact(classes).zip(truth);
    rows.filter(|(row, class)| {
        let class = **class as usize;
        let mut others = row.iter().enumerate();
        others.all(|(other, value)| *value < row[class] || (*value == row[class] && other >= class))
    })
    .count()
}
