//! A classifier as every verb knows it.

use std::borrow::Cow;
use std::path::PathBuf;

use toml::Table;

use ressac_data::examples::{Examples, Inputs};
use ressac_data::listed;
use ressac_data::rows::{Cell, Column, Kind, Sink};

use super::ask::PredictAsk;
use super::classifier::Classifier;
use super::config::ClassifyConfig;
use super::evaluation::named;
use super::family::TASK;
use super::parts::{self, Parts};
use super::pipeline::Reading;
use super::target::Target;
use super::{explain, source, stem, structure, told};
use crate::error::option_error;
use crate::evaluated::top;
use crate::examples::named as examples_named;
use crate::family::COMMAND_LINE;
use crate::model::{Fact, Model, Sources, saved_by, unchanged};
use crate::options::{Files, Options};
use crate::part::{Part, PartAsk};
use crate::recurrence::Recurrence;
use crate::{Evaluated, ModelError, Structure, ranges};

/// The network in a few words.
pub(super) fn described(config: &ClassifyConfig) -> String {
    let layers = match config.recurrent.layers {
        0 => format!("{} convolutions", config.kernels().len()),
        _ => (config.recurrent).described(config.model, config.directions()),
    };
    match config.members() {
        1 => format!("{layers} · {} pooling", config.pool),
        members => format!("{members} × ({layers} · {} pooling)", config.pool),
    }
}

