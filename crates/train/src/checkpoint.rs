//! Checkpoints: everything needed to go on with a training to the same bits.
//!
//! A checkpoint is two files, `step-N.safetensors` and `step-N.json`. The tensors are written
//! first and the JSON, which states the tensors' size and checksum, last: a checkpoint without its
//! JSON does not exist. Older checkpoints are removed only after a newer one is whole.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use serde::{Deserialize, Serialize};

use ressac_folder::{FolderError, ModelFolder, VERSION, atomic};
use ressac_nn::weights::{self, NamedTensors};

use crate::schedule::Plateau;
use crate::{LearnerState, TrainError};

const FOLDER: &str = "checkpoints";

/// The trainer's own counters: small, and written as JSON.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Counters {
    /// Steps taken.
    pub(crate) step: u64,
    /// Items the order was drawn over, to refuse a checkpoint of other data.
    pub(crate) items: u64,
    /// The sum of the losses since the last validation.
    pub(crate) loss_sum: f64,
    /// The largest gradient norm since then.
    pub(crate) gradient_norm: f64,
    /// The sum of the gradient norms since then.
    pub(crate) gradient_norm_sum: f64,
    /// The sums of further figures since then, by name.
    #[serde(default)]
    pub(crate) figures: BTreeMap<String, f64>,
    /// What a schedule that follows validations remembers of them.
    pub(crate) plateau: Plateau,
    /// The step of the best validation so far.
    pub(crate) best_step: Option<u64>,
    /// The best validation loss so far.
    pub(crate) best_loss: Option<f64>,
    /// Validations since then.
    pub(crate) stale: u64,
    /// Seconds trained so far. No decision that shapes the weights reads it.
    pub(crate) seconds: f64,
}

/// A training at rest between two steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    pub(crate) counters: Counters,
    pub(crate) learner: LearnerState,
    pub(crate) best: NamedTensors,
}

#[derive(Serialize, Deserialize)]
struct Head {
    version: u32,
    counters: Counters,
    learner_counters: BTreeMap<String, u64>,
    tensors: String,
    bytes: u64,
    checksum: String,
}

impl Checkpoint {
    /// The steps taken when it was made.
    pub fn step(&self) -> u64 {
        self.counters.step
    }

    /// Writes the checkpoint into `folder` and removes older ones.
    pub(crate) fn save(&self, folder: &ModelFolder) -> Result<(), TrainError> {
        let mut tensors = NamedTensors::new();
        for (name, tensor) in &self.learner.tensors {
            tensors.insert(format!("state/{name}"), tensor.clone());
        }
        for (name, tensor) in &self.best {
            tensors.insert(format!("best/{name}"), tensor.clone());
        }
        let bytes = weights::to_bytes(&tensors)?;
        let stem = format!("step-{:010}", self.counters.step);
        let head = Head {
            version: VERSION,
            counters: self.counters.clone(),
            learner_counters: self.learner.counters.clone(),
            tensors: format!("{stem}.safetensors"),
            bytes: bytes.len() as u64,
            checksum: checksum(&bytes),
        };
        let text = serde_json::to_string_pretty(&head)
            .map_err(|error| TrainError::Checkpoint(error.to_string()))?;
        folder.write(&format!("{FOLDER}/{}", head.tensors), &bytes)?;
        folder.write(&format!("{FOLDER}/{stem}.json"), text.as_bytes())?;
        remove_all_but(folder, &stem)
    }

