//! A forecaster and its file on the same windows: tract here, and ONNX Runtime in `fixtures/onnx/check.py` on the
//! files that are kept if `RESSAC_ONNX_CASES` names a folder for them.

use std::fs;
use std::io::Cursor;
use std::path::PathBuf;

use ressac_data::panel::Panel;
use ressac_models::OnnxFile;
use ressac_models::forecast::{Forecaster, Window};
use ressac_nn::onnx::{Values, tensor_file};
use tract_onnx::prelude::*;

use crate::reader::{Named, inputs};

/// Largest difference, relative to the value.
const TOLERANCE: f64 = 1e-5;

/// Files that ONNX Runtime runs and the optimiser of tract 0.23.9 breaks; without it they run there too: a matrix product is
/// moved over a broadcast although its other operand is not one, and a constant repeated for each window is folded with
/// the number of windows still open.
const TRACT_CANNOT_OPTIMISE: [&str; 2] = ["segment", "segment-plain"];

/// Files that ONNX Runtime runs and tract 0.23.9 does not: an input of one feature and several rows reaches its fused GRU in
/// an order that it refuses ("xw not contiguous"). They are kept for `fixtures/onnx/check.py`.
const TRACT_CANNOT_RUN: [&str; 2] = ["gru-pooled", "gru-pooled-raw"];

/// One call: inputs, and the shape and values of the output.
type Call = (Vec<Named>, Vec<usize>, Vec<f64>);

/// What `predict` gives of the end of each series: `[series, horizon, targets, levels]`.
fn predicted(forecaster: &Forecaster, panel: &Panel) -> (Vec<Window>, Vec<f64>) {
    let windows = panel
        .series
        .iter()
        .enumerate()
        .map(|(series, of)| Window {
            series,
            origin: of.observed(),
        })
        .collect();
    let levels = forecaster.levels();
    let mut values = Vec::new();
    for (_, table) in forecaster.forecast(panel).unwrap() {
        let column = |name: String| {
            let place = table.names.iter().position(|found| *found == name);
            &table.columns[place.unwrap_or_else(|| panic!("no column {name}"))]
        };
        for step in 0..forecaster.config().horizon {
            for target in &forecaster.pipeline().targets {
                for (place, level) in levels.iter().enumerate() {
                    let name = match place == forecaster.median() {
                        true => target.clone(),
                        false => format!("{target}_q{level}"),
                    };
                    values.push(column(name)[step]);
                }
            }
        }
    }
    (windows, values)
}

/// The same of other windows.
fn forecast(forecaster: &Forecaster, panel: &Panel, windows: &[Window]) -> Vec<f64> {
    let before: Vec<_> = panel
        .series
        .iter()
        .map(|series| 0..series.observed())
        .collect();
    let mut values = Vec::new();
    forecaster
        .forecast_each(panel, &before, windows, |_, forecast| {
            for step in 0..forecaster.config().horizon {
                for levels in &forecast.columns {
                    values.extend(levels.iter().map(|of_level| of_level[step]));
                }
            }
        })
        .unwrap();
    values
}

/// The file must give what the forecaster predicts at the end of each series, and what it forecasts from `origins`
/// of every series, in two calls of other sizes.
#[track_caller]
pub(crate) fn agrees(
    name: &str,
    forecaster: &Forecaster,
    panel: &Panel,
    origins: &[usize],
) -> OnnxFile {
    let file = forecaster.to_onnx().unwrap();
    let (ends, predicted) = predicted(forecaster, panel);
    let windows: Vec<Window> = origins
        .iter()
        .flat_map(|origin| {
            (0..panel.series.len()).map(|series| Window {
                series,
                origin: *origin,
            })
        })
        .collect();
    let others = forecast(forecaster, panel, &windows);
    let shape = |windows: &[Window]| {
        vec![
            windows.len(),
            forecaster.config().horizon,
            forecaster.pipeline().targets.len(),
            forecaster.levels().len(),
        ]
    };
    let calls = [
        (
            inputs(forecaster, panel, &file.inputs, &ends),
            shape(&ends),
            predicted,
        ),
        (
            inputs(forecaster, panel, &file.inputs, &windows),
            shape(&windows),
            others,
        ),
    ];
    keep(name, &file, &calls);
    if TRACT_CANNOT_RUN.contains(&name) {
        return file;
    }
    for optimised in [false, true] {
        if !(optimised && TRACT_CANNOT_OPTIMISE.contains(&name)) {
            agrees_with_tract(name, &file, optimised, &calls);
        }
    }
    file
}

/// From one load, so the number of windows stays open.
#[track_caller]
fn agrees_with_tract(name: &str, file: &OnnxFile, optimised: bool, calls: &[Call]) {
    let plan = tract_onnx::onnx()
        .model_for_read(&mut Cursor::new(&file.bytes))
        .and_then(|model| match optimised {
            true => model.into_optimized(),
            false => model.into_typed(),
        })
        .and_then(|model| model.into_runnable())
        .unwrap_or_else(|error| panic!("{name}, optimised {optimised}: {error:?}"));
    for (inputs, shape, expected) in calls {
        assert!(expected.iter().all(|value| value.is_finite()), "{name}");
        let inputs = inputs
            .iter()
            .map(|input| tensor(input).into_tvalue())
            .collect();
        let found = plan
            .run(inputs)
            .unwrap_or_else(|error| panic!("{name}, optimised {optimised}: {error:?}"));
        let view = found[0].to_plain_array_view::<f64>().unwrap();
        assert_eq!(view.shape(), shape.as_slice(), "{name}");
        for (place, (found, expected)) in view.iter().zip(expected).enumerate() {
            assert!(
                (found - expected).abs() <= TOLERANCE * expected.abs(),
                "{name}: forecast[{place}] is {found}, predicted was {expected}"
            );
        }
    }
}

fn tensor(input: &Named) -> Tensor {
    match &input.values {
        Values::F32(values) => Tensor::from_shape(&input.shape, values),
        Values::F64(values) => Tensor::from_shape(&input.shape, values),
        Values::I32(values) => Tensor::from_shape(&input.shape, values),
        Values::I64(values) => Tensor::from_shape(&input.shape, values),
        Values::Bool(values) => Tensor::from_shape(&input.shape, values),
    }
    .unwrap()
}

fn keep(name: &str, file: &OnnxFile, calls: &[Call]) {
    let Some(folder) = std::env::var_os("RESSAC_ONNX_CASES") else {
        return;
    };
    let folder = PathBuf::from(folder).join(format!("forecast-{name}"));
    for (index, (inputs, shape, expected)) in calls.iter().enumerate() {
        let data = folder.join(format!("test_data_set_{index}"));
        fs::create_dir_all(&data).unwrap();
        for (place, input) in inputs.iter().enumerate() {
            let bytes = tensor_file(&input.name, &input.shape, &input.values);
            fs::write(data.join(format!("input_{place}.pb")), bytes).unwrap();
        }
        let bytes = tensor_file("forecast", shape, &Values::F64(expected.clone()));
        fs::write(data.join("output_0.pb"), bytes).unwrap();
    }
    fs::write(folder.join("model.onnx"), &file.bytes).unwrap();
}
