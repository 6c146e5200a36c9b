//! The naive forecasts and the measures give the figures that are published, or were computed
//! apart, for public data sets. They lie beside the repository (`../shared/data`, whose README
//! names the source of each figure); where they do not, these tests say that they did not run.

use std::path::Path;

use ressac_data::split::Split;
use ressac_data::window::Windows;
use ressac_data::{ColumnRef, ReadOptions, Table, read_bytes, read_table};
use ressac_stats::forecast::{
    mae, mape, mase, mse, naive2, owa, repeat_last, rmse, seasonal_naive, smape,
};

#[path = "../../data/tests/development/mod.rs"]
mod development;

use development::folder;

#[track_caller]
fn read(path: &Path) -> Table {
    match read_table(path, &ReadOptions::default()) {
        Ok((table, _)) => table,
        Err(error) => panic!("{error}"),
    }
}

/// Rounded to so many digits after the point, as the figures are told.
#[track_caller]
fn told(found: f64, digits: usize, figure: &str) {
    assert_eq!(format!("{found:.digits$}"), figure);
}

/// MSE and MAE of repeat-last over all test windows and columns, on z-scores of the training part.
fn repeat_last_on_z_scores(table: &Table, split: &Split, windows: Windows) -> (f64, f64) {
    let (mut forecast, mut truth) = (Vec::new(), Vec::new());
    for column in &table.columns {
        let train = &column[split.train.clone()];
        let mean = train.iter().sum::<f64>() / train.len() as f64;
        let variance = train.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / train.len() as f64;
        let scores: Vec<f64> = column
            .iter()
            .map(|v| (v - mean) / variance.sqrt())
            .collect();
        for origin in windows.origins(split.test.clone()) {
            forecast.extend(repeat_last(
                &scores[windows.context_of(origin)],
                windows.horizon,
            ));
            truth.extend_from_slice(&scores[windows.horizon_of(origin)]);
        }
    }
    (mse(&forecast, &truth), mae(&forecast, &truth))
}

#[test]
fn repeat_last_on_etth1_has_its_published_error() {
    let Some(folder) = folder() else { return };
    let table = read(&folder.join("etth1/ETTh1.csv"));
    let split = Split::parse("8640,2880,2880", table.rows()).unwrap();
    let (mse, mae) = repeat_last_on_z_scores(&table, &split, Windows::new(336, 96));
    told(mse, 3, "1.294");
    told(mae, 3, "0.713");
}

#[test]
fn repeat_last_on_the_exchange_rates_has_its_published_error() {
    let Some(folder) = folder() else { return };
    let table = read(&folder.join("exchange_rate/exchange_rate.txt.gz"));
    let split = Split::parse("0.7,0.1,0.2", table.rows()).unwrap();
    let (mse, mae) = repeat_last_on_z_scores(&table, &split, Windows::new(336, 96));
    told(mse, 3, "0.081");
    told(mae, 3, "0.196");
}

/// One step ahead over the last rows of a series, each forecast from all the rows before it.
fn one_step(
    series: &[f64],
    last: usize,
    forecast: impl Fn(&[f64]) -> Vec<f64>,
) -> (Vec<f64>, Vec<f64>) {
    let start = series.len() - last;
    let forecasts = (start..series.len())
        .flat_map(|row| forecast(&series[..row]))
        .collect();
    (forecasts, series[start..].to_vec())
}

#[test]
fn the_airline_passengers_have_their_known_naive_errors() {
    let Some(folder) = folder() else { return };
    let table = read(&folder.join("classic_series/airline-passengers.csv"));
    let passengers = &table.columns[0];
    let (forecast, truth) = one_step(passengers, 48, |context| repeat_last(context, 1));
    told(rmse(&forecast, &truth), 2, "48.04");
    let (forecast, truth) = one_step(passengers, 48, |context| seasonal_naive(context, 12, 1));
    told(rmse(&forecast, &truth), 2, "41.85");
}

#[test]
fn the_sunspots_have_their_known_persistence_error() {
    let Some(folder) = folder() else { return };
    let table = read(&folder.join("classic_series/monthly-sunspots.csv"));
    let last = table.rows() / 5;
    let (forecast, truth) = one_step(&table.columns[0], last, |context| repeat_last(context, 1));
    told(rmse(&forecast, &truth), 2, "20.09");
}

#[test]
fn m4_hourly_has_its_published_naive_errors() {
    let Some(folder) = folder() else { return };
    let train = read(&folder.join("m4_hourly/Hourly-train.csv"));
    let test = read(&folder.join("m4_hourly/Hourly-test.csv"));
    let series = |table: &Table, row: usize| -> Vec<f64> {
        let values = table.columns.iter().map(|column| column[row]);
        values.filter(|value| !value.is_nan()).collect()
    };
    let count = train.rows();
    assert_eq!((count, test.rows()), (414, 414));
    // Mean sMAPE and MASE over the series of: repeat-last, seasonal-naive, naive 2.
    let mut means = [(0.0, 0.0); 3];
    for row in 0..count {
        let (context, truth) = (series(&train, row), series(&test, row));
        let forecasts = [
            repeat_last(&context, 48),
            seasonal_naive(&context, 24, 48),
            naive2(&context, 24, 48),
        ];
        for (mean, forecast) in means.iter_mut().zip(&forecasts) {
            mean.0 += smape(forecast, &truth) / count as f64;
            mean.1 += mase(forecast, &truth, &context, 24) / count as f64;
        }
    }
    let [naive, seasonal, naive2] = means;
    told(naive.0, 3, "43.003");
    told(naive.1, 2, "11.61");
    told(seasonal.0, 3, "13.912");
    told(seasonal.1, 3, "1.193");
    told(naive2.0, 2, "18.38");
    told(naive2.1, 3, "2.395");
    told(owa(seasonal.0, seasonal.1, naive2.0, naive2.1), 3, "0.628");
}

/// The hourly values of a year of the French load, in order.
fn hourly_load(folder: &Path, year: u32) -> Vec<f64> {
    let path = folder.join(format!("rte_load_fr/rte_{year}.csv"));
    let text = std::fs::read_to_string(&path).unwrap();
    let rows = text
        .lines()
        .skip(1)
        .filter_map(|line| line.rsplit_once(';'));
    let hours = rows.filter(|(time, _)| time.ends_with(":00"));
    let values: String = hours.map(|(_, value)| format!("{value}\n")).collect();
    let options = ReadOptions {
        columns: Some(vec![ColumnRef::Number(1)]),
        ..ReadOptions::default()
    };
    let (table, _) = read_bytes(&path, values.as_bytes(), &options).unwrap();
    table.columns[0].clone()
}

#[test]
fn the_french_load_of_2018_has_its_known_naive_errors() {
    let Some(folder) = folder() else { return };
    let before = hourly_load(&folder, 2017);
    let load: Vec<f64> = before
        .iter()
        .copied()
        .chain(hourly_load(&folder, 2018))
        .collect();
    let truth = &load[before.len()..];
    assert_eq!(truth.len(), 8_760);
    for (lag, percent, megawatts) in [
        (1, "3.70", "2456"),
        (24, "5.80", "4566"),
        (168, "7.04", "5986"),
    ] {
        let forecast = &load[before.len() - lag..load.len() - lag];
        told(mape(forecast, truth), 2, percent);
        told(rmse(forecast, truth), 0, megawatts);
    }
}
