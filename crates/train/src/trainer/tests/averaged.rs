//! Resumption under everything that has a memory of its own: a plateau, an average, early stopping.

use super::*;

fn remembering(average: Average) -> (TrainerConfig, Walk) {
    let config = TrainerConfig {
        length: Length::Epochs(12),
        schedule: "plateau:0.5:0:0.01".parse().unwrap(),
        patience: 9,
        ..config()
    };
    let walk = Walk {
        averaging: Averaging::new(average),
        ..Walk::new()
    };
    (config, walk)
}

/// Trains to the end, stopping at each of `stops` on the way and going on with a new learner.
fn broken(average: Average, stops: &[u64], folder: &ModelFolder) -> (Outcome, Walk) {
    let mut resume = None;
    for stop in stops.iter().copied().map(Some).chain([None]) {
        let (config, mut walk) = remembering(average);
        let config = TrainerConfig {
            stop_at: stop,
            ..config
        };
        let outcome = Trainer::new(config)
            .run(
                &mut walk,
                Some(folder),
                resume.take(),
                &AtomicBool::new(false),
                &mut Silent,
            )
            .unwrap();
        if stop.is_none() {
            return (outcome, walk);
        }
        resume = Some(Checkpoint::newest(folder).unwrap());
    }
    unreachable!("the last stop is none")
}

#[test]
fn under_a_plateau_and_an_average_random_stops_change_no_bit() {
    for average in ["none", "ema:0.9", "swa:0.4"] {
        let average: Average = average.parse().unwrap();
        let (_parent, whole_folder) = folder();
        let (whole, walk) = broken(average, &[], &whole_folder);
        let last = Checkpoint::newest(&whole_folder).unwrap();
        assert!(
            last.counters.plateau.reductions > 0,
            "{average}: the plateau lowered nothing, so this tests nothing"
        );
        assert_eq!(
            walk.averaging.weights().is_some(),
            average != Average::None,
            "{average}"
        );
        let mut random = Stream::new(5, "stops").generator();
        for _ in 0..12 {
            let mut stops: Vec<u64> = (0..3)
                .map(|_| (random.uniform() * whole.steps as f64) as u64)
                .collect();
            stops.sort_unstable();
            let (_parent, folder) = folder();
            let (outcome, resumed) = broken(average, &stops, &folder);
            assert_eq!(outcome.weights, whole.weights, "{average} {stops:?}");
            assert_eq!(
                (outcome.steps, outcome.best_step, outcome.ended),
                (whole.steps, whole.best_step, whole.ended),
                "{average} {stops:?}"
            );
            let mut checkpoint = Checkpoint::newest(&folder).unwrap();
            // The clock is not part of the promise.
            checkpoint.counters.seconds = last.counters.seconds;
            assert_eq!(checkpoint, last, "{average} {stops:?}");
            assert_eq!(resumed.state(), walk.state(), "{average} {stops:?}");
            assert_eq!(read_weights(&folder).unwrap(), whole.weights);
            let figures = |folder: &ModelFolder| -> Vec<(u64, Option<f64>, f64, f64)> {
                metrics::read(folder, u64::MAX)
                    .unwrap()
                    .into_iter()
                    .map(|line| {
                        (
                            line.step,
                            line.valid_loss,
                            line.learning_rate,
                            line.gradient_norm_mean,
                        )
                    })
                    .collect()
            };
            assert_eq!(
                figures(&folder),
                figures(&whole_folder),
                "{average} {stops:?}"
            );
        }
    }
}

#[test]
fn the_steps_on_record_repeat_a_run_that_was_cut_short() {
    let average = Average::Ema { decay: 0.9 };
    for stop in [0, 1, 7, 8, 19] {
        let cut = |folder: &ModelFolder, stop_at: u64| {
            let (config, mut walk) = remembering(average);
            let config = TrainerConfig {
                stop_at: Some(stop_at),
                ..config
            };
            Trainer::new(config)
                .run(
                    &mut walk,
                    Some(folder),
                    None,
                    &AtomicBool::new(false),
                    &mut Silent,
                )
                .unwrap()
        };
        let (_parent, first) = folder();
        let outcome = cut(&first, stop);
        let recorded = first.config().unwrap().run.steps.unwrap();
        let (_other_parent, second) = folder();
        let again = cut(&second, recorded);
        assert_eq!(again.weights, outcome.weights, "stopped at {stop}");
        let config = |folder: &ModelFolder| folder.read_bytes("config.toml").unwrap();
        assert_eq!(config(&second), config(&first), "stopped at {stop}");
    }
}

#[test]
fn what_is_validated_and_kept_is_the_average() {
    let (_parent, folder) = folder();
    let (outcome, walk) = broken(Average::Ema { decay: 0.9 }, &[], &folder);
    let kept = outcome.weights["weight"].values[0];
    assert_eq!(Some(f64::from(kept)), outcome.best_loss);
    assert_ne!(walk.weights()["weight"].values[0], walk.weight);
}
