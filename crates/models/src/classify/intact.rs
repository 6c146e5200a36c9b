//! Whether the files of a model folder belong together and hold what a classifier can run with: a damaged folder is
//! refused in words, before anything is allocated or computed from it.

use super::config::ClassifyConfig;
use super::pipeline::{ClassifyPipeline, Reading};
use super::resolve;
use crate::{ModelError, intact};

/// Refuses a configuration and a pipeline that are not of one sound model.
pub(super) fn check(
    config: &ClassifyConfig,
    pipeline: &ClassifyPipeline,
) -> Result<(), ModelError> {
    let wrong = |what: String| Err(intact::wrong(what));
    intact::of_options(resolve::check(config))?;
    let of_texts = matches!(pipeline.reading, Reading::Texts(_));
    if of_texts != config.of_texts() {
        return wrong("one of the two is for texts, the other for sequences of numbers".into());
    }
    if let Reading::Texts(tokenizer) = &pipeline.reading {
        intact::tokenizer(tokenizer, &config.texts)?;
    }
    if config.wide.unwrap_or(0) != pipeline.wide {
        return wrong(format!(
            "`wide` is {}, and the pipeline's {}",
            config.wide.unwrap_or(0),
            pipeline.wide
        ));
    }
    if config.label_separator != pipeline.label_separator {
        return wrong("`label_separator` is not that of the pipeline".into());
    }
    let classes = pipeline.classes.len();
    let least = if pipeline.of_several() { 1 } else { 2 };
    if classes < least || pipeline.counts.len() != classes {
        return wrong(format!(
            "the pipeline holds {classes} classes and {} counts of them",
            pipeline.counts.len()
        ));
    }
    if let Reading::Scales(scales) = &pipeline.reading {
        scales.check()?;
    }
    if !(pipeline.temperature.is_finite() && pipeline.temperature > 0.0) {
        return wrong(format!(
            "the pipeline's temperature is {}, and it is above 0",
            pipeline.temperature
        ));
    }
    Ok(())
}
