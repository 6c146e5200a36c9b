//! What a language model's network is made of, its sizes read from the weights themselves.

use burn::module::Module;

use ressac_nn::weights::collect;

use super::model::LanguageModel;
use crate::structure::{Item, Stage, Structure, Words};

/// The structure of `model`.
pub(super) fn of(model: &LanguageModel) -> Structure {
    let (config, tokenizer) = (model.config(), &model.pipeline().texts);
    let tensors = collect(model.layers());
    let token = tokenizer.kind().noun();
    let recurrent = Stage::recurrent(
        &tensors,
        "first",
        (config.cell(), &config.recurrent),
        (Words::new("recurrence", "récurrence"), token.clone()),
    );
    let mut layers = Vec::new();
    if tensors.contains_key("readout.weights") {
        layers.push(crate::structure::Layer::linear(&tensors, "readout", None));
    }
    layers.push(crate::structure::Layer::output(&tensors, config.tied));
    Structure {
        name: config.model.to_string(),
        inputs: vec![tokenizer.item(Words::new("text", "texte"))],
        extent: None,
        scaling: None,
        stages: vec![
            Stage::embedding(&tensors, config.texts.embedding_dropout.unwrap_or(0.0)),
            recurrent,
            Stage::of(Words::new("head", "tête"), layers, config.recurrent.dropout),
        ],
        outputs: vec![Item::new(
            Words::new(
                format!("next {}", token.en),
                format!("{} suivant", token.fr),
            ),
            [Words::new(
                "a probability for each",
                "une probabilité pour chacun",
            )],
        )],
        parameters: model.layers().num_params(),
    }
}
