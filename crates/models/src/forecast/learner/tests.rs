//! Tests of the forecast learner: what it learns, and that its bits depend on nothing but the
//! configuration and the number of steps.

use std::sync::atomic::AtomicBool;

use ressac_train::Learner;

use super::*;
use crate::forecast::{
    Evaluation, ForecastOptions, Forecaster, Head, Loss, Scale, Scored, resolve,
};
use crate::options::{Config, Options, RecurrentOptions, TrainingOptions};
use ressac_data::panel::{Layout, Roles, Series};
use ressac_folder::{ConfigFile, ModelFolder, RunRecord};
use ressac_kernels::context;
use ressac_train::{Checkpoint, Ended, Outcome, Silent, Trainer, estimate};

mod several;

/// Two waves of 12 steps, one twice as high and a quarter late.
fn waves(rows: usize) -> Panel {
    let wave = |row: usize, shift: f64| (std::f64::consts::TAU * (row as f64 / 12.0 + shift)).sin();
    Panel {
        roles: Roles {
            targets: vec!["one".into(), "two".into()],
            ..Roles::default()
        },
        series_column: None,
        layout: Layout::Long,
        series: vec![Series {
            name: String::new(),
            time: None,
            targets: vec![
                (0..rows).map(|row| 5.0 + wave(row, 0.0)).collect(),
                (0..rows).map(|row| 2.0 * wave(row, 0.25)).collect(),
            ],
            known: vec![],
            past: vec![],
            statics: vec![],
        }],
    }
}

fn evaluated(model: &Forecaster, panel: &Panel, rows: std::ops::Range<usize>) -> Evaluation {
    let scored = Scored {
        rows: vec![rows; panel.series.len()],
        stride: 1,
        clock: None,
        slices: None,
    };
    model.score(panel, &scored).unwrap()
}

fn options() -> ForecastOptions {
    ForecastOptions {
        horizon: Some(3),
        context: Some(12),
        season: Some(12),
        split: Some("100,30,30".into()),
        recurrent: RecurrentOptions {
            hidden: Some(9),
            layers: Some(2),
            ..RecurrentOptions::default()
        },
        training: TrainingOptions {
            batch: Some(17),
            epochs: Some(2),
            seed: Some(3),
            ..TrainingOptions::default()
        },
        ..ForecastOptions::default()
    }
}

fn resolved(options: &ForecastOptions, panel: &Panel) -> Resolved {
    resolve(options, panel).unwrap()
}

fn folder(resolved: &Resolved, pipeline: &ForecastPipeline) -> (tempfile::TempDir, ModelFolder) {
    let parent = tempfile::tempdir().unwrap();
    let folder = ModelFolder::create(&parent.path().join("model")).unwrap();
    folder.write_pipeline(pipeline).unwrap();
    folder
        .write_config(&ConfigFile {
            task: Some("forecast".into()),
            options: resolved.config.table(),
            run: RunRecord::default(),
        })
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
    train_on(options, &waves(160), stop_at, go_on)
}

fn train_on(options: &ForecastOptions, panel: &Panel, stop_at: Option<u64>, go_on: bool) -> Run {
    let resolved = resolved(options, panel);
    let device = Device::default();
    let (mut learner, pipeline) = super::learner(&resolved, panel, &device).unwrap();
    let (parent, folder) = folder(&resolved, &pipeline);
    let stop = AtomicBool::new(false);
    let whole = resolved.config.training.trainer();
    let part = ressac_train::TrainerConfig {
        stop_at,
        ..whole.clone()
    };
    let mut outcome = Trainer::new(part)
        .run(&mut learner, Some(&folder), None, &stop, &mut Silent)
        .unwrap();
    if go_on {
        // A new learner, as a new process would make it.
        let (mut learner, _) = super::learner(&resolved, panel, &device).unwrap();
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
    let again: ForecastOptions =
        ForecastOptions::read(&saved.options, &cut.folder.file("config.toml")).unwrap();
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
        training: TrainingOptions {
            seed: Some(4),
            ..options().training
        },
        ..options()
    };
    assert_ne!(
        weight_bytes(&train(&other, None, false)),
        weight_bytes(&train(&options(), None, false))
    );
}

#[test]
fn every_model_head_loss_and_scale_learns_waves_far_better_than_repeating_the_last_value() {
    use ModelKind::{Gru, Lstm, Rnn, Segment};
    for (model, head, loss, scale) in [
        (Rnn, Head::Decoder, Loss::Mse, Scale::Standard),
        (Lstm, Head::Direct, Loss::Mae, Scale::Reversible),
        (Gru, Head::Decoder, Loss::Quantile, Scale::Series),
        (Segment, Head::Direct, Loss::Quantile, Scale::Standard),
    ] {
        let options = ForecastOptions {
            model: Some(model),
            head: Some(head),
            loss: Some(loss),
            scale: Some(scale),
            // Without lags, which would carry waves over as they are.
            lags: Some(vec![]),
            recurrent: RecurrentOptions {
                hidden: Some(16),
                layers: Some(1),
                dropout: Some(0.0),
                ..options().recurrent
            },
            training: TrainingOptions {
                lr: Some(0.02),
                epochs: Some(30),
                patience: Some(0),
                ..options().training
            },
            ..options()
        };
        let run = train(&options, None, false);
        let table = waves(160);
        let forecaster = Forecaster::open(&run.folder, &Device::default()).unwrap();
        let evaluation = evaluated(&forecaster, &table, 130..160);
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
        assert_eq!(evaluation.reference, "seasonal-naive");
    }
}

