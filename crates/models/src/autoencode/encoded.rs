//! Examples as the network reads them: scaled values step by step, in batches padded to their longest, and what of them counts in
//! the error.

use burn::tensor::{Device, Tensor, TensorData};

use ressac_data::examples::{Examples, Inputs};
use ressac_nn::random::Stream;
use ressac_nn::{Lengths, NnError};

use super::config::AutoencodeConfig;
use super::pipeline::AutoencodePipeline;
use crate::ModelError;
use crate::examples::batch;

/// Examples ready for the network.
#[derive(Debug, Clone)]
pub(super) struct Encoded {
    /// Of each example its values `[steps · width]`.
    values: Vec<Vec<f32>>,
    lengths: Vec<usize>,
    /// Values of a step.
    dims: usize,
    /// Numbers of a step: values, and in some models which of them are there.
    width: usize,
}

/// Some examples beside one another, the shorter ones padded.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    /// `[batch, steps, width]`.
    pub(super) values: Tensor<3>,
    pub(super) lengths: Lengths,
    /// Values of each example that are there.
    pub(super) counts: Vec<usize>,
    /// 1 for each value that is there `[batch, steps, dims]`; absent where all are.
    mask: Option<Tensor<3>>,
    dims: usize,
}

impl Batch {
    /// A batch of which every value is there.
    #[cfg(test)]
    pub(super) fn whole(values: Tensor<3>, lengths: Lengths, dims: usize) -> Self {
        let [rows, steps, _] = values.dims();
        Self {
            values,
            lengths,
            counts: vec![steps * dims; rows],
            mask: None,
            dims,
        }
    }

    /// The values that are to be written `[batch, steps, dims]`.
    pub(super) fn target(&self) -> Tensor<3> {
        match self.values.dims()[2] == self.dims {
            true => self.values.clone(),
            false => self.values.clone().narrow(2, 0, self.dims),
        }
    }

    /// Squared residuals of what was written, 0 where there is no value `[batch, steps, dims]`.
    pub(super) fn squares(&self, written: Tensor<3>) -> Tensor<3> {
        let residual = written - self.target();
        let squares = residual.clone() * residual;
        match &self.mask {
            None => squares,
            Some(mask) => squares * mask.clone(),
        }
    }

    /// The same batch with normal noise of this deviation on every value that is there.
    pub(super) fn noisy(&self, deviation: f64, draw: &Stream) -> Self {
        let shape = self.values.dims();
        let mut generator = draw.generator();
        let [rows, steps, width] = shape;
        let mut noise = vec![0.0_f32; rows * steps * width];
        for step in noise.chunks_exact_mut(width) {
            for value in &mut step[..self.dims] {
                *value = (deviation * generator.normal()) as f32;
            }
        }
        let noise = Tensor::<3>::from_data(TensorData::new(noise, shape), &self.values.device());
        let noise = match &self.mask {
            None => noise,
            Some(mask) if width == self.dims => noise * mask.clone(),
            Some(mask) => noise * Tensor::cat(vec![mask.clone(), mask.clone()], 2),
        };
        Self {
            values: self.values.clone() + noise,
            ..self.clone()
        }
    }
}

impl Encoded {
    /// `examples` as `pipeline` reads them.
    ///
    /// # Errors
    /// Other dimensions than the pipeline's; another length where the network reads one alone.
    pub(super) fn new(
        config: &AutoencodeConfig,
        pipeline: &AutoencodePipeline,
        examples: &Examples,
    ) -> Result<Self, ModelError> {
        pipeline.require(examples)?;
        if let Some(steps) = config.model.only(pipeline.steps) {
            AutoencodePipeline::require_steps(examples, steps)?;
        }
        let scales = &pipeline.scales;
        let (values, lengths) = match &examples.inputs {
            Inputs::Sequences(sequences) => (
                (sequences.items.iter())
                    .map(|item| scales.scaled(item))
                    .collect(),
                sequences.items.iter().map(|item| item.steps).collect(),
            ),
            // `require` refuses it.
            Inputs::Texts(_) => (Vec::new(), Vec::new()),
        };
        Ok(Self {
            values,
            lengths,
            dims: scales.names.len(),
            width: scales.width(),
        })
    }

    /// How many examples.
    pub(super) fn len(&self) -> usize {
        self.lengths.len()
    }

    /// The steps of each.
    pub(super) fn lengths(&self) -> &[usize] {
        &self.lengths
    }

    /// The scaled values of an example that rivals read, step by step; a missing one is the mean.
    pub(super) fn row(&self, place: usize) -> Vec<f64> {
        let steps = self.values[place].chunks_exact(self.width);
        steps
            .flat_map(|step| step[..self.dims].iter().map(|value| f64::from(*value)))
            .collect()
    }

    /// Whether each value of an example is there, step by step.
    pub(super) fn there(&self, place: usize) -> impl Iterator<Item = bool> {
        let (dims, width) = (self.dims, self.width);
        let steps = self.values[place].chunks_exact(width);
        steps
            .flat_map(move |step| (0..dims).map(move |dim| width == dims || step[dims + dim] > 0.0))
    }

    /// Places of all examples in batches of at most `most`, those of about one length together: little is padding.
    pub(super) fn batches(&self, most: usize) -> Vec<Vec<usize>> {
        batch::by_length(&self.lengths, most)
    }

    /// The examples at these places.
    ///
    /// # Errors
    /// No example.
    pub(super) fn batch(&self, places: &[usize], device: &Device) -> Result<Batch, NnError> {
        let rows: Vec<&[f32]> = places
            .iter()
            .map(|at| self.values[*at].as_slice())
            .collect();
        let (values, lengths) = batch::padded(&rows, self.width, device)?;
        let time = values.dims()[1];
        let even = places.iter().all(|at| self.lengths[*at] == time);
        let all_there = even && self.width == self.dims;
        let mut counts = vec![time * self.dims; places.len()];
        let mut mask = None;
        if !all_there {
            let mut there = vec![0.0_f32; places.len() * time * self.dims];
            let rows = there.chunks_mut((time * self.dims).max(1));
            for ((into, at), count) in rows.zip(places).zip(&mut counts) {
                for (into, there) in into.iter_mut().zip(self.there(*at)) {
                    *into = f32::from(u8::from(there));
                }
                *count = self.there(*at).filter(|there| *there).count();
            }
            let data = TensorData::new(there, [places.len(), time, self.dims]);
            mask = Some(Tensor::from_data(data, device));
        }
        Ok(Batch {
            values,
            lengths,
            counts,
            mask,
            dims: self.dims,
        })
    }
}
