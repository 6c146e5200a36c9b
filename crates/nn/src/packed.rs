//! Weights in the order in which the kernels read them, kept between calls of inference: packing them costs as much as a
//! step of a few rows.
use crate::flex::floats;
use burn::backend::flex::FlexTensor;
use ressac_kernels::context::Context;
use std::sync::{Arc, Mutex};

/// The packed parameters of the last inference call, kept while the parameters stay the same.
///
/// The arrays themselves are held too, so their memory cannot be reused or changed in place under the
/// same address: equal addresses mean equal parameters. Parameters that are put together anew for each call are compared
/// by their values.
pub(crate) struct PackCache<T>(Arc<Mutex<Option<Cached<T>>>>);

struct Cached<T> {
    parameters: Vec<FlexTensor>,
    context: Context,
    packed: Arc<T>,
}

impl<T> Clone for PackCache<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for PackCache<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> std::fmt::Debug for PackCache<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PackCache")
    }
}

fn same(old: &FlexTensor, new: &FlexTensor) -> bool {
    (Arc::ptr_eq(&old.data_arc(), &new.data_arc()) && old.layout() == new.layout())
        || floats(old) == floats(new)
}

impl<T> PackCache<T> {
    /// What `pack` makes of these parameters, contiguous ones, for the instruction set of `context`.
    pub(crate) fn get(
        &self,
        context: &Context,
        parameters: &[&FlexTensor],
        pack: impl FnOnce() -> T,
    ) -> Arc<T> {
        let mut cached = self.0.lock().unwrap_or_else(|poison| poison.into_inner());
        if let Some(cached) = &*cached
            && cached.context.instruction_set() == context.instruction_set()
            && cached.parameters.len() == parameters.len()
            && cached
                .parameters
                .iter()
                .zip(parameters)
                .all(|(old, new)| same(old, new))
        {
            return Arc::clone(&cached.packed);
        }
        let packed = Arc::new(pack());
        *cached = Some(Cached {
            parameters: parameters.iter().copied().cloned().collect(),
            context: *context,
            packed: Arc::clone(&packed),
        });
        packed
    }
}
