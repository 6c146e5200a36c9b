//! `ressac train`: layers of options → configuration → plan told → training → model folder.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use burn::tensor::Device;
use serde_json::{Value, json};
use toml::Table;

use ressac_data::Assumption;
use ressac_folder::{ConfigFile, ModelFolder};
use ressac_kernels::context::Context;
use ressac_models::job::{Layers, Place, Plan, RunOptions, Trained};
use ressac_models::options::Form;
use ressac_models::{AnyFamily, Sources};
use ressac_train::{Ended, Outcome};

use super::new_run;
use crate::args::{Globals, TrainArgs};
use crate::bar::{Bar, duration};
use crate::failure::{Failure, remark};
use crate::output::Output;

pub(crate) fn run(
    args: &TrainArgs,
    globals: &Globals,
    device: &Device,
    output: &Output,
) -> Result<(), Failure> {
    let flags = &args.task.verb;
    let saved = match (&flags.config, &flags.out) {
        (Some(path), _) => {
            let text = std::fs::read_to_string(path).map_err(|error| {
                Failure::failed(format!("cannot read `{}`: {error}", path.display()))
            })?;
            Some((ConfigFile::parse(&text, path)?, path.clone()))
        }
        (None, Some(out)) if flags.resume => {
            let folder = ModelFolder::open(out)?;
            Some((folder.config()?, folder.file("config.toml")))
        }
        _ => None,
    };
    let job = Job {
        family: args.task.family,
        saved,
        flags: args.task.options.clone(),
        seed: globals.seed,
        out: flags.out.clone(),
        resume: flags.resume,
        dry_run: flags.dry_run,
        checkpoint_every: Some(flags.checkpoint_every.0),
    };
    let (report, _) = job.run(device, output)?;
    output.json(&report);
    Ok(())
}

/// A training to do.
pub(crate) struct Job {
    pub(crate) family: &'static dyn AnyFamily,
    /// A configuration and the file it is from.
    pub(crate) saved: Option<(ConfigFile, PathBuf)>,
    /// The options of the command line.
    pub(crate) flags: Table,
    pub(crate) seed: Option<u64>,
    /// Where to; absent, a new folder under `runs`.
    pub(crate) out: Option<PathBuf>,
    /// Go on in `out` rather than start there.
    pub(crate) resume: bool,
    /// Tell the plan and stop.
    pub(crate) dry_run: bool,
    /// The longest time between two checkpoints; absent, the trainer's own. It shapes no weights, so
    /// it is no key of the configuration.
    pub(crate) checkpoint_every: Option<Duration>,
}

impl Job {
    /// Does it, telling the plan and the progress; what it came to, for `--json`, and the evaluation on the test part.
    pub(crate) fn run(
        mut self,
        device: &Device,
        output: &Output,
    ) -> Result<(Value, Option<Trained>), Failure> {
        if let Some(seed) = self.seed {
            let seed = i64::try_from(seed).unwrap_or(i64::MAX);
            self.flags.insert("seed".into(), seed.into());
        }
        let flags = absolute(self.family, &self.flags)?;
        let saved = self.saved.as_ref();
        let layers = Layers::new(
            self.family,
            saved.map(|(file, path)| (file, path.as_path())),
            flags,
        )?;
        let options = absolute(self.family, &layers.options)?;
        let about = |error| {
            let named = data_files(&options);
            Failure::about(error, &Sources::files(&named, false))
        };
        let mut training = self.family.prepare(&options, device).map_err(about)?;
        let files = Sources::files(training.files(), false);
        tell_data(
            &files.named(),
            &training.summary(),
            &training.assumptions(),
            output,
        );
        for note in training.remarks() {
            output.say(&format!("  note: {}", remark(&note)));
        }
        let instruction_set = Context::global().instruction_set().name();
        let mut stop_at = None;
        if let Some((file, _)) = saved {
            let repeats = training.repeats(file, self.resume, instruction_set)?;
            if let Some(note) = repeats.note {
                output.say(&format!("  note: {note}"));
            }
            if let Some(steps) = repeats.steps {
                output.say(&format!("  repeating the recorded run: {steps} steps"));
            }
            stop_at = repeats.steps;
        }
        let plan = training
            .plan()
            .map_err(|error| Failure::about(error, &files))?;
        tell_plan(&plan, output);
        if self.dry_run {
            return Ok((plan_as_json(&plan), None));
        }
        let place = self.place(&plan, output)?;
        let folder = place.folder.clone();
        let stop = interruptible();
        let mut bar = Bar::new(output, plan.steps);
        let trained = training.run(
            place,
            &RunOptions {
                given: &layers.given,
                stop_at,
                checkpoint_every: self.checkpoint_every,
                stop: &stop,
                instruction_set,
                version: env!("CARGO_PKG_VERSION"),
            },
            &mut bar,
        );
        bar.end();
        let trained = trained?;
        self.tell_outcome(&trained.outcome, &folder, output);
        match &trained.evaluated {
            Some(_) => output.say(&format!("report: {}", folder.file("report.html").display())),
            None => output.say("the test part holds nothing to score, so there is no report"),
        }
        let outcome = &trained.outcome;
        let mut report = json!({
            "model": folder.path(),
            "ended": outcome.ended.to_string(),
            "steps": outcome.steps,
            "planned_steps": outcome.planned,
            "best_step": outcome.best_step,
            "valid_loss": outcome.best_loss,
            "seconds": outcome.seconds,
            "parameters": plan.size.parameters,
        });
        if let Some(evaluated) = &trained.evaluated {
            report["test"] = Value::Object(evaluated.figures.clone());
        }
        Ok((report, Some(trained)))
    }

