//! From a panel to the inputs of an exported file, as a user of the file would make them.

use ressac_data::TimeAxis;
use ressac_data::panel::{Panel, Series};
use ressac_models::forecast::{Forecaster, StaticScale, Window};
use ressac_nn::onnx::{Port, Values};

/// An array with its name.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Values,
}

/// The inputs for some windows of a panel, in the order of `ports`.
pub(crate) fn inputs(
    forecaster: &Forecaster,
    panel: &Panel,
    ports: &[Port],
    windows: &[Window],
) -> Vec<Named> {
    ports
        .iter()
        .map(|port| {
            let values = of_port(forecaster, panel, &port.name, windows);
            let count = match &values {
                Values::F64(values) => values.len(),
                Values::I64(values) => values.len(),
                Values::Bool(values) => values.len(),
                other => panic!("{}: {:?}", port.name, other.element()),
            };
            assert_eq!(values.element(), port.element, "{}", port.name);
            let mut shape = vec![windows.len()];
            for size in &port.shape[1..] {
                shape.push(size.to_string().parse().unwrap());
            }
            assert_eq!(count, shape.iter().product::<usize>(), "{}", port.name);
            Named {
                name: port.name.clone(),
                shape,
                values,
            }
        })
        .collect()
}

fn of_port(forecaster: &Forecaster, panel: &Panel, name: &str, windows: &[Window]) -> Values {
    let (config, pipeline) = (forecaster.config(), forecaster.pipeline());
    let context = |window: &Window| window.origin - config.context..window.origin;
    let whole = |window: &Window| window.origin - config.context..window.origin + config.horizon;
    // Row after row, a value missing at the start replaced by the one before the context.
    let columns = |columns: fn(&Series) -> &Vec<Vec<f64>>,
                   rows: &dyn Fn(&Window) -> std::ops::Range<usize>| {
        let mut values = Vec::new();
        for window in windows {
            let columns = columns(&panel.series[window.series]);
            let rows = rows(window);
            for row in rows.clone() {
                for column in columns {
                    let before = column[..=row].iter().rev().find(|value| !value.is_nan());
                    values.push(match before {
                        Some(value) if row == rows.start => *value,
                        _ => column[row],
                    });
                }
            }
        }
        Values::F64(values)
    };
    match name {
        "values" => columns(|series| &series.targets, &context),
        "past" => columns(|series| &series.past, &context),
        "known" => columns(|series| &series.known, &whole),
        "observed" => {
            let mut there = Vec::new();
            for window in windows {
                for row in context(window) {
                    let targets = &panel.series[window.series].targets;
                    there.extend(targets.iter().map(|column| !column[row].is_nan()));
                }
            }
            Values::Bool(there)
        }
        "time" => {
            let mut stamps = Vec::new();
            for window in windows {
                stamps.extend_from_slice(
                    &times(&panel.series[window.series], config.horizon)[whole(window)],
                );
            }
            Values::I64(stamps)
        }
        "statics" => {
            let mut values = Vec::new();
            for window in windows {
                let cells = &panel.series[window.series].statics;
                for ((_, scale), cell) in pipeline.statics.iter().zip(cells) {
                    match scale {
                        StaticScale::Number(_) => values.push(cell.parse().unwrap()),
                        StaticScale::Words(words) => {
                            values
                                .extend(words.iter().map(|word| f64::from(u8::from(word == cell))));
                        }
                    }
                }
            }
            Values::F64(values)
        }
        "series" => {
            let place = |window: &Window| {
                let name = &panel.series[window.series].name;
                pipeline.own.keys().position(|key| key == name).unwrap() as i64
            };
            Values::I64(windows.iter().map(place).collect())
        }
        other => panic!("an input `{other}` that is not documented"),
    }
}

/// The times of a series and of the horizon after its last value.
fn times(series: &Series, horizon: usize) -> Vec<i64> {
    let axis = series.time.as_ref().unwrap();
    let observed = TimeAxis {
        stamps: axis.stamps[..series.observed()].to_vec(),
        ..axis.clone()
    };
    let mut stamps = observed.stamps.clone();
    stamps.extend(observed.future(horizon).unwrap());
    stamps
}
