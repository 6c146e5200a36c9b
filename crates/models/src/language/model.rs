//! A trained language model, and a language model as every verb knows it.

use std::borrow::Cow;
use std::path::PathBuf;

use burn::tensor::Device;
use toml::Table;

use ressac_data::rows::{Cell, Column, Kind, Sink};
use ressac_folder::ModelFiles;
use ressac_nn::loss::PADDING;
use ressac_nn::random::Stream;

use super::ask::EvaluateAsk;
use super::config::LanguageConfig;
use super::family::{Language, TASK};
use super::learner::decoder_config;
use super::pipeline::LanguagePipeline;
use super::resolve::{self, Parts};
use super::{source, structure};
use crate::decoder::Decoder;
use crate::family::{COMMAND_LINE, configuration};
use crate::model::{Fact, Model, Sample, Sources, saved_by, unchanged};
use crate::options::{Files, Options};
use crate::part::Part;
use crate::recurrence::Recurrence;
use crate::{Evaluated, ModelError, Structure, intact};

/// Lines that are scored side by side.
const AT_ONCE: usize = 64;

/// A language model ready to run.
#[derive(Debug)]
pub struct LanguageModel {
    config: LanguageConfig,
    pipeline: LanguagePipeline,
    network: Decoder,
    /// What tells the files it was trained on from others.
    fingerprint: String,
}

impl LanguageModel {
    /// Opens the language model in `files`, to run on `device`.
    ///
    /// # Errors
    /// When a file is missing, damaged, of another version, or belongs to another model.
    pub fn open(files: &ModelFiles, device: &Device) -> Result<Self, ModelError> {
        let config = configuration::<Language>(files)?;
        let pipeline: LanguagePipeline = files.pipeline()?;
        intact::of_options(resolve::check(&config))?;
        intact::tokenizer(&pipeline.texts, &config.texts)?;
        let decoder = decoder_config(&config, &pipeline);
        let network = intact::network(files, decoder.parameters(), || {
            let stream = Stream::new(config.training.seed, "weights");
            decoder.init(&stream, None, device)
        })?;
        Ok(Self {
            config,
            pipeline,
            network,
            fingerprint: files.config()?.run.data_fingerprint,
        })
    }

    /// The configuration it was trained with.
    pub fn config(&self) -> &LanguageConfig {
        &self.config
    }

    /// What was fitted on its training part.
    pub fn pipeline(&self) -> &LanguagePipeline {
        &self.pipeline
    }

    /// Its layers.
    pub(super) fn layers(&self) -> &Decoder {
        &self.network
    }

    /// −ln p of every token of each line with its end, each line by itself.
    ///
    /// # Errors
    /// When the network refuses the text.
    fn of_lines(&self, lines: &[Vec<u32>]) -> Result<Vec<Vec<f32>>, ModelError> {
        let end = self.pipeline.codes().end();
        let mut found = vec![Vec::new(); lines.len()];
        let mut order: Vec<usize> = (0..lines.len()).collect();
        order.sort_by_key(|line| lines[*line].len());
        for places in order.chunks(AT_ONCE) {
            let read: Vec<Vec<u32>> = (places.iter())
                .map(|place| {
                    [end]
                        .into_iter()
                        .chain(lines[*place].iter().copied())
                        .collect()
                })
                .collect();
            let longest = read.iter().map(Vec::len).max().unwrap_or(0);
            let mut next = vec![PADDING; places.len() * longest];
            for (row, place) in places.iter().enumerate() {
                let line = &lines[*place];
                let to = &mut next[row * longest..];
                to[..line.len()].copy_from_slice(line);
                to[line.len()] = end;
            }
            let decoded = self.network.forward(&read, None, None, None)?;
            let losses = self.network.loss(decoded.read, &next, 0.0)?;
            let rows: Vec<f32> = losses.rows.into_data().iter::<f32>().collect();
            for (place, row) in places.iter().zip(rows.chunks_exact(longest)) {
                found[*place] = row[..=lines[*place].len()].to_vec();
            }
        }
        Ok(found)
    }

    /// The parts it was trained on, read again; a sentence where the files are gone or others.
    pub(super) fn training_parts(&self) -> Result<Parts, String> {
        let read = || {
            let (text, _) = source::trained_on(&self.config)?;
            resolve::cut_parts(&text, self.config.split.as_deref())
        };
        unchanged(&self.trained_on(), &self.fingerprint, read)
    }
}

