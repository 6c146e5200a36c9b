//! Reading running text.

use ressac_data::corpus::{Corpus, CorpusOptions, read_corpus};
use ressac_data::{Assumption, ColumnRef};

use super::config::{LanguageConfig, LanguageOptions};
use crate::ModelError;
use crate::model::{Source, Sources, pieces};
use crate::options::Files;

/// The text of a training: the text to learn from, and that of parts that have their own files.
#[derive(Debug, Clone)]
pub struct Text {
    /// That of `data`.
    pub data: Corpus,
    /// That of `valid`.
    pub valid: Option<Corpus>,
    /// That of `test`.
    pub test: Option<Corpus>,
}

fn options(text: Option<&str>) -> CorpusOptions {
    let column = |text: &str| {
        let Ok(column) = text.parse::<ColumnRef>();
        column
    };
    CorpusOptions {
        column: text.map(column),
        ..CorpusOptions::default()
    }
}

/// Reads the text of these pieces.
fn read(sources: &Sources, text: Option<&str>) -> Result<(Corpus, Vec<Assumption>), ModelError> {
    let read = sources.read()?;
    Ok(read_corpus(&pieces(&read), &options(text))?)
}

/// Reads the text to train on.
pub(super) fn for_training(
    options: &LanguageOptions,
) -> Result<(Text, Vec<Assumption>), ModelError> {
    let files = Files::to_learn_from(options.data.as_ref(), "my.txt")?;
    let text = options.text.as_deref();
    let (data, told) = read(&Sources::files(&files, true), text)?;
    let part = |files: &Option<Files>| -> Result<Option<Corpus>, ModelError> {
        let files = files.as_ref().map(Files::paths).unwrap_or_default();
        match files.is_empty() {
            true => Ok(None),
            false => Ok(Some(read(&Sources::files(&files, true), text)?.0)),
        }
    };
    let text = Text {
        data,
        valid: part(&options.valid)?,
        test: part(&options.test)?,
    };
    Ok((text, told))
}

/// Reads the files that a model was trained on again.
pub(super) fn trained_on(config: &LanguageConfig) -> Result<(Text, Vec<Assumption>), ModelError> {
    for_training(&LanguageOptions {
        data: Some(config.data.clone()),
        valid: config.valid.clone(),
        test: config.test.clone(),
        text: config.text.clone(),
        ..LanguageOptions::default()
    })
}

/// Reads text for a trained model, line by line.
pub(super) fn for_model(
    sources: &Sources,
    config: &LanguageConfig,
) -> Result<(Vec<String>, Vec<Assumption>), ModelError> {
    let texts = (sources.of.iter()).map(|source| match source {
        Source::Text(text) => Some(text.clone()),
        _ => None,
    });
    if let Some(texts) = texts.collect::<Option<Vec<String>>>()
        && !texts.is_empty()
    {
        return Ok((texts, Vec::new()));
    }
    let (corpus, told) = read(sources, config.text.as_deref())?;
    Ok((corpus.lines, told))
}
