//! The learning-rate range test (Smith 2017, "Cyclical learning rates for training neural
//! networks"): a fresh network trained for a few steps while the rate rises geometrically, to see
//! where the loss falls fastest and where it blows up.

use std::time::{Duration, Instant};

use serde::Serialize;

use ressac_nn::random::Stream;
use ressac_train::{Learner, StepContext, TrainError};

/// The first rate.
const FROM: f64 = 1e-5;
/// The last rate.
const TO: f64 = 10.0;
/// Share of the old value in the smoothed loss.
const MEMORY: f64 = 0.9;
/// The loss has blown up where it is so many times its lowest.
const BLOWN: f64 = 2.0;
/// A fall counts where it is so many times what chance makes of the smoothed loss.
const NOISE: f64 = 5.0;
/// Rates told are those at which the loss is still safely below that: a third of it.
const SAFE: f64 = 1.0 / 3.0;

/// Steps that are timed.
const TIMED: usize = 2;
/// In fewer steps than this nothing can be seen.
const FEWEST: usize = 40;

/// How a range test is run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateTestOptions {
    /// Steps from the lowest rate to the highest; fewer are taken where the time allows no more.
    pub steps: usize,
    /// The longest it may take.
    pub time_limit: Duration,
}

/// What a range test found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RateTest {
    /// The rate of each step taken.
    pub rates: Vec<f64>,
    /// The loss of its batch.
    pub losses: Vec<f64>,
    /// The loss smoothed over the steps before.
    pub smoothed: Vec<f64>,
    /// The rate at which the smoothed loss falls fastest by ln(rate); nothing if it was cut short.
    pub steepest: Option<f64>,
    /// The rate from which on it has blown up: twice its lowest, or not a number.
    pub diverges: Option<f64>,
    /// A rate to train at: the steepest, kept below a third of where it blows up.
    pub suggested: Option<f64>,
    /// Whether the clock ended the test before the loss blew up or the rates were through.
    pub cut_short: bool,
}

/// Runs the test with a fresh `learner` and the batch size and seed that the model was trained with.
pub(super) fn rate_test(
    learner: &mut dyn Learner,
    batch: usize,
    seed: u64,
    options: RateTestOptions,
) -> Result<RateTest, TrainError> {
    let draw = Stream::new(seed, "rate test");
    let batches = learner.epoch(batch, &draw.child("order"));
    if batches.is_empty() {
        return Err(TrainError::NoItems);
    }
    let began = Instant::now();
    let (mut rates, mut losses) = (Vec::new(), Vec::new());
    let mut lowest = f64::INFINITY;
    let mut smooth = Smooth::default();
    let mut cut_short = false;
    let mut steps = options.steps;
    for step in 0.. {
        if step >= steps {
            break;
        }
        // Two steps tell how long one takes: where the clock would end the test before
        // the rates are through, they rise in fewer steps instead.
        if step == TIMED {
            let each = began.elapsed().as_secs_f64() / TIMED as f64;
            let most = options.time_limit.as_secs_f64() / each.max(1e-9);
            steps = steps.min((most as usize).max(FEWEST));
        }
        if began.elapsed() >= options.time_limit {
            cut_short = true;
            break;
        }
        let rate = rate(step, steps);
        // The same epoch over and over, where one is not enough.
        let within = step % batches.len();
        let report = learner.step(
            &batches[within],
            &StepContext {
                step: step as u64,
                within: within as u64,
                planned: steps as u64,
                learning_rate: rate,
                stream: draw.at(step as u64),
            },
        )?;
        rates.push(rate);
        losses.push(report.loss);
        let smoothed = smooth.next(report.loss);
        lowest = lowest.min(smoothed);
        let finite = report.loss.is_finite() && report.gradient_norm.is_finite();
        // Well past the point itself, so that the picture shows it.
        if !finite || smoothed > 2.0 * BLOWN * lowest {
            break;
        }
    }
    Ok(read(rates, losses, cut_short))
}