    /// The newest whole checkpoint in `folder`.
    ///
    /// # Errors
    /// [`TrainError::NoCheckpoint`] when there is none that is whole.
    pub fn newest(folder: &ModelFolder) -> Result<Self, TrainError> {
        let path = folder.file(FOLDER);
        let none = |reason: String| TrainError::NoCheckpoint {
            folder: path.display().to_string(),
            reason,
        };
        let mut heads: Vec<String> = match fs::read_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(none("training was killed before it wrote one".into()));
            }
            Err(error) => return Err(none(format!("it cannot be listed ({error})"))),
            Ok(entries) => entries
                .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
                .filter(|name| name.starts_with("step-") && name.ends_with(".json"))
                .collect(),
        };
        heads.sort();
        let mut reason = "it holds none".to_owned();
        // A damaged checkpoint is passed over for an older one, and is the reason if there is none.
        for name in heads.iter().rev() {
            match Self::load(folder, name) {
                Ok(checkpoint) => return Ok(checkpoint),
                Err(error) => {
                    log::warn!("passing over checkpoint {name}: {error}");
                    reason = error.to_string();
                }
            }
        }
        Err(none(reason))
    }

    fn load(folder: &ModelFolder, name: &str) -> Result<Self, TrainError> {
        let damaged = |name: &str, reason: String| {
            TrainError::Folder(FolderError::Damaged {
                path: folder.file(FOLDER).join(name),
                reason,
            })
        };
        let text = folder.read_text(&format!("{FOLDER}/{name}"))?;
        let head: Head =
            serde_json::from_str(&text).map_err(|error| damaged(name, error.to_string()))?;
        if head.version != VERSION {
            let path = folder.file(FOLDER).join(name);
            return Err(FolderError::Version {
                path,
                found: i64::from(head.version),
            }
            .into());
        }
        let bytes = folder.read_bytes(&format!("{FOLDER}/{}", head.tensors))?;
        if bytes.len() as u64 != head.bytes || checksum(&bytes) != head.checksum {
            return Err(damaged(
                &head.tensors,
                "its content is not what its JSON states".into(),
            ));
        }
        let mut learner = LearnerState {
            counters: head.learner_counters,
            ..LearnerState::default()
        };
        let mut best = NamedTensors::new();
        for (name, tensor) in weights::from_bytes(&bytes)? {
            match name.split_once('/') {
                Some(("state", name)) => learner.tensors.insert(name.to_owned(), tensor),
                Some(("best", name)) => best.insert(name.to_owned(), tensor),
                _ => {
                    return Err(damaged(
                        &head.tensors,
                        format!("it has an unexpected tensor `{name}`"),
                    ));
                }
            };
        }
        Ok(Self {
            counters: head.counters,
            learner,
            best,
        })
    }
}

/// FNV-1a over the bytes: enough to tell a torn or mixed-up file, and no dependency.
fn checksum(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

fn remove_all_but(folder: &ModelFolder, stem: &str) -> Result<(), TrainError> {
    let path = folder.file(FOLDER);
    let refused = |source| {
        TrainError::Folder(FolderError::Write {
            path: path.clone(),
            source,
        })
    };
    atomic::clean(&path).map_err(refused)?;
    for entry in fs::read_dir(&path).map_err(refused)? {
        let entry = entry.map_err(refused)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("step-") && !name.starts_with(stem) {
            fs::remove_file(entry.path()).map_err(refused)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ressac_nn::weights::HostTensor;

    fn checkpoint(step: u64) -> Checkpoint {
        let tensors = |value: f32| {
            NamedTensors::from([(
                "w".to_owned(),
                HostTensor {
                    shape: vec![1],
                    values: vec![value],
                },
            )])
        };
        Checkpoint {
            // Losses that have no short decimal form must come back to the bit.
            counters: Counters {
                step,
                loss_sum: 0.1 + 0.2,
                best_loss: Some(1.0 / 3.0),
                ..Counters::default()
            },
            learner: LearnerState {
                tensors: tensors(1.5),
                counters: BTreeMap::from([("t".to_owned(), u64::MAX)]),
            },
            best: tensors(2.5),
        }
    }

    fn folder() -> (tempfile::TempDir, ModelFolder) {
        let parent = tempfile::tempdir().unwrap();
        let folder = ModelFolder::create(&parent.path().join("model")).unwrap();
        (parent, folder)
    }

    #[test]
    fn the_newest_checkpoint_reads_back_to_the_bit_and_older_ones_are_gone() {
        let (_parent, folder) = folder();
        checkpoint(9).save(&folder).unwrap();
        checkpoint(10).save(&folder).unwrap();
        assert_eq!(Checkpoint::newest(&folder).unwrap(), checkpoint(10));
        assert_eq!(fs::read_dir(folder.file(FOLDER)).unwrap().count(), 2);
    }

    #[test]
    fn a_checkpoint_torn_by_a_kill_is_passed_over_for_the_one_before() {
        let (_parent, folder) = folder();
        checkpoint(9).save(&folder).unwrap();
        // As a kill between the two writes of step 10 leaves it, and then one with torn tensors.
        fs::write(
            folder.file(FOLDER).join("step-0000000010.safetensors"),
            b"half",
        )
        .unwrap();
        assert_eq!(Checkpoint::newest(&folder).unwrap().step(), 9);
        let head = fs::read_to_string(folder.file(FOLDER).join("step-0000000009.json")).unwrap();
        let head = head.replace("step-0000000009", "step-0000000010");
        fs::write(folder.file(FOLDER).join("step-0000000010.json"), head).unwrap();
        assert_eq!(Checkpoint::newest(&folder).unwrap().step(), 9);
    }

    #[test]
    fn without_a_checkpoint_the_error_says_where_it_looked() {
        let (_parent, folder) = folder();
        let error = Checkpoint::newest(&folder).unwrap_err().to_string();
        assert!(
            error.contains("checkpoints") && error.contains("Train from the start"),
            "{error}"
        );
    }
}
