//! Tests of the forecast learner: what it learns, and that its bits depend on nothing but the
//! configuration and the number of steps.

use std::sync::atomic::AtomicBool;

use super::*;
use crate::{Checkpoint, Ended, Outcome, Silent, Trainer, estimate};
use ressac_kernels::context;
use ressac_models::folder::{ConfigFile, ModelFolder, RunRecord};
use ressac_models::forecast::{CellKind, ForecastOptions, Forecaster, resolve};

/// Two waves of 12 steps, one twice as high and a quarter late.
fn waves(rows: usize) -> Table {
    let wave = |row: usize, shift: f64| (std::f64::consts::TAU * (row as f64 / 12.0 + shift)).sin();
    Table {
        names: vec!["one".into(), "two".into()],
        columns: vec![
            (0..rows).map(|row| 5.0 + wave(row, 0.0)).collect(),
            (0..rows).map(|row| 2.0 * wave(row, 0.25)).collect(),
        ],
        time: None,
    }
}

fn options() -> ForecastOptions {
    ForecastOptions {
        horizon: Some(3),
        context: Some(12),
        season: Some(12),
        hidden: Some(9),
        layers: Some(2),
        batch: Some(17),
        epochs: Some(2),
        split: Some("100,30,30".into()),
        seed: Some(3),
        ..ForecastOptions::default()
    }
}

fn resolved(options: &ForecastOptions, table: &Table) -> Resolved {
    resolve(options, table).unwrap()
}

fn folder(resolved: &Resolved, pipeline: &ForecastPipeline) -> (tempfile::TempDir, ModelFolder) {
    let parent = tempfile::tempdir().unwrap();
    let folder = ModelFolder::create(&parent.path().join("model")).unwrap();
    folder.write_pipeline(pipeline).unwrap();
    folder
        .write_config(&ConfigFile::from_options(&resolved.config, RunRecord::default()).unwrap())
        .unwrap();
    (parent, folder)
}

struct Run {
    outcome: Outcome,
    folder: ModelFolder,
    _parent: tempfile::TempDir,
}

/// Trains in a new folder, stopping at `stop_at`; then, when it stopped early, goes on to the end.
fn train(options: &ForecastOptions, stop_at: Option<u64>, go_on: bool) -> Run {
    let table = waves(160);
    let resolved = resolved(options, &table);
    let device = Device::default();
    let (mut learner, pipeline) = ForecastLearner::new(&resolved, &table, &device).unwrap();
    let (parent, folder) = folder(&resolved, &pipeline);
    let stop = AtomicBool::new(false);
    let whole = ForecastLearner::trainer_config(&resolved.config);
    let part = TrainerConfig {
        stop_at,
        ..whole.clone()
    };
    let mut outcome = Trainer::new(part)
        .run(&mut learner, Some(&folder), None, &stop, &mut Silent)
        .unwrap();
    if go_on {
        // A new learner, as a new process would make it.
        let (mut learner, _) = ForecastLearner::new(&resolved, &table, &device).unwrap();
        let checkpoint = Checkpoint::newest(&folder).unwrap();
        outcome = Trainer::new(whole)
            .run(
                &mut learner,
                Some(&folder),
                Some(checkpoint),
                &stop,
                &mut Silent,
            )
            .unwrap();
    }
    Run {
        outcome,
        folder,
        _parent: parent,
    }
}

fn weight_bytes(run: &Run) -> Vec<u8> {
    run.folder.read_bytes("weights.safetensors").unwrap()
}

#[test]
fn one_epoch_and_a_resumed_one_give_the_bytes_of_two_epochs() {
    let whole = train(&options(), None, false);
    assert_eq!(
        (whole.outcome.steps, whole.outcome.ended),
        (12, Ended::Epochs)
    );
    // At the end of an epoch and in the middle of one.
    for stop in [6, 8] {
        assert_eq!(
            weight_bytes(&train(&options(), Some(stop), true)),
            weight_bytes(&whole),
            "stopped at {stop}"
        );
    }
}

#[test]
fn one_thread_and_two_give_the_same_bytes() {
    context::set_threads(1);
    let one = weight_bytes(&train(&options(), None, false));
    context::set_threads(2);
    let two = weight_bytes(&train(&options(), None, false));
    assert_eq!(one, two);
}