/// The rate of a step: even steps of ln(rate) from the first to the last.
fn rate(step: usize, steps: usize) -> f64 {
    FROM * (TO / FROM).powf(step as f64 / (steps.max(2) - 1) as f64)
}

/// A mean that forgets, without the bias of its start (as Adam's moments).
#[derive(Default)]
struct Smooth {
    sum: f64,
    weight: f64,
}

impl Smooth {
    fn next(&mut self, value: f64) -> f64 {
        self.sum = MEMORY * self.sum + (1.0 - MEMORY) * value;
        self.weight = MEMORY * self.weight + (1.0 - MEMORY);
        self.sum / self.weight
    }
}

/// Finds the points in the curve.
fn read(rates: Vec<f64>, losses: Vec<f64>, cut_short: bool) -> RateTest {
    let mut smooth = Smooth::default();
    let smoothed: Vec<f64> = losses.iter().map(|loss| smooth.next(*loss)).collect();
    let mut lowest = f64::INFINITY;
    let blown = smoothed.iter().zip(&losses).position(|(smoothed, loss)| {
        lowest = lowest.min(*smoothed);
        !loss.is_finite() || *smoothed > BLOWN * lowest
    });
    let sound = &smoothed[..blown.unwrap_or(smoothed.len())];
    // Over as many steps as the smoothing holds: less is noise.
    let span = 8;
    let fall = |place: usize| {
        (sound[place + span] - sound[place]) / (rates[place + span] / rates[place]).ln()
    };
    let noise = noise(&losses, sound);
    // The smoothing must have taken hold: its first values are those of single batches.
    let steepest = (2 * span..sound.len().saturating_sub(span))
        .filter(|place| sound[*place] - sound[place + span] > NOISE * noise)
        .min_by(|a, b| fall(*a).total_cmp(&fall(*b)))
        // Of a curve that stops on its way down nobody knows where it is steepest.
        .filter(|_| !cut_short)
        .map(|place| (rates[place] * rates[place + span]).sqrt());
    let diverges = blown.map(|place| rates[place]);
    let suggested = steepest.map(|steepest| {
        let most = diverges.map_or(f64::INFINITY, |rate| rate * SAFE);
        steepest.min(most)
    });
    RateTest {
        rates,
        losses,
        smoothed,
        steepest,
        diverges,
        suggested,
        cut_short,
    }
}

/// How much of the smoothed loss is chance: the deviation of single losses from it, as smoothing leaves it.
fn noise(losses: &[f64], smoothed: &[f64]) -> f64 {
    let squares: f64 = losses
        .iter()
        .zip(smoothed)
        .map(|(loss, smoothed)| (loss - smoothed).powi(2))
        .sum();
    let kept = (1.0 - MEMORY) / (1.0 + MEMORY);
    (squares / smoothed.len().max(1) as f64 * kept).sqrt()
}

#[cfg(test)]
mod tests {
    use ressac_nn::weights::NamedTensors;
    use ressac_train::{LearnerState, Size, StepReport, Validation};

    use super::*;

    /// Notes what it is handed; its loss never changes.
    struct Notes {
        epoch: Vec<Vec<usize>>,
        steps: Vec<(Vec<usize>, u64, u64)>,
    }

    impl Learner for Notes {
        fn size(&self) -> Size {
            Size {
                items: "items",
                training: self.epoch.concat().len(),
                validation: 0,
                parameters: 1,
                memory: 1,
            }
        }
        fn epoch(&self, _batch: usize, _draw: &Stream) -> Vec<Vec<usize>> {
            self.epoch.clone()
        }
        fn step(
            &mut self,
            batch: &[usize],
            context: &StepContext,
        ) -> Result<StepReport, TrainError> {
            self.steps
                .push((batch.to_vec(), context.step, context.within));
            Ok(StepReport {
                loss: 1.0,
                gradient_norm: 1.0,
                ..StepReport::default()
            })
        }
        fn validate(&mut self) -> Result<Option<Validation>, TrainError> {
            Ok(None)
        }
        fn weights(&self) -> NamedTensors {
            NamedTensors::new()
        }
        fn state(&self) -> LearnerState {
            LearnerState::default()
        }
        fn restore(&mut self, _state: &LearnerState) -> Result<(), TrainError> {
            Ok(())
        }
    }

