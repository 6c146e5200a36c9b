//! What `evaluate` asks of a classifier beyond the data.

use crate::options::options;
use crate::part::Part;

options! {
    /// What `evaluate` asks of a classifier.
    pub(super) ClassifyAsk => ClassifyAsked {
        "Evaluation" {
            /// Part to score: train, valid, test or all
            part "PART" ["test for the files trained on, else all"]: Part => Option<Part>,
        }
    }
}