impl Model for LanguageModel {
    fn task(&self) -> &'static str {
        TASK
    }

    fn network(&self) -> String {
        let (config, tokens) = (&self.config, &self.pipeline.texts);
        format!(
            "{} · {} {}",
            config.recurrent.described(config.model, 1),
            tokens.known(),
            tokens.kind().unit()
        )
    }

    fn facts(&self) -> Vec<Fact> {
        let (config, pipeline) = (&self.config, &self.pipeline);
        let unit = pipeline.texts.kind().unit();
        vec![
            Fact::new(
                "split",
                match &config.split {
                    Some(split) => {
                        format!("{split} of the lines to train, validate, test, in order")
                    }
                    None => "files of their own".to_owned(),
                },
            ),
            Fact::new(
                "text learnt from",
                format!(
                    "{} {unit} in {} lines, an end to each",
                    pipeline.tokens, pipeline.lines
                ),
            ),
            Fact::new(
                unit,
                format!(
                    "{} with a vector of {}, the others share one{}",
                    pipeline.texts.known(),
                    config.texts.embedding.unwrap_or(0),
                    match config.tied {
                        true => "; the output layer has the same vectors",
                        false => "",
                    }
                ),
            ),
            Fact::new(
                "letters",
                match pipeline.texts.lower_case() {
                    true => "A and a are the same",
                    false => "A and a differ",
                },
            ),
            Fact::new(
                "window",
                format!("{} steps, the state carried on", config.window),
            ),
        ]
    }

    fn structure(&self) -> Structure {
        structure::of(self)
    }

    saved_by!(self => &self.config, &self.pipeline, &self.network);

    fn trained_on(&self) -> Vec<PathBuf> {
        let config = &self.config;
        Files::all([
            Some(&config.data),
            config.valid.as_ref(),
            config.test.as_ref(),
        ])
    }

    fn reads_texts(&self) -> bool {
        true
    }

    fn predict(
        &self,
        sources: &Sources,
        _: &Table,
        sink: &mut dyn Sink,
    ) -> Result<Vec<String>, ModelError> {
        let (lines, _) = source::for_model(sources, &self.config)?;
        let codes = self.pipeline.codes();
        let encoded: Vec<Vec<u32>> = lines.iter().map(|line| codes.encode(line)).collect();
        let unit = self.pipeline.texts.kind().unit();
        sink.begin(&[
            Column::new("text", Kind::Text),
            Column::new(unit, Kind::Integer),
            Column::new("unknown", Kind::Integer),
            Column::new("nats_per_token", Kind::Number),
            Column::new("perplexity", Kind::Number),
        ])?;
        let (mut nats, mut tokens) = (0.0, 0);
        for ((line, read), found) in lines.iter().zip(&encoded).zip(self.of_lines(&encoded)?) {
            let sum: f64 = found.iter().map(|value| f64::from(*value)).sum();
            let mean = sum / found.len() as f64;
            let unknown = read.iter().filter(|token| **token == codes.unknown());
            sink.row(&[
                Cell::Text(Cow::Borrowed(line)),
                Cell::Integer(read.len() as i64),
                Cell::Integer(unknown.count() as i64),
                Cell::Number(mean),
                Cell::Number(mean.exp()),
            ])?;
            nats += sum;
            tokens += found.len();
        }
        sink.finish()?;
        let mean = nats / tokens.max(1) as f64;
        Ok(vec![format!(
            "{} lines, each by itself with its end: {mean:.4} nats a token, perplexity {:.2}",
            lines.len(),
            mean.exp()
        )])
    }

    fn evaluate(&self, sources: &Sources, ask: &Table) -> Result<Evaluated, ModelError> {
        let ask = EvaluateAsk::read(ask, COMMAND_LINE.as_ref())?;
        let part = Part::to_score(ask.part, sources)?;
        let parts = self.training_parts();
        let (lines, assumptions) = match parts.as_ref().ok().and_then(|parts| parts.of(part)) {
            Some(lines) => (lines.clone(), Vec::new()),
            None => source::for_model(sources, &self.config)?,
        };
        part.require(lines.is_empty(), "line")?;
        let parts = parts.as_ref().map_err(Clone::clone);
        let mut evaluated = self.evaluated(&lines, (part, &sources.named()), parts, &ask)?;
        evaluated.assumptions = assumptions;
        Ok(evaluated)
    }

    fn recurrence(&self) -> Option<&dyn Recurrence> {
        Some(self)
    }

    fn sample(&self) -> Option<&dyn Sample> {
        Some(self)
    }
}
