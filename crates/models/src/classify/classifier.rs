//! A trained classifier: its configuration, pipeline and network together, and its probabilities.

use burn::tensor::Device;

use ressac_data::examples::Examples;
use ressac_folder::ModelFiles;
use ressac_nn::random::Stream;
use ressac_stats::classification::{fit_binary_temperature, fit_temperature, sigmoid, softmax};

use super::config::ClassifyConfig;
use super::encoded::Encoded;
use super::family::Classification;
use super::network::{ClassifyNetwork, Widths};
use super::parts::Parts;
use super::pipeline::ClassifyPipeline;
use super::target::Target;
use crate::family::configuration;
use crate::{ModelError, intact};

/// Examples in one pass of the network.
const AT_ONCE: usize = 256;

/// A classifier ready to run.
#[derive(Debug)]
pub struct Classifier {
    config: ClassifyConfig,
    pipeline: ClassifyPipeline,
    network: ClassifyNetwork,
    device: Device,
    /// What tells the files it was trained on from others.
    fingerprint: String,
}

impl Classifier {
    /// Opens the classifier in `files`, to run on `device`.
    ///
    /// # Errors
    /// When a file is missing, damaged, of another version, or belongs to another model.
    pub fn open(files: &ModelFiles, device: &Device) -> Result<Self, ModelError> {
        let config = configuration::<Classification>(files)?;
        let pipeline: ClassifyPipeline = files.pipeline()?;
        super::intact::check(&config, &pipeline)?;
        let widths = Widths::of(&config, &pipeline);
        let expected = ClassifyNetwork::parameters(&config, widths);
        let network = intact::network(files, expected, || {
            let stream = Stream::new(config.training.seed, "weights");
            ClassifyNetwork::new(&config, widths, &stream, device)
        })?;
        Ok(Self {
            config,
            pipeline,
            network,
            device: device.clone(),
            fingerprint: files.config()?.run.data_fingerprint,
        })
    }

    /// The configuration it was trained with.
    pub fn config(&self) -> &ClassifyConfig {
        &self.config
    }

    /// What was fitted on its training part.
    pub fn pipeline(&self) -> &ClassifyPipeline {
        &self.pipeline
    }

    /// What tells the files it was trained on from others.
    pub(super) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Its layers.
    pub(super) fn layers(&self) -> &ClassifyNetwork {
        &self.network
    }

    /// The logits of each example, `[examples · classes]`.
    fn logits(&self, examples: &Encoded) -> Result<Vec<f64>, ModelError> {
        let classes = self.pipeline.classes.len();
        let mut all = vec![0.0; examples.len() * classes];
        for places in examples.batches(AT_ONCE) {
            let batch = examples.batch(&places, &self.device)?;
            let logits = self.network.forward(batch)?;
            let values: Vec<f32> = logits.into_data().iter::<f32>().collect();
            for (place, row) in places.iter().zip(values.chunks_exact(classes)) {
                for (into, value) in all[place * classes..].iter_mut().zip(row) {
                    *into = f64::from(*value);
                }
            }
        }
        Ok(all)
    }

    /// The probability of each class for each example, `[examples · classes]`: those of an example sum to 1, unless it
    /// may have several classes.
    ///
    /// # Errors
    /// Examples of another kind or other dimensions than those trained on.
    pub fn probabilities(&self, examples: &Examples) -> Result<Vec<f64>, ModelError> {
        let encoded = Encoded::new(&self.pipeline, examples)?;
        let logits = self.logits(&encoded)?;
        let (classes, temperature) = (self.pipeline.classes.len(), self.pipeline.temperature);
        Ok(match self.pipeline.of_several() {
            true => sigmoid(&logits, temperature),
            false => softmax(&logits, classes, temperature),
        })
    }

    /// The same classifier with the temperature that suits the validation part best. Where no example of it is
    /// classified wrongly, or there is none, nothing can be said, and it stays 1.
    ///
    /// # Errors
    /// When the network refuses the validation part.
    pub fn calibrated(mut self, parts: &Parts) -> Result<Self, ModelError> {
        let encoded = Encoded::new(&self.pipeline, &parts.valid)?;
        let truth = self.pipeline.truth(&parts.valid)?;
        let logits = self.logits(&encoded)?;
        let classes = self.pipeline.classes.len();
        let fitted = match &truth {
            Target::One(truth) => fit_temperature(&logits, truth, classes),
            Target::Several { holds, .. } => fit_binary_temperature(&logits, holds, classes),
        };
        let fitted = fitted.ok().filter(|temperature| !temperature.at_bound);
        self.pipeline.temperature = fitted.map_or(1.0, |temperature| temperature.value);
        Ok(self)
    }
}
