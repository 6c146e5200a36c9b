//! The parts that training cuts data into.

use crate::ModelError;
use crate::error::option_error;
use crate::model::Sources;
use crate::options::from_text;
use crate::words::words;

words! {
    /// A part of the data, as training cut it.
    Part: "part" {
        /// What was learnt from.
        Train = "train",
        /// What decided which weights were kept.
        Valid = "valid",
        /// What was held back.
        Test = "test",
        /// Everything.
        All = "all",
    }
}

from_text!(Part, "a part in quotes");

impl Part {
    /// The part to score: the one asked for, or the test part of the data trained on and all of other data.
    ///
    /// # Errors
    /// When a part is asked for that other data does not have.
    pub(crate) fn to_score(asked: Option<Part>, sources: &Sources) -> Result<Part, ModelError> {
        match asked {
            None if sources.trained_on => Ok(Part::Test),
            None => Ok(Part::All),
            Some(part) if sources.trained_on || part == Part::All => Ok(part),
            Some(part) => Err(option_error(
                "part",
                &format!(
                    "is `{part}`, and `{}` is not the data the model was trained on, so it has no such part; leave it out to score all of it",
                    sources.named()
                ),
            )),
        }
    }
}