#[test]
fn the_saved_configuration_repeats_a_run_that_was_cut_short_to_the_same_bytes() {
    let cut = train(&options(), Some(8), false);
    let saved = cut.folder.config().unwrap();
    assert_eq!(saved.run.steps, Some(8));
    let again: ForecastOptions = saved.typed(&cut.folder.file("config.toml")).unwrap();
    let repeated = train(&again, saved.run.steps, false);
    assert_eq!(weight_bytes(&repeated), weight_bytes(&cut));
    assert_eq!(
        repeated.folder.read_bytes("config.toml").unwrap(),
        cut.folder.read_bytes("config.toml").unwrap()
    );
}

#[test]
fn another_seed_gives_other_weights() {
    let other = ForecastOptions {
        seed: Some(4),
        ..options()
    };
    assert_ne!(
        weight_bytes(&train(&other, None, false)),
        weight_bytes(&train(&options(), None, false))
    );
}

#[test]
fn every_cell_learns_waves_far_better_than_repeating_the_last_value() {
    for model in [CellKind::Rnn, CellKind::Lstm, CellKind::Gru] {
        let options = ForecastOptions {
            model: Some(model),
            hidden: Some(16),
            layers: Some(1),
            dropout: Some(0.0),
            lr: Some(0.02),
            epochs: Some(30),
            patience: Some(0),
            ..options()
        };
        let run = train(&options, None, false);
        let table = waves(160);
        let forecaster = Forecaster::open(&run.folder, &Device::default()).unwrap();
        let evaluation = forecaster.evaluate(&table, 130..160, 1).unwrap();
        assert_eq!(evaluation.windows, 28);
        let mse = |method: usize| evaluation.methods[method].overall.mse;
        assert!(
            mse(0) < 0.1 * mse(1),
            "{model}: {} beside {}",
            mse(0),
            mse(1)
        );
        // The waves repeat exactly, so the seasonal-naive forecast of 12 steps is exact.
        assert!(mse(2) < 1e-12);
    }
}

#[test]
fn a_forecast_is_in_the_users_units_and_continues_the_wave() {
    let options = ForecastOptions {
        hidden: Some(16),
        layers: Some(1),
        dropout: Some(0.0),
        lr: Some(0.02),
        epochs: Some(30),
        patience: Some(0),
        ..options()
    };
    let run = train(&options, None, false);
    let forecaster = Forecaster::open(&run.folder, &Device::default()).unwrap();
    let forecast = forecaster.forecast(&waves(160)).unwrap();
    let truth = waves(163);
    assert_eq!(forecast.names, ["one", "two"]);
    for (column, values) in forecast.columns.iter().enumerate() {
        assert_eq!(values.len(), 3);
        for (step, value) in values.iter().enumerate() {
            let truth = truth.columns[column][160 + step];
            assert!(
                (value - truth).abs() < 0.5,
                "column {column}, step {step}: {value} for {truth}"
            );
        }
    }
}

#[test]
fn estimating_the_time_leaves_the_learner_as_it_was() {
    let table = waves(160);
    let resolved = resolved(&options(), &table);
    let (mut learner, _) = ForecastLearner::new(&resolved, &table, &Device::default()).unwrap();
    let before = learner.state();
    let estimate = estimate(&mut learner, 17, 100).unwrap();
    assert!(estimate.step.as_nanos() > 0 && estimate.planned == estimate.step * 100);
    let after = learner.state();
    assert_eq!(before, after);
}

#[test]
fn a_learning_rate_far_too_high_stops_with_a_sentence_and_not_with_a_panic() {
    let table = waves(160);
    let options = ForecastOptions {
        lr: Some(1e30),
        clip: Some(0.0),
        ..options()
    };
    let resolved = resolved(&options, &table);
    let (mut learner, _) = ForecastLearner::new(&resolved, &table, &Device::default()).unwrap();
    let config = ForecastLearner::trainer_config(&resolved.config);
    let error = Trainer::new(config)
        .run(
            &mut learner,
            None,
            None,
            &AtomicBool::new(false),
            &mut Silent,
        )
        .unwrap_err();
    assert!(matches!(error, TrainError::NotFinite { .. }), "{error}");
}
