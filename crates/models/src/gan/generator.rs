//! A trained generator: its configuration, what is kept beside the weights, and the networks; images from latent vectors.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

use ressac_folder::{FolderError, ModelFiles};
use ressac_nn::NnError;
use ressac_nn::random::Stream;
use ressac_train::{MetricsLine, read_metrics};

use super::config::GanConfig;
use super::error::GanError;
use super::family::Gan;
use super::images::{Images, one_hot, pixels};
use super::judge::Encoder;
use super::learner::sheet;
use super::network::Generator;
use super::pipeline::GanPipeline;
use crate::family::configuration;
use crate::{ModelError, intact};

/// Images made in one pass.
const AT_ONCE: usize = 128;

/// What a model folder holds the weights of.
#[derive(Module, Debug)]
pub(super) struct GanNetwork {
    pub(super) generator: Generator,
    pub(super) encoder: Encoder,
}

impl GanNetwork {
    fn parameters(config: &GanConfig, pipeline: &GanPipeline) -> usize {
        let classes = pipeline.told(config);
        Generator::parameters(config, classes).saturating_add(Encoder::parameters(pipeline.sides))
    }
}

/// Images of latent vectors `[count · latent]` and of the classes at these places, of so many that the generator is told.
///
/// # Errors
/// When the generator refuses them.
pub(super) fn make(
    generator: &Generator,
    config: &GanConfig,
    latent: &[f64],
    (told, classes): (usize, &[usize]),
    device: &Device,
) -> Result<Images, ModelError> {
    let mut all = Vec::new();
    let vectors = latent.chunks(AT_ONCE * config.latent);
    for (vectors, classes) in vectors.zip(classes.chunks(AT_ONCE)) {
        let rows = classes.len();
        let values: Vec<f32> = vectors.iter().map(|value| *value as f32).collect();
        let latent = Tensor::<2>::from_data(TensorData::new(values, [rows, config.latent]), device);
        let classes = (told > 0).then(|| one_hot(classes, told, device));
        all.extend(pixels(generator.forward(latent, classes, None)?));
    }
    Ok(Images::of_pixels(all, config.sides()))
}

/// A generator ready to make images.
#[derive(Debug)]
pub struct ImageGenerator {
    config: GanConfig,
    pipeline: GanPipeline,
    network: GanNetwork,
    device: Device,
    /// What tells the files it was trained on from others.
    fingerprint: String,
    /// How its training went; nothing where the folder does not say.
    history: Vec<MetricsLine>,
    /// Sheets of images of the same latent vectors after so many steps.
    sheets: Vec<(u64, Vec<u8>)>,
}

impl ImageGenerator {
    /// Opens the generator in `files`, to run on `device`.
    ///
    /// # Errors
    /// When a file is missing, damaged, of another version, or belongs to another model.
    pub fn open(files: &ModelFiles, device: &Device) -> Result<Self, ModelError> {
        let config = configuration::<Gan>(files)?;
        let pipeline: GanPipeline = files.pipeline()?;
        super::intact::check(&config, &pipeline)?;
        let expected = GanNetwork::parameters(&config, &pipeline);
        let network = intact::network(files, expected, || {
            let stream = Stream::new(config.training.seed, "weights");
            let classes = pipeline.told(&config);
            Ok::<_, NnError>(GanNetwork {
                generator: Generator::new(&config, classes, &stream, device)?,
                encoder: Encoder::new(pipeline.sides, &stream, device)?,
            })
        })?;
        let history = read_metrics(files, u64::MAX)?;
        let mut sheets = Vec::new();
        for line in &history {
            match files.read_bytes(&sheet(line.step)) {
                Ok(bytes) => sheets.push((line.step, bytes)),
                Err(FolderError::Missing { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Self {
            config,
            pipeline,
            network,
            device: device.clone(),
            fingerprint: files.config()?.run.data_fingerprint,
            history,
            sheets,
        })
    }

    /// The configuration it was trained with.
    pub fn config(&self) -> &GanConfig {
        &self.config
    }

    /// What is kept beside the weights.
    pub fn pipeline(&self) -> &GanPipeline {
        &self.pipeline
    }

    /// What tells the files it was trained on from others.
    pub(super) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Its networks.
    pub(super) fn networks(&self) -> &GanNetwork {
        &self.network
    }

    /// How its training went.
    pub(super) fn history(&self) -> &[MetricsLine] {
        &self.history
    }

    /// Sheets of images of the same latent vectors after so many steps.
    pub(super) fn sheets(&self) -> &[(u64, Vec<u8>)] {
        &self.sheets
    }

    /// Images of latent vectors, each of the class at its place.
    ///
    /// # Errors
    /// When the generator refuses them.
    pub(super) fn make(&self, latent: &[f64], classes: &[usize]) -> Result<Images, ModelError> {
        let told = (self.pipeline.told(&self.config), classes);
        make(
            &self.network.generator,
            &self.config,
            latent,
            told,
            &self.device,
        )
    }

    /// What the encoder says of some images.
    ///
    /// # Errors
    /// Images of other sides.
    pub(super) fn features(
        &self,
        images: &Images,
        places: &[usize],
    ) -> Result<Vec<f64>, ModelError> {
        Ok(self
            .network
            .encoder
            .features(images, places, &self.device)?)
    }

    /// Classes of `count` images, each as often as in the training part; all 0 where the generator is told none.
    pub(super) fn classes(&self, count: usize, draw: &Stream) -> Vec<usize> {
        let counts = &self.pipeline.counts;
        let total: u64 = counts.iter().sum();
        if self.pipeline.told(&self.config) == 0 || total == 0 {
            return vec![0; count];
        }
        let mut generator = draw.generator();
        let each = (0..count).map(|_| {
            let mut left = generator.below(total);
            let mut places = counts.iter();
            places
                .position(|own| {
                    let here = left < *own;
                    left = left.saturating_sub(*own);
                    here
                })
                .unwrap_or(0)
        });
        each.collect()
    }

    /// The place of a class by its name.
    ///
    /// # Errors
    /// A class that it was not told.
    pub(super) fn class(&self, name: &str) -> Result<usize, ModelError> {
        let known = &self.pipeline.classes;
        if self.pipeline.told(&self.config) == 0 {
            return Err(GanError::Unconditional { class: name.into() }.into());
        }
        known.iter().position(|class| class == name).ok_or_else(|| {
            GanError::NoSuchClass {
                class: name.into(),
                known: known.clone(),
            }
            .into()
        })
    }
}
