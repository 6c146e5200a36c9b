//! The table of families: the one place where all of them are named.

use std::marker::PhantomData;

use burn::tensor::Device;

use ressac_folder::ModelFiles;

use crate::family::{AnyFamily, Capability, Entry};
use crate::model::Model;
use crate::{ModelError, autoencode, classify, forecast, gan, language, translate};

/// Every family, in the order of the help. A new one is a line here.
pub static FAMILIES: &[&dyn AnyFamily] = &[
    &Entry::<forecast::Forecasting>(PhantomData),
    &Entry::<classify::Classification>(PhantomData),
    &Entry::<translate::Translation>(PhantomData),
    &Entry::<language::Language>(PhantomData),
    &Entry::<autoencode::Autoencoding>(PhantomData),
    &Entry::<gan::Gan>(PhantomData),
];

/// The family of this task.
///
/// # Errors
/// [`ModelError::Task`] with the tasks there are.
pub fn family(task: &str) -> Result<&'static dyn AnyFamily, ModelError> {
    let mut families = FAMILIES.iter();
    let found = families.find(|family| family.task() == task);
    found.copied().ok_or_else(|| ModelError::Task {
        task: task.to_owned(),
        known: tasks(),
    })
}

/// Opens a model of whichever family, to run on `device`.
///
/// # Errors
/// When a file is missing, damaged, of another version, or of a task that this build does not know.
pub fn open(files: &ModelFiles, device: &Device) -> Result<Box<dyn Model>, ModelError> {
    let config = files.config()?;
    let Some(task) = &config.task else {
        return Err(ModelError::Options {
            key: "task".into(),
            problem: format!(
                "is missing from `{}`; it is one of {}",
                files.file("config.toml").display(),
                tasks()
            ),
        });
    };
    family(task)?.open(files, device)
}

/// The refusal of a model without a capability, naming the tasks that have it.
pub fn unable(task: &'static str, capability: Capability) -> ModelError {
    let able = FAMILIES.iter().filter(|family| family.can(capability));
    let able: Vec<&str> = able.map(|family| family.task()).collect();
    ModelError::Unable {
        task,
        cannot: capability.lack(),
        others: match able.as_slice() {
            [] => "no task's models can".into(),
            [one] => format!("models of the task {one} can"),
            several => format!("models of the tasks {} can", several.join(", ")),
        },
    }
}

/// The words of all tasks, as a message lists them.
fn tasks() -> String {
    let tasks: Vec<&str> = FAMILIES.iter().map(|family| family.task()).collect();
    tasks.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_task_has_its_own_word_and_every_key_a_help_and_one_place() {
        let tasks: BTreeSet<&str> = FAMILIES.iter().map(|family| family.task()).collect();
        assert_eq!(tasks.len(), FAMILIES.len());
        for family in FAMILIES {
            let keys = family.keys();
            let names: BTreeSet<&str> = keys.iter().map(|key| key.name).collect();
            assert_eq!(names.len(), keys.len(), "{}: a key twice", family.task());
            for key in keys {
                assert!(
                    !key.help.is_empty() && !key.value.is_empty(),
                    "{}",
                    key.name
                );
            }
        }
    }

    #[test]
    fn an_unknown_task_is_refused_with_the_tasks_there_are() {
        let error = family("foretell").err().unwrap().to_string();
        assert!(
            error.contains("foretell") && error.contains("forecast"),
            "{error}"
        );
    }
}
