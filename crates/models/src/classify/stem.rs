//! The stem: convolutions over time in front of the recurrent layers, and behind them fewer, longer steps.
//!
//! A convolution finds a short pattern wherever it stands; what is left for the recurrence is which patterns came in which
//! order. Every `stride` steps become one, the largest value of each filter, so that a long sequence is a short one for
//! the recurrent layers.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use ressac_nn::random::Stream;
use ressac_nn::{Activation, Lengths, NnError, TimeConvolution, TimeConvolutionConfig};

use super::config::ClassifyConfig;
use crate::ModelError;
use crate::error::option_error;
use crate::ranges;

/// The kernels where nobody says others: those of the fully convolutional network of Wang, Yan & Oates (2017).
const KERNELS: [usize; 3] = [8, 5, 3];
/// Filters of each convolution.
const FILTERS: usize = 64;
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
    /// The options as given with their defaults: a stem in front of sequences of numbers whose median length is `steps`, none
    /// in front of texts.
    ///
    /// # Errors
    /// An option of the convolutions where there are none.
    pub(super) fn resolve(self, steps: Option<usize>) -> Result<Self, ModelError> {
        let usual = steps.filter(|steps| *steps >= KERNELS[0]);
        let given = self.stem.or(usual.map(|_| KERNELS.to_vec()));
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

/// The convolutions in a few words: `64 filters each, over 8, then 5, then 3 steps`.
pub(super) fn told(config: &ClassifyConfig) -> String {
    let kernels: Vec<String> = config.kernels().iter().map(usize::to_string).collect();
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

/// Convolutions over time, one behind the other.
#[derive(Module, Debug)]
pub(super) struct Stem {
    convolutions: Vec<TimeConvolution>,
    #[module(skip)]
    stride: usize,
}

impl Stem {
    /// The stem that `config` asks for, reading `input` numbers a step; nothing where it asks for none.
    ///
    /// # Errors
    /// A size of zero.
    pub(super) fn new(
        config: &ClassifyConfig,
        input: usize,
        stream: &Stream,
        device: &Device,
    ) -> Result<Option<Self>, NnError> {
        let filters = config.filters.unwrap_or(FILTERS);
        let kernels = config.kernels().iter().enumerate();
        let convolutions: Vec<TimeConvolution> = kernels
            .map(|(at, kernel)| {
                let input = if at == 0 { input } else { filters };
                TimeConvolutionConfig::new(input, filters, *kernel)
                    .with_activation(Activation::Relu)
                    .init(&stream.at(at as u64), device)
            })
            .collect::<Result<_, _>>()?;
        Ok((!convolutions.is_empty()).then(|| Self {
            convolutions,
            stride: config.stride.unwrap_or(1).max(1),
        }))
    }

    /// The weights of a stem that reads `input` numbers a step.
    pub(super) fn parameters(config: &ClassifyConfig, input: usize) -> usize {
        let filters = config.filters.unwrap_or(FILTERS);
        let kernels = config.kernels().iter().enumerate();
        kernels.fold(0, |total, (at, kernel)| {
            let input = if at == 0 { input } else { filters };
            let taps = kernel.saturating_mul(input).saturating_add(1);
            total.saturating_add(filters.saturating_mul(taps))
        })
    }

    /// The values that a stem keeps of a step of one sequence for the backward pass: of each convolution the steps under its
    /// kernel and what comes out, with their gradients.
    pub(super) fn kept_per_step(config: &ClassifyConfig, input: usize) -> usize {
        let filters = config.filters.unwrap_or(FILTERS);
        let kernels = config.kernels().iter().enumerate();
        kernels.fold(0, |total, (at, kernel)| {
            let input = if at == 0 { input } else { filters };
            let taps = kernel.saturating_mul(input).saturating_add(2 * filters);
            total.saturating_add(taps.saturating_mul(2))
        })
    }

    /// What the recurrent layers read, and the steps of each row.
    ///
    /// # Errors
    /// Another number of features; lengths that do not fit.
    pub(super) fn forward(
        &self,
        mut values: Tensor<3>,
        lengths: Lengths,
    ) -> Result<(Tensor<3>, Lengths), NnError> {
        for convolution in &self.convolutions {
            values = convolution.forward(values, Some(&lengths))?;
        }
        if self.stride == 1 {
            return Ok((values, lengths));
        }
        let [batch, time, features] = values.dims();
        let steps = time.div_ceil(self.stride);
        let missing = steps * self.stride - time;
        if missing > 0 {
            // Behind a ReLU zero is the smallest value there is.
            let zeros = Tensor::zeros([batch, missing, features], &values.device());
            values = Tensor::cat(vec![values, zeros], 1);
        }
        let values = values
            .reshape([batch * steps, self.stride, features])
            .max_dim(1)
            .reshape([batch, steps, features]);
        let counts = lengths.counts().into_iter();
        let counts: Vec<usize> = counts.map(|count| count.div_ceil(self.stride)).collect();
        Ok((values, Lengths::new(counts)?))
    }
}
