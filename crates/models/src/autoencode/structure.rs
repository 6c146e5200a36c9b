//! What an autoencoder's network is made of, its sizes read from the weights themselves: encoder, code, decoder.

use burn::module::Module;

use ressac_nn::weights::{NamedTensors, collect};

use super::autoencoder::Autoencoder;
use super::choices::{AutoencoderKind, Function};
use super::config::AutoencodeConfig;
use crate::cell::CellKind;
use crate::options::RecurrentOptions;
use crate::structure::{Item, Layer, LayerKind, Stage, StepNames, Steps, Structure, Words};

/// The structure of `model`, whose examples are called `noun`.
pub(super) fn of(model: &Autoencoder, noun: &'static str) -> Structure {
    let (config, pipeline) = (model.config(), model.pipeline());
    let tensors = collect(model.layers());
    let scales = &pipeline.scales;
    let (name, notes) = match config.media.sides() {
        Some([height, width, channels]) => (
            Words::new("image", "image"),
            vec![Words::same(format!("{width} × {height} × {channels}"))],
        ),
        None => (
            Words::listed(&scales.names),
            vec![Words::numbers(scales.names.len())],
        ),
    };
    let mut read = notes.clone();
    if scales.masked {
        read.push(Words::new("and which are there", "et s’ils sont présents"));
    }
    let steps = match (config.media.sides(), pipeline.steps) {
        (Some(_), _) | (None, Some(1)) => None,
        (None, Some(steps)) => Some(Words::new(format!("{steps} steps"), format!("{steps} pas"))),
        (None, None) => Some(Words::new(
            format!("{} steps in the median", pipeline.median_steps),
            format!("{} pas en médiane", pipeline.median_steps),
        )),
    };
    let function = config.function.unwrap_or(Function::Relu);
    let (encoder, decoder) = match config.model {
        AutoencoderKind::Dense => dense(&tensors, config, function),
        AutoencoderKind::Convolutional => convolutional(&tensors, config, function),
        AutoencoderKind::Recurrent => recurrent(&tensors, config),
    };
    let mut code = vec![code_layer(&tensors, "code", config)];
    if config.variational {
        let mut spread = code_layer(&tensors, "log_variance", config);
        spread.notes = vec![Words::new(
            "logarithm of the variance",
            "logarithme de la variance",
        )];
        code.push(spread);
    }
    let kinds = config.kinds().join(" ");
    let mut heading = Words::new("code", "code");
    if !kinds.is_empty() {
        heading = Words::new(
            format!("code ({kinds})"),
            format!("code ({})", in_french(config)),
        );
    }
    let again = Words::new("written again", "restitué");
    Structure {
        name: format!("{} {noun}", config.model),
        inputs: vec![Item::new(name.clone(), read)],
        extent: steps,
        scaling: Some(Item::new(
            Words::new("z-score", "centrer, réduire"),
            [Words::new("of the training part", "de l’apprentissage")],
        )),
        stages: vec![encoder, Stage::of(heading, code, 0.0), decoder],
        outputs: vec![Item::new(name, [&notes[..], &[again]].concat())],
        parameters: model.layers().num_params(),
    }
}

fn in_french(config: &AutoencodeConfig) -> String {
    let words = config.kinds().into_iter().map(|kind| match kind {
        "denoising" => "débruiteur",
        "sparse" => "parcimonieux",
        "contractive" => "contractant",
        _ => "variationnel",
    });
    words.collect::<Vec<_>>().join(" ")
}

fn heading(encodes: bool) -> Words {
    match encodes {
        true => Words::new("encoder", "encodeur"),
        false => Words::new("decoder", "décodeur"),
    }
}

fn code_layer(tensors: &NamedTensors, part: &str, config: &AutoencodeConfig) -> Layer {
    let function = (config.sparsity > 0.0 && part == "code").then_some("sigmoid");
    Layer::linear(tensors, part, function)
}