    /// Where the training goes.
    fn place(&self, plan: &Plan, output: &Output) -> Result<Place, Failure> {
        let place = match (&self.out, self.resume) {
            (Some(out), true) => Place::resume(out)?,
            (Some(out), false) => Place::new(out)?,
            (None, _) => Place::new(&new_run(self.family.task())?)?,
        };
        if let Some(checkpoint) = &place.checkpoint {
            output.say(&format!(
                "resuming from step {} of {}",
                checkpoint.step(),
                plan.steps
            ));
        }
        if !place.lock.is_held() {
            output.say("  note: the file system knows no locks, so see to it that nobody else trains in this folder");
        }
        Ok(place)
    }

    fn tell_outcome(&self, outcome: &Outcome, folder: &ModelFolder, output: &Output) {
        let path = folder.path().display();
        let why = match outcome.ended {
            Ended::Epochs => "every planned step was taken",
            Ended::Patience => "the validation loss stopped getting better",
            Ended::TimeLimit => "the time limit was reached",
            Ended::Interrupted => "it was interrupted",
            _ => "the recorded number of steps was reached",
        };
        output.say(&format!(
            "training ended after {} of {} steps: {why}",
            outcome.steps, outcome.planned
        ));
        if outcome.ended.resumable() {
            output.say(&format!(
                "go on with: ressac train {} --resume --out {path}",
                self.family.task()
            ));
        }
        let loss = outcome
            .best_loss
            .map_or_else(String::new, |loss| format!(", validation loss {loss:.4}"));
        output.result(&format!(
            "{path}: weights of step {}{loss}, trained in {}",
            outcome.best_step,
            duration(outcome.seconds)
        ));
    }
}

/// The options with every file made absolute, so that the model folder finds it from anywhere.
pub(crate) fn absolute(family: &dyn AnyFamily, options: &Table) -> Result<Table, Failure> {
    let mut options = options.clone();
    for key in family.keys().iter().filter(|key| key.form == Form::Files) {
        let Some(value) = options.get_mut(key.name) else {
            continue;
        };
        let files: Vec<String> = match &*value {
            toml::Value::String(file) => vec![file.clone()],
            toml::Value::Array(files) => files
                .iter()
                .filter_map(|file| file.as_str().map(str::to_owned))
                .collect(),
            _ => continue,
        };
        let files = files.into_iter().map(|file| {
            std::path::absolute(&file)
                .map(|path| path.display().to_string())
                .map_err(|error| Failure::failed(format!("`{file}`: {error}")))
        });
        *value = files.collect::<Result<Vec<String>, _>>()?.into();
    }
    Ok(options)
}

/// The files that the options call their data.
fn data_files(options: &Table) -> Vec<PathBuf> {
    let data = options.get("data").and_then(toml::Value::as_array);
    let files = data.into_iter().flatten();
    files
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .collect()
}

/// Tells what was read and what was assumed.
pub(crate) fn tell_data(files: &str, summary: &str, assumptions: &[Assumption], output: &Output) {
    output.say(&format!("{files}: {summary}"));
    for assumption in assumptions {
        output.say(&format!(
            "  assumed {}: {}",
            assumption.what, assumption.found
        ));
    }
}

/// Tells items, parameters, memory and time before anything is written.
fn tell_plan(plan: &Plan, output: &Output) {
    let size = &plan.size;
    output.say(&format!(
        "{} {} to train on, {} to validate on",
        size.training, size.items, size.validation
    ));
    output.say(&format!(
        "{} · {} parameters · about {:.0} MiB of memory",
        plan.outline,
        size.parameters,
        size.memory as f64 / f64::from(1 << 20)
    ));
    output.say(&format!(
        "{} steps at {:.1} ms: at most {} (measured on a few steps; validation comes on top, early stopping ends it sooner){}",
        plan.steps,
        plan.estimate.step.as_secs_f64() * 1e3,
        duration(plan.estimate.planned.as_secs_f64()),
        plan.time_limit.map_or_else(String::new, |limit| format!("; time limit {}", duration(limit.as_secs_f64())))
    ));
    if size.validation == 0 {
        output.say(
            "  note: without validation nothing ends training early, and the last weights are kept",
        );
    }
}

fn plan_as_json(plan: &Plan) -> Value {
    json!({
        format!("training_{}", plan.size.items): plan.size.training,
        format!("validation_{}", plan.size.items): plan.size.validation,
        "parameters": plan.size.parameters,
        "memory_bytes": plan.size.memory,
        "planned_steps": plan.steps,
        "step_seconds": plan.estimate.step.as_secs_f64(),
        "planned_seconds": plan.estimate.planned.as_secs_f64(),
    })
}

/// A flag that Ctrl-C or a termination request raises; a second one ends the process at once.
fn interruptible() -> Arc<AtomicBool> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag;
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order the second signal finds the flag raised by the first. Without a handler
        // (a platform that refuses one) the default, ending at once, loses at most 30 seconds.
        let registered = flag::register_conditional_shutdown(signal, 130, Arc::clone(&stop))
            .and_then(|_| flag::register(signal, Arc::clone(&stop)));
        if let Err(error) = registered {
            log::warn!("signal {signal} cannot be caught: {error}");
        }
    }
    stop
}