    #[test]
    fn the_batches_are_those_the_learner_makes_epoch_after_epoch() {
        let options = RateTestOptions {
            steps: 7,
            time_limit: Duration::from_secs(60),
        };
        let epoch = vec![vec![4, 0], vec![3], vec![1, 2]];
        let mut learner = Notes {
            epoch: epoch.clone(),
            steps: vec![],
        };
        let found = rate_test(&mut learner, 2, 0, options).unwrap();
        assert_eq!(found.rates.len(), 7);
        let wanted: Vec<_> = (0..7)
            .map(|step| (epoch[step % 3].clone(), step as u64, step as u64 % 3))
            .collect();
        assert_eq!(learner.steps, wanted);

        let mut nothing = Notes {
            epoch: vec![],
            steps: vec![],
        };
        let refused = rate_test(&mut nothing, 2, 0, options);
        assert!(matches!(refused, Err(TrainError::NoItems)));
    }

    #[test]
    fn the_steepest_point_and_the_divergence_of_a_drawn_curve_are_found() {
        let steps = 120;
        let rates: Vec<f64> = (0..steps).map(|step| rate(step, steps)).collect();
        // Falls fastest at 1e-2, blows up at 1.
        let losses: Vec<f64> = rates
            .iter()
            .map(|rate| match rate {
                rate if *rate > 1.0 => 50.0,
                rate => 1.0 / (1.0 + (rate / 1e-2).powf(1.5)) + 0.2,
            })
            .collect();
        let found = read(rates, losses, false);
        let steepest = found.steepest.unwrap();
        assert!((3e-3..8e-2).contains(&steepest), "{steepest}");
        let diverges = found.diverges.unwrap();
        assert!((1.0..1.5).contains(&diverges), "{diverges}");
        assert_eq!(found.suggested, Some(steepest));
    }

    #[test]
    fn chance_is_no_fall_and_hides_none() {
        let steps = 120;
        let rates: Vec<f64> = (0..steps).map(|step| rate(step, steps)).collect();
        let mut generator = Stream::new(5, "noise").generator();
        let noisy = |level: &dyn Fn(f64) -> f64, generator: &mut ressac_nn::random::Generator| {
            let losses = rates
                .iter()
                .map(|rate| level(*rate) + 0.03 * generator.normal());
            read(rates.clone(), losses.collect(), false).steepest
        };
        for _ in 0..20 {
            assert_eq!(noisy(&|_| 0.5, &mut generator), None);
            let falls = noisy(
                &|rate| 1.0 / (1.0 + (rate / 1e-2).powf(1.5)) + 0.2,
                &mut generator,
            );
            assert!((1e-3..1e-1).contains(&falls.unwrap()), "{falls:?}");
        }
    }

    #[test]
    fn a_loss_that_is_not_a_number_is_a_divergence_and_a_flat_one_has_no_steepest_point() {
        let rates: Vec<f64> = (0..30).map(|step| rate(step, 30)).collect();
        let mut losses = vec![1.0; 30];
        assert_eq!(read(rates.clone(), losses.clone(), false).diverges, None);
        assert_eq!(read(rates.clone(), losses.clone(), false).steepest, None);
        losses[20] = f64::NAN;
        losses.truncate(21);
        let found = read(rates[..21].to_vec(), losses, false);
        assert_eq!(found.diverges, Some(rates[20]));
        assert_eq!(read(vec![], vec![], true).suggested, None);
    }

    #[test]
    fn rates_rise_from_the_first_to_the_last_by_one_factor() {
        assert!((rate(0, 100) / FROM - 1.0).abs() < 1e-12);
        assert!((rate(99, 100) / TO - 1.0).abs() < 1e-12);
        let factor = |step| rate(step + 1, 100) / rate(step, 100);
        assert!((factor(3) / factor(70) - 1.0).abs() < 1e-9);
    }
}
