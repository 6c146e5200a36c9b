//! `ressac train`: layers of options → configuration → plan told → training → model folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use burn::tensor::Device;
use serde_json::json;
use toml::Table as Toml;

use ressac_data::panel::Panel;
use ressac_kernels::context::Context;
use ressac_models::folder::{ConfigFile, ModelFolder, RunRecord};
use ressac_models::forecast::{
    Evaluation, ForecastOptions, Forecaster, Names, Resolved, Scored, resolve,
};
use ressac_train::forecast::{ForecastLearner, report};
use ressac_train::{Checkpoint, Ended, Outcome, Trainer, estimate};

use super::new_run;
use crate::args::{Globals, TrainArgs, TrainForecastArgs, TrainTask};
use crate::bar::{Bar, duration};
use crate::failure::Failure;
use crate::output::Output;
use crate::{remarks, series};

pub(crate) fn run(
    args: &TrainArgs,
    globals: &Globals,
    device: &Device,
    output: &Output,
) -> Result<(), Failure> {
    let TrainTask::Forecast(args) = &args.task;
    let job = Job::from_arguments(args, globals)?;
    let report = job.run(device, output)?;
    output.json(&report);
    Ok(())
}

/// A training to do.
pub(crate) struct Job {
    /// The options of the file, if there is one: what was trained before.
    pub(crate) saved: Option<ConfigFile>,
    /// The options to train with: the file's under the command line's.
    pub(crate) options: ForecastOptions,
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
    fn from_arguments(args: &TrainForecastArgs, globals: &Globals) -> Result<Self, Failure> {
        let (saved, path) = match (&args.config, &args.out) {
            (Some(path), _) => {
                let text = std::fs::read_to_string(path).map_err(|error| {
                    Failure::failed(format!("cannot read `{}`: {error}", path.display()))
                })?;
                (Some(ConfigFile::parse(&text, path)?), path.clone())
            }
            (None, Some(out)) if args.resume => {
                let folder = ModelFolder::open(out)?;
                (Some(folder.config()?), folder.file("config.toml"))
            }
            _ => (None, PathBuf::new()),
        };
        // The command line is a layer of keys over the file's.
        let mut layered = saved.clone().unwrap_or(ConfigFile {
            task: None,
            options: Toml::new(),
            run: RunRecord::default(),
        });
        let flags =
            Toml::try_from(&args.options).map_err(|error| Failure::usage(error.to_string()))?;
        // What a person wrote is kept and, where it does not fit, refused; what a training filled in follows.
        if layered.run != RunRecord::default() {
            for key in superseded(&layered.options, &flags) {
                layered.options.remove(key);
            }
        }
        layered.options.extend(flags);
        let mut options: ForecastOptions = layered.typed(&path)?;
        options.seed = globals.seed.or(options.seed);
        Ok(Self {
            saved,
            options,
            out: args.out.clone(),
            resume: args.resume,
            dry_run: args.dry_run,
            checkpoint_every: Some(args.checkpoint_every.0),
        })
    }

