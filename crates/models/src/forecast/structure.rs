//! What a forecaster's network is made of, its sizes read from the weights themselves.

use burn::module::Module;

use ressac_nn::weights::{NamedTensors, collect};

use super::Forecaster;
use super::choices::{Head, ModelKind};
use crate::cell::CellChoice;
use crate::structure::{
    Layer, LayerKind, Purpose, Reading, RecurrentOptions, Role, Scaling, Stage, Structure,
};

/// The structure of `forecaster`.
pub(super) fn of(forecaster: &Forecaster) -> Structure {
    let (config, pipeline) = (forecaster.config(), forecaster.pipeline());
    let network = forecaster.layers();
    let tensors = collect(network);
    let names = |columns: Vec<&String>| columns.into_iter().cloned().collect::<Vec<_>>();
    let targets = pipeline.targets.len();
    let calendar = pipeline.calendar().map_or(0, |calendar| calendar.width());
    let statics = pipeline.statics.iter().map(|(_, scale)| scale.width());
    let mut reads = vec![Reading {
        role: Role::Target,
        names: pipeline.targets.clone(),
        width: targets,
    }];
    let others = [
        (
            Role::Observed,
            Vec::new(),
            usize::from(pipeline.masked) * targets,
        ),
        (
            Role::Past,
            names(pipeline.past.iter().map(|(name, _)| name).collect()),
            pipeline.past.len(),
        ),
        (
            Role::Known,
            names(pipeline.known.iter().map(|(name, _)| name).collect()),
            pipeline.known.len(),
        ),
        (Role::Calendar, pipeline.calendar.clone(), calendar),
        (
            Role::Static,
            names(pipeline.statics.iter().map(|(name, _)| name).collect()),
            statics.sum(),
        ),
    ];
    for (role, names, width) in others.into_iter().filter(|(.., width)| *width > 0) {
        reads.push(Reading { role, names, width });
    }
    let ahead: usize = reads
        .iter()
        .filter(|reading| matches!(reading.role, Role::Known | Role::Calendar | Role::Static))
        .map(|reading| reading.width)
        .sum();
    let mut stages = match config.model {
        ModelKind::Segment => segment(forecaster, &tensors, ahead),
        _ => recurrent(forecaster, &tensors, ahead),
    };
    // The recurrent layers of a network are all made with the same options.
    for stage in stages.iter_mut().filter(|stage| stage.steps.is_some()) {
        stage.recurrent = RecurrentOptions {
            dropout: config.recurrent_dropout,
            zoneout: config.zoneout,
            layer_norm: config.layer_norm,
            residual: config.residual,
        };
    }
    Structure {
        name: config.model.to_string(),
        reads,
        context: config.context,
        scaling: Scaling {
            by_series: pipeline.by_series,
            reversible: network.is_reversible(),
            subtract_last: config.subtract_last,
        },
        stages,
        gives: pipeline.targets.clone(),
        horizon: config.horizon,
        outputs: config.quantiles.len().max(1),
        parameters: network.num_params(),
    }
}

