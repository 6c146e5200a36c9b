//! What `predict` and `evaluate` ask of a translation model beyond the data.

use super::pipeline::TranslatePipeline;
use crate::decoder::search::Search;
use crate::error::option_error;
use crate::options::options;
use crate::part::{PartAsk, PartAsked};
use crate::{ModelError, ranges};

options! {
    /// What `predict` asks.
    pub(super) PredictAsk => PredictAsked {
        "Search" {
            /// Hypotheses that are searched side by side (beam search); 1 takes the likeliest token at each step
            beam "N" ["5"]: usize => Option<usize>,
            /// How much long translations are preferred: the exponent of the length penalty (Wu et al. 2016)
            length_penalty "ALPHA" ["1"]: f64 => Option<f64>,
            /// How much translations are preferred that attend to all of the source (the same paper)
            coverage_penalty "BETA" ["0"]: f64 => Option<f64>,
        }
    }
}

options! {
    /// What `evaluate` asks.
    pub(super) EvaluateAsk => EvaluateAsked {
    }
    groups {
        part: PartAsk => PartAsked {},
        search: PredictAsk => PredictAsked {},
    }
}

impl PredictAsk {
    /// How translations are searched for.
    ///
    /// # Errors
    /// A value out of its range.
    pub(super) fn search(
        &self,
        pipeline: &TranslatePipeline,
        attends: bool,
    ) -> Result<Search, ModelError> {
        let search = Search {
            beam: self.beam.unwrap_or(5),
            length_penalty: self.length_penalty.unwrap_or(1.0),
            coverage_penalty: self.coverage_penalty.unwrap_or(0.0),
            end: pipeline.targets().end(),
            // What cannot be copied from the source is not written.
            never: (!attends).then(|| pipeline.targets().unknown()),
        };
        ranges::whole("beam", search.beam, 1..=1_000)?;
        for (key, value) in [
            ("length_penalty", search.length_penalty),
            ("coverage_penalty", search.coverage_penalty),
        ] {
            if !(value.is_finite() && value >= 0.0) {
                return Err(option_error(key, &format!("is {value}; it is 0 or more")));
            }
        }
        match search.coverage_penalty > 0.0 && !attends {
            true => Err(option_error(
                "coverage_penalty",
                "is of what attention saw, and the model has none: leave it out",
            )),
            false => Ok(search),
        }
    }
}
