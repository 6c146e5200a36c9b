//! Tests of the loop with a learner small enough to follow by hand: one weight drawn towards the
//! items it sees, so that order, resumption and early stopping all show in its value.

use super::*;
use crate::{Average, Averaging, LearnerState, Silent, Size, StepReport, read_weights};
use ressac_nn::weights::HostTensor;
use std::collections::BTreeMap;

mod averaged;
mod blown;

struct Walk {
    weight: f32,
    steps: u64,
    /// Validation losses to hand out in turn; the weight itself when there are none left.
    losses: Vec<f64>,
    /// The step whose loss is not a number.
    fails_at: Option<u64>,
    /// The step that makes the weight infinite.
    blows_at: Option<u64>,
    averaging: Averaging,
    /// The learning rates of the steps.
    rates: Vec<f64>,
}

impl Walk {
    fn new() -> Self {
        Self {
            weight: 0.0,
            steps: 0,
            losses: Vec::new(),
            fails_at: None,
            blows_at: None,
            averaging: Averaging::new(Average::None),
            rates: Vec::new(),
        }
    }
}

fn tensors(weight: f32) -> NamedTensors {
    NamedTensors::from([(
        "weight".to_owned(),
        HostTensor {
            shape: vec![1],
            values: vec![weight],
        },
    )])
}

impl Learner for Walk {
    fn size(&self) -> Size {
        Size {
            items: "items",
            training: 10,
            validation: 1,
            parameters: 1,
            memory: 0,
        }
    }
    fn step(&mut self, batch: &[usize], context: &StepContext) -> Result<StepReport, TrainError> {
        let noise = context.stream.generator().uniform() as f32;
        if self.fails_at != Some(context.step) {
            for item in batch {
                let rate = 10.0 * context.learning_rate as f32;
                self.weight = 0.7 * self.weight + rate * (*item as f32 + noise);
            }
            self.steps += 1;
            self.rates.push(context.learning_rate);
        }
        if self.blows_at == Some(context.step) {
            self.weight = f32::INFINITY;
            return Ok(StepReport {
                loss: 1.0,
                gradient_norm: 1.0,
                ..StepReport::default()
            });
        }
        let weight = self.weight;
        self.averaging.update(context, || tensors(weight))?;
        let loss = if self.fails_at == Some(context.step) {
            f64::NAN
        } else {
            f64::from(self.weight)
        };
        Ok(StepReport {
            loss,
            gradient_norm: 1.0 + (context.step % 2) as f64,
            figures: vec![("first item", batch[0] as f64)],
        })
    }
    fn validate(&mut self) -> Result<Option<Validation>, TrainError> {
        if self.losses.is_empty() {
            Ok(Some(f64::from(self.weights()["weight"].values[0]).into()))
        } else {
            Ok(Some(self.losses.remove(0).into()))
        }
    }
    fn weights(&self) -> NamedTensors {
        match self.averaging.weights() {
            Some(weights) => weights.clone(),
            None => tensors(self.weight),
        }
    }
    fn state(&self) -> LearnerState {
        let mut state = LearnerState {
            tensors: tensors(self.weight),
            counters: BTreeMap::from([("steps".to_owned(), self.steps)]),
        };
        self.averaging.save_into(&mut state);
        state
    }
    fn restore(&mut self, state: &LearnerState) -> Result<(), TrainError> {
        self.weight = state.tensors["weight"].values[0];
        self.steps = state.counters["steps"];
        self.averaging.restore(state)
    }
}

fn config() -> TrainerConfig {
    TrainerConfig {
        length: Length::Epochs(6),
        validate_every: None,
        batch: 3,
        seed: 7,
        schedule: Schedule::Constant,
        lr: 0.1,
        patience: 0,
        time_limit: None,
        stop_at: None,
        checkpoint_every: Duration::from_secs(3600),
    }
}

