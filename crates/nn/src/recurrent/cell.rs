//! A cell whose type has been forgotten, so that a layer is one type whatever its cell.
use super::fallback::Values;
use crate::Cell;
use burn::tensor::Tensor;
use ressac_kernels::error::ShapeError;
use ressac_kernels::recurrent::{Engine, Recurrence};
use std::fmt::Debug;
use std::sync::Arc;

/// A cell with its sizes, for both paths.
pub(super) trait LayerCell: Debug + Send + Sync {
    /// The fused engine.
    fn engine(&self) -> &dyn Recurrence;
    /// The formula over tensors: columns and previous states in, next states out, each `[batch, hidden]`.
    fn step(&self, columns: Vec<Tensor<2>>, previous: Vec<Tensor<2>>) -> Vec<Tensor<2>>;
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize> LayerCell
    for Engine<C, COLUMNS, STATES, KEPT>
where
    C: Cell<COLUMNS, STATES, KEPT>,
{
    fn engine(&self) -> &dyn Recurrence {
        self
    }

    fn step(&self, columns: Vec<Tensor<2>>, previous: Vec<Tensor<2>>) -> Vec<Tensor<2>> {
        let array = |values: Vec<Tensor<2>>| values.into_iter().map(Values);
        let (mut columns, mut previous) = (array(columns), array(previous));
        let (next, _) = self.cell().forward(
            std::array::from_fn(|_| take(&mut columns)),
            std::array::from_fn(|_| take(&mut previous)),
        );
        next.into_iter().map(|Values(value)| value).collect()
    }
}

fn take(values: &mut impl Iterator<Item = Values>) -> Values {
    match values.next() {
        Some(value) => value,
        // The fallback cuts exactly as many as the engine's sources and states say.
        None => unreachable!("a column or state is missing"),
    }
}

/// Forgets the type of a cell.
pub(super) fn erase<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize>(
    cell: C,
    input: usize,
    hidden: usize,
) -> Result<Arc<dyn LayerCell>, ShapeError>
where
    C: Cell<COLUMNS, STATES, KEPT>,
{
    Ok(Arc::new(Engine::new(cell, input, hidden)?))
}
