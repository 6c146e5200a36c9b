//! What `evaluate` and `sample` ask of a language model beyond the data.

use crate::options::options;
use crate::part::Part;

options! {
    /// What `evaluate` asks.
    pub(super) EvaluateAsk => EvaluateAsked {
        "Evaluation" {
            /// Part to score: train, valid, test or all
            part "PART" ["test for the files trained on, else all"]: Part => Option<Part>,
            /// Tokens of the past that a continuous cache remembers (Grave et al. 2017); 0 for none
            cache "N" ["0"]: usize => Option<usize>,
            /// Share of the probability that the cache has
            cache_weight "SHARE" ["0.1"]: f64 => Option<f64>,
            /// How much more a state that is alike counts in the cache
            cache_flatness "THETA" ["0.3"]: f64 => Option<f64>,
            /// Learning rate of a copy of the model that learns from each part of the text after it was scored (dynamic evaluation, Krause et al. 2018); 0 for none
            dynamic "RATE" ["0"]: f64 => Option<f64>,
        }
    }
}

options! {
    /// What `sample` asks.
    pub(super) SampleAsk => SampleAsked {
        "Sampling" {
            /// Texts to write
            count "N" ["1"]: usize => Option<usize>,
            /// The text to go on from
            prompt "TEXT" ["the beginning of a line"]: String => Option<String>,
            /// Tokens of each at the most
            length "N" ["200"]: usize => Option<usize>,
            /// What the logits are divided by: below 1 the likely tokens come more often, 0 takes the likeliest
            temperature "T" ["0.8"]: f64 => Option<f64>,
            /// Draw from so many of the likeliest tokens alone
            top_k "N" ["all"]: usize => Option<usize>,
            /// Draw from the likeliest tokens that have this share of the probability together (nucleus sampling)
            top_p "SHARE" ["1"]: f64 => Option<f64>,
            /// Whether a text ends at the end of its first line
            one_line "yes|no" ["no"]: bool => Option<bool>,
        }
    }
}
