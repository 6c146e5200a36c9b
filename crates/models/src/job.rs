//! One training, of whichever family: options in layers, the record of an earlier run, the model folder.

mod curve;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use burn::tensor::Device;
use toml::Table;

use ressac_data::{Assumption, fingerprint};
use ressac_folder::{ConfigFile, FolderError, ModelFolder, RunRecord, TrainingLock};
use ressac_train::{
    Checkpoint, Estimate, Learner, Outcome, Progress, Size, TrainError, Trainer, estimate,
    read_metrics,
};

use crate::family::{AnyFamily, COMMAND_LINE, Family, Remark, Resolved};
use crate::model::{Model, Sources};
use crate::options::{Config, Options, TrainingConfig};
use crate::{Evaluated, ModelError};

/// The options of a training: those of a file under those of the command line.
#[derive(Debug, Clone)]
pub struct Layers {
    /// The options to train with.
    pub options: Table,
    /// The keys that a person gave; the others are inferred or defaults.
    pub given: Vec<String>,
}

impl Layers {
    /// Lays `flags` over the options of `saved`.
    ///
    /// A file that a training wrote holds every option resolved. As long as the flags change none of them, all hold, and the
    /// same training is repeated or resumed. Where they change one, what a person gave holds and the rest is worked out anew
    /// for it: the record says which is which. A file without that record was written by hand: all of it was given.
    ///
    /// # Errors
    /// An unknown key or a value of the wrong kind; a file of another task.
    pub fn new(
        family: &dyn AnyFamily,
        saved: Option<(&ConfigFile, &Path)>,
        flags: Table,
    ) -> Result<Self, FolderError> {
        let flags = family.options(&flags, COMMAND_LINE.as_ref())?;
        let Some((file, path)) = saved else {
            return Ok(Self {
                given: flags.keys().cloned().collect(),
                options: flags,
            });
        };
        if let Some(task) = file.task.as_deref().filter(|task| *task != family.task()) {
            return Err(FolderError::Config {
                path: path.to_path_buf(),
                reason: format!("it is for the task `{task}`, not `{}`", family.task()),
            });
        }
        let mut options = family.options(&file.options, path)?;
        let changes = flags
            .iter()
            .any(|(key, value)| options.get(key) != Some(value) && !is_free(key));
        let mut given: Vec<String> = match &file.run.given {
            Some(given) => given.clone(),
            None => options.keys().cloned().collect(),
        };
        if changes {
            let keys: Vec<String> = options.keys().cloned().collect();
            for key in keys.iter().filter(|key| !given.contains(key)) {
                options.remove(key);
            }
        }
        for (key, value) in flags {
            if !given.contains(&key) {
                given.push(key.clone());
            }
            options.insert(key, value);
        }
        Ok(Self { options, given })
    }
}

/// Whether an option shapes no weight for so many steps: it may differ when a run is repeated or resumed.
fn is_free(key: &str) -> bool {
    key == "time_limit"
}

/// The options in which a run on record differs from this one.
fn changed(saved: &Table, now: &Table) -> Vec<String> {
    let mut keys: Vec<&String> = saved.keys().collect();
    keys.retain(|key| !is_free(key) && saved.get(*key) != now.get(*key));
    keys.into_iter().cloned().collect()
}

/// What a training is going to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// How large it is.
    pub size: Size,
    /// Items in one step.
    pub batch: usize,
    /// Steps planned.
    pub steps: u64,
    /// What they cost, measured on a few.
    pub estimate: Estimate,
    /// The longest it may take.
    pub time_limit: Option<Duration>,
    /// The network and what it reads, in a line.
    pub outline: String,
}

/// What of an earlier run bears on this one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Repeats {
    /// The step to stop at, of a recorded run that is repeated.
    pub steps: Option<u64>,
    /// What a person should know of the repetition.
    pub note: Option<String>,
}

/// Where a training goes.
#[derive(Debug)]
pub struct Place {
    /// The model folder.
    pub folder: ModelFolder,
    /// Nobody else trains in it meanwhile.
    pub lock: TrainingLock,
    /// What to go on from.
    pub checkpoint: Option<Checkpoint>,
}

impl Place {
    /// A new folder.
    ///
    /// # Errors
    /// When there is something at `path`, or the file system refuses.
    pub fn new(path: &Path) -> Result<Self, ModelError> {
        let folder = ModelFolder::create(path)?;
        Ok(Self {
            lock: folder.lock()?,
            folder,
            checkpoint: None,
        })
    }

