//! One layer in one direction: its parameters, and the choice of path.
use super::cell::LayerCell;
use super::fallback;
use super::operation::{self, Call, PackCache};
use crate::random::Stream;
use crate::{Lengths, NnError, is_fused};
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
use ressac_kernels::cell::Source;
use std::sync::Arc;

/// Parameters of one layer and direction.
#[derive(Module, Debug)]
pub(super) struct Direction {
    input_weights: Param<Tensor<2>>,
    recurrent_weights: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
    #[module(skip)]
    cell: Arc<dyn LayerCell>,
    #[module(skip)]
    reverse: bool,
    #[module(skip)]
    cache: PackCache,
}

impl Direction {
    pub(super) fn new(
        cell: Arc<dyn LayerCell>,
        reverse: bool,
        stream: &Stream,
        device: &Device,
    ) -> Self {
        let engine = cell.engine();
        let (inputs, hidden) = (engine.input(), engine.hidden());
        let sources = engine.sources();
        let rows = |reads: fn(Source) -> bool| {
            hidden * sources.iter().filter(|source| reads(**source)).count()
        };
        let bound = 1.0 / (hidden as f64).sqrt();
        let draw = |purpose: &str, count: usize| -> Vec<f32> {
            let mut generator = stream.child(purpose).generator();
            (0..count)
                .map(|_| (bound * (2.0 * generator.uniform() - 1.0)) as f32)
                .collect()
        };
        let matrix = |purpose: &str, rows: usize, columns: usize| {
            let data = TensorData::new(draw(purpose, rows * columns), [rows, columns]);
            Param::from_tensor(Tensor::from_data(data, device))
        };
        let biases = hidden * sources.len();
        Self {
            input_weights: matrix("input weights", rows(Source::reads_input), inputs),
            recurrent_weights: matrix("recurrent weights", rows(Source::reads_state), hidden),
            bias: Param::from_tensor(Tensor::from_data(
                TensorData::new(draw("bias", biases), [biases]),
                device,
            )),
            cell: Arc::clone(&cell),
            reverse,
            cache: PackCache::default(),
        }
    }

    pub(super) fn name(&self) -> &'static str {
        self.cell.engine().name()
    }
    pub(super) fn hidden(&self) -> usize {
        self.cell.engine().hidden()
    }
    pub(super) fn states(&self) -> usize {
        self.cell.engine().states()
    }

    /// `input [batch, time, features]`, `initial [states, batch, hidden]` to output and final states.
    pub(super) fn forward(
        &self,
        input: Tensor<3>,
        lengths: Option<&Lengths>,
        initial: Option<Tensor<3>>,
    ) -> Result<(Tensor<3>, Tensor<3>), NnError> {
        let engine = self.cell.engine();
        let [batch, time, features] = input.dims();
        if features != engine.input() {
            return Err(NnError::shape(
                format!("{}: input features", engine.name()),
                engine.input().to_string(),
                features.to_string(),
            ));
        }
        if let Some(lengths) = lengths {
            let lengths = lengths.as_slice();
            if lengths.len() != batch {
                return Err(NnError::shape(
                    format!("{}: lengths", engine.name()),
                    format!("{batch}, one for each row"),
                    lengths.len().to_string(),
                ));
            }
            if let Some(row) = lengths.iter().position(|&length| length > time) {
                return Err(NnError::shape(
                    format!("{}: lengths[{row}]", engine.name()),
                    format!("at most {time}, the steps of the input"),
                    lengths[row].to_string(),
                ));
            }
        }
        let weights = [self.input_weights.val(), self.recurrent_weights.val()];
        if !is_fused(&input.device()) {
            let cell = &*self.cell;
            let bias = self.bias.val();
            return Ok(fallback::forward(
                cell,
                input,
                weights,
                bias,
                initial,
                lengths,
                self.reverse,
            ));
        }
        let call = Call {
            cell: Arc::clone(&self.cell),
            lengths: lengths.cloned(),
            reverse: self.reverse,
            has_initial: initial.is_some(),
            cache: self.cache.clone(),
        };
        Ok(operation::recurrent(
            input,
            weights,
            self.bias.val(),
            initial,
            call,
        ))
    }
}
