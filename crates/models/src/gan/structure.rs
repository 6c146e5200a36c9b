//! What a generator is made of, its sizes read from the weights themselves.

use ressac_nn::weights::{NamedTensors, collect};

use super::choices::GanKind;
use super::generator::ImageGenerator;
use super::network::Maps;
use crate::structure::{Item, Layer, LayerKind, Stage, Structure, Words};

/// A layer of the generator: its weights are those whose names begin with one of `parts`.
fn layer(
    tensors: &NamedTensors,
    parts: &[String],
    name: Words,
    [input, output]: [usize; 2],
) -> Layer {
    let own = tensors.iter().filter(|(name, _)| {
        let mut parts = parts.iter();
        parts.any(|part| name.starts_with(part.as_str()))
    });
    Layer {
        kind: LayerKind::Other(name),
        input,
        output,
        parameters: own.map(|(_, tensor)| tensor.values.len()).sum(),
        notes: Vec::new(),
    }
}

fn to_size([height, width]: [usize; 2]) -> Words {
    Words::new(
        format!("to maps of {width} × {height}"),
        format!("vers des cartes de {width} × {height}"),
    )
}

/// The structure of `model`.
pub(super) fn of(model: &ImageGenerator) -> Structure {
    let (config, pipeline) = (model.config(), model.pipeline());
    let tensors = collect(&model.networks().generator);
    let maps = Maps::of(config);
    let told = pipeline.told(config);
    let mut inputs = vec![Item::new(
        Words::new("random numbers", "nombres aléatoires"),
        vec![Words::numbers(config.latent)],
    )];
    let mut layers = Vec::new();
    if told > 0 {
        inputs.push(Item::new(
            Words::new("class", "classe"),
            vec![Words::new(
                format!("one of {told}"),
                format!("une parmi {told}"),
            )],
        ));
        let name = Words::new("vector of the class", "vecteur de la classe");
        layers.push(layer(
            &tensors,
            &["class.".into()],
            name,
            [told, config.latent],
        ));
    }
    let first = maps.sizes.first().copied().unwrap_or([1, 1]);
    let channels = maps.widths.first().copied().unwrap_or(1);
    let read = config.latent * (1 + usize::from(told > 0));
    let mut start = Layer::linear(&tensors, "start", None);
    (start.input, start.output) = (read, first[0] * first[1] * channels);
    start.notes = vec![to_size(first)];
    layers.push(start);
    let outs = maps.widths[1..].iter().copied();
    match config.model {
        GanKind::Dcgan => {
            let outs = outs.chain([maps.channels]);
            for (at, (read, out)) in maps.widths.iter().zip(outs).enumerate() {
                let parts = ["norms", "layers"].map(|part| format!("dcgan.{part}.{at}."));
                let name = Words::new(
                    "batch normalisation, transposed convolution",
                    "normalisation par lot, convolution transposée",
                );
                let mut own = layer(&tensors, &parts, name, [*read, out]);
                own.notes = vec![to_size(maps.sizes[at + 1])];
                layers.push(own);
            }
        }
        GanKind::Residual => {
            for (at, (read, out)) in maps.widths.iter().zip(outs).enumerate() {
                let name = Words::new("residual block", "bloc résiduel");
                let parts = [format!("residual.blocks.{at}.")];
                let mut own = layer(&tensors, &parts, name, [*read, out]);
                own.notes = vec![to_size(maps.sizes[at + 1])];
                layers.push(own);
            }
            let last = maps.widths.last().copied().unwrap_or(1);
            let name = Words::new("convolution", "convolution");
            let parts = ["residual.last.".to_owned()];
            layers.push(layer(&tensors, &parts, name, [last, maps.channels]));
        }
    }
    let [height, width, channels] = config.sides();
    Structure {
        name: format!("{} GAN", config.model),
        inputs,
        extent: None,
        scaling: None,
        stages: vec![Stage::of(
            Words::new("generator", "générateur"),
            layers,
            0.0,
        )],
        outputs: vec![Item::new(
            Words::new("image", "image"),
            vec![Words::same(format!("{width} × {height} × {channels}"))],
        )],
        parameters: tensors.values().map(|tensor| tensor.values.len()).sum(),
    }
}
