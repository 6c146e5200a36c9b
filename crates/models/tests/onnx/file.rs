//! What the file says of itself.

use ressac_models::forecast::{ForecastOptions, ModelKind};
use ressac_models::options::RecurrentOptions;

use crate::made::{Making, forecaster};

#[test]
fn ports_and_metadata_name_what_a_user_must_know() {
    let panel = Making {
        targets: 2,
        known: 1,
        ahead: 3,
        clock: Some((0, 3_600)),
        ..Making::default()
    }
    .panel();
    let options = ForecastOptions {
        model: Some(ModelKind::Gru),
        horizon: Some(3),
        context: Some(24),
        recurrent: RecurrentOptions {
            hidden: Some(4),
            ..RecurrentOptions::default()
        },
        ..ForecastOptions::default()
    };
    let file = forecaster(&panel, &options, true).to_onnx().unwrap();
    let ports: Vec<String> = file
        .inputs
        .iter()
        .chain(&file.outputs)
        .map(|port| port.to_string())
        .collect();
    assert_eq!(
        ports,
        [
            "values float64 [batch, 24, 2]",
            "known float64 [batch, 27, 1]",
            "time int64 [batch, 27]",
            "forecast float64 [batch, 3, 2, 3]",
        ]
    );
    let properties: Vec<(&str, &str)> = file
        .properties
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    for expected in [
        ("ressac", env!("CARGO_PKG_VERSION")),
        ("task", "forecast"),
        ("context", "24"),
        ("horizon", "3"),
        ("step", "1 hour"),
        ("targets", r#"["load0","load1"]"#),
        ("known", r#"["price0"]"#),
        ("quantiles", "[0.1,0.5,0.9]"),
    ] {
        assert!(
            properties.contains(&expected),
            "{expected:?} in {properties:?}"
        );
    }
}

#[test]
fn the_same_forecaster_gives_the_same_bytes() {
    let panel = Making::default().panel();
    let options = ForecastOptions {
        horizon: Some(3),
        recurrent: RecurrentOptions {
            hidden: Some(4),
            ..RecurrentOptions::default()
        },
        ..ForecastOptions::default()
    };
    let forecaster = forecaster(&panel, &options, false);
    assert_eq!(
        forecaster.to_onnx().unwrap().bytes,
        forecaster.to_onnx().unwrap().bytes
    );
}
