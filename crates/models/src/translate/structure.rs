//! What a translator's network is made of, its sizes read from the weights themselves.

use burn::module::Module;

use ressac_nn::weights::{NamedTensors, collect};

use super::translator::Translator;
use crate::structure::{Item, Layer, LayerKind, Stage, Structure, Words};

/// The structure of `translator`.
pub(super) fn of(translator: &Translator) -> Structure {
    let (config, pipeline) = (translator.config(), translator.pipeline());
    let tensors = collect(translator.layers());
    let decoder: NamedTensors = (tensors.iter())
        .filter_map(|(name, tensor)| {
            let name = name.strip_prefix("decoder.")?;
            Some((name.to_owned(), tensor.clone()))
        })
        .collect();
    let mut own = tensors.clone();
    own.retain(|name, _| !name.starts_with("decoder."));
    let noun = pipeline.sources.kind().noun();
    let dropout = config.texts.embedding_dropout.unwrap_or(0.0);
    let embedding = match config.shared_vocabulary {
        true => Stage::embedding(&decoder, dropout),
        false => Stage::embedding(&own, dropout),
    };
    let encoder = Stage::recurrent(
        &tensors,
        "encoder",
        (config.cell(), &config.recurrent),
        (Words::new("encoder", "encodeur"), noun.clone()),
    );
    let bridge = Stage::of(
        Words::new("bridge", "passerelle"),
        vec![Layer::linear(&tensors, "bridge", Some("tanh"))],
        0.0,
    );
    let vectors = Layer::vectors(&decoder, "embedding");
    let mut layers = vec![match config.shared_vocabulary {
        false => vectors,
        true => vectors.again(Words::new("those of the sources", "ceux des sources")),
    }];
    let first = match translator.attends() {
        true => 1,
        false => config.recurrent.layers,
    };
    layers.extend(Layer::recurrent(&decoder, "first", config.cell(), first));
    if translator.attends() {
        let all = |name: &str| {
            let named = decoder.iter().filter(|(path, _)| path.starts_with(name));
            named.map(|(_, tensor)| tensor.values.len()).sum()
        };
        let values = config.recurrent.hidden * config.directions();
        layers.push(Layer {
            kind: LayerKind::Other(Words::new("attention", "attention")),
            input: config.recurrent.hidden,
            output: values,
            parameters: all("attention."),
            notes: vec![Words::new(
                "to the encoder’s steps",
                "aux pas de l’encodeur",
            )],
        });
        layers.extend(Layer::recurrent(
            &decoder,
            "rest",
            config.cell(),
            config.recurrent.layers - 1,
        ));
    }
    let mut recurrent = Stage::recurrent(
        &decoder,
        "first",
        (config.cell(), &config.recurrent),
        (Words::new("decoder", "décodeur"), noun),
    );
    recurrent.layers = layers;
    recurrent.beside = Some(Item::new(
        Words::new("target so far", "début de la cible"),
        [Words::new("shifted by a step", "décalé d’un pas")],
    ));
    let mut head = Vec::new();
    if decoder.contains_key("readout.weights") {
        let activation = translator.attends().then_some("tanh");
        head.push(Layer::linear(&decoder, "readout", activation));
    }
    head.push(Layer::output(&decoder, config.tied));
    let targets = pipeline.targets.as_ref().unwrap_or(&pipeline.sources);
    Structure {
        name: config.model.to_string(),
        inputs: vec![pipeline.sources.item(Words::new("source", "source"))],
        extent: Some(Words::new(
            format!("{} steps in the median", pipeline.median_steps),
            format!("{} pas en médiane", pipeline.median_steps),
        )),
        scaling: None,
        stages: vec![
            embedding,
            encoder,
            bridge,
            recurrent,
            Stage::of(Words::new("head", "tête"), head, config.recurrent.dropout),
        ],
        outputs: vec![targets.item(Words::new("target", "cible"))],
        parameters: translator.layers().num_params(),
    }
}
