//! A read of few rows of a table in training, with a gradient of those rows alone.
//!
//! Burn's gradient of a table is as large as the table. Here the table stays out of the graph: the vectors read are a leaf of
//! it, their gradient is summed into that of the rows after the backward pass, and the optimiser moves the rows.
use super::operation;
use crate::is_fused;
use crate::optim::RowGradient;
use crate::weights::values;
use burn::module::ParamId;
use burn::tensor::{Bool, Gradients, Int, Tensor, TensorData};
use ressac_kernels::context::Context;
use ressac_kernels::embedding::{NO_ROW, Rows};

/// The rows of `table` that `ids` name, times `factors`, zeros at [`NO_ROW`]; no gradient goes to the table.
pub(crate) fn read(table: &Tensor<2>, ids: &[u32], factors: Option<&[f32]>) -> Tensor<2> {
    let table = table.clone().inner();
    if is_fused(&table.device()) {
        return operation::read(table, ids, factors);
    }
    let ([_, width], device) = (table.dims(), table.device());
    let row = |&id: &u32| if id == NO_ROW { 0 } else { i64::from(id) };
    let rows = TensorData::new(ids.iter().map(row).collect::<Vec<_>>(), [ids.len()]);
    let rows = table.select(0, Tensor::<1, Int>::from_data(rows, &device));
    let rows = match factors {
        Some(factors) => {
            rows * Tensor::from_data(
                TensorData::new(factors.to_vec(), [ids.len(), width]),
                &device,
            )
        }
        None => rows,
    };
    let none: Vec<bool> = ids.iter().map(|id| *id == NO_ROW).collect();
    let none = Tensor::<2, Bool>::from_data(TensorData::new(none, [ids.len(), 1]), &device);
    rows.mask_fill(none.expand([ids.len(), width]), 0.0)
}

/// What a training step has read of a table, from the forward pass to the step of the optimiser.
#[derive(Debug)]
pub struct Reading {
    parameter: ParamId,
    /// A leaf of the graph: `[sentences, longest, width]`.
    vectors: Tensor<3>,
    ids: Vec<u32>,
    factors: Option<Vec<f32>>,
}

impl Reading {
    /// Of a parameter's table, at `[sentences, longest]` places.
    pub(crate) fn new(
        parameter: ParamId,
        table: &Tensor<2>,
        [sentences, longest]: [usize; 2],
        ids: Vec<u32>,
        factors: Option<Vec<f32>>,
    ) -> Self {
        let [_, width] = table.dims();
        let vectors = read(table, &ids, factors.as_deref()).reshape([sentences, longest, width]);
        Self {
            parameter,
            vectors: Tensor::from_inner(vectors).require_grad(),
            ids,
            factors,
        }
    }

    /// The vectors read.
    pub fn vectors(&self) -> Tensor<3> {
        self.vectors.clone()
    }

    /// The gradient of the rows read, taken out of those of a backward pass; `None` where the loss does not depend on the
    /// vectors.
    pub fn gradient(self, gradients: &mut Gradients) -> Option<RowGradient> {
        let gradient = values(self.vectors.grad_remove(gradients)?);
        let [_, _, width] = self.vectors.dims();
        let rows = Rows::of(&self.ids);
        let mut sums = vec![0.0; rows.rows().len() * width];
        let (context, factors) = (Context::global(), self.factors.as_deref());
        // The vectors were read at these very places.
        crate::flex::fitting(rows.gradient(&context, width, factors, &gradient, &mut sums));
        Some(RowGradient {
            parameter: self.parameter,
            rows: rows.rows().to_vec(),
            width,
            values: sums,
        })
    }
}
