//! Reading pairs, and texts to translate.

use std::path::{Path, PathBuf};

use ressac_data::corpus::{CorpusOptions, read_corpus};
use ressac_data::pairs::{PairOptions, Pairs, read_pairs, read_parallel};
use ressac_data::{Assumption, ColumnRef};

use super::config::{TranslateConfig, TranslateOptions};
use super::error::TranslateError;
use super::pipeline::TranslatePipeline;
use crate::ModelError;
use crate::model::{Source, Sources, pieces};
use crate::options::Files;

/// The pairs of a training: those to learn from, and those of parts that have their own files.
#[derive(Debug, Clone)]
pub struct Corpora {
    /// Those of `data`.
    pub data: Pairs,
    /// Those of `valid`.
    pub valid: Option<Pairs>,
    /// Those of `test`.
    pub test: Option<Pairs>,
}

fn column(text: &str) -> ColumnRef {
    let Ok(column) = text.parse();
    column
}

fn pair_options(options: &TranslateOptions) -> PairOptions {
    PairOptions {
        source: options.source.as_deref().map(column),
        target: options.target.as_deref().map(column),
        header: options.header,
    }
}

/// Reads pairs of tables, or of files of lines: the first half of them holds the sources.
fn read(
    files: &[(PathBuf, Vec<u8>)],
    options: &PairOptions,
) -> Result<(Pairs, Vec<Assumption>), ModelError> {
    let all = pieces(files);
    let (mut tables, mut lines) = (Vec::new(), Vec::new());
    for (name, bytes) in &all {
        match ressac_data::is_plain(name, bytes)? {
            true => lines.push(name.display().to_string()),
            false => tables.push(name.display().to_string()),
        }
    }
    match (tables.first(), lines.as_slice()) {
        (Some(table), [line, ..]) => Err(TranslateError::Mixed {
            table: table.clone(),
            lines: line.clone(),
        }
        .into()),
        (Some(_), []) | (None, []) => Ok(read_pairs(&all, options)?),
        (None, [one]) => Err(TranslateError::OneFile(one.clone()).into()),
        (None, several) if several.len() % 2 != 0 => Err(TranslateError::Odd(several.len()).into()),
        (None, several) => {
            let (sources, targets) = all.split_at(several.len() / 2);
            Ok(read_parallel(sources, targets)?)
        }
    }
}

/// Reads the pairs to train on.
pub(super) fn for_training(
    options: &TranslateOptions,
) -> Result<(Corpora, Vec<Assumption>), ModelError> {
    let files = Files::to_learn_from(options.data.as_ref(), "train.en train.fr")?;
    let mut wanted = pair_options(options);
    let of = |files: &[PathBuf], wanted: &PairOptions| {
        read(&Sources::files(files, true).read()?, wanted)
    };
    let (data, told) = of(&files, &wanted)?;
    // What was inferred of the files to learn from holds for those of the other parts.
    if let Some([source, target]) = &data.columns {
        wanted.source = Some(column(source));
        wanted.target = Some(column(target));
    }
    let part = |files: &Option<Files>| -> Result<Option<Pairs>, ModelError> {
        let files = files.as_ref().map(Files::paths).unwrap_or_default();
        match files.is_empty() {
            true => Ok(None),
            false => Ok(Some(of(&files, &wanted)?.0)),
        }
    };
    let corpora = Corpora {
        valid: part(&options.valid)?,
        test: part(&options.test)?,
        data,
    };
    Ok((corpora, told))
}

fn as_options(config: &TranslateConfig) -> TranslateOptions {
    TranslateOptions {
        data: Some(config.data.clone()),
        valid: config.valid.clone(),
        test: config.test.clone(),
        header: config.header,
        source: config.source.clone(),
        target: config.target.clone(),
        ..TranslateOptions::default()
    }
}

/// Reads the files that a model was trained on again.
pub(super) fn trained_on(
    config: &TranslateConfig,
) -> Result<(Corpora, Vec<Assumption>), ModelError> {
    for_training(&as_options(config))
}

/// Reads pairs for a trained model to be scored on.
pub(super) fn pairs_for_model(
    sources: &Sources,
    config: &TranslateConfig,
    pipeline: &TranslatePipeline,
) -> Result<(Pairs, Vec<Assumption>), ModelError> {
    let mut wanted = pair_options(&as_options(config));
    if let Some([source, target]) = &pipeline.columns {
        wanted.source = Some(column(source));
        wanted.target = Some(column(target));
    }
    let (pairs, told) = read(&sources.read()?, &wanted)?;
    match pipeline.tongues().are_exchanged(&pairs) {
        true => Err(TranslateError::Exchanged(sources.named()).into()),
        false => Ok((pairs, told)),
    }
}

/// Reads texts for a trained model to translate: of pairs the sources.
pub(super) fn texts_for_model(
    sources: &Sources,
    config: &TranslateConfig,
    pipeline: &TranslatePipeline,
) -> Result<Vec<String>, ModelError> {
    let texts = (sources.of.iter()).map(|source| match source {
        Source::Text(text) => Some(text.clone()),
        _ => None,
    });
    if let Some(texts) = texts.collect::<Option<Vec<String>>>()
        && !texts.is_empty()
    {
        return Ok(texts);
    }
    if sources.trained_on {
        return Ok(trained_on(config)?.0.data.sources);
    }
    let files = sources.read()?;
    let mut options = CorpusOptions::default();
    let tables = files
        .iter()
        .map(|(name, bytes)| ressac_data::is_plain(name, bytes));
    let plain = tables.collect::<Result<Vec<_>, _>>()?;
    if !plain.iter().any(|plain| *plain) {
        options.header = config.header;
        options.column = pipeline.columns.as_ref().map(|[source, _]| column(source));
    }
    let (corpus, _) = read_corpus(&pieces(&files), &options)?;
    Ok(corpus.lines)
}

/// The files of pairs as a message names them.
pub(super) fn named(pairs: &Pairs) -> String {
    let names: Vec<String> = (pairs.files.iter())
        .map(|file| Path::new(file).display().to_string())
        .collect();
    names.join(", ")
}
