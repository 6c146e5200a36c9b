//! Recurrent layers: the encoder's output at the last real step is coded, and the decoder reads the code at every step (sequence to
//! sequence without the truth fed back; Srivastava, Mansimov and Salakhutdinov 2015). Sequences may be of any length.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use ressac_nn::random::Stream;
use ressac_nn::{Lengths, Linear, LinearConfig, NnError, Recurrent, pool};

use super::super::config::AutoencodeConfig;
use super::super::pipeline::Extent;
use super::{affine, backwards};
use crate::cell::CellKind;
use crate::options::{RecurrentConfig, RecurrentOptions};

/// The layers on both sides of the code.
#[derive(Module, Debug)]
pub(in crate::autoencode) struct Recurrences {
    encoder: Vec<Recurrent>,
    decoder: Vec<Recurrent>,
    output: Linear,
}

/// One layer of this width, with nothing around its cell.
fn layer(kind: CellKind, width: usize) -> RecurrentConfig {
    RecurrentOptions::default().resolve(Some(kind), (width, 1, 0.0))
}

fn cell(config: &AutoencodeConfig) -> CellKind {
    config.cell.unwrap_or(CellKind::Gru)
}

/// What each layer reads, and its width, where `read` is what the first one reads.
fn pairs(read: usize, widths: &[usize]) -> Vec<(usize, usize)> {
    let before = [read].into_iter().chain(widths.iter().copied());
    before.zip(widths.iter().copied()).collect()
}

/// The widths behind the code.
fn back(config: &AutoencodeConfig) -> Vec<usize> {
    backwards(config.layers())
}

fn last(config: &AutoencodeConfig) -> usize {
    back(config).last().copied().unwrap_or(config.code())
}

impl Recurrences {
    pub(super) fn new(
        config: &AutoencodeConfig,
        extent: Extent,
        stream: &Stream,
        device: &Device,
    ) -> Result<Self, NnError> {
        let kind = cell(config);
        let layers = |name: &str, read: usize, widths: &[usize]| {
            let stream = stream.child(name);
            let pairs = pairs(read, widths).into_iter().zip(0..);
            pairs
                .map(|((read, width), at)| {
                    layer(kind, width)
                        .layers_of(kind, read, extent.steps.unwrap_or(1))
                        .init(&stream.at(at), device)
                })
                .collect::<Result<Vec<Recurrent>, NnError>>()
        };
        Ok(Self {
            encoder: layers("encoder", extent.width, config.layers())?,
            decoder: layers("decoder", config.code(), &back(config))?,
            output: LinearConfig::new(last(config), extent.dims)
                .init(&stream.child("output"), device)?,
        })
    }

    /// What the encoder gives to the code.
    pub(super) fn features(config: &AutoencodeConfig, extent: Extent) -> usize {
        config.layers().last().copied().unwrap_or(extent.width)
    }

    pub(super) fn parameters(config: &AutoencodeConfig, extent: Extent) -> usize {
        let kind = cell(config);
        let there = pairs(extent.width, config.layers());
        let again = pairs(config.code(), &back(config));
        let layers = there.into_iter().chain(again);
        let layers = layers.map(|(read, width)| layer(kind, width).parameters(kind, read, 1));
        layers.fold(affine(last(config), extent.dims), usize::saturating_add)
    }

    pub(super) fn kept(config: &AutoencodeConfig, steps: usize) -> usize {
        let kind = cell(config);
        let widths = config.layers().iter();
        let kept = widths.map(|width| layer(kind, *width).kept_per_step(kind, 2));
        steps.saturating_mul(kept.fold(config.code(), usize::saturating_add))
    }

    pub(super) fn encode(
        &self,
        values: Tensor<3>,
        lengths: &Lengths,
    ) -> Result<Tensor<2>, NnError> {
        pool::last(through(&self.encoder, values, lengths)?, Some(lengths))
    }

    pub(super) fn decode(&self, code: Tensor<2>, lengths: &Lengths) -> Result<Tensor<3>, NnError> {
        let [batch, codes] = code.dims();
        let steps = lengths.counts().into_iter().max().unwrap_or(1);
        let each = code
            .reshape([batch, 1, codes])
            .expand([batch, steps, codes]);
        self.output.forward(through(&self.decoder, each, lengths)?)
    }
}

/// Values through layers one above the other.
fn through(
    layers: &[Recurrent],
    values: Tensor<3>,
    lengths: &Lengths,
) -> Result<Tensor<3>, NnError> {
    layers.iter().try_fold(values, |values, layer| {
        let (output, _) = layer.forward(values, Some(lengths), None)?;
        Ok(output)
    })
}
