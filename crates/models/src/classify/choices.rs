//! The choices an option of a classifier takes, as they are written in files and on the command line.

use crate::options::from_text;
use crate::words::words;

words! {
    /// How the outputs of the recurrent layers at all steps become one vector.
    Pool: "pool" {
        /// The largest value of each unit.
        Max = "max",
        /// The mean of each unit.
        Mean = "mean",
        /// The last step of the forward direction beside the first one of the reverse direction.
        Last = "last",
        /// A sum weighted by learnt attention (Yang et al. 2016).
        Attention = "attention",
    }
}

words! {
    /// How much the examples of each class count in the loss.
    ClassWeights: "weighting" {
        /// Every example alike.
        None = "none",
        /// Every class alike: an example of a rare class counts more.
        Balanced = "balanced",
    }
}

from_text!(ClassWeights, "a weighting in quotes");
from_text!(Pool, "a pool in quotes");