fn recurrent(forecaster: &Forecaster, tensors: &NamedTensors, known: usize) -> Vec<Stage> {
    let config = forecaster.config();
    let cell = config.cell();
    let ahead = known + config.lags.len() * forecaster.pipeline().targets.len();
    let mut stages = vec![Stage {
        purpose: Purpose::Encode,
        layers: cells(tensors, "encoder", cell, config.layers),
        dropout: config.dropout,
        recurrent: RecurrentOptions::default(),
        steps: Some(config.context),
        ahead: 0,
    }];
    let head = |names: &[(&str, &'static str)], ahead: usize| Stage {
        purpose: Purpose::Head,
        layers: names
            .iter()
            .map(|(name, activation)| linear(tensors, name, activation))
            .collect(),
        dropout: config.dropout,
        recurrent: RecurrentOptions::default(),
        steps: None,
        ahead,
    };
    match config.head {
        _ if ahead == 0 => stages.push(head(&[("head", "identity")], 0)),
        Head::Direct => {
            stages.push(Stage {
                purpose: Purpose::Summary,
                ..head(&[("summary", "identity")], 0)
            });
            // What is known of a step joins its share of the summary.
            stages.push(head(&[("step", "relu"), ("output", "identity")], ahead));
        }
        Head::Decoder => {
            stages.push(Stage {
                purpose: Purpose::Decode,
                layers: cells(tensors, "decoder", cell, config.layers),
                dropout: config.dropout,
                recurrent: RecurrentOptions::default(),
                steps: Some(config.horizon),
                ahead,
            });
            stages.push(head(&[("output", "identity")], 0));
        }
    }
    if !config.lags.is_empty() {
        stages.push(Stage {
            purpose: Purpose::Lags,
            layers: vec![Layer {
                kind: LayerKind::Weighted,
                input: config.lags.len(),
                output: 1,
                parameters: weights_of(tensors, "highway"),
            }],
            dropout: 0.0,
            recurrent: RecurrentOptions::default(),
            steps: None,
            ahead: 0,
        });
    }
    stages
}

fn segment(forecaster: &Forecaster, tensors: &NamedTensors, known: usize) -> Vec<Stage> {
    let config = forecaster.config();
    let recurrent = cells(tensors, "recurrent", config.cell(), config.layers);
    let stage = |purpose, layers, steps, dropout, ahead| Stage {
        purpose,
        layers,
        dropout,
        recurrent: RecurrentOptions::default(),
        steps,
        ahead,
    };
    let vectors = |name: &str| {
        let shape = tensors
            .iter()
            .find(|(path, _)| within(path, name))
            .map_or(&[][..], |(_, tensor)| &tensor.shape);
        let (count, width) = match shape {
            [count, width] => (*count, *width),
            _ => (0, 0),
        };
        Layer {
            kind: LayerKind::Vectors { count },
            input: count,
            output: width,
            parameters: count * width,
        }
    };
    // The same layers decode, so their weights are counted where they read.
    let again = recurrent.iter().map(|layer| Layer {
        parameters: 0,
        ..layer.clone()
    });
    let mut decode = Vec::new();
    if known > 0 {
        decode.push(linear(tensors, "ahead", "identity"));
    }
    decode.extend([vectors("position"), vectors("column")]);
    decode.extend(again);
    vec![
        stage(
            Purpose::Embed,
            vec![linear(tensors, "embed", "relu")],
            None,
            0.0,
            0,
        ),
        stage(
            Purpose::Encode,
            recurrent,
            Some(config.context / config.segment),
            config.dropout,
            0,
        ),
        stage(
            Purpose::Decode,
            decode,
            Some(config.horizon.div_ceil(config.segment)),
            config.dropout,
            known,
        ),
        stage(
            Purpose::Head,
            vec![linear(tensors, "predict", "identity")],
            None,
            config.dropout,
            0,
        ),
    ]
}

/// Whether a path of field names passes through those of `part`.
fn within(path: &str, part: &str) -> bool {
    format!(".{path}.").contains(&format!(".{part}."))
}

fn weights_of(tensors: &NamedTensors, part: &str) -> usize {
    tensors
        .iter()
        .filter(|(path, _)| within(path, part))
        .map(|(_, tensor)| tensor.values.len())
        .sum()
}

/// The last size of the array that ends in `name` within a part: what its rows read.
fn columns(tensors: &NamedTensors, part: &str, name: &str) -> usize {
    tensors
        .iter()
        .find(|(path, _)| within(path, part) && path.ends_with(name))
        .and_then(|(_, tensor)| tensor.shape.last().copied())
        .unwrap_or(0)
}

fn linear(tensors: &NamedTensors, part: &str, activation: &'static str) -> Layer {
    let all = weights_of(tensors, part);
    let output = columns(tensors, part, "bias");
    Layer {
        kind: LayerKind::Linear { activation },
        input: (all - output).checked_div(output).unwrap_or(0),
        output,
        parameters: all,
    }
}

fn cells(tensors: &NamedTensors, part: &str, cell: CellChoice, layers: usize) -> Vec<Layer> {
    let of = |index: usize| format!("{part}.layers.{index}");
    let weighted = (0..).take_while(|index| weights_of(tensors, &of(*index)) > 0);
    let directions = weighted.count().checked_div(layers).unwrap_or(0).max(1);
    (0..layers)
        .map(|layer| {
            let first = of(layer * directions);
            let parameters = (0..directions)
                .map(|direction| weights_of(tensors, &of(layer * directions + direction)));
            Layer {
                kind: LayerKind::Recurrent { cell, directions },
                input: columns(tensors, &first, "input_weights"),
                output: directions * columns(tensors, &first, "recurrent_weights"),
                parameters: parameters.sum(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
