//! From options as given and the examples themselves to a complete configuration.

use ressac_data::Assumption;
use ressac_data::examples::{Examples, Inputs, Media};

use super::choices::{AutoencoderKind, Function};
use super::config::{AutoencodeConfig, AutoencodeOptions};
use super::parts::{AutoencodeParts, Cutting, USUAL, cut};
use super::series;
use crate::ModelError;
use crate::cell::CellKind;
use crate::error::option_error;
use crate::examples::Material;
use crate::options::{Budget, TrainingDefaults};
use crate::part::split;
use crate::ranges;

/// A configuration complete, and the parts.
pub type Resolved = crate::family::Resolved<AutoencodeConfig, AutoencodeParts>;

/// What holds for rows and sequences where an option of training is not given.
const NUMBERS: TrainingDefaults = TrainingDefaults {
    weight_decay: 0.0,
    budget: Budget {
        epochs: 60,
        least: 2_000,
        most: 20_000,
    },
    ..TrainingDefaults::OF_ITEMS
};

/// The same of images, chosen on the validation part of Fashion-MNIST (`bench/autoencode/tried.json`).
const IMAGES: TrainingDefaults = TrainingDefaults {
    batch: 128,
    lr: 4e-3,
    budget: Budget {
        epochs: 15,
        least: 2_000,
        most: 20_000,
    },
    ..NUMBERS
};

/// The share of the training part that is held back where nobody says another.
const HELD_BACK: f64 = 0.2;

/// What the data are: what defaults go by.
struct Found {
    /// Values of a step.
    dims: usize,
    /// Steps of every example; nothing where they differ.
    steps: Option<usize>,
    /// The smaller side of images.
    side: Option<usize>,
}

impl Found {
    fn of(examples: &Examples) -> Self {
        let (mut dims, mut steps) = (1, None);
        if let Inputs::Sequences(sequences) = &examples.inputs {
            dims = sequences.dims.len();
            let mut lengths = sequences.items.iter().map(|item| item.steps);
            let first = lengths.next();
            steps = first.filter(|first| lengths.all(|length| length == *first));
        }
        Self {
            dims,
            steps,
            side: match examples.media {
                Some(Media::Image { size, .. }) => Some(size.0.min(size.1)),
                _ => None,
            },
        }
    }

    fn model(&self) -> AutoencoderKind {
        match (self.side, self.steps) {
            (Some(_), _) => AutoencoderKind::Convolutional,
            (None, None) => AutoencoderKind::Recurrent,
            (None, Some(_)) => AutoencoderKind::Dense,
        }
    }

    /// Widths of the encoder: a code of a few numbers for a few values, of 32 for images.
    fn widths(&self, model: AutoencoderKind) -> Vec<usize> {
        let values = self.dims.saturating_mul(self.steps.unwrap_or(1));
        let code = match (self.side, values) {
            (Some(_), _) => 32,
            (None, values) => values.div_ceil(4).clamp(1, 8),
        };
        match model {
            AutoencoderKind::Dense if self.side.is_some() => vec![512, 256, code],
            AutoencoderKind::Dense => match values {
                ..=32 => vec![64, 32, code],
                _ => vec![128, 64, code],
            },
            AutoencoderKind::Convolutional => {
                let side = self.side.or(self.steps).unwrap_or(1);
                // Halved until some 7 places are left to a side.
                let halvings = (side as f64 / 7.0).log2().round().clamp(1.0, 5.0) as u32;
                let filters = (0..halvings).map(|at| 32_usize << at.min(3));
                filters.chain([code]).collect()
            }
            AutoencoderKind::Recurrent => vec![64, code.max(8)],
        }
    }
}

