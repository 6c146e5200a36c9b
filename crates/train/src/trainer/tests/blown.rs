//! Trainings that blow up: where, and what is left.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use ressac_nn::optim::GradientsParams;
use ressac_nn::optim::global_norm;
use ressac_nn::{Linear, LinearConfig, weights};

use super::*;
use crate::{non_finite_gradient, non_finite_state};

fn stopped(learner: &mut dyn Learner, folder: Option<&ModelFolder>, every: Duration) -> TrainError {
    let config = TrainerConfig {
        checkpoint_every: every,
        ..config()
    };
    Trainer::new(config)
        .run(learner, folder, None, &AtomicBool::new(false), &mut Silent)
        .unwrap_err()
}

#[test]
fn a_loss_that_is_not_a_number_stops_with_the_step_and_keeps_the_best_weights() {
    let (_parent, folder) = folder();
    let mut walk = Walk {
        fails_at: Some(9),
        ..Walk::new()
    };
    let error = Trainer::new(config())
        .run(
            &mut walk,
            Some(&folder),
            None,
            &AtomicBool::new(false),
            &mut Silent,
        )
        .unwrap_err();
    let TrainError::NotFinite {
        quantity: "loss",
        step: 10,
        epoch: 3,
        place: Place::ForwardPass,
        ..
    } = &error
    else {
        panic!("{error}")
    };
    let text = error.to_string();
    assert!(
        text.contains("--lr") && text.contains("every weight is finite"),
        "{text}"
    );
    let (until_then, _) = run(
        TrainerConfig {
            stop_at: Some(8),
            ..config()
        },
        None,
        None,
    );
    assert_eq!(read_weights(&folder).unwrap(), until_then.weights);
}

#[test]
fn a_weight_that_became_infinite_is_named() {
    let mut walk = Walk {
        blows_at: Some(9),
        ..Walk::new()
    };
    let error = stopped(&mut walk, None, Duration::from_secs(3600));
    let TrainError::NotFinite {
        quantity: "loss",
        step: 11,
        place: Place::State(name),
        ..
    } = &error
    else {
        panic!("{error}")
    };
    assert_eq!(name, "weight");
    assert!(error.to_string().contains("in `weight`"), "{error}");
}

#[test]
fn the_last_good_checkpoint_is_not_lost_for_one_with_infinite_weights() {
    let (_parent, folder) = folder();
    let mut walk = Walk {
        blows_at: Some(9),
        ..Walk::new()
    };
    let error = stopped(&mut walk, Some(&folder), Duration::ZERO);
    assert!(
        matches!(
            error,
            TrainError::NotFinite {
                quantity: "state",
                step: 10,
                epoch: 3,
                ..
            }
        ),
        "{error}"
    );
    let checkpoint = Checkpoint::newest(&folder).unwrap();
    assert_eq!(checkpoint.step(), 9);
    // What blew up once did so by chance: gone on from there, the training ends like any other.
    let (resumed, _) = run(config(), Some(&folder), Some(checkpoint));
    assert_eq!(resumed.weights, run(config(), None, None).0.weights);
}

/// Two layers, of which the second one's gradient is not a number: the root of 0 has no slope.
#[derive(Module, Debug)]
struct Pair {
    encoder: Linear,
    head: Linear,
}

struct Rooted {
    pair: Pair,
    device: Device,
    found: Option<Place>,
}

impl Rooted {
    fn new() -> Self {
        let device = Device::default().autodiff();
        let stream = Stream::new(1, "rooted");
        let layer = |purpose: &str, bias| {
            LinearConfig::new(2, 2)
                .with_bias(bias)
                .init(&stream.child(purpose), &device)
                .unwrap()
        };
        Self {
            pair: Pair {
                encoder: layer("encoder", true),
                head: layer("head", false),
            },
            device,
            found: None,
        }
    }
}

impl Learner for Rooted {
    fn size(&self) -> Size {
        Walk::new().size()
    }
    fn step(&mut self, _batch: &[usize], _context: &StepContext) -> Result<StepReport, TrainError> {
        let input = Tensor::<2>::zeros([3, 2], &self.device);
        let encoded = self.pair.encoder.forward(input.clone())?;
        let output = self.pair.head.forward(input)?;
        let loss = encoded.mean() + (output.clone() * output).sqrt().sum();
        let value = loss.clone().inner().into_data().iter::<f32>().sum::<f32>();
        let mut gradients = GradientsParams::from_grads(loss.backward(), &self.pair);
        let gradient_norm = global_norm(&self.pair, &mut gradients);
        if !gradient_norm.is_finite() {
            self.found = non_finite_gradient(&self.pair, &gradients, &[]);
        }
        Ok(StepReport {
            loss: f64::from(value),
            gradient_norm,
            ..StepReport::default()
        })
    }
    fn validate(&mut self) -> Result<Option<Validation>, TrainError> {
        Ok(None)
    }
    fn weights(&self) -> NamedTensors {
        weights::collect(&self.pair)
    }
    fn state(&self) -> LearnerState {
        LearnerState {
            tensors: self.weights(),
            ..LearnerState::default()
        }
    }
    fn restore(&mut self, state: &LearnerState) -> Result<(), TrainError> {
        self.pair = weights::apply(self.pair.clone(), &state.tensors)?;
        Ok(())
    }
    fn find_non_finite(&self) -> Option<Place> {
        self.found
            .clone()
            .or_else(|| non_finite_state(&self.state()))
    }
}

#[test]
fn a_gradient_that_is_not_a_number_is_named_by_its_layer() {
    let mut learner = Rooted::new();
    let before = learner.weights();
    let error = stopped(&mut learner, None, Duration::from_secs(3600));
    let TrainError::NotFinite {
        quantity: "gradient",
        step: 1,
        place: Place::Gradient(name),
        ..
    } = &error
    else {
        panic!("{error}")
    };
    // The name under which its weights are saved; the encoder, before it, has finite gradients.
    assert_eq!(name, "head.weights");
    assert!(before.contains_key(name), "{before:?}");
    assert!(
        error.to_string().contains("gradient of `head.weights`"),
        "{error}"
    );
}