    /// Does it, telling the plan and the progress; what it came to, for `--json`.
    pub(crate) fn run(
        mut self,
        device: &Device,
        output: &Output,
    ) -> Result<serde_json::Value, Failure> {
        let files = series::files(&self.options)?;
        let path = series::first(&files).to_owned();
        self.options.data = Some(Names(
            files
                .iter()
                .map(|file| file.display().to_string())
                .collect(),
        ));
        let (panel, mut assumptions) = series::for_training(&files, &self.options)?;
        let resolved =
            resolve(&self.options, &panel).map_err(|error| Failure::about(error, &path))?;
        assumptions.extend(resolved.assumptions.iter().cloned());
        let digest = series::digest(&files)?;

        tell_data(&files, &panel, &assumptions, output);
        for note in remarks::of(&panel, &resolved, self.options.split.as_deref()) {
            output.say(&format!("  note: {note}"));
        }
        let stop_at = self.steps_on_record(&panel, &resolved, &digest, output)?;

        let (mut learner, pipeline) =
            ForecastLearner::new(&resolved, &panel, device).map_err(|error| match error {
                ressac_train::TrainError::Model(error) => Failure::about(error, &path),
                error => error.into(),
            })?;
        let mut trainer_config = ForecastLearner::trainer_config(&resolved.config)?;
        trainer_config.stop_at = stop_at;
        if let Some(every) = self.checkpoint_every {
            trainer_config.checkpoint_every = every;
        }
        if stop_at.is_some() {
            // The record says where to stop; the clock must not say otherwise.
            trainer_config.time_limit = None;
        }
        let trainer = Trainer::new(trainer_config);
        let planned = trainer.planned(ressac_train::Learner::items(&learner));
        let plan = tell_plan(&mut learner, &resolved, planned, output)?;
        if self.dry_run {
            return Ok(plan);
        }

        let (folder, lock, checkpoint) = if self.resume {
            let folder = ModelFolder::open(self.out.as_deref().unwrap_or(Path::new("")))?;
            let lock = folder.lock()?;
            let checkpoint = Checkpoint::newest(&folder)?;
            output.say(&format!(
                "resuming from step {} of {planned}",
                checkpoint.step()
            ));
            (folder, lock, Some(checkpoint))
        } else {
            let out = self.out.clone().map_or_else(|| new_run("forecast"), Ok)?;
            let folder = ModelFolder::create(&out)?;
            let lock = folder.lock()?;
            (folder, lock, None)
        };
        if !lock.is_held() {
            output.say("  note: the file system knows no locks, so see to it that nobody else trains in this folder");
        }
        let record = RunRecord {
            instruction_set: Context::global().instruction_set().name().to_owned(),
            ressac: env!("CARGO_PKG_VERSION").to_owned(),
            data_fingerprint: digest,
            ..RunRecord::default()
        };
        folder.write_pipeline(&pipeline)?;
        folder.write_config(&ConfigFile::from_options(&resolved.config, record)?)?;

        let stop = interruptible();
        let mut bar = Bar::new(output, planned, resolved.config.epochs as u64);
        let outcome = trainer.run(&mut learner, Some(&folder), checkpoint, &stop, &mut bar);
        bar.end();
        let outcome = outcome?;
        tell_outcome(&outcome, &folder, output);
        let evaluation = finish(
            &folder,
            &panel,
            &resolved,
            (&files, assumptions),
            device,
            output,
        )?;
        Ok(json!({
            "mse": evaluation.as_ref().map(|found| found.methods[0].overall.mse),
            "model": folder.path(),
            "ended": outcome.ended.to_string(),
            "steps": outcome.steps,
            "planned_steps": outcome.planned,
            "best_step": outcome.best_step,
            "valid_loss": outcome.best_loss,
            "seconds": outcome.seconds,
            "parameters": learner.parameters(),
        }))
    }

    /// What the saved configuration says of its own run: the step to stop at when it is repeated
    /// as it was; an error when a resumption would not continue the same training.
    fn steps_on_record(
        &self,
        panel: &Panel,
        resolved: &Resolved,
        digest: &str,
        output: &Output,
    ) -> Result<Option<u64>, Failure> {
        let Some(saved) = &self.saved else {
            return Ok(None);
        };
        if !self.resume && saved.run.steps.is_none() {
            // Written by hand, or of a training that did not end: no run to repeat, and the file need
            // not hold what the command line adds.
            return Ok(None);
        }
        let same_data =
            saved.run.data_fingerprint.is_empty() || saved.run.data_fingerprint == digest;
        let changed = match self.changed_keys(saved, panel, resolved) {
            // A file that is not whole by itself is no record of this run.
            Err(_) if !self.resume => return Ok(None),
            changed => changed?,
        };
        if self.resume {
            if !same_data {
                return Err(Failure::failed(format!(
                    "`{}` is not the data this training began with: its content has changed. Put the old files back, or train anew in another folder",
                    resolved.config.data.0.join("`, `")
                )));
            }
            if let Some(key) = changed.first() {
                return Err(Failure::usage(format!(
                    "`--{}` is not what the training in this folder began with, and a resumed training goes on unchanged (only `--time-limit` may differ). Leave it out, or train anew in another folder",
                    key.replace('_', "-")
                )));
            }
            return Ok(None);
        }
        let Some(steps) = saved.run.steps.filter(|_| changed.is_empty()) else {
            return Ok(None);
        };
        let set = Context::global().instruction_set().name();
        if !same_data {
            output.say("  note: the data file has changed since the recorded run, so the result will differ");
        } else if !saved.run.instruction_set.is_empty() && saved.run.instruction_set != set {
            output.say(&format!(
                "  note: the recorded run used {} and this one uses {set}; equal bits are promised within one",
                saved.run.instruction_set
            ));
        }
        output.say(&format!("  repeating the recorded run: {steps} steps"));
        Ok(Some(steps))
    }

    /// The keys whose resolved value is not that of the saved file, the time limit aside.
    fn changed_keys(
        &self,
        saved: &ConfigFile,
        panel: &Panel,
        resolved: &Resolved,
    ) -> Result<Vec<String>, Failure> {
        let path = Path::new("config.toml");
        let mut before: ForecastOptions = saved.typed(path)?;
        if before.data.is_some() {
            let files = series::files(&before)?;
            before.data = Some(Names(
                files
                    .iter()
                    .map(|file| file.display().to_string())
                    .collect(),
            ));
        }
        let keys = |resolved: &Resolved| {
            ConfigFile::from_options(&resolved.config, RunRecord::default())
                .map(|file| file.options)
        };
        let (before, after) = (keys(&resolve(&before, panel)?)?, keys(resolved)?);
        let mut changed: Vec<String> = before.keys().chain(after.keys()).cloned().collect();
        changed.retain(|key| key != "time_limit" && before.get(key) != after.get(key));
        changed.sort();
        changed.dedup();
        Ok(changed)
    }
}