/// Completes `options` for these examples.
///
/// # Errors
/// [`ModelError::Options`] for a value out of its range or one that does not concern the kind of network, and
/// [`ModelError::EmptyPart`] where no example is left to learn from.
pub(super) fn resolve(
    options: &AutoencodeOptions,
    material: &Material,
) -> Result<Resolved, ModelError> {
    let own = [material.valid.is_some(), material.test.is_some()];
    let split = split(options.split.as_deref(), USUAL, own)?;
    let mut cutting = Cutting {
        split: split.as_deref(),
        normal: options.normal.as_ref(),
        window: None,
        held_back: options.held_back.unwrap_or(HELD_BACK),
        seed: options.training.seed.unwrap_or(0),
    };
    ranges::share("held_back", cutting.held_back)?;
    let (window, assumed) = series::window(options, material, &cutting)?;
    cutting.window = window;
    let mut found = Found::of(&material.data);
    found.steps = window.or(found.steps);
    let model = options.model.unwrap_or_else(|| found.model());
    let defaults = match found.side {
        Some(_) => &IMAGES,
        None => &NUMBERS,
    };
    let variational = options.variational.unwrap_or(false);
    let (parts, told) = cut(material, &cutting)?;
    let mut assumptions: Vec<Assumption> = assumed.into_iter().chain(told).collect();
    let config = AutoencodeConfig {
        data: options.data.clone().unwrap_or_default(),
        valid: options.valid.clone(),
        test: options.test.clone(),
        split,
        header: options.header,
        label: options.label.clone(),
        normal: options.normal.clone(),
        sequence: options.sequence.clone(),
        time: options.time.clone(),
        window: window.or(options.window),
        columns: options.columns.clone(),
        held_back: options.held_back.unwrap_or(HELD_BACK),
        model,
        widths: (options.widths.clone()).unwrap_or_else(|| found.widths(model)),
        cell: match model {
            AutoencoderKind::Recurrent => Some(options.cell.unwrap_or(CellKind::Gru)),
            _ => options.cell,
        },
        function: match model {
            AutoencoderKind::Recurrent => options.function,
            _ => Some(options.function.unwrap_or(Function::Relu)),
        },
        noise: options.noise.unwrap_or(0.0),
        sparsity: options.sparsity.unwrap_or(0.0),
        contraction: options.contraction.unwrap_or(0.0),
        variational,
        beta: match variational {
            true => Some(options.beta.unwrap_or(1.0)),
            false => options.beta,
        },
        media: options.media.resolve(&material.data)?,
        training: options
            .training
            .resolve(defaults, parts.parts.train.len())?,
    };
    check(&config)?;
    let refused = match (model, found.steps) {
        (AutoencoderKind::Recurrent, _) => None,
        (_, None) => Some("the sequences differ in length: take `recurrent`"),
        (AutoencoderKind::Convolutional, Some(1)) if found.side.is_none() => {
            Some("rows have no order to go along: take `dense`")
        }
        _ => None,
    };
    if let Some(why) = refused {
        return Err(option_error("model", &format!("is `{model}`, and {why}")));
    }
    let counts = format!(
        "{} examples to train on, {} held back to calibrate with, {} to validate on, {} to test on{}",
        parts.parts.train.len(),
        parts.held_back.len(),
        parts.parts.valid.len(),
        parts.parts.test.len(),
        match parts.aside {
            0 => String::new(),
            aside => format!("; {aside} that are not normal are set aside"),
        }
    );
    assumptions.push(Assumption {
        what: "parts".into(),
        found: counts,
    });
    Ok(Resolved {
        config,
        parts,
        assumptions,
    })
}

/// Refuses a configuration with a value out of its range.
pub(super) fn check(config: &AutoencodeConfig) -> Result<(), ModelError> {
    ranges::share("held_back", config.held_back)?;
    if config.widths.is_empty() || config.widths.len() > 16 {
        return Err(option_error(
            "widths",
            "is a list of 1 to 16 widths, the last one that of the code, such as 128,64,8",
        ));
    }
    if config.widths.len() < 2 && config.model != AutoencoderKind::Dense {
        return Err(option_error(
            "widths",
            &format!(
                "has the width of the code alone, and a {} network needs layers in front of it, such as 32,8",
                config.model
            ),
        ));
    }
    for width in &config.widths {
        ranges::whole("widths", *width, 1..=16_384)?;
    }
    for (key, value) in [
        ("noise", config.noise),
        ("sparsity", config.sparsity),
        ("contraction", config.contraction),
        ("beta", config.beta.unwrap_or(0.0)),
    ] {
        if !(value.is_finite() && value >= 0.0) {
            return Err(option_error(key, &format!("is {value}; it is 0 or more")));
        }
    }
    let recurrent = config.model == AutoencoderKind::Recurrent;
    let refused = [
        (
            "cell",
            config.cell.is_some() && !recurrent,
            "is for recurrent layers",
        ),
        (
            "function",
            config.function.is_some() && recurrent,
            "is for dense and convolutional layers",
        ),
        (
            "time",
            config.time.is_some() && config.sequence.is_some(),
            "names the rows of a table, and with `sequence` a row is a step: leave one of the two out",
        ),
        (
            "window",
            config.windowed().is_some() && config.sequence.is_some(),
            "cuts a series, and with `sequence` the sequences are whole ones: leave one of the two out",
        ),
        (
            "contraction",
            config.contraction > 0.0 && config.model != AutoencoderKind::Dense,
            "needs the Jacobian of the encoder, which is written out for dense layers",
        ),
        (
            "beta",
            config.beta.is_some() && !config.variational,
            "is for a variational autoencoder: say `variational = true` as well",
        ),
        (
            "sparsity",
            config.sparsity > 0.0 && config.variational,
            "and `variational` say two things of the code: leave one of them out",
        ),
    ];
    if let Some((key, _, why)) = refused.into_iter().find(|(_, wrong, _)| *wrong) {
        let model = config.model;
        return Err(option_error(key, &format!("{why}; the model is `{model}`")));
    }
    config.media.check()?;
    config.training.check()
}
