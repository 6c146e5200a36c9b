//! What a classifier's network is made of, its sizes read from the weights themselves.

use burn::module::Module;

use ressac_nn::weights::{NamedTensors, collect};

use super::choices::Pool;
use super::classifier::Classifier;
use super::config::ClassifyConfig;
use super::pipeline::Reading;
use crate::structure::{Item, Layer, LayerKind, Pooling, Stage, Structure, Words};

/// The structure of `classifier`.
pub(super) fn of(classifier: &Classifier) -> Structure {
    let (config, pipeline) = (classifier.config(), classifier.pipeline());
    let tensors = collect(classifier.layers());
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
    let recurrent = (config.recurrent.layers > 0)
        .then(|| Stage::over_all_steps(&tensors, config.cell(), &config.recurrent, word));
    let convolutions = match config.sides() {
        None => over_time(&tensors, config),
        Some(_) => over_images(&tensors, config),
    };
    let stem = (!convolutions.is_empty())
        .then(|| Stage::of(Words::new("stem", "racine"), convolutions, 0.0));
    let output = Layer::linear(&tensors, "head", None);
    let features = output.input;
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
            .chain(recurrent)
            .chain([head])
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

/// A convolution of this many numbers in and out.
fn convolution(weights: Layer, input: usize, over: [String; 2]) -> Layer {
    let [english, french] = over;
    Layer {
        kind: LayerKind::Other(Words::new("convolution", "convolution")),
        input,
        notes: vec![Words::new(english, french), Words::same("relu")],
        ..weights
    }
}

/// The convolutions over time.
fn over_time(tensors: &NamedTensors, config: &ClassifyConfig) -> Vec<Layer> {
    let filters = config.filters.unwrap_or(0);
    let convolutions = config.kernels().iter().enumerate().map(|(at, kernel)| {
        let name = format!("stem.convolutions.{at}");
        let weights = Layer::linear(tensors, &name, Some("relu"));
        let input = weights.input / kernel;
        let over = [format!("over {kernel} steps"), format!("sur {kernel} pas")];
        convolution(weights, input, over)
    });
    let mut convolutions: Vec<Layer> = convolutions.collect();
    if let Some(stride) = config.stride.filter(|stride| *stride > 1) {
        convolutions.push(largest(
            filters,
            [
                format!("of every {stride} steps"),
                format!("de {stride} pas"),
            ],
        ));
    }
    convolutions
}

/// The convolutions of images, each with its normalisation and what halves its sides.
fn over_images(tensors: &NamedTensors, config: &ClassifyConfig) -> Vec<Layer> {
    let layers = config.kernels().iter().enumerate().map(|(at, kernel)| {
        let block = format!("images.blocks.{at}.");
        let of_block = |name: &&String| name.starts_with(&block);
        let parameters = tensors.keys().filter(of_block);
        // Running averages are no weights that are learnt.
        let parameters = parameters.filter(|name| !name.contains("running"));
        let parameters = parameters.map(|name| tensors[name].values.len()).sum();
        let shape = tensors.get(&format!("{block}convolution.weights"));
        let shape = shape.map_or(&[0, 0][..], |tensor| &tensor.shape);
        let (filters, read) = (shape[0], shape[1]);
        let over = [
            format!("over {kernel}×{kernel} pixels"),
            format!("sur {kernel}×{kernel} pixels"),
        ];
        let weights = Layer {
            kind: LayerKind::Attention,
            input: read,
            output: filters,
            parameters,
            notes: Vec::new(),
        };
        let mut layer = convolution(weights, read, over);
        let norm = Words::new("batch normalisation", "normalisation par lot");
        layer.notes.insert(1, norm);
        let halved = ["of every 2×2 places", "de 2×2 places"];
        [layer, largest(filters, halved.map(str::to_owned))]
    });
    layers.flatten().collect()
}

/// The largest value of each filter.
fn largest(filters: usize, [english, french]: [String; 2]) -> Layer {
    Layer {
        kind: LayerKind::Other(Words::new("largest value", "plus grande valeur")),
        input: filters,
        output: filters,
        parameters: 0,
        notes: vec![Words::new(english, french)],
    }
}
