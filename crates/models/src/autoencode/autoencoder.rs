//! A trained autoencoder: its configuration, pipeline and network together; codes, reconstructions and scores.

use burn::tensor::{Device, Tensor, TensorData};

use ressac_data::examples::Examples;
use ressac_folder::ModelFiles;
use ressac_nn::Lengths;
use ressac_nn::random::Stream;
use ressac_stats::unusual::Conformal;
use ressac_train::number;

use super::config::AutoencodeConfig;
use super::encoded::Encoded;
use super::family::Autoencoding;
use super::network::AutoencodeNetwork;
use super::parts::AutoencodeParts;
use super::pipeline::AutoencodePipeline;
use crate::family::configuration;
use crate::{ModelError, intact};

/// Examples in one pass of the network.
const AT_ONCE: usize = 256;

/// A residual is never divided by less than this share of the mean spread: a value that is always the same in the examples that the
/// spreads were fitted on would otherwise decide alone.
const LEAST_SPREAD: f64 = 0.05;

/// An autoencoder ready to run.
#[derive(Debug)]
pub struct Autoencoder {
    config: AutoencodeConfig,
    pipeline: AutoencodePipeline,
    network: AutoencodeNetwork,
    device: Device,
    /// What tells the files it was trained on from others.
    fingerprint: String,
}

/// What the network makes of examples.
#[derive(Debug, Clone, Default)]
pub struct Passed {
    /// The code of each example `[examples · code]`; of a variational one its mean.
    pub codes: Vec<f64>,
    /// The divergence of each code from the standard normal distribution, in nats; empty unless it is variational.
    pub divergences: Vec<f64>,
    /// What is written of each example, in deviations, step by step `[steps · dims]`.
    pub written: Vec<Vec<f32>>,
}