fn folder() -> (tempfile::TempDir, ModelFolder) {
    use ressac_folder::{ConfigFile, RunRecord};
    let parent = tempfile::tempdir().unwrap();
    let folder = ModelFolder::create(&parent.path().join("model")).unwrap();
    let config = ConfigFile {
        task: Some("walk".into()),
        options: Default::default(),
        run: RunRecord::default(),
    };
    folder.write_config(&config).unwrap();
    (parent, folder)
}

fn run(
    config: TrainerConfig,
    folder: Option<&ModelFolder>,
    resume: Option<Checkpoint>,
) -> (Outcome, Walk) {
    let mut walk = Walk::new();
    let outcome = Trainer::new(config)
        .run(
            &mut walk,
            folder,
            resume,
            &AtomicBool::new(false),
            &mut Silent,
        )
        .unwrap();
    (outcome, walk)
}

#[test]
fn a_run_stopped_anywhere_and_resumed_ends_on_the_same_bits() {
    let (whole, walk) = run(config(), None, None);
    assert_eq!(
        (whole.steps, whole.planned, whole.ended),
        (24, 24, Ended::Epochs)
    );
    for stop in [0, 1, 3, 4, 5, 11, 23] {
        let (_parent, folder) = folder();
        let (part, _) = run(
            TrainerConfig {
                stop_at: Some(stop),
                ..config()
            },
            Some(&folder),
            None,
        );
        assert_eq!((part.steps, part.ended), (stop, Ended::Steps));
        let checkpoint = Checkpoint::newest(&folder).unwrap();
        let (resumed, resumed_walk) = run(config(), Some(&folder), Some(checkpoint));
        assert_eq!(resumed.weights, whole.weights, "stopped at {stop}");
        assert_eq!(resumed.best_step, whole.best_step, "stopped at {stop}");
        assert_eq!(
            resumed_walk.weight.to_bits(),
            walk.weight.to_bits(),
            "stopped at {stop}"
        );
        assert_eq!(
            metrics::read(&folder, u64::MAX).unwrap().len(),
            6,
            "stopped at {stop}"
        );
        assert_eq!(folder.config().unwrap().run.steps, Some(24));
    }
}

#[test]
fn every_epoch_sees_every_item_once_in_an_order_of_its_own() {
    let mut walk = Walk::new();
    let trainer = Trainer::new(config());
    let mut run = Run::start(&trainer, &mut walk, None, None).unwrap();
    let first = run.order.1.clone();
    run.counters.step = run.per_epoch;
    run.draw_order();
    let second = run.order.1.clone();
    assert_ne!(first, second);
    for order in [first, second] {
        let mut order = order.concat();
        order.sort_unstable();
        assert_eq!(order, (0..10).collect::<Vec<_>>());
    }
}

#[test]
fn training_ends_when_validation_stops_getting_better_and_keeps_the_best_weights() {
    let mut walk = Walk {
        losses: vec![3.0, 1.0, 2.0, 2.0, 0.5],
        ..Walk::new()
    };
    let config = TrainerConfig {
        patience: 2,
        ..config()
    };
    let outcome = Trainer::new(config)
        .run(&mut walk, None, None, &AtomicBool::new(false), &mut Silent)
        .unwrap();
    assert_eq!(
        (outcome.ended, outcome.steps, outcome.best_step),
        (Ended::Patience, 16, 8)
    );
    assert_eq!(outcome.best_loss, Some(1.0));
    let (at_eight, walk) = run(
        TrainerConfig {
            stop_at: Some(8),
            ..self::config()
        },
        None,
        None,
    );
    assert_eq!(at_eight.steps, 8);
    assert_eq!(outcome.weights, walk.weights());
}