/// The keys of a training's file that what the command line says makes meaningless: the forms of another cell than the one asked
/// for, lags that were for another horizon or context, holidays without a calendar.
fn superseded(file: &Toml, flags: &Toml) -> Vec<&'static str> {
    let changes = |key: &str| {
        flags
            .get(key)
            .is_some_and(|value| file.get(key) != Some(value))
    };
    let mut keys = Vec::new();
    if changes("model") {
        keys.extend(["activation", "gates", "reset"]);
    }
    if ["model", "horizon", "context", "season"]
        .into_iter()
        .any(changes)
    {
        keys.push("lags");
    }
    if flags.get("calendar").and_then(toml::Value::as_bool) == Some(false) {
        keys.push("holidays");
    }
    keys
}

/// Tells what was read and what was assumed.
pub(crate) fn tell_data(
    files: &[PathBuf],
    panel: &Panel,
    assumptions: &[ressac_data::Assumption],
    output: &Output,
) {
    let series = match panel.series.len() {
        1 => String::new(),
        count => format!(" in {count} series"),
    };
    output.say(&format!(
        "{}: {} rows{series}",
        series::named(files),
        panel.rows()
    ));
    for assumption in assumptions {
        output.say(&format!(
            "  assumed {}: {}",
            assumption.what, assumption.found
        ));
    }
}

/// What comes after the last step: the intervals are calibrated on the validation part, the model
/// is scored on the test part, and the report written.
fn finish(
    folder: &ModelFolder,
    panel: &Panel,
    resolved: &Resolved,
    (files, assumptions): (&[PathBuf], Vec<ressac_data::Assumption>),
    device: &Device,
    output: &Output,
) -> Result<Option<Evaluation>, Failure> {
    let model = Forecaster::open(folder, device)?.calibrated(panel, &resolved.parts)?;
    folder.write_pipeline(model.pipeline())?;
    let rows: Vec<_> = resolved
        .parts
        .iter()
        .map(|split| split.test.clone())
        .collect();
    if rows.iter().all(|rows| rows.len() < resolved.config.horizon) {
        output.say("the test part holds no window, so there is no report");
        return Ok(None);
    }
    let evaluation = model.evaluate(
        panel,
        &Scored {
            rows,
            stride: 1,
            clock: None,
            slices: None,
        },
    )?;
    let lines = ressac_train::read_metrics(folder, u64::MAX)?;
    let about = report::About::new("test", files, assumptions);
    let page = report::page(&model, &evaluation, &lines, &about);
    folder.write("report.html", page.as_bytes())?;
    output.say(&format!("report: {}", folder.file("report.html").display()));
    Ok(Some(evaluation))
}

/// Tells rows, windows, parameters, memory and time before anything is written.
fn tell_plan(
    learner: &mut ForecastLearner,
    resolved: &Resolved,
    planned: u64,
    output: &Output,
) -> Result<serde_json::Value, Failure> {
    let config = &resolved.config;
    let (training, validation) = learner.windows();
    let memory = learner.memory();
    let parameters = learner.parameters();
    let estimate = estimate(learner, config.batch, planned)?;
    output.say(&format!(
        "{} windows to train on, {} to validate on (context {} → horizon {}, {} column{})",
        training,
        validation,
        config.context,
        config.horizon,
        config.target.0.len(),
        if config.target.0.len() == 1 { "" } else { "s" }
    ));
    output.say(&format!(
        "{} · {} parameters · about {:.0} MiB of memory",
        config.model,
        parameters,
        memory as f64 / f64::from(1 << 20)
    ));
    output.say(&format!(
        "{planned} steps at {:.1} ms: at most {} (measured on a few steps; validation comes on top, early stopping ends it sooner){}",
        estimate.step.as_secs_f64() * 1e3,
        duration(estimate.planned.as_secs_f64()),
        config.time_limit.map_or_else(String::new, |limit| format!("; time limit {}", duration(limit.0.as_secs_f64())))
    ));
    if validation == 0 {
        output.say(
            "  note: without validation nothing ends training early, and the last weights are kept",
        );
    }
    Ok(json!({
        "training_windows": training,
        "validation_windows": validation,
        "parameters": parameters,
        "memory_bytes": memory,
        "planned_steps": planned,
        "step_seconds": estimate.step.as_secs_f64(),
        "planned_seconds": estimate.planned.as_secs_f64(),
    }))
}

fn tell_outcome(outcome: &Outcome, folder: &ModelFolder, output: &Output) {
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
            "go on with: ressac train forecast --resume --out {path}"
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
