//! What a forecaster's network is made of, its sizes read from the weights themselves.

use burn::module::Module;

use ressac_nn::weights::{NamedTensors, collect};

use super::Forecaster;
use super::choices::{Head, ModelKind};
use crate::structure::{Item, Layer, RecurrentExtras, Stage, StepNames, Steps, Structure, Words};

/// The structure of `forecaster`.
pub(super) fn of(forecaster: &Forecaster) -> Structure {
    let (config, pipeline) = (forecaster.config(), forecaster.pipeline());
    let network = forecaster.layers();
    let tensors = collect(network);
    let mut stages = match config.model {
        ModelKind::Segment => segment(forecaster, &tensors),
        _ => recurrent(forecaster, &tensors),
    };
    // The recurrent layers of a network are all made with the same options.
    for stage in stages.iter_mut().filter(|stage| stage.steps.is_some()) {
        stage.recurrent = RecurrentExtras::from(&config.recurrent);
    }
    let values = match config.quantiles.len().max(1) {
        1 => Words::new("one value a step", "une valeur par pas"),
        count => Words::same(format!("{count} quantiles")),
    };
    Structure {
        name: config.model.to_string(),
        inputs: inputs(forecaster),
        extent: Some(Words::new(
            format!("{} steps of the past", config.context),
            format!("{} pas du passé", config.context),
        )),
        scaling: Some(scaling(forecaster)),
        stages,
        outputs: vec![Item::new(
            Words::listed(&pipeline.targets),
            [
                Words::new(
                    format!("{} steps ahead", config.horizon),
                    format!("{} pas à venir", config.horizon),
                ),
                values,
                Words::new("in the user’s units", "dans les unités d’origine"),
            ],
        )],
        parameters: network.num_params(),
    }
}

/// The columns read, by what they are to the model.
fn inputs(forecaster: &Forecaster) -> Vec<Item> {
    let pipeline = forecaster.pipeline();
    let past: Vec<String> = pipeline.past.iter().map(|(name, _)| name.clone()).collect();
    let known: Vec<String> = pipeline
        .known
        .iter()
        .map(|(name, _)| name.clone())
        .collect();
    let fixed: Vec<String> = pipeline
        .statics
        .iter()
        .map(|(name, _)| name.clone())
        .collect();
    let statics: usize = pipeline
        .statics
        .iter()
        .map(|(_, scale)| scale.width())
        .sum();
    let ahead = Words::new("known ahead", "connu d’avance");
    let targets = pipeline.targets.len();
    [
        (
            Words::listed(&pipeline.targets),
            Words::new("to forecast", "à prévoir"),
            targets,
        ),
        (
            Words::new("which are there", "valeurs présentes"),
            Words::new("1 where a value was", "1 si la valeur existe"),
            usize::from(pipeline.masked) * targets,
        ),
        (
            Words::listed(&past),
            Words::new("past only", "passé seulement"),
            past.len(),
        ),
        (Words::listed(&known), ahead.clone(), known.len()),
        (
            Words::new("calendar", "calendrier"),
            ahead,
            pipeline.calendar().map_or(0, |calendar| calendar.width()),
        ),
        (
            Words::listed(&fixed),
            Words::new("fixed for a series", "fixe par série"),
            statics,
        ),
    ]
    .into_iter()
    .filter(|(.., width)| *width > 0)
    .map(|(name, role, width)| Item::new(name, [role, Words::numbers(width)]))
    .collect()
}

fn scaling(forecaster: &Forecaster) -> Item {
    let mut about = vec![match forecaster.pipeline().by_series {
        true => Words::new("of each series", "de chaque série"),
        false => Words::new("of the training part", "de l’apprentissage"),
    }];
    if forecaster.layers().is_reversible() {
        about.push(Words::new("then of each window", "puis de chaque fenêtre"));
    }
    if forecaster.config().subtract_last {
        about.push(Words::new(
            "less the last value",
            "moins la dernière valeur",
        ));
    }
    about.push(Words::new("undone after", "défait ensuite"));
    Item::new(Words::new("z-score", "centrer, réduire"), about)
}

