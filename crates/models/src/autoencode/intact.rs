//! Whether the files of a model folder belong together and hold what an autoencoder can run with: a damaged folder is refused in
//! words, before anything is allocated or computed from it.

use super::config::AutoencodeConfig;
use super::pipeline::AutoencodePipeline;
use super::resolve;
use crate::{ModelError, intact};

/// Steps of more no model is trained on.
const MOST_STEPS: usize = 1 << 24;

/// Refuses a configuration and a pipeline that are not of one sound model.
pub(super) fn check(
    config: &AutoencodeConfig,
    pipeline: &AutoencodePipeline,
) -> Result<(), ModelError> {
    let wrong = |what: String| Err(intact::wrong(what));
    intact::of_options(resolve::check(config))?;
    pipeline.scales.check()?;
    let dims = pipeline.scales.names.len();
    if pipeline
        .steps
        .is_some_and(|steps| steps == 0 || steps > MOST_STEPS)
    {
        return wrong("the pipeline's number of steps is none that a model is trained on".into());
    }
    let of_one_length = config.model.only(Some(1)).is_some();
    if of_one_length && pipeline.steps.is_none() {
        return wrong(format!(
            "a {} network reads examples of one length, and the pipeline says none",
            config.model
        ));
    }
    if let Some([height, width, channels]) = config.media.sides()
        && (pipeline.steps != Some(height) || width.checked_mul(channels) != Some(dims))
    {
        return wrong(format!(
            "images of {width}x{height} are not {dims} numbers in {} rows",
            pipeline.steps.unwrap_or(0)
        ));
    }
    let spreads = &pipeline.spreads;
    let fits = spreads.is_empty() || spreads.len() == dims;
    let finite = spreads
        .iter()
        .all(|spread| spread.is_finite() && *spread > 0.0);
    match fits && finite {
        true => Ok(()),
        false => wrong(format!(
            "the pipeline does not hold one spread above 0 for each of {dims} dimensions"
        )),
    }
}
