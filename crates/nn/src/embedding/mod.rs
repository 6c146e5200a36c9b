//! Rows of a table, by number: what the first layer of a reader of tokens does.
mod operation;
mod reading;
#[cfg(test)]
mod tests;

pub use reading::Reading;
pub(crate) use reading::read;

use crate::{NnError, is_fused};
use burn::tensor::{Int, Tensor, TensorData};
use ressac_kernels::embedding::Embedding;

/// The rows of a `table [entries, width]` that `ids` name, in their order: `[ids, width]`. Reshape it to `[batch, time,
/// width]` where the ids are those of sequences one after another.
///
/// The gradient of the table is dense: zero in the rows that no id names, and a sum in ascending order of the places in
/// those that several name, whatever the number of threads.
///
/// # Errors
/// An id that is not below the number of entries.
pub fn lookup(table: Tensor<2>, ids: &[u32]) -> Result<Tensor<2>, NnError> {
    let [entries, width] = table.dims();
    Embedding { entries, width }.check_ids(ids)?;
    if is_fused(&table.device()) {
        return Ok(operation::lookup(table, ids));
    }
    let values: Vec<i64> = ids.iter().map(|&id| id.into()).collect();
    let data = TensorData::new(values, [ids.len()]);
    let ids = Tensor::<1, Int>::from_data(data, &table.device());
    Ok(table.select(0, ids))
}
