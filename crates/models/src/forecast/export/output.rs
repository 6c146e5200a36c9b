//! From the network's scale back to the user's units.

use ressac_nn::onnx::{Attribute, Element, Graph, Port, Size, Value, Values};

use super::input::Inputs;
use crate::forecast::calibration::Calibration;
use crate::forecast::forecaster::Forecaster;

impl Forecaster {
    /// `forecast [batch, horizon, targets, outputs]` of the network to the output of the graph: `in_units` over again.
    pub(super) fn write_output(&self, graph: &mut Graph, forecast: &Value, inputs: &Inputs) {
        let (targets, levels) = (self.pipeline().targets.len(), self.levels().len());
        let units = graph.within("units", |graph| {
            let z = graph.cast(forecast, Element::F64);
            // `[…, 1, targets]` → `[…, 1, targets, 1]`.
            let deviation = graph.unsqueeze(&inputs.network.deviation, &[3]);
            let mean = graph.unsqueeze(&inputs.network.mean, &[3]);
            let scaled = graph.mul(&z, &deviation);
            graph.add(&scaled, &mean)
        });
        let calibrated = match &self.pipeline().calibration {
            Some(calibration) => graph.within("calibration", |graph| {
                calibrated(graph, &units, &inputs.own_deviation, calibration)
            }),
            None => units,
        };
        graph.output(
            &calibrated,
            Port {
                name: "forecast".into(),
                element: Element::F64,
                shape: vec![
                    Size::Any("batch"),
                    Size::Fixed(self.config().horizon),
                    Size::Fixed(targets),
                    Size::Fixed(levels),
                ],
                holds: "the forecast of each step after the context, target and quantile, in the target's unit".into(),
            },
        );
    }
}

/// The quantiles moved by their corrections, in rising order again. A network of one value has it for every level,
/// and the corrections spread them.
fn calibrated(
    graph: &mut Graph,
    units: &Value,
    own_deviation: &Value,
    calibration: &Calibration,
) -> Value {
    let targets = calibration.corrections.len();
    let horizon = calibration.corrections.first().map_or(0, Vec::len);
    let levels = calibration.levels.len();
    let mut corrections = Vec::with_capacity(horizon * targets * levels);
    for step in 0..horizon {
        for target in 0..targets {
            corrections
                .extend((0..levels).map(|level| calibration.correction(target, step, level)));
        }
    }
    let shape = [1, horizon, targets, levels];
    let corrections = graph.constant("corrections", &shape, &Values::F64(corrections));
    let deviation = graph.unsqueeze(own_deviation, &[3]);
    let moved = graph.mul(&corrections, &deviation);
    let moved = graph.add(units, &moved);
    if levels < 2 {
        return moved;
    }
    let count = graph.whole_numbers(&[i64::try_from(levels).unwrap_or(i64::MAX)]);
    let attributes = [
        ("axis", Attribute::Int(-1)),
        ("largest", Attribute::Int(0)),
        ("sorted", Attribute::Int(1)),
    ];
    let [sorted, _] =
        graph.node_of_parts("TopK", &[&moved, &count], &attributes, ["values", "places"]);
    sorted
}
