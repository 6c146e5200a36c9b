//! A trained translator: its configuration, pipeline and network together, and its translations.

use burn::tensor::Device;

use ressac_folder::ModelFiles;
use ressac_nn::random::Stream;

use super::choices::Attention;
use super::config::TranslateConfig;
use super::encoded::Encoded;
use super::family::Translation;
use super::network::{Sources, TranslateNetwork};
use super::pipeline::TranslatePipeline;
use super::resolve;
use crate::decoder::generate::Running;
use crate::decoder::search::{Found, Search};
use crate::family::configuration;
use crate::text::Encoding;
use crate::{ModelError, intact};

/// Sentences that are translated side by side.
const AT_ONCE: usize = 32;
/// Pairs that are scored side by side.
const SCORED_AT_ONCE: usize = 64;

/// A translator ready to run.
#[derive(Debug)]
pub struct Translator {
    config: TranslateConfig,
    pipeline: TranslatePipeline,
    network: TranslateNetwork,
    /// What tells the files it was trained on from others.
    fingerprint: String,
}

/// A text and its translation.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Translated {
    pub(super) text: String,
    pub(super) found: Found,
    /// Tokens of the source as they stand in the text.
    pub(super) source: Vec<String>,
    /// Tokens of the translation.
    pub(super) written: Vec<String>,
    /// Unknown tokens that were copied from the source.
    pub(super) copied: usize,
    /// Whether the source has more tokens than are read.
    pub(super) cut: bool,
}

impl Translator {
    /// Opens the translator in `files`, to run on `device`.
    ///
    /// # Errors
    /// When a file is missing, damaged, of another version, or belongs to another model.
    pub fn open(files: &ModelFiles, device: &Device) -> Result<Self, ModelError> {
        let config = configuration::<Translation>(files)?;
        let pipeline: TranslatePipeline = files.pipeline()?;
        intact::of_options(resolve::check(&config))?;
        for tokenizer in [Some(&pipeline.sources), pipeline.targets.as_ref()]
            .into_iter()
            .flatten()
        {
            intact::tokenizer(tokenizer, &config.texts)?;
        }
        if config.shared_vocabulary == pipeline.targets.is_some() {
            return Err(intact::wrong(
                "`shared_vocabulary` is not that of the pipeline",
            ));
        }
        let expected = TranslateNetwork::parameters(&config, &pipeline);
        let network = intact::network(files, expected, || {
            let stream = Stream::new(config.training.seed, "weights");
            TranslateNetwork::new(&config, &pipeline, None, &stream, device)
        })?;
        Ok(Self {
            config,
            pipeline,
            network,
            fingerprint: files.config()?.run.data_fingerprint,
        })
    }

    /// The configuration it was trained with.
    pub fn config(&self) -> &TranslateConfig {
        &self.config
    }

    /// What was fitted on its training part.
    pub fn pipeline(&self) -> &TranslatePipeline {
        &self.pipeline
    }

    /// What tells the files it was trained on from others.
    pub(super) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Its layers.
    pub(super) fn layers(&self) -> &TranslateNetwork {
        &self.network
    }

    /// Whether the decoder attends to the source.
    pub(super) fn attends(&self) -> bool {
        self.config.attention != Attention::None
    }

    /// The translations of texts, in their order; an empty text has an empty one.
    ///
    /// # Errors
    /// When the network refuses a text.
    pub(super) fn translate(
        &self,
        texts: &[String],
        search: &Search,
    ) -> Result<Vec<Translated>, ModelError> {
        let (sources, targets) = (self.pipeline.sources(), self.pipeline.targets());
        let read: Vec<Encoding> = texts.iter().map(|text| sources.read(text)).collect();
        let mut found = vec![Found::default(); texts.len()];
        let mut order: Vec<usize> = (0..texts.len()).filter(|at| !read[*at].empty).collect();
        order.sort_by_key(|at| read[*at].numbers.len());
        for places in order.chunks(AT_ONCE) {
            let batch: Vec<Vec<u32>> = places.iter().map(|at| read[*at].numbers.clone()).collect();
            let longest: Vec<usize> = batch
                .iter()
                .map(|tokens| self.pipeline.longest(tokens.len()))
                .collect();
            let Sources { state, to } = self.network.encode(&batch, None)?;
            let mut running = Running::new(&self.network.decoder, batch.len(), Some(state), to);
            let best = search.run(&mut running, &longest)?;
            for ((place, mut best), tokens) in places.iter().zip(best).zip(&batch) {
                for weights in &mut best.attended {
                    weights.truncate(tokens.len());
                }
                found[*place] = best;
            }
        }
        let all = texts.iter().zip(&read).zip(found);
        let all = all.map(|((text, read), found)| {
            let source = sources.pieces(text, read.numbers.len());
            let mut copied = 0;
            // An unknown token is the one of the source that it attends to most.
            let text = targets.decode_with(&found.tokens, |place| {
                let weights = found.attended.get(place)?;
                let most = crate::evaluated::top(weights);
                copied += 1;
                source.get(most).cloned()
            });
            let written = found.tokens.iter().map(|token| targets.decode(&[*token]));
            Translated {
                text,
                written: written.collect(),
                cut: read.cut,
                source,
                copied,
                found,
            }
        });
        Ok(all.collect())
    }

    /// −ln p of all targets, and their tokens, the ends among them.
    ///
    /// # Errors
    /// When the network refuses a pair.
    pub(super) fn nats(&self, pairs: &Encoded) -> Result<(f64, usize), ModelError> {
        let mut order: Vec<usize> = (0..pairs.len()).collect();
        order.sort_by_key(|at| pairs.lengths[*at]);
        let (mut nats, mut tokens) = (0.0, 0);
        for places in order.chunks(SCORED_AT_ONCE) {
            let batch = pairs.batch(places, self.pipeline.targets().end());
            let losses = self.network.loss(&batch, 0.0, None)?;
            let rows = losses.rows.into_data();
            nats += rows.iter::<f32>().map(f64::from).sum::<f64>();
            tokens += batch.tokens;
        }
        Ok((nats, tokens))
    }
}