#[test]
fn a_raised_flag_or_a_spent_time_limit_stops_before_the_next_step_and_can_be_resumed() {
    let (_parent, folder) = folder();
    let mut walk = Walk::new();
    let outcome = Trainer::new(config())
        .run(
            &mut walk,
            Some(&folder),
            None,
            &AtomicBool::new(true),
            &mut Silent,
        )
        .unwrap();
    assert_eq!((outcome.ended, outcome.steps), (Ended::Interrupted, 0));
    assert!(outcome.ended.resumable());
    let (outcome, _) = run(
        TrainerConfig {
            time_limit: Some(Duration::ZERO),
            ..config()
        },
        None,
        None,
    );
    assert_eq!((outcome.ended, outcome.steps), (Ended::TimeLimit, 0));
    let (resumed, _) = run(
        config(),
        Some(&folder),
        Some(Checkpoint::newest(&folder).unwrap()),
    );
    assert_eq!(resumed.weights, run(config(), None, None).0.weights);
}

#[test]
fn a_checkpoint_of_other_data_is_refused() {
    let (_parent, folder) = folder();
    run(
        TrainerConfig {
            stop_at: Some(4),
            ..config()
        },
        Some(&folder),
        None,
    );
    let mut checkpoint = Checkpoint::newest(&folder).unwrap();
    checkpoint.counters.items = 11;
    let error = Trainer::new(config())
        .run(
            &mut Walk::new(),
            None,
            Some(checkpoint),
            &AtomicBool::new(false),
            &mut Silent,
        )
        .unwrap_err();
    assert!(matches!(error, TrainError::Checkpoint(_)), "{error}");
}

#[test]
fn a_step_gets_the_rate_of_the_schedule_and_the_metrics_tell_it_with_the_norms() {
    let (_parent, folder) = folder();
    let config = TrainerConfig {
        schedule: "step".parse().unwrap(),
        length: Length::Epochs(3),
        ..config()
    };
    let (_, walk) = run(config, Some(&folder), None);
    let expected: Vec<f64> = [[0.1; 4], [0.05; 4], [0.025; 4]].concat();
    assert_eq!(walk.rates, expected);
    let lines = metrics::read(&folder, u64::MAX).unwrap();
    let rates: Vec<f64> = lines.iter().map(|line| line.learning_rate).collect();
    assert_eq!(rates, [0.1, 0.05, 0.025]);
    for line in lines {
        assert_eq!((line.gradient_norm, line.gradient_norm_mean), (2.0, 1.5));
    }
}

/// Puts a folder in the place of a file of the third checkpoint, just before it is written: a folder
/// with something in it is not replaced.
struct InTheWay<'a>(&'a std::path::Path);

impl Progress for InTheWay<'_> {
    fn step(&mut self, event: &StepEvent) {
        if event.step == 3 {
            std::fs::create_dir_all(self.0.join("inside")).unwrap();
        }
    }
}

#[test]
fn a_folder_that_can_no_longer_be_written_stops_with_what_is_left_and_what_to_do() {
    let (_parent, folder) = folder();
    let taken = folder.file("checkpoints/step-0000000003.safetensors");
    let config = TrainerConfig {
        checkpoint_every: Duration::ZERO,
        ..config()
    };
    let error = Trainer::new(config)
        .run(
            &mut Walk::new(),
            Some(&folder),
            None,
            &AtomicBool::new(false),
            &mut InTheWay(&taken),
        )
        .unwrap_err();
    assert!(
        matches!(error, TrainError::Unsaved { step: 3, .. }),
        "{error}"
    );
    let error = error.to_string();
    for word in [
        "cannot write",
        "step-0000000003",
        "checkpoint of step 2 is whole",
        "--resume",
    ] {
        assert!(error.contains(word), "no {word:?} in {error}");
    }
    std::fs::remove_dir_all(taken).unwrap();
    let checkpoint = Checkpoint::newest(&folder).unwrap();
    assert_eq!(checkpoint.step(), 2);
    let (resumed, _) = run(self::config(), Some(&folder), Some(checkpoint));
    assert_eq!(resumed.weights, run(self::config(), None, None).0.weights);
}
