//! The stem: convolutions in front of the recurrent layers, and behind them fewer, longer steps.
//!
//! A convolution finds a short pattern wherever it stands; what is left for the recurrence is which patterns came in which
//! order. Of a sequence every `stride` steps become one, the largest value of each filter, so that a long sequence is a short
//! one for the recurrent layers. Of an image each convolution is followed by batch normalisation and halves both sides. Without
//! recurrent layers what comes out is pooled as it is.

mod image;
mod time;

pub(super) use image::OverImages;
pub(super) use time::OverTime;

use super::choices::Pool;
use super::config::ClassifyConfig;
use super::resolve::NETWORK;
use crate::ModelError;
use crate::cell::CellKind;
use crate::error::option_error;
use crate::options::RecurrentOptions;
use crate::ranges;

/// The kernels where nobody says others: those of the fully convolutional network of Wang, Yan & Oates (2017).
const KERNELS: [usize; 3] = [8, 5, 3];
/// Filters of each convolution.
const FILTERS: usize = 64;
/// The kernels of the convolutions of images, and the filters of the first.
const OF_IMAGES: ([usize; 3], usize) = ([3, 3, 3], 32);
/// Steps that the recurrent layers read at the most by default, of a sequence of median length.
const STEPS: usize = 256;

/// The options of a stem, resolved.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct StemOptions {
    pub(super) stem: Option<Vec<usize>>,
    pub(super) filters: Option<usize>,
    pub(super) stride: Option<usize>,
}

impl StemOptions {
    /// The options as given with their defaults: a stem in front of images, and of sequences of numbers whose median length is
    /// `steps`, none in front of texts.
    ///
    /// # Errors
    /// An option of the convolutions where there are none, a stride of images.
    pub(super) fn resolve(self, steps: Option<usize>, images: bool) -> Result<Self, ModelError> {
        let usual = steps.filter(|steps| *steps >= KERNELS[0]);
        let usual = match images {
            true => Some(OF_IMAGES.0.to_vec()),
            false => usual.map(|_| KERNELS.to_vec()),
        };
        let given = self.stem.or(usual);
        // 0 on the command line is an empty list in a file.
        let Some(kernels) = given.filter(|kernels| !matches!(kernels.as_slice(), [] | [0])) else {
            for (key, given) in [("filters", self.filters), ("stride", self.stride)] {
                if given.is_some() {
                    return Err(option_error(
                        key,
                        "is of the convolutions in front of the recurrent layers, and there are none: give `stem`, such as 8,5,3",
                    ));
                }
            }
            return Ok(Self {
                stem: steps.map(|_| Vec::new()),
                filters: None,
                stride: None,
            });
        };
        if images {
            return match self.stride {
                None => Ok(Self {
                    stem: Some(kernels),
                    filters: Some(self.filters.unwrap_or(OF_IMAGES.1)),
                    stride: None,
                }),
                Some(_) => Err(option_error(
                    "stride",
                    "is of sequences, and each convolution of images halves both sides: leave it out",
                )),
            };
        }
        let stride = steps.map_or(1, |steps| steps.div_ceil(STEPS).max(1));
        Ok(Self {
            stem: Some(kernels),
            filters: Some(self.filters.unwrap_or(FILTERS)),
            stride: Some(self.stride.unwrap_or(stride)),
        })
    }
}

/// Refuses kernels, filters or a stride out of their range.
pub(super) fn check(config: &ClassifyConfig) -> Result<(), ModelError> {
    for kernel in config.kernels() {
        ranges::whole("stem", *kernel, 1..=1_000)?;
        if config.sides().is_some() && kernel.is_multiple_of(2) {
            return Err(option_error(
                "stem",
                &format!("has a kernel of {kernel}; of images kernels are odd, such as 3"),
            ));
        }
    }
    if config.recurrent.layers == 0 {
        check_alone(config)?;
    }
    if config.kernels().len() > 16 {
        return Err(option_error(
            "stem",
            &format!(
                "names {} convolutions; there are at most 16",
                config.kernels().len()
            ),
        ));
    }
    if let Some(filters) = config.filters {
        ranges::whole("filters", filters, 1..=16_384)?;
    }
    if let Some(stride) = config.stride {
        ranges::whole("stride", stride, 1..=100_000)?;
    }
    Ok(())
}

/// Refuses what concerns recurrent layers where there are none.
fn check_alone(config: &ClassifyConfig) -> Result<(), ModelError> {
    if config.kernels().is_empty() {
        return Err(option_error(
            "layers",
            "is 0, and there are no convolutions either: give a `stem`, or `layers = 1`",
        ));
    }
    if config.pool == Pool::Last {
        return Err(option_error(
            "pool",
            "is last, and without recurrent layers the last step knows nothing of the others: take max, mean or attention",
        ));
    }
    // As they stand where nobody gives them.
    let (hidden, _, _) = NETWORK;
    let dropout = config.recurrent.dropout;
    let mut usual = RecurrentOptions::default().resolve(Some(CellKind::Lstm), (hidden, 0, dropout));
    if config.pool == Pool::Attention {
        usual.hidden = config.recurrent.hidden;
    }
    match config.model == CellKind::Lstm && config.bidirectional && config.recurrent == usual {
        true => Ok(()),
        false => Err(option_error(
            "layers",
            "is 0, so that the convolutions alone are pooled: leave `model`, `bidirectional`, `hidden` and what else is of recurrent layers out, or give `layers = 1`",
        )),
    }
}

/// The convolutions in a few words: `64 filters each, over 8, then 5, then 3 steps`.
pub(super) fn told(config: &ClassifyConfig) -> String {
    let kernels: Vec<String> = config.kernels().iter().map(usize::to_string).collect();
    if config.sides().is_some() {
        let each = |kernel| format!("{kernel}x{kernel}");
        let kernels: Vec<String> = kernels.iter().map(each).collect();
        return format!(
            "over {} pixels, {} filters and then twice as many each time; behind each both sides halved",
            kernels.join(", then "),
            config.filters.unwrap_or(FILTERS),
        );
    }
    let mut told = format!(
        "{} filters each, over {} steps",
        config.filters.unwrap_or(FILTERS),
        kernels.join(", then ")
    );
    if let Some(stride) = config.stride.filter(|stride| *stride > 1) {
        told.push_str(&format!("; of every {stride} steps the largest values"));
    }
    told
}

/// The weights of a stem that reads `input` numbers a step.
pub(super) fn parameters(config: &ClassifyConfig, input: usize) -> usize {
    match config.sides() {
        None => OverTime::parameters(config, input),
        Some(sides) => OverImages::parameters(config, sides),
    }
}

/// The values that a stem keeps of an example of so many steps for the backward pass.
pub(super) fn kept(config: &ClassifyConfig, input: usize, steps: usize) -> usize {
    match config.sides() {
        None => OverTime::kept_per_step(config, input).saturating_mul(steps),
        Some(sides) => OverImages::kept(config, sides),
    }
}

/// Numbers of a step behind a stem that reads `input` numbers a step, and how many steps half of the training examples have at
/// the most, of which so many go in.
pub(super) fn steps(config: &ClassifyConfig, input: usize, steps: usize) -> [usize; 2] {
    match (config.kernels().is_empty(), config.sides()) {
        (true, _) => [input, steps],
        (false, Some(sides)) => image::steps(config, sides),
        (false, None) => [
            config.filters.unwrap_or(input),
            steps.div_ceil(config.stride.unwrap_or(1).max(1)),
        ],
    }
}