/// What is known of each step ahead, where something is.
fn beside(ahead: usize) -> Option<Item> {
    (ahead > 0).then(|| {
        Item::new(
            Words::new("known ahead", "connu d’avance"),
            [
                Words::numbers(ahead),
                Words::new("at each step", "à chaque pas"),
            ],
        )
    })
}

fn steps(count: usize, names: StepNames) -> Option<Steps> {
    let over = Words::counted(count, ("step", "pas"), ("steps", "pas"));
    Some(Steps {
        count: Some(count),
        over: Words::new(format!("over {}", over.en), format!("sur {}", over.fr)),
        names: Some(names),
    })
}

fn recurrent(forecaster: &Forecaster, tensors: &NamedTensors) -> Vec<Stage> {
    let config = forecaster.config();
    let lags = config.lags.len() * forecaster.pipeline().targets.len();
    let ahead = forecaster.pipeline().known_width().unwrap_or(0) + lags;
    let dropout = config.recurrent.dropout;
    let stage = |en, fr, layers| Stage::of(Words::new(en, fr), layers, dropout);
    let cells = |part| Layer::recurrent(tensors, part, config.cell(), config.recurrent.layers);
    let linear = |part, activation| Layer::linear(tensors, part, activation);
    let mut stages = vec![Stage {
        steps: steps(config.context, StepNames::Past),
        ..stage("encoder", "encodeur", cells("encoder"))
    }];
    let head = |layers| stage("head", "tête", layers);
    match config.head {
        _ if ahead == 0 => stages.push(head(vec![linear("head", None)])),
        Head::Direct => {
            stages.push(stage("summary", "résumé", vec![linear("summary", None)]));
            // What is known of a step joins its share of the summary.
            stages.push(Stage {
                beside: beside(ahead),
                ..head(vec![linear("step", Some("relu")), linear("output", None)])
            });
        }
        Head::Decoder => {
            stages.push(Stage {
                steps: steps(config.horizon, StepNames::Ahead),
                beside: beside(ahead),
                ..stage("decoder", "décodeur", cells("decoder"))
            });
            stages.push(head(vec![linear("output", None)]));
        }
    }
    if !config.lags.is_empty() {
        let of = Words::new("of earlier values", "de valeurs passées");
        let sum = Layer::weighted(tensors, "highway", config.lags.len(), of);
        stages.push(Stage {
            dropout: 0.0,
            ..stage("plus the lags", "plus les retards", vec![sum])
        });
    }
    stages
}

fn segment(forecaster: &Forecaster, tensors: &NamedTensors) -> Vec<Stage> {
    let config = forecaster.config();
    let known = forecaster.pipeline().known_width().unwrap_or(0);
    let recurrent = Layer::recurrent(tensors, "recurrent", config.cell(), config.recurrent.layers);
    let segments = |count, names| {
        let word = Words::counted(count, ("segment", "segment"), ("segments", "segments"));
        Some(Steps {
            count: Some(count),
            over: Words::new(format!("over {}", word.en), format!("sur {}", word.fr)),
            names,
        })
    };
    let dropout = config.recurrent.dropout;
    let stage = |en, fr, layers| Stage::of(Words::new(en, fr), layers, dropout);
    let linear = |part, activation| Layer::linear(tensors, part, activation);
    let mut decode = Vec::new();
    if known > 0 {
        decode.push(linear("ahead", None));
    }
    decode.extend(["position", "column"].map(|part| Layer::vectors(tensors, part)));
    // The same layers decode, so their weights are counted where they read.
    let again = Words::new("weights of the encoder", "poids de l’encodeur");
    decode.extend(recurrent.iter().map(|layer| layer.again(again.clone())));
    vec![
        Stage {
            dropout: 0.0,
            ..stage(
                "embedding",
                "plongement",
                vec![linear("embed", Some("relu"))],
            )
        },
        Stage {
            steps: segments(
                config.context / config.segment,
                Some(StepNames::Numbered(Words::same("segment"))),
            ),
            ..stage("encoder", "encodeur", recurrent)
        },
        Stage {
            // Every segment ahead is decoded from the encoder's state, none from the one before it.
            steps: segments(config.horizon.div_ceil(config.segment), None),
            beside: beside(known),
            ..stage("decoder", "décodeur", decode)
        },
        stage("head", "tête", vec![linear("predict", None)]),
    ]
}

#[cfg(test)]
mod tests;