impl Autoencoder {
    /// Opens the autoencoder in `files`, to run on `device`.
    ///
    /// # Errors
    /// When a file is missing, damaged, of another version, or belongs to another model.
    pub fn open(files: &ModelFiles, device: &Device) -> Result<Self, ModelError> {
        let config = configuration::<Autoencoding>(files)?;
        let pipeline: AutoencodePipeline = files.pipeline()?;
        super::intact::check(&config, &pipeline)?;
        let extent = pipeline.extent(&config);
        let expected = AutoencodeNetwork::parameters(&config, extent);
        let network = intact::network(files, expected, || {
            let stream = Stream::new(config.training.seed, "weights");
            AutoencodeNetwork::new(&config, extent, &stream, device)
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
    pub fn config(&self) -> &AutoencodeConfig {
        &self.config
    }

    /// What was fitted on its training part.
    pub fn pipeline(&self) -> &AutoencodePipeline {
        &self.pipeline
    }

    /// What tells the files it was trained on from others.
    pub(super) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Its layers.
    pub(super) fn layers(&self) -> &AutoencodeNetwork {
        &self.network
    }

    /// Examples as the network reads them.
    ///
    /// # Errors
    /// Other dimensions than those trained on; another length where the network reads one alone.
    pub(super) fn encoded(&self, examples: &Examples) -> Result<Encoded, ModelError> {
        Encoded::new(&self.config, &self.pipeline, examples)
    }

    /// What the network makes of examples.
    ///
    /// # Errors
    /// When the network refuses them.
    pub(super) fn pass(&self, examples: &Encoded) -> Result<Passed, ModelError> {
        let (count, code) = (examples.len(), self.config.code());
        let mut passed = Passed {
            codes: vec![0.0; count * code],
            divergences: match self.config.variational {
                true => vec![0.0; count],
                false => Vec::new(),
            },
            written: vec![Vec::new(); count],
        };
        let dims = self.pipeline.scales.names.len();
        for places in examples.batches(AT_ONCE) {
            let batch = examples.batch(&places, &self.device)?;
            let coded = self.network.encode(&batch)?;
            let written = self.network.decode(coded.code.clone(), &batch.lengths)?;
            let steps = written.dims()[1];
            if let Some(divergence) = coded.divergence() {
                let values = divergence.into_data();
                for (place, value) in places.iter().zip(values.iter::<f32>()) {
                    passed.divergences[*place] = f64::from(value);
                }
            }
            let codes: Vec<f32> = coded.code.into_data().iter::<f32>().collect();
            let written: Vec<f32> = written.into_data().iter::<f32>().collect();
            let rows = codes
                .chunks_exact(code)
                .zip(written.chunks_exact((steps * dims).max(1)));
            for (place, (codes, written)) in places.iter().zip(rows) {
                for (into, value) in passed.codes[place * code..].iter_mut().zip(codes) {
                    *into = f64::from(*value);
                }
                let own = examples.lengths()[*place] * dims;
                passed.written[*place] = written[..own].to_vec();
            }
        }
        Ok(passed)
    }

    /// What is written from codes `[count · code]`, each of so many steps, in deviations.
    ///
    /// # Errors
    /// When the network refuses them.
    pub(super) fn written_from(
        &self,
        codes: &[f64],
        steps: usize,
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        let code = self.config.code();
        let mut all = Vec::new();
        for part in codes.chunks(AT_ONCE * code) {
            let rows = part.len() / code;
            let values: Vec<f32> = part.iter().map(|value| *value as f32).collect();
            let codes = Tensor::<2>::from_data(TensorData::new(values, [rows, code]), &self.device);
            let written = self
                .network
                .decode(codes, &Lengths::new(vec![steps; rows])?)?;
            let [_, steps, dims] = written.dims();
            let values: Vec<f32> = written.into_data().iter::<f32>().collect();
            all.extend(values.chunks_exact(steps * dims).map(<[f32]>::to_vec));
        }
        Ok(all)
    }

    /// How unusual each value of an example is, step by step: its squared residual over the mean one of normal examples at that
    /// place; 0 where there is no value.
    pub(super) fn blame(&self, examples: &Encoded, place: usize, written: &[f32]) -> Vec<f64> {
        let row = examples.row(place);
        let values = row.iter().zip(written).zip(examples.there(place));
        let squares = values.map(|((value, written), there)| match there {
            true => (value - f64::from(*written)).powi(2),
            false => 0.0,
        });
        let spreads = &self.pipeline.spreads;
        match spreads.is_empty() {
            true => squares.collect(),
            false => (squares.zip(spreads.iter().cycle()))
                .map(|(square, spread)| square / spread)
                .collect(),
        }
    }

    /// How unusual an example is: the mean of its [`Autoencoder::blame`] over its values, about 1 for a normal one, and of a
    /// variational one twice the divergence of its code over the number of values, as in the lower bound of its likelihood.
    pub(super) fn score(
        &self,
        examples: &Encoded,
        passed: &Passed,
        at: usize,
        blame: &[f64],
    ) -> f64 {
        let there = examples.there(at).filter(|there| *there).count().max(1) as f64;
        let divergence = passed.divergences.get(at).copied().unwrap_or(0.0);
        (blame.iter().sum::<f64>() + 2.0 * divergence) / there
    }

    /// The score of each example.
    pub(super) fn scores(&self, examples: &Encoded, passed: &Passed) -> Vec<f64> {
        let written = passed.written.iter().enumerate();
        let scores = written.map(|(at, written)| {
            let blame = self.blame(examples, at, written);
            self.score(examples, passed, at, &blame)
        });
        scores.collect()
    }

    /// The mean evidence lower bound of an example, in nats: ln p(x|z) at a code z drawn from its distribution, less the divergence
    /// of that; values, in deviations, are normal around what is written, each with the spread of its dimension on the validation part.
    /// Nothing unless it is variational.
    ///
    /// # Errors
    /// When the network refuses the examples.
    pub(super) fn lower_bound(&self, examples: &Encoded) -> Result<Option<f64>, ModelError> {
        if !self.config.variational || examples.len() == 0 || self.pipeline.spreads.is_empty() {
            return Ok(None);
        }
        let spreads = &self.pipeline.spreads;
        let per_value: Vec<f64> = spreads
            .iter()
            .map(|spread| (2.0 * std::f64::consts::PI * spread).ln())
            .collect();
        let draw = Stream::new(0, "lower bound");
        let mut bound = 0.0;
        for (places, at) in examples.batches(AT_ONCE).iter().zip(0..) {
            let batch = examples.batch(places, &self.device)?;
            let coded = self.network.encode(&batch)?;
            let written = (self.network).decode(coded.drawn(&draw.at(at)), &batch.lengths)?;
            let row = written.dims()[1] * spreads.len();
            let written: Vec<f32> = written.into_data().iter::<f32>().collect();
            for (place, written) in places.iter().zip(written.chunks_exact(row)) {
                let squares: f64 = self.blame(examples, *place, written).iter().sum();
                let there = examples.there(*place).zip(per_value.iter().cycle());
                let logs: f64 = there.filter(|(there, _)| *there).map(|(_, log)| log).sum();
                bound -= 0.5 * (squares + logs);
            }
            if let Some(divergence) = coded.divergence() {
                bound -= number(divergence.sum());
            }
        }
        Ok(Some(bound / examples.len() as f64))
    }

    /// The same autoencoder with what is fitted after training: the spread of each value on the validation part (on the training part
    /// where there is none), and the scores of what was held back.
    ///
    /// # Errors
    /// When the network refuses a part.
    pub(super) fn calibrated(mut self, prepared: &AutoencodeParts) -> Result<Self, ModelError> {
        let parts = &prepared.parts;
        let fitted_on = match parts.valid.is_empty() {
            true => &parts.train,
            false => &parts.valid,
        };
        let examples = self.encoded(fitted_on)?;
        let passed = self.pass(&examples)?;
        self.pipeline.spreads = self.spreads(&examples, &passed);
        let held_back = self.encoded(&prepared.held_back)?;
        let passed = self.pass(&held_back)?;
        self.pipeline.held_back = Conformal::new(self.scores(&held_back, &passed));
        Ok(self)
    }

    /// The mean squared residual of each dimension; of sounds and images, whose bands and pixels are on one scale, of all of them. Not
    /// of each step: on heartbeats of 140 steps that found less (`bench/autoencode/tried.json`). A dimension of which no example has a
    /// value has the mean of all, and none has less than a share of that.
    fn spreads(&self, examples: &Encoded, passed: &Passed) -> Vec<f64> {
        let dims = self.pipeline.scales.names.len();
        let (mut sums, mut counts) = (vec![0.0; dims], vec![0_usize; dims]);
        for (at, written) in passed.written.iter().enumerate() {
            let row = examples.row(at);
            let values = row.iter().zip(written).zip(examples.there(at));
            for (place, ((value, written), there)) in values.enumerate() {
                if there {
                    sums[place % dims] += (value - f64::from(*written)).powi(2);
                    counts[place % dims] += 1;
                }
            }
        }
        let total = sums.iter().sum::<f64>() / counts.iter().sum::<usize>().max(1) as f64;
        let least = (LEAST_SPREAD * total).max(1e-12);
        if self.config.media.is_there() {
            return vec![total.max(least); dims];
        }
        let each = sums.iter().zip(&counts);
        each.map(|(sum, count)| match count {
            0 => total.max(least),
            count => (sum / *count as f64).max(least),
        })
        .collect()
    }
}
