//! What `predict` asks of a classifier beyond the data.

use crate::options::options;

options! {
    /// What `predict` asks of a classifier.
    pub(super) PredictAsk => PredictAsked {
        "Prediction" {
            /// Give the N likeliest classes instead of the probability of every one
            top "N": usize => Option<usize>,
            /// For texts, name the words that decided, each with what the probability loses without it
            explain "yes|no" ["no"]: bool => Option<bool>,
        }
    }
}
