//! Tests of the schedules: their formulas at known places, PyTorch's where it has the same one, and
//! their text.

use super::*;
use proptest::prelude::*;

fn at(step: u64, planned: u64) -> Position {
    Position {
        step,
        planned,
        per_epoch: 10,
        reductions: 0,
    }
}

fn close(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-12 * expected.abs(),
        "{found} for {expected}"
    );
}

#[test]
fn the_cosine_rises_to_its_peak_and_falls_to_its_floor() {
    let cosine: Schedule = "cosine:4:0.01".parse().unwrap();
    let rate = |step| cosine.rate(0.1, &at(step, 104));
    close(rate(0), 0.025);
    close(rate(3), 0.1);
    close(rate(4), 0.1);
    close(rate(54), 0.0505);
    close(rate(104), 0.001);
}

#[test]
fn one_cycle_rises_and_falls_as_pytorch_does() {
    let cycle: Schedule = "one-cycle".parse().unwrap();
    let rate = |step| cycle.rate(0.1, &at(step, 100));
    // torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=100), after `step` steps.
    close(rate(0), 0.004);
    close(rate(29), 0.1);
    close(rate(64), 0.050_000_2);
    close(rate(99), 4e-7);
    for step in 1..=29 {
        assert!(rate(step) > rate(step - 1), "step {step}");
    }
    for step in 30..=99 {
        assert!(rate(step) < rate(step - 1), "step {step}");
    }
}

#[test]
fn a_decay_holds_and_then_shrinks_at_each_epoch() {
    let rates = |text: &str| -> Vec<f64> {
        let schedule: Schedule = text.parse().unwrap();
        (0..5)
            .map(|epoch| {
                // The first step of an epoch and its last have one rate.
                let first = schedule.rate(1.0, &at(10 * epoch, 50));
                assert_eq!(first, schedule.rate(1.0, &at(10 * epoch + 9, 50)));
                first
            })
            .collect()
    };
    assert_eq!(rates("step"), [1.0, 0.5, 0.25, 0.125, 0.0625]);
    assert_eq!(rates("decay"), [1.0, 1.0, 1.0, 0.8, 0.8 * 0.8]);
    assert_eq!(rates("decay:2:0.5"), [1.0, 1.0, 0.5, 0.25, 0.125]);
    assert_eq!(rates("constant"), [1.0; 5]);
}

#[test]
fn a_plateau_lowers_the_rate_after_more_than_its_patience_of_validations_without_improvement() {
    let schedule: Schedule = "plateau:0.1:2:0.01".parse().unwrap();
    let mut plateau = Plateau::default();
    // 0.995 is better than 1 by less than a hundredth, which does not count; 0.98 does.
    let losses = [1.0, 0.995, 1.2, 0.98, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5];
    let reductions: Vec<u64> = losses
        .iter()
        .map(|&loss| {
            plateau.look(&schedule, loss);
            plateau.reductions
        })
        .collect();
    assert_eq!(reductions, [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2]);
    let position = Position {
        reductions: plateau.reductions,
        ..at(100, 200)
    };
    close(schedule.rate(0.5, &position), 0.005);
}

#[test]
fn a_plateau_of_negative_losses_counts_improvement_downwards() {
    let schedule: Schedule = "plateau:0.5:0:0.1".parse().unwrap();
    let mut plateau = Plateau::default();
    for loss in [-1.0, -1.2, -1.4] {
        plateau.look(&schedule, loss);
    }
    assert_eq!(plateau.reductions, 0);
    plateau.look(&schedule, -1.45);
    assert_eq!(plateau.reductions, 1);
}

#[test]
fn only_a_plateau_looks_at_losses() {
    for name in ["constant", "cosine", "one-cycle", "step", "decay"] {
        let schedule: Schedule = name.parse().unwrap();
        let mut plateau = Plateau::default();
        for _ in 0..10 {
            plateau.look(&schedule, 1.0);
        }
        assert_eq!(plateau, Plateau::default(), "{name}");
    }
}

#[test]
fn every_name_reads_and_writes_back_to_itself() {
    for name in Schedule::NAMES {
        let schedule: Schedule = name.parse().unwrap();
        assert_eq!(schedule.to_string(), *name);
    }
    assert_eq!(Schedule::default().to_string(), "cosine");
}

#[test]
fn a_wrong_schedule_says_what_is_wrong_and_what_there_is() {
    for (text, words) in [
        ("cosin", &["`cosin`", "cosine", "one-cycle"][..]),
        ("magic", &["`magic`", "plateau"]),
        ("", &["schedules are"]),
        ("cosine:5", &["cosine:WARMUP:FLOOR"]),
        ("cosine:5:2", &["floor", "`2`", "0 to 1"]),
        ("cosine:-1:0", &["warmup", "`-1`"]),
        ("decay:0:0.5", &["hold", "at least 1"]),
        ("decay:3:NaN", &["factor", "`NaN`"]),
        ("constant:1", &["takes no numbers"]),
        ("step:2", &["decay:HOLD:FACTOR"]),
        ("plateau:0.1:2", &["plateau:FACTOR:PATIENCE:THRESHOLD"]),
    ] {
        let error = text.parse::<Schedule>().unwrap_err();
        for word in words {
            assert!(error.contains(word), "no {word:?} in {error:?}");
        }
    }
}

fn any_schedule() -> impl Strategy<Value = Schedule> {
    let share = || prop_oneof![Just(0.0), Just(1.0), 0.0..1.0_f64];
    prop_oneof![
        Just(Schedule::Constant),
        (0..100_u64, share()).prop_map(|(warmup, floor)| Schedule::Cosine { warmup, floor }),
        (share(), share(), share()).prop_map(|(rise, start, floor)| Schedule::OneCycle {
            rise,
            start,
            floor
        }),
        (share(), 0..20_u64, share()).prop_map(|(factor, patience, threshold)| {
            Schedule::Plateau {
                factor,
                patience,
                threshold,
            }
        }),
        (1..20_u64, share()).prop_map(|(hold, factor)| Schedule::Decay { hold, factor }),
    ]
}

proptest! {
    #[test]
    fn what_is_written_reads_back_equal(schedule in any_schedule()) {
        prop_assert_eq!(schedule.to_string().parse::<Schedule>(), Ok(schedule));
    }

    #[test]
    fn a_rate_lies_between_zero_and_the_peak_even_beyond_the_plan(
        schedule in any_schedule(),
        step in prop_oneof![0..200_u64, any::<u64>()],
        planned in 0..100_u64,
        per_epoch in 0..20_u64,
        reductions in prop_oneof![0..9_u64, any::<u64>()],
    ) {
        let rate = schedule.rate(0.1, &Position { step, planned, per_epoch, reductions });
        prop_assert!((0.0..=0.1 + 1e-12).contains(&rate), "{rate}");
    }

    #[test]
    fn any_text_reads_or_is_refused_and_never_panics(text in "\\PC{0,40}") {
        let _ = text.parse::<Schedule>();
    }

    #[test]
    fn any_text_of_a_schedules_own_letters_reads_or_is_refused(
        word in prop::sample::select(Schedule::NAMES),
        numbers in prop::collection::vec("[0-9.eE+-]{0,6}", 0..5),
    ) {
        let text = std::iter::once((*word).to_owned()).chain(numbers).collect::<Vec<_>>().join(":");
        let _ = text.parse::<Schedule>();
    }
}
