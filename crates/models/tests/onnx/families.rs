//! Every family and everything it may read: the file gives what `predict` gives.

use ressac_models::forecast::{ForecastOptions, Head, Loss, ModelKind, Scale};
use ressac_models::options::RecurrentOptions;

use crate::cases::agrees;
use crate::made::{Making, forecaster};

/// An hour of 2 December 2024, a Monday.
const MONDAY: i64 = 1_733_097_600;

fn options(model: ModelKind) -> ForecastOptions {
    ForecastOptions {
        model: Some(model),
        horizon: Some(5),
        context: Some(30),
        recurrent: RecurrentOptions {
            hidden: Some(6),
            ..RecurrentOptions::default()
        },
        ..ForecastOptions::default()
    }
}

fn names(inputs: &[ressac_nn::onnx::Port]) -> Vec<&str> {
    inputs.iter().map(|port| port.name.as_str()).collect()
}

#[test]
fn a_decoder_with_calendar_holidays_lags_and_calibration() {
    let panel = Making {
        clock: Some((MONDAY, 3_600)),
        rows: 600,
        ..Making::default()
    }
    .panel();
    let options = ForecastOptions {
        holidays: Some("FR".into()),
        ..options(ModelKind::Gru)
    };
    let forecaster = forecaster(&panel, &options, true);
    assert_eq!(forecaster.config().lags, [24]);
    let file = agrees("gru-decoder", &forecaster, &panel, &[30, 101, 555]);
    assert_eq!(names(&file.inputs), ["values", "time"]);
}

#[test]
fn a_direct_head_with_past_and_known_columns_and_missing_values() {
    let panel = Making {
        targets: 3,
        past: 2,
        known: 1,
        missing: Some(7),
        ahead: 5,
        ..Making::default()
    }
    .panel();
    let options = ForecastOptions {
        head: Some(Head::Direct),
        lags: Some(vec![5, 30]),
        quantiles: Some(vec![0.05, 0.25, 0.5, 0.95]),
        recurrent: RecurrentOptions {
            layers: Some(2),
            ..options(ModelKind::Lstm).recurrent
        },
        ..options(ModelKind::Lstm)
    };
    let forecaster = forecaster(&panel, &options, true);
    let file = agrees("lstm-direct", &forecaster, &panel, &[30, 37, 200]);
    assert_eq!(names(&file.inputs), ["values", "observed", "past", "known"]);
}

#[test]
fn a_plain_head_of_one_value_whose_interval_comes_from_the_calibration() {
    let panel = Making {
        targets: 2,
        ..Making::default()
    }
    .panel();
    let options = ForecastOptions {
        loss: Some(Loss::Mse),
        ..options(ModelKind::Rnn)
    };
    for calibrated in [true, false] {
        let forecaster = forecaster(&panel, &options, calibrated);
        let name = if calibrated {
            "rnn-plain"
        } else {
            "rnn-plain-raw"
        };
        let file = agrees(name, &forecaster, &panel, &[40, 250]);
        assert_eq!(names(&file.inputs), ["values"]);
        assert_eq!(
            file.outputs[0].shape[3].to_string(),
            if calibrated { "3" } else { "1" }
        );
    }
}

#[test]
fn several_series_each_on_its_own_scale_with_static_columns() {
    let panel = Making {
        series: 4,
        targets: 2,
        statics: true,
        ..Making::default()
    }
    .panel();
    let forecaster = forecaster(&panel, &options(ModelKind::Lstm), true);
    let file = agrees("lstm-series", &forecaster, &panel, &[30, 120]);
    assert_eq!(names(&file.inputs), ["values", "statics", "series"]);
    let property = |name: &str| {
        let found = file.properties.iter().find(|(found, _)| found == name);
        found.unwrap().1.as_str()
    };
    assert_eq!(
        property("statics"),
        r#"["size","region=north","region=south","region=west"]"#
    );
    assert_eq!(
        property("series"),
        r#"["shop 0","shop 1","shop 2","shop 3"]"#
    );
}

#[test]
fn several_series_on_one_scale_need_to_be_told_apart_for_the_calibration_only() {
    let panel = Making {
        series: 3,
        ..Making::default()
    }
    .panel();
    let options = ForecastOptions {
        scale: Some(Scale::Standard),
        ..options(ModelKind::Gru)
    };
    let calibrated = agrees(
        "gru-pooled",
        &forecaster(&panel, &options, true),
        &panel,
        &[50],
    );
    assert_eq!(names(&calibrated.inputs), ["values", "series"]);
    let raw = agrees(
        "gru-pooled-raw",
        &forecaster(&panel, &options, false),
        &panel,
        &[50],
    );
    assert_eq!(names(&raw.inputs), ["values"]);
}

