//! What a forecaster's network promises whatever its weights.

use burn::tensor::{Device, Tensor, TensorData};

use ressac_nn::random::Stream;

use super::*;
use crate::forecast::choices::{Head, Loss};
use crate::forecast::{ForecastOptions, resolve};
use crate::options::{RecurrentConfig, RecurrentOptions};
use ressac_data::panel::{Layout, Panel, Roles, Series};

const CONTEXT: usize = 14;
const HORIZON: usize = 5;
const TARGETS: usize = 3;
const KNOWN: usize = 2;

fn config(change: impl FnOnce(&mut ForecastOptions)) -> ForecastConfig {
    let mut options = ForecastOptions {
        horizon: Some(HORIZON),
        context: Some(CONTEXT),
        segment: Some(4),
        lags: Some(vec![7, 13]),
        recurrent: RecurrentOptions {
            hidden: Some(11),
            ..RecurrentOptions::default()
        },
        ..ForecastOptions::default()
    };
    change(&mut options);
    if options.model == Some(ModelKind::Segment) {
        options.lags = None;
    }
    let panel = Panel {
        roles: Roles {
            targets: vec!["a".into(), "b".into(), "c".into()],
            ..Roles::default()
        },
        series_column: None,
        layout: Layout::Long,
        series: vec![Series {
            name: String::new(),
            time: None,
            targets: vec![vec![0.0; 200]; TARGETS],
            known: vec![],
            past: vec![],
            statics: vec![],
        }],
    };
    resolve(&options, &panel).unwrap().config
}

/// One configuration of each network, head and loss.
fn every() -> Vec<ForecastConfig> {
    let mut configs = Vec::new();
    for model in [
        ModelKind::Rnn,
        ModelKind::Lstm,
        ModelKind::Gru,
        ModelKind::Segment,
    ] {
        for head in [Head::Direct, Head::Decoder] {
            for loss in [Loss::Mse, Loss::Quantile] {
                configs.push(config(|options| {
                    options.model = Some(model);
                    options.head = Some(head);
                    options.loss = Some(loss);
                }));
            }
        }
    }
    configs
}

fn draws(seed: u64, count: usize) -> Vec<f32> {
    let mut generator = Stream::new(seed, "test").generator();
    (0..count).map(|_| generator.normal() as f32).collect()
}

fn batch(values: &[f32], known: &[f32]) -> Batch {
    let windows = values.len() / (CONTEXT * TARGETS);
    let device = Device::default();
    Batch {
        values: Tensor::from_data(
            TensorData::new(values.to_vec(), [windows, CONTEXT, TARGETS]),
            &device,
        ),
        observed: None,
        past: None,
        known: Some(Tensor::from_data(
            TensorData::new(known.to_vec(), [windows, CONTEXT + HORIZON, KNOWN]),
            &device,
        )),
    }
}

fn forecast(config: &ForecastConfig, values: &[f32], known: &[f32]) -> Vec<f32> {
    let widths = Widths {
        targets: TARGETS,
        masked: false,
        past: 0,
        known: KNOWN,
    };
    let stream = Stream::new(1, "weights");
    let network = ForecastNetwork::new(config, widths, &stream, &Device::default()).unwrap();
    let forecast = network.forward(batch(values, known), None).unwrap();
    let windows = values.len() / (CONTEXT * TARGETS);
    let outputs = config.quantiles.len().max(1);
    assert_eq!(forecast.dims(), [windows, HORIZON, TARGETS, outputs]);
    forecast.into_data().iter::<f32>().collect()
}

const VALUES: usize = CONTEXT * TARGETS;
const KNOWNS: usize = (CONTEXT + HORIZON) * KNOWN;

#[test]
fn the_network_cut_at_its_encoders_state_forecasts_the_same_bits() {
    let (values, known) = (draws(2, 4 * VALUES), draws(3, 4 * KNOWNS));
    for config in every() {
        let widths = Widths {
            targets: TARGETS,
            masked: false,
            past: 0,
            known: KNOWN,
        };
        let stream = Stream::new(1, "weights");
        let network = ForecastNetwork::new(&config, widths, &stream, &Device::default()).unwrap();
        let batch = batch(&values, &known);
        let input = network.encoder_input(batch.clone()).unwrap();
        let state = network.encode(input).unwrap();
        let cut = network.forward_from(batch, state).unwrap();
        let cut: Vec<f32> = cut.into_data().iter::<f32>().collect();
        assert_eq!(
            cut,
            forecast(&config, &values, &known),
            "{} {}",
            config.model,
            config.head
        );
    }
}