impl Model for Classifier {
    fn task(&self) -> &'static str {
        TASK
    }

    fn network(&self) -> String {
        let reads = match &self.pipeline().reading {
            Reading::Texts(tokens) => format!("{} {}", tokens.known(), tokens.kind().unit()),
            Reading::Scales(_) if self.config().sides().is_some() => "images".into(),
            Reading::Scales(scales) if scales.names.len() == 1 => "1 dimension".into(),
            Reading::Scales(scales) => format!("{} dimensions", scales.names.len()),
        };
        let classes = self.pipeline().classes.len();
        let several = if self.pipeline().of_several() {
            ", several at once"
        } else {
            ""
        };
        format!(
            "{} · {reads} → {classes} classes{several}",
            described(self.config()),
        )
    }

    fn facts(&self) -> Vec<Fact> {
        let (config, pipeline) = (self.config(), self.pipeline());
        let split = match &config.split {
            Some(split) => format!("{split} of the examples to train, validate, test"),
            None => "files of their own".to_owned(),
        };
        let classes = pipeline.classes.iter().zip(&pipeline.counts);
        let classes: Vec<String> = classes
            .take(20)
            .map(|(class, count)| format!("{class} ({count})"))
            .collect();
        let more = pipeline.classes.len().saturating_sub(classes.len());
        let mut facts = vec![Fact::new("split", split)];
        let is_image = config.sides().is_some();
        match &pipeline.reading {
            Reading::Texts(tokens) => {
                facts.push(Fact::new(
                    tokens.kind().unit(),
                    format!(
                        "{} with a vector of {}, the others share one",
                        tokens.known(),
                        config.texts.embedding.unwrap_or(0)
                    ),
                ));
                if let Some(file) = &config.texts.vectors {
                    facts.push(Fact::new(
                        "vectors",
                        format!("learnt on, from those of {file}"),
                    ));
                }
                if let Some(most) = tokens.max_length() {
                    let text = format!("the first {most} {}", tokens.kind().unit());
                    facts.push(Fact::new("read of a text", text));
                }
                if pipeline.wide > 0 {
                    let text = format!("{} buckets for words and pairs of words", pipeline.wide);
                    facts.push(Fact::new("wide", text));
                }
                facts.push(Fact::new(
                    "letters",
                    match tokens.lower_case() {
                        true => "A and a are the same",
                        false => "A and a differ",
                    },
                ));
            }
            Reading::Scales(_) if is_image => facts.extend(config.media.fact()),
            Reading::Scales(scales) => {
                facts.extend(config.media.fact());
                facts.push(Fact::new("dimensions", listed(&scales.names)));
                facts.push(Fact::new(
                    "missing values",
                    match scales.masked {
                        true => "read as the mean, beside whether they are there",
                        false => "read as the mean; the training part has none",
                    },
                ));
            }
        }
        if let Some(told) = config.augment.told() {
            facts.push(Fact::new("augmentation in training", told));
        }
        if !config.kernels().is_empty() {
            facts.push(Fact::new("convolutions", stem::told(config)));
        }
        if !is_image {
            let length = format!("{} steps in the median", pipeline.median_steps);
            facts.push(Fact::new("length", length));
        }
        facts.push(Fact::new(
            "classes",
            match more {
                0 => classes.join(", "),
                more => format!("{} and {more} more", classes.join(", ")),
            },
        ));
        if let Some(separator) = &pipeline.label_separator {
            facts.push(Fact::new(
                "classes of an example",
                format!(
                    "any number, with {separator} between them: all of a probability of 0.5 or more"
                ),
            ));
        }
        facts.push(Fact::new(
            "temperature",
            format!(
                "{:.3}, which the logits are divided by",
                pipeline.temperature
            ),
        ));
        facts
    }

    fn structure(&self) -> Structure {
        structure::of(self)
    }

    saved_by!(self => self.config(), self.pipeline(), self.layers());

    fn trained_on(&self) -> Vec<PathBuf> {
        let config = self.config();
        Files::all([
            Some(&config.data),
            config.valid.as_ref(),
            config.test.as_ref(),
        ])
    }

    fn reads_texts(&self) -> bool {
        self.config().of_texts()
    }

    fn predict(
        &self,
        sources: &Sources,
        ask: &Table,
        sink: &mut dyn Sink,
    ) -> Result<Vec<String>, ModelError> {
        let ask = PredictAsk::read(ask, COMMAND_LINE.as_ref())?;
        if let Some(top) = ask.top {
            ranges::at_least_one("top", top)?;
        }
        let (examples, _) = source::for_model(sources, self.config(), self.pipeline(), false)?;
        let probabilities = self.probabilities(&examples)?;
        let classes = &self.pipeline().classes;
        let separator = self.pipeline().label_separator.as_deref();
        let (first, texts) = match &examples.inputs {
            Inputs::Texts(texts) => ("text", Some(texts)),
            Inputs::Sequences(_) => ("id", None),
        };
        let explained = texts.filter(|_| ask.explain == Some(true));
        if ask.explain == Some(true) && texts.is_none() {
            return Err(option_error(
                "explain",
                "names the words of texts, and the model reads sequences of numbers: leave it out",
            ));
        }
        let several = separator.is_some();
        sink.begin(&columns(
            first,
            (ask.top, several),
            classes,
            explained.is_some(),
        ))?;
        for (at, row) in probabilities.chunks_exact(classes.len()).enumerate() {
            let mut order: Vec<usize> = (0..classes.len()).collect();
            // Stable: of equal ones the first class.
            order.sort_by(|a, b| row[*b].total_cmp(&row[*a]));
            let likeliest = order.iter().take(ask.top.unwrap_or(1));
            let mut cells = vec![Cell::Text(Cow::Owned(named(&examples, at)))];
            match (ask.top, separator) {
                (None, Some(separator)) => {
                    let own = Target::predicted(row, classes.len(), true).of(0);
                    let own = own.iter().map(|class| classes[*class].as_str());
                    let own = own.collect::<Vec<_>>().join(separator);
                    cells.push(Cell::Text(Cow::Owned(own)));
                }
                _ => {
                    for class in likeliest {
                        cells.push(Cell::Text(Cow::Borrowed(&classes[*class])));
                        cells.push(Cell::Number(row[*class]));
                    }
                }
            }
            if ask.top.is_none() {
                cells.extend(row.iter().map(|value| Cell::Number(*value)));
            }
            if let Some(texts) = explained {
                let words = self.words_of(&texts[at], top(row))?;
                cells.push(Cell::Text(Cow::Owned(explain::named(&words))));
            }
            sink.row(&cells)?;
        }
        sink.finish()?;
        Ok(vec![self.counted(&examples)])
    }

    fn recurrence(&self) -> Option<&dyn Recurrence> {
        Some(self)
    }

    fn evaluate(&self, sources: &Sources, ask: &Table) -> Result<Evaluated, ModelError> {
        let ask = PartAsk::read(ask, COMMAND_LINE.as_ref())?;
        let part = Part::to_score(ask.part, sources)?;
        let parts = self.training_parts();
        let (scored, assumptions) = match parts.as_ref().ok().and_then(|parts| parts.of(part)) {
            Some(part) => (part.clone(), Vec::new()),
            None => source::for_model(sources, self.config(), self.pipeline(), true)?,
        };
        part.require(scored.is_empty(), "example")?;
        let files = match part {
            Part::All => sources.named(),
            _ => examples_named(&scored),
        };
        let parts = parts.as_ref().map_err(Clone::clone);
        let evaluation = self.evaluation(&scored, parts)?;
        let mut evaluated = told::evaluated(self, &evaluation, (&part.to_string(), &files));
        evaluated.assumptions = assumptions;
        Ok(evaluated)
    }
}

