//! `metrics.jsonl`: one line for each validation, for plots and for people with `tail -f`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use ressac_folder::{FolderError, ModelFiles, ModelFolder};

const FILE: &str = "metrics.jsonl";

/// One line of `metrics.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricsLine {
    /// Steps taken.
    pub step: u64,
    /// Epochs done; a validation may come within one.
    pub epoch: f64,
    /// The mean training loss since the validation before.
    pub train_loss: f64,
    /// The validation loss, when there is a validation part.
    pub valid_loss: Option<f64>,
    /// The learning rate of the last step.
    pub learning_rate: f64,
    /// The largest gradient norm since then, before clipping.
    pub gradient_norm: f64,
    /// The mean gradient norm since then, before clipping.
    pub gradient_norm_mean: f64,
    /// Seconds of training, over all the runs that led here.
    pub seconds: f64,
    /// Further figures of the training since then: their means, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub train: BTreeMap<String, f64>,
    /// Further figures of the validation, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub valid: BTreeMap<String, f64>,
    /// What a person was told at this validation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Reads the lines up to step `until`: a resumed training drops what came after its checkpoint.
pub fn read(folder: &ModelFiles, until: u64) -> Result<Vec<MetricsLine>, FolderError> {
    let text = match folder.read_text(FILE) {
        Err(FolderError::Missing { .. }) => return Ok(Vec::new()),
        other => other?,
    };
    text.lines()
        .map(|line| {
            serde_json::from_str(line).map_err(|error| FolderError::Damaged {
                path: folder.file(FILE),
                reason: error.to_string(),
            })
        })
        .filter(|line| {
            line.as_ref()
                .map_or(true, |line: &MetricsLine| line.step <= until)
        })
        .collect()
}

/// Writes all lines anew: a few hundred at the most, and a kill never leaves half a line.
pub(crate) fn write(folder: &ModelFolder, lines: &[MetricsLine]) -> Result<(), FolderError> {
    let mut text = String::new();
    for line in lines {
        let line = serde_json::to_string(line).map_err(|error| FolderError::Damaged {
            path: folder.file(FILE),
            reason: error.to_string(),
        })?;
        text.push_str(&line);
        text.push('\n');
    }
    folder.write(FILE, text.as_bytes())
}
