//! Data of the project's own making, so that every command has something to run on.

mod pairs;
mod parts;
mod pump;
mod sentences;
mod shapes;
mod sounds;
mod tales;
mod waves;

use crate::civil::{DAY, Date, days_from_date, weekday};
use crate::draws::Draws;
use crate::stamp::StampFormat;
use crate::table::Table;
use crate::time::TimeAxis;
pub use crate::write::write_csv;
pub use pairs::pairs;
pub use parts::{PART_COLUMNS, Part, parts};
pub use pump::{PUMP_COLUMNS, PumpReading, pump};
pub use sentences::sentences;
pub use shapes::{Drawn, SHAPES, shapes};
pub use sounds::{Heard, MadeSound, SOUND_CLASSES, SOUND_RATE, sounds};
pub use tales::tales;
pub use waves::waves;

/// Hours of noise drawn before the first row, so that it starts in its steady state.
const WARM_UP: usize = 240;

/// An hourly electricity load from 2021-01-01, with the temperature that drives part of it.
///
/// Columns `load` (MW, between 700 and 2,200) and `temperature` (°C). The load has a season of the
/// day (with a morning and an evening peak on working days, lower and later ones at week-ends), of
/// the week and of the year; it rises when the temperature, smoothed over a day as walls do, falls
/// below 15 °C, and slightly when it rises above 20 °C; noise persists for some hours. So the hour
/// a week before is a fair forecast, and a model that remembers weather and recent noise can beat it.
///
/// The same seed gives the same bits on every machine: draws come from ChaCha8, and sines,
/// logarithms and roots from `libm`, not from the platform.
pub fn load(seed: u64, hours: usize) -> Table {
    let start = days_from_date(Date {
        year: 2021,
        month: 1,
        day: 1,
    }) * DAY;
    let mut draws = Draws::of_seed(seed);
    let (mut weather, mut spell, mut disturbance) = (0.0_f64, 0.0_f64, 0.0_f64);
    let mut walls: Option<f64> = None;
    let mut stamps = Vec::with_capacity(hours);
    let mut load = Vec::with_capacity(hours);
    let mut temperature = Vec::with_capacity(hours);
    for row in 0..hours.saturating_add(WARM_UP) {
        let hour_from_start = row as i64 - WARM_UP as i64;
        let stamp = start + hour_from_start * 3_600;
        // Weather comes in spells of about four days, with an hourly ripple on top.
        spell = 0.99 * spell + 0.45 * draws.normal();
        weather = 0.9 * weather + 0.2 * draws.normal();
        disturbance = 0.85 * disturbance + 12.0 * draws.normal();
        let now = season_of_temperature(stamp) + spell + weather;
        let felt = walls.map_or(now, |before| before + (now - before) / 24.0);
        walls = Some(felt);
        if hour_from_start >= 0 {
            let heating = 25.0 * (15.0 - felt).max(0.0);
            let cooling = 9.0 * (felt - 20.0).max(0.0);
            let megawatts =
                900.0 + habits(stamp) + heating + cooling + disturbance + 6.0 * draws.normal();
            stamps.push(stamp);
            load.push(rounded(megawatts.max(0.0)));
            temperature.push(rounded(now));
        }
    }
    Table {
        names: vec!["load".to_owned(), "temperature".to_owned()],
        columns: vec![load, temperature],
        time: Some(TimeAxis::new("time", stamps, StampFormat::ISO)),
    }
}

/// Temperature (°C) of the day of the year and the hour, without weather: coldest in mid-January
/// and before dawn.
fn season_of_temperature(stamp: i64) -> f64 {
    let days = stamp as f64 / DAY as f64;
    let hour = hour_of_day(stamp);
    let year = libm::cos(std::f64::consts::TAU * (days - 15.0) / 365.25);
    let day = libm::cos(std::f64::consts::TAU * (hour - 15.0) / 24.0);
    12.0 - 8.5 * year + 3.5 * day
}

/// Load (MW) that follows from the hour and the day alone.
fn habits(stamp: i64) -> f64 {
    let hour = hour_of_day(stamp);
    // The day before fades out until six in the morning, so that no midnight has a step in it.
    let today = (hour / 6.0).min(1.0);
    today * of_day(weekday(stamp), hour) + (1.0 - today) * of_day(weekday(stamp - DAY), hour)
}

/// Load (MW) of a day of the week (0 is Monday) at an hour.
fn of_day(weekday: u32, hour: f64) -> f64 {
    // The distance from a peak goes round midnight too.
    let peak = |at: f64, width: f64| {
        let apart = (hour - at).abs().min(24.0 - (hour - at).abs());
        libm::exp(-0.5 * (apart / width) * (apart / width))
    };
    match weekday {
        5 => 60.0 + 160.0 * peak(12.0, 3.5) + 170.0 * peak(19.5, 2.5),
        6 => 130.0 * peak(12.5, 3.5) + 180.0 * peak(19.5, 2.5),
        _ => 110.0 + 300.0 * peak(9.0, 2.5) + 150.0 * peak(14.0, 3.0) + 260.0 * peak(19.0, 2.2),
    }
}

fn hour_of_day(stamp: i64) -> f64 {
    stamp.rem_euclid(DAY) as f64 / 3_600.0
}

/// To one digit after the point, as a meter writes it.
fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint;

    fn csv(seed: u64, hours: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_csv(&load(seed, hours), &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_seed_gives_the_same_bytes_on_every_machine() {
        // Recorded from this very generator: it changes only if the data of every seed changes.
        assert_eq!(
            fingerprint::bytes(&csv(1, 2_000)),
            "eb90b7f80eddf9ccebe590ee96e8be52ee6ae3a1e1f5a8f327a6b13256aaea0b"
        );
        assert_ne!(csv(1, 50), csv(2, 50));
        let (long, short) = (csv(7, 300), csv(7, 200));
        assert!(long.starts_with(&short), "more hours only add rows");
    }

    #[test]
    fn what_is_generated_can_be_read() {
        let (table, _) =
            crate::read_bytes("load.csv".as_ref(), &csv(3, 500), &Default::default()).unwrap();
        assert_eq!(table, load(3, 500));
        assert_eq!(load(3, 0).rows(), 0);
    }

    #[test]
    fn the_load_has_its_day_its_week_and_its_winter() {
        let table = load(5, 2 * 8_766);
        let load = table.column("load").unwrap();
        for seed in 0..5 {
            let year = super::load(seed, 8_766).columns;
            assert!(
                year[0].iter().all(|mw| (700.0..2_200.0).contains(mw)),
                "seed {seed}"
            );
        }
        // Mean error of the value so many hours before.
        let error = |lag: usize| {
            let apart = load[lag..]
                .iter()
                .zip(load)
                .map(|(now, before)| (now - before).abs());
            apart.sum::<f64>() / (load.len() - lag) as f64
        };
        assert!(error(24) < 0.6 * error(12), "{} {}", error(24), error(12));
        assert!(error(168) < 0.9 * error(24), "{} {}", error(168), error(24));
        let mean = |rows: std::ops::Range<usize>| {
            let count = rows.len() as f64;
            load[rows].iter().sum::<f64>() / count
        };
        assert!(
            mean(0..1_400) > 1.15 * mean(4_000..5_400),
            "January against July"
        );
    }
}