#[test]
fn a_window_is_forecast_to_the_same_bits_alone_and_among_others() {
    let (values, known) = (draws(2, 7 * VALUES), draws(3, 7 * KNOWNS));
    for config in every() {
        let all = forecast(&config, &values, &known);
        let each = all.len() / 7;
        for window in [0, 3, 6] {
            let alone = forecast(
                &config,
                &values[window * VALUES..(window + 1) * VALUES],
                &known[window * KNOWNS..(window + 1) * KNOWNS],
            );
            assert_eq!(
                alone,
                all[window * each..(window + 1) * each],
                "{} {} {}",
                config.model,
                config.head,
                config.loss
            );
        }
    }
}

#[test]
fn quantiles_never_cross() {
    let (values, known) = (draws(4, 20 * VALUES), draws(5, 20 * KNOWNS));
    for config in every() {
        let outputs = config.quantiles.len().max(1);
        for quantiles in forecast(&config, &values, &known).chunks(outputs) {
            assert!(quantiles.is_sorted(), "{}: {quantiles:?}", config.model);
        }
    }
}

/// The largest difference between a forecast of changed values and the change of a forecast.
fn apart(config: &ForecastConfig, change: impl Fn(f32) -> f32) -> f32 {
    let (values, known) = (draws(6, 3 * VALUES), draws(7, 3 * KNOWNS));
    let changed: Vec<f32> = values.iter().map(|value| change(*value)).collect();
    let before = forecast(config, &values, &known);
    let after = forecast(config, &changed, &known);
    before
        .iter()
        .zip(&after)
        .map(|(before, after)| (change(*before) - after).abs())
        .fold(0.0, f32::max)
}

#[test]
fn a_forecast_follows_the_level_where_the_last_value_is_taken_off() {
    for config in every() {
        let found = apart(&config, |value| value + 3.0);
        assert!(found < 1e-4, "{} {}: {found}", config.model, config.head);
    }
}

#[test]
fn a_forecast_follows_level_and_scale_where_each_window_is_normalised() {
    for model in [ModelKind::Gru, ModelKind::Segment] {
        let config = config(|options| {
            options.model = Some(model);
            options.scale = Some(Scale::Reversible);
        });
        assert!(!config.subtract_last);
        let found = apart(&config, |value| 20.0 * value - 7.0);
        assert!(found < 2e-2, "{model}: {found}");
    }
}

#[test]
fn segments_of_one_column_know_nothing_of_the_others() {
    let config = config(|options| options.model = Some(ModelKind::Segment));
    let (values, known) = (draws(8, VALUES), draws(9, KNOWNS));
    let mut changed = values.clone();
    for row in changed.chunks_mut(TARGETS) {
        row[1] += 5.0 * row[0];
    }
    let (before, after) = (
        forecast(&config, &values, &known),
        forecast(&config, &changed, &known),
    );
    let outputs = config.quantiles.len();
    for (place, (before, after)) in before.iter().zip(&after).enumerate() {
        let same = place / outputs % TARGETS != 1;
        assert_eq!(before == after, same, "output {place}");
    }
}

#[test]
fn the_future_of_known_columns_is_read_step_by_step() {
    for config in every() {
        let (values, known) = (draws(10, VALUES), draws(11, KNOWNS));
        let mut changed = known.clone();
        // The last step of the horizon.
        changed[KNOWNS - 1] += 1.0;
        let before = forecast(&config, &values, &known);
        let after = forecast(&config, &values, &changed);
        let step = before.len() / HORIZON;
        assert_ne!(
            before[(HORIZON - 1) * step..],
            after[(HORIZON - 1) * step..]
        );
        // A segment is read as a whole.
        if config.model != ModelKind::Segment {
            assert_eq!(
                before[..(HORIZON - 1) * step],
                after[..(HORIZON - 1) * step]
            );
        }
    }
}

#[test]
fn the_size_told_beforehand_is_that_of_the_network() {
    use burn::module::Module;
    for config in every() {
        for (layers, masked, past, known) in [(1, false, 0, 0), (3, true, 2, 5)] {
            let config = ForecastConfig {
                recurrent: RecurrentConfig {
                    layers,
                    ..config.recurrent.clone()
                },
                ..config.clone()
            };
            let widths = Widths {
                targets: TARGETS,
                masked,
                past,
                known,
            };
            let stream = Stream::new(1, "weights");
            let network = ForecastNetwork::new(&config, widths, &stream, &Device::default());
            assert_eq!(
                ForecastNetwork::parameters(&config, widths),
                network.unwrap().num_params(),
                "{config:?}"
            );
        }
    }
    let mut config = every()[0].clone();
    config.recurrent.hidden = usize::MAX / 2;
    let widths = Widths {
        targets: TARGETS,
        masked: false,
        past: 0,
        known: 0,
    };
    assert_eq!(ForecastNetwork::parameters(&config, widths), usize::MAX);
}