    /// The folder of a training to go on with.
    ///
    /// # Errors
    /// When there is no such folder, another process trains in it, or it holds no checkpoint.
    pub fn resume(path: &Path) -> Result<Self, ModelError> {
        let folder = ModelFolder::open(path)?;
        let lock = folder.lock()?;
        let checkpoint = Some(Checkpoint::newest(&folder)?);
        Ok(Self {
            folder,
            lock,
            checkpoint,
        })
    }
}

/// What a training came to.
#[derive(Debug)]
pub struct Trained {
    /// How it ended.
    pub outcome: Outcome,
    /// How good the model is on the test part; nothing where that holds no item.
    pub evaluated: Option<Evaluated>,
}

/// A training ready to start, its family forgotten.
pub trait Training {
    /// The files read.
    fn files(&self) -> &[PathBuf];
    /// How much data there is, in a few words.
    fn summary(&self) -> String;
    /// What was found in the data and assumed.
    fn assumptions(&self) -> Vec<Assumption>;
    /// What a person would want to know of the data before a training on it.
    fn remarks(&self) -> Vec<Remark>;
    /// What the run of a configuration file says of this one; an error where a resumption would not continue it.
    ///
    /// # Errors
    /// [`ModelError::Options`] or a checkpoint's, when `resume` and the options or the data are others.
    fn repeats(
        &self,
        saved: &ConfigFile,
        resume: bool,
        instruction_set: &str,
    ) -> Result<Repeats, ModelError>;
    /// Makes the learner, and times a few steps of it.
    ///
    /// # Errors
    /// When the data cannot be learnt from, or the machine has not the memory.
    fn plan(&mut self) -> Result<Plan, ModelError>;
    /// Trains, and leaves a model in the folder of `place`. `given` are the keys a person gave, for the record.
    ///
    /// # Errors
    /// As [`Trainer::run`]; when the folder cannot be written.
    fn run(
        &mut self,
        place: Place,
        run: &RunOptions<'_>,
        progress: &mut dyn Progress,
    ) -> Result<Trained, ModelError>;
}

/// How a training is run.
#[derive(Debug, Clone, Copy)]
pub struct RunOptions<'a> {
    /// The keys a person gave, for the record.
    pub given: &'a [String],
    /// The step to stop at, of a recorded run that is repeated; the clock then says nothing.
    pub stop_at: Option<u64>,
    /// The longest time between two checkpoints; absent, the trainer's own.
    pub checkpoint_every: Option<Duration>,
    /// Raised to end training after the step under way.
    pub stop: &'a AtomicBool,
    /// The instruction set that computes, for the record.
    pub instruction_set: &'a str,
    /// The version that trains, for the record.
    pub version: &'a str,
}

/// A training of one family, its data read.
pub(crate) struct Prepared<F: Family> {
    options: F::Options,
    files: Vec<PathBuf>,
    digest: String,
    data: F::Data,
    assumptions: Vec<Assumption>,
    resolved: Resolved<F::Config, F::Parts>,
    device: Device,
    learner: Option<(F::Learner, F::Pipeline)>,
}

impl<F: Family> Prepared<F> {
    pub(crate) fn new(options: F::Options, device: &Device) -> Result<Self, ModelError> {
        let files = F::files(&options);
        let (data, mut assumptions) = F::read(&options)?;
        let resolved = F::resolve(&options, &data)?;
        assumptions.extend(resolved.assumptions.iter().cloned());
        Ok(Self {
            digest: fingerprint::files(&files)?,
            files,
            data,
            assumptions,
            resolved,
            options,
            device: device.clone(),
            learner: None,
        })
    }

    fn training(&self) -> &TrainingConfig {
        F::training(&self.resolved.config)
    }

    /// What `config.toml` says of a training.
    fn record(&self, config: &F::Config, run: &RunOptions<'_>) -> ConfigFile {
        ConfigFile {
            task: Some(F::TASK.to_owned()),
            options: config.table(),
            run: RunRecord {
                instruction_set: run.instruction_set.to_owned(),
                ressac: run.version.to_owned(),
                given: Some(run.given.to_vec()),
                data_fingerprint: self.digest.clone(),
                ..RunRecord::default()
            },
        }
    }

    fn learner(&mut self) -> Result<&mut (F::Learner, F::Pipeline), ModelError> {
        if self.learner.is_none() {
            let made = F::learner(&self.resolved, &self.data, &self.device)?;
            return Ok(self.learner.insert(made));
        }
        self.learner
            .as_mut()
            .ok_or_else(|| TrainError::NoItems.into())
    }

