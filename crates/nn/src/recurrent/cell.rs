//! A cell whose type has been forgotten, so that a layer is one type whatever its cell.
use super::fallback::Values;
use crate::Cell;
use burn::tensor::Tensor;
use ressac_kernels::error::ShapeError;
use ressac_kernels::recurrent::{Engine, Options, Recurrence};
use std::fmt::Debug;
use std::sync::Arc;

/// A cell with its sizes, for both paths.
pub(super) trait LayerCell: Debug + Send + Sync {
    /// The fused engine.
    fn engine(&self) -> &dyn Recurrence;
    /// The formula over tensors: columns, previous states and unit weights in, next states out, each `[batch,
    /// hidden]`.
    fn step(
        &self,
        columns: Vec<Tensor<2>>,
        previous: Vec<Tensor<2>>,
        units: Vec<Tensor<2>>,
    ) -> Vec<Tensor<2>>;
    /// The gated state, and the columns as [`LayerCell::step`] will find them.
    fn gate(
        &self,
        columns: Vec<Tensor<2>>,
        previous: Vec<Tensor<2>>,
    ) -> (Tensor<2>, Vec<Tensor<2>>);
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize> LayerCell
    for Engine<C, COLUMNS, STATES, KEPT, UNITS>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    fn engine(&self) -> &dyn Recurrence {
        self
    }

    fn step(
        &self,
        columns: Vec<Tensor<2>>,
        previous: Vec<Tensor<2>>,
        units: Vec<Tensor<2>>,
    ) -> Vec<Tensor<2>> {
        let (next, _) = self
            .cell()
            .forward(array(columns), array(previous), array(units));
        next.into_iter().map(|Values(value)| value).collect()
    }

    fn gate(
        &self,
        columns: Vec<Tensor<2>>,
        previous: Vec<Tensor<2>>,
    ) -> (Tensor<2>, Vec<Tensor<2>>) {
        let (Values(gated), columns) = self.cell().gate(array(columns), array(previous));
        (
            gated,
            columns.into_iter().map(|Values(value)| value).collect(),
        )
    }
}

fn array<const N: usize>(values: Vec<Tensor<2>>) -> [Values; N] {
    let mut values = values.into_iter();
    std::array::from_fn(|_| match values.next() {
        Some(value) => Values(value),
        // The fallback cuts exactly as many as the engine says.
        None => unreachable!("a column, state or unit weight is missing"),
    })
}

/// Forgets the type of a cell.
pub(super) fn erase<
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
>(
    cell: C,
    input: usize,
    hidden: usize,
    options: Options,
) -> Result<Arc<dyn LayerCell>, ShapeError>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    Ok(Arc::new(
        Engine::new(cell, input, hidden)?.with_options(options)?,
    ))
}