/// The columns of predictions: what is classified, the likeliest classes, or of `several` at once all that are predicted,
/// and the probability of each or the words.
fn columns(
    first: &'static str,
    (top, several): (Option<usize>, bool),
    classes: &[String],
    explained: bool,
) -> Vec<Column> {
    let mut columns = vec![Column::new(first, Kind::Text)];
    if several && top.is_none() {
        columns.push(Column::new("labels", Kind::Text));
    }
    let likeliest = top.unwrap_or(usize::from(!several));
    for place in 1..=likeliest.min(classes.len()) {
        let (label, probability) = match place {
            1 => ("label".to_owned(), "probability".to_owned()),
            place => (format!("label_{place}"), format!("probability_{place}")),
        };
        columns.push(Column::new(label, Kind::Text));
        columns.push(Column::new(probability, Kind::Number));
    }
    if top.is_none() {
        let each = classes.iter();
        columns.extend(each.map(|class| Column::new(format!("p_{class}"), Kind::Number)));
    }
    if explained {
        columns.push(Column::new("words", Kind::Text));
    }
    columns
}

impl Classifier {
    /// The parts it was trained on, read again; a sentence where the files are gone or others.
    fn training_parts(&self) -> Result<Parts, String> {
        let config = self.config();
        let read = || {
            let (data, _) = source::trained_on(config)?;
            let (parts, _) = parts::cut(&data, config.split.as_deref(), config.training.seed)?;
            Ok(parts)
        };
        unchanged(&self.trained_on(), self.fingerprint(), read)
    }

    /// How many examples, and how many of their words have no vector.
    fn counted(&self, examples: &Examples) -> String {
        let count = examples.len();
        match (&examples.inputs, &self.pipeline().reading) {
            (Inputs::Texts(texts), Reading::Texts(tokenizer)) => {
                let counts = tokenizer.count(texts);
                let texts = if count == 1 { "text" } else { "texts" };
                let unit = tokenizer.kind().unit();
                let mut told = format!(
                    "{count} {texts}; {:.1} % of their {unit} are unknown to the model",
                    100.0 * counts.unknown_share()
                );
                if let Some(most) = tokenizer.max_length().filter(|_| counts.cut > 0) {
                    told.push_str(&format!(
                        "; of {} the first {most} {unit} are read",
                        counts.cut
                    ));
                }
                if counts.empty > 0 {
                    told.push_str(&format!(
                        "; {} without a word, read as one unknown",
                        counts.empty
                    ));
                }
                told
            }
            _ if count == 1 => "1 sequence".to_owned(),
            _ => format!("{count} sequences"),
        }
    }
}
