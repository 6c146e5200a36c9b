//! What `evaluate` and `sample` ask of a generator beyond the data.

use crate::error::option_error;
use crate::options::options;
use crate::part::{PartAsk, PartAsked};
use crate::{ModelError, ranges};

options! {
    /// What `evaluate` asks.
    pub(super) EvaluateAsk => EvaluateAsked {
        "Evaluation" {
            /// Images to make and compare
            made "N" ["as many as real ones, 2000 at the most"]: usize => Option<usize>,
        }
    }
    groups {
        part: PartAsk => PartAsked {},
    }
}

options! {
    /// What `sample` asks.
    pub(super) SampleAsk => SampleAsked {
        "Sample" {
            /// How many to make
            count "N" ["16"]: usize => Option<usize>,
            /// Go from one drawn vector to another in so many steps, instead of drawing each
            interpolate "N": usize => Option<usize>,
            /// Largest number of a latent vector: below 2 images are more usual and differ less
            truncation "T" ["none"]: f64 => Option<f64>,
            /// Class of all images, of a model that was told classes
            label "CLASS" ["each as often as in the training part"]: String => Option<String>,
        }
    }
}

impl SampleAsk {
    /// Refuses numbers out of their range.
    ///
    /// # Errors
    /// [`ModelError::Options`] naming the key.
    pub(super) fn check(&self) -> Result<(), ModelError> {
        if let Some(count) = self.count {
            ranges::whole("count", count, 1..=100_000)?;
        }
        if let Some(steps) = self.interpolate {
            ranges::whole("interpolate", steps, 2..=1_000)?;
        }
        match self.truncation {
            Some(most) if !(most.is_finite() && most > 0.0) => Err(option_error(
                "truncation",
                &format!("is {most}; it is above 0, such as 1.5"),
            )),
            _ => Ok(()),
        }
    }
}
