//! Whether the files of a model folder belong together and hold what a generator can run with: a damaged folder is refused in
//! words, before anything is allocated or computed from it.

use super::config::GanConfig;
use super::pipeline::GanPipeline;
use super::resolve;
use crate::{ModelError, intact};

/// More classes than this no model is trained on.
const MOST_CLASSES: usize = 1 << 20;

/// Refuses a configuration and a pipeline that are not of one sound model.
pub(super) fn check(config: &GanConfig, pipeline: &GanPipeline) -> Result<(), ModelError> {
    let wrong = |what: String| Err(intact::wrong(what));
    if let Err(error) = intact::of_options(resolve::check(config)) {
        return wrong(error.to_string());
    }
    if pipeline.sides != config.sides() {
        let [height, width, channels] = pipeline.sides;
        return wrong(format!(
            "the pipeline is of images of {width}x{height} with {channels} numbers a pixel, and the configuration of others"
        ));
    }
    let classes = pipeline.classes.len();
    if classes > MOST_CLASSES || pipeline.counts.len() != classes {
        return wrong(format!(
            "the pipeline names {classes} classes and counts {}",
            pipeline.counts.len()
        ));
    }
    let total = (pipeline.counts.iter()).try_fold(0_u64, |sum, count| sum.checked_add(*count));
    match (config.conditional, classes, total) {
        (true, 0 | 1, _) => {
            wrong("the generator is told classes, and the pipeline has none".into())
        }
        (_, _, None) => wrong("the pipeline's counts of classes are none".into()),
        _ => Ok(()),
    }
}