fn word(function: Function) -> &'static str {
    match function {
        Function::Relu => "relu",
        Function::LeakyRelu => "leaky relu",
        Function::Tanh => "tanh",
        Function::Sigmoid => "sigmoid",
    }
}

fn dense(tensors: &NamedTensors, config: &AutoencodeConfig, function: Function) -> (Stage, Stage) {
    let layers = |side: &str| -> Vec<Layer> {
        let each = (0..config.layers().len()).map(|at| {
            let part = format!("dense.{side}.{at}");
            Layer::linear(tensors, &part, Some(word(function)))
        });
        each.collect()
    };
    let mut decoder = layers("decoder");
    decoder.push(Layer::linear(tensors, "dense.output", None));
    (
        Stage::of(heading(true), layers("encoder"), 0.0),
        Stage::of(heading(false), decoder, 0.0),
    )
}

fn convolutional(
    tensors: &NamedTensors,
    config: &AutoencodeConfig,
    function: Function,
) -> (Stage, Stage) {
    let count = config.layers().len();
    let layer = |side: &str, at: usize| {
        let part = format!("convolutional.{side}.{at}.");
        let back = side == "decoder";
        let shape = tensors.get(&format!("{part}weights"));
        let shape = shape.map_or(&[0, 0, 0, 0][..], |tensor| &tensor.shape);
        let own = tensors.iter().filter(|(name, _)| name.starts_with(&part));
        let (input, output) = match back {
            false => (shape[1], shape[0]),
            true => (shape[0], shape[1]),
        };
        let name = match back {
            false => Words::new("convolution", "convolution"),
            true => Words::new("transposed convolution", "convolution transposée"),
        };
        let taps = format!("{}×{}", shape[2], shape[3]);
        let mut notes = vec![match back {
            false => Words::new(
                format!("over {taps}, stride 2"),
                format!("sur {taps}, pas de 2"),
            ),
            true => Words::new(
                format!("over {taps}, twice as large"),
                format!("sur {taps}, deux fois plus grand"),
            ),
        }];
        if !back || at + 1 < count {
            notes.push(Words::same(word(function)));
        }
        Layer {
            kind: LayerKind::Other(name),
            input,
            output,
            parameters: own.map(|(_, tensor)| tensor.values.len()).sum(),
            notes,
        }
    };
    let encoder = (0..count).map(|at| layer("encoder", at)).collect();
    let unfold = Layer::linear(tensors, "convolutional.unfold", Some(word(function)));
    let decoder = [unfold]
        .into_iter()
        .chain((0..count).map(|at| layer("decoder", at)));
    (
        Stage::of(heading(true), encoder, 0.0),
        Stage::of(heading(false), decoder.collect(), 0.0),
    )
}

fn recurrent(tensors: &NamedTensors, config: &AutoencodeConfig) -> (Stage, Stage) {
    let kind = config.cell.unwrap_or(CellKind::Gru);
    let cell = RecurrentOptions::default()
        .resolve(Some(kind), (1, 1, 0.0))
        .cell(kind);
    let layers = |side: &str| -> Vec<Layer> {
        let each = (0..config.layers().len())
            .flat_map(|at| Layer::recurrent(tensors, &format!("recurrent.{side}.{at}"), cell, 1));
        each.collect()
    };
    let steps = || Steps {
        count: None,
        over: Words::new("over all steps", "sur tous les pas"),
        names: Some(StepNames::Numbered(Words::new("step", "pas"))),
    };
    let encoder = Stage {
        steps: Some(steps()),
        ..Stage::of(heading(true), layers("encoder"), 0.0)
    };
    let mut decoder = layers("decoder");
    decoder.push(Layer::linear(tensors, "recurrent.output", None));
    let decoder = Stage {
        steps: Some(steps()),
        ..Stage::of(heading(false), decoder, 0.0)
    };
    (encoder, decoder)
}
