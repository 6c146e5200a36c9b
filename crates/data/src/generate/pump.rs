//! The readings of a pump of our own making, with stretches in which something is wrong that no single reading shows.

use std::f64::consts::TAU;

use super::parts::rounded;
use crate::civil::{DAY, Date, days_from_date};
use crate::draws::Draws;

/// The columns of numbers: m³/h, bar, A, °C.
pub const PUMP_COLUMNS: [&str; 4] = ["flow", "pressure", "current", "temperature"];

/// Seconds from one reading to the next.
const EVERY: i64 = 600;
/// Readings in which nothing is wrong, at the start.
const WHOLE: usize = 1_000;
/// One in so many readings begins a fault.
const RARE: usize = 600;

/// What the sensors of a pump read at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct PumpReading {
    /// Seconds since 1970.
    pub stamp: i64,
    /// Its numbers, as [`PUMP_COLUMNS`] names them.
    pub values: [f64; 4],
    /// What is wrong: `leak`, `cavitation`, `stuck` or `bearing`; nothing most of the time.
    pub fault: Option<&'static str>,
}

/// `count` readings of a water pump, every ten minutes from 2024-01-01. Flow follows the habits of a town, with a noise that persists;
/// pressure falls as flow rises, current rises with it, the motor warms up with current and the day. Wear raises the current slowly, by about
/// a tenth in a hundred days: that is no fault. Faults last two to eight hours: a leak (more flow than the pressure allows), cavitation (the
/// pressure swings from one reading to the next), a flow meter that is stuck at its last value, a bearing that runs warm. None
/// occurs in the first 1,000 readings.
///
/// The same seed gives the same bits on every machine, and more readings only add to the first.
pub fn pump(seed: u64, count: usize) -> Vec<PumpReading> {
    let mut draws = Draws::of_purpose(seed, "pump");
    let start = days_from_date(Date {
        year: 2024,
        month: 1,
        day: 1,
    }) * DAY;
    let (mut habit, mut warm) = (0.0_f64, 0.0_f64);
    let mut fault: Option<(usize, usize, usize)> = None;
    let mut stuck = 0.0_f64;
    let reading = |at: usize| {
        let stamp = start + at as i64 * EVERY;
        let hour = stamp.rem_euclid(DAY) as f64 / 3_600.0;
        habit = 0.95 * habit + 0.5 * draws.normal();
        let day = 1.0 - libm::cos(TAU * (hour - 4.0) / 24.0);
        let evening = libm::exp(-(hour - 19.5) * (hour - 19.5) / 3.0);
        let demand = 32.0 + 9.0 * day + 7.0 * evening + habit;
        let wear = 1.0 + 0.1 * at as f64 * EVERY as f64 / (100.0 * DAY as f64);
        let ambient = 16.0 + 3.0 * libm::cos(TAU * (hour - 15.0) / 24.0);
        let current = wear * (6.0 + 0.16 * demand);
        warm += 0.15 * (1.8 * current - warm);
        let mut near = |value: f64, deviation: f64| value + deviation * draws.normal();
        let mut values = [
            near(demand, 0.4),
            near(7.2 - 0.0011 * demand * demand, 0.04),
            near(current, 0.08),
            near(ambient + warm, 0.15),
        ];
        fault = match fault {
            Some((kind, left, into)) if left > 1 => Some((kind, left - 1, into + 1)),
            Some(_) => None,
            None if at >= WHOLE && draws.below(RARE) == 0 => {
                stuck = values[0];
                Some((draws.below(4), 12 + draws.below(37), 0))
            }
            None => None,
        };
        let named = fault.map(|(kind, _, into)| {
            let swing = if into % 2 == 0 { 0.35 } else { -0.35 };
            match kind {
                0 => values[0] *= 1.12,
                1 => values[1] += swing,
                2 => values[0] = stuck,
                _ => values[3] += (0.2 * (into + 1) as f64).min(3.5),
            }
            ["leak", "cavitation", "stuck", "bearing"][kind]
        });
        PumpReading {
            stamp,
            values: values.map(rounded),
            fault: named,
        }
    };
    (0..count).map(reading).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint;

    #[test]
    fn a_seed_gives_the_same_readings_and_more_only_add_to_them() {
        let made = pump(1, 3_000);
        let text: String = made.iter().map(|of| format!("{of:?}\n")).collect();
        // Recorded from this very generator: it changes only if the data of every seed changes.
        assert_eq!(
            fingerprint::bytes(text.as_bytes()),
            "513a8e18bed59c1c157f0ee1129fcd7d872a4304765329201c91a50cba734365"
        );
        assert_eq!(pump(1, 1_500), made[..1_500]);
        assert_ne!(pump(2, 10), made[..10]);
        assert!(pump(1, 0).is_empty());
    }

    #[test]
    fn faults_are_rare_last_hours_and_mostly_lie_within_what_is_usual() {
        let made = pump(3, 40_000);
        assert!(made[..WHOLE].iter().all(|of| of.fault.is_none()));
        let faulty: Vec<&PumpReading> = made.iter().filter(|of| of.fault.is_some()).collect();
        let share = faulty.len() as f64 / made.len() as f64;
        assert!((0.02..0.08).contains(&share), "{share}");
        for kind in ["leak", "cavitation", "stuck", "bearing"] {
            assert!(faulty.iter().any(|of| of.fault == Some(kind)), "{kind}");
        }
        for (column, name) in PUMP_COLUMNS.iter().enumerate() {
            let normal = made.iter().filter(|of| of.fault.is_none());
            let values = normal.map(|of| of.values[column]);
            let (least, most) = values
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
                    (low.min(v), high.max(v))
                });
            let beyond = faulty.iter().map(|of| of.values[column]);
            let beyond = beyond.filter(|v| *v < least || *v > most).count();
            assert!(beyond * 10 < faulty.len(), "{name}: {beyond}");
        }
    }
}