#[test]
fn a_forecast_is_in_the_users_units_and_continues_the_wave() {
    let options = ForecastOptions {
        recurrent: RecurrentOptions {
            hidden: Some(16),
            layers: Some(1),
            dropout: Some(0.0),
            ..options().recurrent
        },
        training: TrainingOptions {
            lr: Some(0.02),
            epochs: Some(30),
            patience: Some(0),
            ..options().training
        },
        ..options()
    };
    let run = train(&options, None, false);
    let forecaster = Forecaster::open(&run.folder, &Device::default()).unwrap();
    let forecasts = forecaster.forecast(&waves(160)).unwrap();
    let truth = &waves(163).series[0].targets;
    let forecast = &forecasts[0].1;
    assert_eq!(
        forecast.names,
        ["one", "one_q0.1", "one_q0.9", "two", "two_q0.1", "two_q0.9"]
    );
    for (column, values) in [&forecast.columns[0], &forecast.columns[3]]
        .into_iter()
        .enumerate()
    {
        assert_eq!(values.len(), 3);
        for (step, value) in values.iter().enumerate() {
            let truth = truth[column][160 + step];
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
    let (mut learner, _) = super::learner(&resolved, &table, &Device::default()).unwrap();
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
        training: TrainingOptions {
            lr: Some(1e30),
            clip: Some(0.0),
            ..options().training
        },
        ..options()
    };
    let resolved = resolved(&options, &table);
    let (mut learner, _) = super::learner(&resolved, &table, &Device::default()).unwrap();
    let config = resolved.config.training.trainer();
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

/// A stretch of missing values in each part of the first column.
fn with_holes(mut panel: Panel) -> Panel {
    for hole in [20..25, 104..106, 140..143] {
        panel.series[0].targets[0][hole].fill(f64::NAN);
    }
    panel
}

#[test]
fn missing_values_are_masked_in_training_validation_and_evaluation() {
    let panel = with_holes(waves(160));
    for model in [ModelKind::Gru, ModelKind::Segment] {
        let options = ForecastOptions {
            model: Some(model),
            lags: (model == ModelKind::Segment).then(Vec::new),
            ..options()
        };
        let run = train_on(&options, &panel, None, false);
        assert!(run.outcome.best_loss.unwrap().is_finite());
        let forecaster = Forecaster::open(&run.folder, &Device::default()).unwrap();
        assert!(forecaster.pipeline().masked);
        let evaluation = evaluated(&forecaster, &panel, 130..160);
        let overall = &evaluation.methods[0].overall;
        assert!(overall.mse.is_finite() && overall.mae.is_finite());
        // The same model reads a file whose last values are missing.
        let mut cut = panel.clone();
        cut.series[0].targets[0][155..].fill(f64::NAN);
        let forecast = forecaster.forecast(&cut).unwrap();
        assert!(
            forecast[0]
                .1
                .columns
                .iter()
                .flatten()
                .all(|v| v.is_finite())
        );
    }
}

#[test]
fn a_calibrated_interval_covers_what_it_says_on_the_part_it_was_calibrated_on() {
    for loss in [Loss::Mse, Loss::Quantile] {
        let options = ForecastOptions {
            loss: Some(loss),
            split: Some("200,200,100".into()),
            ..options()
        };
        let mut panel = waves(500);
        let mut noise = Stream::new(1, "noise").generator();
        for value in panel.series[0].targets.iter_mut().flatten() {
            *value += 0.3 * noise.normal();
        }
        let run = train_on(&options, &panel, None, false);
        let parts = resolved(&options, &panel).parts;
        let forecaster = Forecaster::open(&run.folder, &Device::default())
            .unwrap()
            .calibrated(&panel, &parts)
            .unwrap();
        assert_eq!(forecaster.levels(), [0.1, 0.5, 0.9]);
        let coverage = |rows| evaluated(&forecaster, &panel, rows).coverage.unwrap();
        let on_validation = coverage(200..400);
        assert!((on_validation.nominal - 0.8).abs() < 1e-9);
        assert!(
            (0.79..0.86).contains(&on_validation.inside),
            "{loss}: {}",
            on_validation.inside
        );
        let on_test = coverage(400..500).inside;
        assert!((0.7..0.9).contains(&on_test), "{loss}: {on_test}");
    }
}

#[test]
fn averaging_and_every_schedule_resume_to_the_same_bytes() {
    for (schedule, averaging) in [
        ("plateau", "ema:0.9"),
        ("one-cycle", "swa"),
        ("decay", "none"),
    ] {
        let options = ForecastOptions {
            training: TrainingOptions {
                schedule: Some(schedule.parse().unwrap()),
                averaging: Some(averaging.parse().unwrap()),
                ..options().training
            },
            ..options()
        };
        let whole = train(&options, None, false);
        assert_eq!(
            weight_bytes(&train(&options, Some(7), true)),
            weight_bytes(&whole),
            "{schedule} {averaging}"
        );
    }
}
