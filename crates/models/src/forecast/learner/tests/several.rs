//! One model for several series.

use super::*;

/// Many short series at other levels, one model.
fn many() -> Panel {
    let mut panel = waves(90);
    let one = panel.series.remove(0);
    panel.series_column = Some("shop".into());
    for (number, level) in [1.0, 100.0, 10_000.0].into_iter().enumerate() {
        let mut series = one.clone();
        series.name = format!("shop {number}");
        for value in series.targets.iter_mut().flatten() {
            *value *= level;
        }
        series.statics = vec![["north", "south"][number % 2].into()];
        panel.series.push(series);
    }
    panel.roles.statics = vec!["region".into()];
    panel
}

#[test]
fn one_model_forecasts_many_series_each_in_its_own_units_and_new_ones_too() {
    let panel = many();
    let options = ForecastOptions {
        split: Some("0.6,0.2,0.2".into()),
        recurrent: RecurrentOptions {
            hidden: Some(16),
            layers: Some(1),
            dropout: Some(0.0),
            ..options().recurrent
        },
        training: TrainingOptions {
            lr: Some(0.02),
            epochs: Some(20),
            ..options().training
        },
        ..options()
    };
    let run = train_on(&options, &panel, None, false);
    let forecaster = Forecaster::open(&run.folder, &Device::default()).unwrap();
    let mut newcomer = panel.series[1].clone();
    newcomer.name = "new shop".into();
    newcomer.statics = vec!["east".into()];
    let asked = Panel {
        series: vec![panel.series[2].clone(), newcomer],
        ..panel.clone()
    };
    let forecasts = forecaster.forecast(&asked).unwrap();
    assert_eq!(forecasts[0].0, "shop 2");
    for ((_, table), level) in forecasts.iter().zip([10_000.0, 100.0]) {
        let truth = &waves(93).series[0].targets[0][90..];
        for (value, truth) in table.columns[0].iter().zip(truth) {
            assert!(
                (value / level - truth).abs() < 1.0,
                "{value} for {}",
                truth * level
            );
        }
    }
}

#[test]
fn a_known_column_must_reach_over_the_horizon_and_helps_where_it_says_everything() {
    let rows = 160;
    let mut panel = waves(rows);
    // What comes cannot be told from the past, but the known column says it.
    let mut draws = Stream::new(5, "known").generator();
    let known: Vec<f64> = (0..rows).map(|_| draws.normal()).collect();
    panel.series[0].targets = vec![known.clone()];
    panel.series[0].known = vec![known];
    panel.roles.targets.truncate(1);
    panel.roles.known = vec!["plan".into()];
    for head in [Head::Direct, Head::Decoder] {
        let options = ForecastOptions {
            head: Some(head),
            season: Some(12),
            subtract_last: Some(false),
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
                ..options().training
            },
            ..options()
        };
        let run = train_on(&options, &panel, None, false);
        let forecaster = Forecaster::open(&run.folder, &Device::default()).unwrap();
        let evaluation = evaluated(&forecaster, &panel, 130..160);
        let mae = evaluation.methods[0].overall.mae;
        assert!(mae < 0.3, "{head}: {mae}");
        let error = forecaster.forecast(&panel).unwrap_err().to_string();
        assert!(error.contains("the forecast needs them for 3"), "{error}");
        let mut ahead = panel.clone();
        ahead.series[0].targets[0][157..].fill(f64::NAN);
        let forecast = forecaster.forecast(&ahead).unwrap();
        for (value, truth) in forecast[0].1.columns[0]
            .iter()
            .zip(&panel.series[0].targets[0][157..])
        {
            assert!((value - truth).abs() < 1.0, "{value} for {truth}");
        }
    }
}
