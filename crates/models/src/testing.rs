//! Trainings of any family in tests: a folder with files, and what becomes of them.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use burn::tensor::Device;
use tempfile::TempDir;
use toml::{Table, Value};

use ressac_folder::ModelFolder;
use ressac_train::Silent;

use crate::job::{Place, RunOptions, Trained};
use crate::model::Model;
use crate::{Evaluated, ModelError, family, open};

/// A folder for the trainings of one task.
pub(crate) struct Workplace {
    folder: TempDir,
    task: &'static str,
}

impl Workplace {
    pub(crate) fn new(task: &'static str) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            task,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// Options, the later ones over the earlier, with files of this folder: each key with the files it names.
    pub(crate) fn options(&self, texts: &[&str], files: &[(&str, &[&str])]) -> Table {
        let mut table = Table::new();
        for text in texts {
            table.extend(text.parse::<Table>().unwrap());
        }
        for (key, names) in files {
            let paths = names
                .iter()
                .map(|name| self.path(name).display().to_string());
            table.insert(
                (*key).into(),
                paths.map(Value::from).collect::<Vec<_>>().into(),
            );
        }
        table
    }

    /// Trains in the folder `out`, stopping at `stop_at`; resumes what is there where `resume`.
    pub(crate) fn train(
        &self,
        out: &str,
        options: &Table,
        stop_at: Option<u64>,
        resume: bool,
    ) -> Trained {
        let device = Device::default();
        let mut training = family(self.task)
            .unwrap()
            .prepare(options, &device)
            .unwrap();
        let path = self.path(out);
        let place = match resume {
            true => Place::resume(&path).unwrap(),
            false => Place::new(&path).unwrap(),
        };
        let run = RunOptions {
            given: &[],
            stop_at,
            checkpoint_every: None,
            stop: &AtomicBool::new(false),
            instruction_set: "",
            version: "",
        };
        training.run(place, &run, &mut Silent).unwrap()
    }

    pub(crate) fn open(&self, out: &str) -> Result<Box<dyn Model>, ModelError> {
        open(
            &ModelFolder::open(&self.path(out)).unwrap(),
            &Device::default(),
        )
    }

    pub(crate) fn weights(&self, out: &str) -> Vec<u8> {
        fs::read(self.path(out).join("weights.safetensors")).unwrap()
    }

    pub(crate) fn refusal(&self, options: &Table) -> String {
        let prepared = family(self.task)
            .unwrap()
            .prepare(options, &Device::default());
        prepared.err().expect("a refusal").to_string()
    }
}

pub(crate) fn figure(evaluated: &Evaluated, key: &str) -> f64 {
    evaluated.figures[key].as_f64().unwrap()
}