    /// What comes after the last step: what is fitted on the validation part, the scores on the test part, the report.
    fn finish(
        &self,
        folder: &ModelFolder,
        items: (usize, &str),
        run: &RunOptions<'_>,
        progress: &mut dyn Progress,
    ) -> Result<Option<Evaluated>, ModelError> {
        let model = F::open(folder, &self.device)?;
        let model = F::finish(model, &self.data, &self.resolved)?;
        folder.write_pipeline(&model.fitted())?;
        let Some(mut evaluated) = F::score(&model, &self.data, &self.resolved)? else {
            return Ok(None);
        };
        let shares = F::shares(&self.resolved)?;
        self.curve(
            &shares,
            (&mut evaluated, items.0, items.1),
            folder,
            run,
            progress,
        )?;
        evaluated.assumptions.clone_from(&self.assumptions);
        let lines = read_metrics(folder, u64::MAX)?;
        let page = evaluated.report(&lines, &configuration(&model));
        folder.write("report.html", page.as_bytes())?;
        Ok(Some(evaluated))
    }
}

/// A model's configuration as its file has it, without the run.
pub fn configuration(model: &dyn Model) -> String {
    ConfigFile {
        task: Some(model.task().to_owned()),
        options: model.configuration(),
        run: RunRecord::default(),
    }
    .to_text()
}

impl<F: Family> Training for Prepared<F> {
    fn files(&self) -> &[PathBuf] {
        &self.files
    }

    fn summary(&self) -> String {
        F::summary(&self.data)
    }

    fn assumptions(&self) -> Vec<Assumption> {
        self.assumptions.clone()
    }

    fn remarks(&self) -> Vec<Remark> {
        F::remarks(&self.options, &self.data, &self.resolved)
    }

    fn repeats(
        &self,
        saved: &ConfigFile,
        resume: bool,
        instruction_set: &str,
    ) -> Result<Repeats, ModelError> {
        let run = &saved.run;
        let same_data = run.data_fingerprint.is_empty() || run.data_fingerprint == self.digest;
        let path = Path::new("config.toml");
        let before = F::Options::read(&saved.options, path)?.table();
        let changed = changed(&before, &self.resolved.config.table());
        if resume {
            if !same_data {
                return Err(TrainError::Checkpoint(format!(
                    "the content of `{}` has changed since it was made. Put the old files back, or train anew in another folder",
                    Sources::files(&self.files, true).named()
                ))
                .into());
            }
            return match changed.first() {
                Some(key) => Err(crate::error::option_error(
                    key,
                    "is not what the training in this folder began with, and a resumed training goes on unchanged (only the time limit may differ). Leave it out, or train anew in another folder",
                )),
                None => Ok(Repeats::default()),
            };
        }
        // Written by hand, or of a training that did not end: no run to repeat.
        let Some(steps) = run.steps.filter(|_| changed.is_empty()) else {
            return Ok(Repeats::default());
        };
        let recorded = run.instruction_set.as_str();
        let note = if !same_data {
            Some("the data has changed since the recorded run, so the result will differ".into())
        } else if !recorded.is_empty() && recorded != instruction_set {
            Some(format!(
                "the recorded run used {recorded} and this one uses {instruction_set}; equal bits are promised within one"
            ))
        } else {
            None
        };
        Ok(Repeats {
            steps: Some(steps),
            note,
        })
    }

    fn plan(&mut self) -> Result<Plan, ModelError> {
        let training = self.training().clone();
        let outline = F::outline(&self.resolved);
        let (learner, _) = self.learner()?;
        let size = learner.size();
        let steps = Trainer::new(training.trainer()).planned(size.training);
        let estimate = estimate(learner, training.batch, steps)?;
        Ok(Plan {
            size,
            batch: training.batch,
            steps,
            estimate,
            time_limit: training.time_limit.map(|limit| limit.0),
            outline,
        })
    }

    fn run(
        &mut self,
        place: Place,
        run: &RunOptions<'_>,
        progress: &mut dyn Progress,
    ) -> Result<Trained, ModelError> {
        let Place {
            folder,
            lock: _lock,
            checkpoint,
        } = place;
        let mut trainer = self.training().trainer();
        trainer.stop_at = run.stop_at;
        if let Some(every) = run.checkpoint_every {
            trainer.checkpoint_every = every;
        }
        if run.stop_at.is_some() {
            // The record says where to stop; the clock must not say otherwise.
            trainer.time_limit = None;
        }
        let config = self.record(&self.resolved.config, run);
        let (learner, pipeline) = self.learner()?;
        folder.write_pipeline(pipeline)?;
        folder.write_config(&config)?;
        let size = learner.size();
        let outcome =
            Trainer::new(trainer).run(learner, Some(&folder), checkpoint, run.stop, progress)?;
        Ok(Trained {
            evaluated: self.finish(&folder, (size.training, size.items), run, progress)?,
            outcome,
        })
    }
}

#[cfg(test)]
mod tests;
