//! What a classifier's network is made of, its sizes read from the weights themselves.

use burn::module::Module;

use ressac_nn::weights::collect;

use super::choices::Pool;
use super::classifier::Classifier;
use super::pipeline::Reading;
use crate::structure::{Item, Layer, LayerKind, Pooling, Stage, Structure, Words};

/// The structure of `classifier`.
pub(super) fn of(classifier: &Classifier) -> Structure {
    let (config, pipeline) = (classifier.config(), classifier.pipeline());
    let tensors = collect(classifier.layers());
    let features = config.recurrent.hidden * config.directions();
    let (input, scaling, embedding, word) = match &pipeline.reading {
        Reading::Texts(tokenizer) => (
            tokenizer.item(Words::new("text", "texte")),
            None,
            Some(Stage::embedding(
                &tensors,
                config.texts.embedding_dropout.unwrap_or(0.0),
            )),
            tokenizer.kind().noun(),
        ),
        Reading::Scales(scales) => {
            let mut notes = vec![Words::numbers(scales.names.len())];
            if scales.masked {
                notes.push(Words::new("and which are there", "et s’ils sont présents"));
            }
            (
                Item::new(Words::listed(&scales.names), notes),
                Some(Item::new(
                    Words::new("z-score", "centrer, réduire"),
                    [Words::new("of the training part", "de l’apprentissage")],
                )),
                None,
                Words::new("step", "pas"),
            )
        }
    };
    let recurrent = Stage::over_all_steps(&tensors, config.cell(), &config.recurrent, word);
    let filters = config.filters.unwrap_or(0);
    let convolutions = config.kernels().iter().enumerate().map(|(at, kernel)| {
        let name = format!("stem.convolutions.{at}");
        let weights = Layer::linear(&tensors, &name, Some("relu"));
        Layer {
            kind: LayerKind::Other(Words::new("convolution", "convolution")),
            input: weights.input / kernel,
            notes: vec![
                Words::new(format!("over {kernel} steps"), format!("sur {kernel} pas")),
                Words::same("relu"),
            ],
            ..weights
        }
    });
    let mut convolutions: Vec<Layer> = convolutions.collect();
    if let Some(stride) = config.stride.filter(|stride| *stride > 1) {
        convolutions.push(Layer {
            kind: LayerKind::Other(Words::new("largest value", "plus grande valeur")),
            input: filters,
            output: filters,
            parameters: 0,
            notes: vec![Words::new(
                format!("of every {stride} steps"),
                format!("de {stride} pas"),
            )],
        });
    }
    let stem = (!convolutions.is_empty())
        .then(|| Stage::of(Words::new("stem", "racine"), convolutions, 0.0));
    let pooling = |kind| Layer {
        kind,
        input: features,
        output: features,
        parameters: 0,
        notes: Vec::new(),
    };
    let mut layers = match config.pool {
        Pool::Max => vec![pooling(LayerKind::Pooling(Pooling::Max))],
        Pool::Mean => vec![pooling(LayerKind::Pooling(Pooling::Mean))],
        Pool::Last => Vec::new(),
        Pool::Attention => vec![Layer {
            parameters: collect(classifier.layers())
                .iter()
                .filter(|(name, _)| name.starts_with("attention."))
                .map(|(_, tensor)| tensor.values.len())
                .sum(),
            ..pooling(LayerKind::Attention)
        }],
    };
    let (function, each) = match pipeline.of_several() {
        false => (
            "softmax",
            Words::new("a probability each", "une probabilité chacune"),
        ),
        true => (
            "sigmoid",
            Words::new("several at once", "plusieurs à la fois"),
        ),
    };
    layers.push(Layer::linear(&tensors, "head", Some(function)));
    let head = Stage::of(Words::new("head", "tête"), layers, config.recurrent.dropout);
    Structure {
        name: config.model.to_string(),
        inputs: vec![input],
        extent: Some(Words::new(
            format!("{} steps in the median", pipeline.median_steps),
            format!("{} pas en médiane", pipeline.median_steps),
        )),
        scaling,
        stages: (embedding.into_iter().chain(stem))
            .chain([recurrent, head])
            .collect(),
        outputs: vec![Item::new(
            Words::listed(&pipeline.classes),
            [
                Words::counted(
                    pipeline.classes.len(),
                    ("class", "classe"),
                    ("classes", "classes"),
                ),
                each,
            ],
        )],
        parameters: classifier.layers().num_params(),
    }
}