#[test]
fn a_scale_of_each_window_is_put_back_after_the_network() {
    let panel = Making {
        series: 2,
        targets: 2,
        missing: Some(9),
        ..Making::default()
    }
    .panel();
    let options = ForecastOptions {
        scale: Some(Scale::Reversible),
        ..options(ModelKind::Gru)
    };
    agrees(
        "gru-reversible",
        &forecaster(&panel, &options, true),
        &panel,
        &[31, 99],
    );
    let options = ForecastOptions {
        subtract_last: Some(true),
        ..options
    };
    agrees(
        "gru-reversible-last",
        &forecaster(&panel, &options, true),
        &panel,
        &[31, 99],
    );
}

#[test]
fn segments_that_divide_neither_context_nor_horizon_with_everything_beside_them() {
    let panel = Making {
        series: 2,
        targets: 3,
        past: 1,
        known: 2,
        statics: true,
        missing: Some(8),
        clock: Some((MONDAY, 3_600)),
        ahead: 5,
        ..Making::default()
    }
    .panel();
    let options = ForecastOptions {
        segment: Some(4),
        calendar: Some(true),
        recurrent: RecurrentOptions {
            layers: Some(2),
            hidden: Some(7),
            ..options(ModelKind::Segment).recurrent
        },
        ..options(ModelKind::Segment)
    };
    let forecaster = forecaster(&panel, &options, true);
    let file = agrees("segment", &forecaster, &panel, &[30, 38, 180]);
    assert_eq!(
        names(&file.inputs),
        [
            "values", "observed", "past", "known", "time", "statics", "series"
        ]
    );
}

#[test]
fn segments_of_values_alone() {
    let panel = Making {
        targets: 2,
        ..Making::default()
    }
    .panel();
    let options = ForecastOptions {
        segment: Some(5),
        scale: Some(Scale::Reversible),
        ..options(ModelKind::Segment)
    };
    let file = agrees(
        "segment-plain",
        &forecaster(&panel, &options, true),
        &panel,
        &[77, 200],
    );
    assert_eq!(names(&file.inputs), ["values"]);
}

#[test]
fn the_calendar_is_right_before_1970_in_leap_years_and_outside_the_years_with_known_holidays() {
    const DAY: i64 = 86_400;
    // From 1967 to 2008: ends of years, leap days, and the first years with known holidays.
    let panel = Making {
        clock: Some((-3 * 365 * DAY, DAY)),
        rows: 15_000,
        ..Making::default()
    }
    .panel();
    let options = ForecastOptions {
        holidays: Some("FR".into()),
        lags: Some(vec![]),
        split: Some("0.98,0.01,0.01".into()),
        ..options(ModelKind::Gru)
    };
    let forecaster = forecaster(&panel, &options, false);
    let origins: Vec<usize> = (30..15_000).step_by(31).collect();
    agrees("calendar-days", &forecaster, &panel, &origins);

    // Six-hourly, over the change of a century that is a leap year.
    let panel = Making {
        clock: Some((941_000_400, 21_600)),
        rows: 2_500,
        ..Making::default()
    }
    .panel();
    let forecaster = crate::made::forecaster(&panel, &options, false);
    let origins: Vec<usize> = (30..2_500).step_by(29).collect();
    agrees("calendar-hours", &forecaster, &panel, &origins);

    // Of ten minutes, where the hour has a wave of its own.
    let panel = Making {
        clock: Some((MONDAY, 600)),
        ..Making::default()
    }
    .panel();
    let options = ForecastOptions {
        holidays: None,
        ..options
    };
    let forecaster = crate::made::forecaster(&panel, &options, false);
    agrees("calendar-minutes", &forecaster, &panel, &[31, 32, 99]);

    // Monthly: no weekday, no holiday, stamps unevenly apart in seconds.
    let mut panel = Making {
        clock: Some((0, DAY)),
        ..Making::default()
    }
    .panel();
    let stamps = (0..300)
        .map(|month| {
            ressac_data::civil::days_from_date(ressac_data::civil::Date {
                year: 1985 + month / 12,
                month: 1 + (month % 12) as u32,
                day: 1,
            }) * DAY
        })
        .collect();
    panel.series[0].time = Some(ressac_data::TimeAxis::new(
        "month",
        stamps,
        ressac_data::StampFormat::ISO,
    ));
    let forecaster = crate::made::forecaster(&panel, &options, false);
    agrees("calendar-months", &forecaster, &panel, &[31, 150]);
}
