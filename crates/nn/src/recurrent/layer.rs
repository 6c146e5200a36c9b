//! One layer in one direction: its parameters, and the choice of path.
use super::cell::LayerCell;
use super::fallback;
use super::init::{Column, Init, Sizes};
use super::operation::{self, Call, PackCache};
use crate::random::Stream;
use crate::{Lengths, NnError, is_fused};
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
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
        init: &Init,
        stream: &Stream,
        device: &Device,
    ) -> Result<Self, NnError> {
        let engine = cell.engine();
        let sizes = Sizes {
            input: engine.input(),
            hidden: engine.hidden(),
            output: engine.hidden(),
        };
        let columns = Column::of(engine.name(), engine.sources());
        let values = init.values(engine.name(), &columns, sizes, stream)?;
        let matrix = |values: Vec<f32>, columns: usize| {
            let rows = values.len() / columns;
            let data = TensorData::new(values, [rows, columns]);
            Param::from_tensor(Tensor::from_data(data, device))
        };
        let biases = values.bias.len();
        Ok(Self {
            input_weights: matrix(values.input, sizes.input),
            recurrent_weights: matrix(values.recurrent, sizes.output),
            bias: Param::from_tensor(Tensor::from_data(
                TensorData::new(values.bias, [biases]),
                device,
            )),
            cell: Arc::clone(&cell),
            reverse,
            cache: PackCache::default(),
        })
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
