//! The fused lookup, and the read of few rows: their shapes.
use crate::flex::{fitting, floats, tensor};
use crate::fused::{self, Inputs, Operation};
use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;
use ressac_kernels::context::Context;
use ressac_kernels::embedding::Embedding;
use std::sync::Arc;

const TABLE: usize = 0;

/// `[ids, width]` of `table [entries, width]`.
pub(super) fn lookup(table: Tensor<2>, ids: &[u32]) -> Tensor<2> {
    let [output] = fused::run(Lookup(ids.into()), [Some(table.into_dispatch())]);
    Tensor::from_dispatch(output)
}

#[derive(Debug, Clone)]
struct Lookup(Arc<[u32]>);

fn sizes(inputs: &Inputs<1>) -> Embedding {
    let table = inputs.shape(TABLE);
    Embedding {
        entries: table[0],
        width: table[1],
    }
}

impl Operation<1, 1> for Lookup {
    type Memory = ();

    fn forward(
        &self,
        context: &Context,
        inputs: &Inputs<1>,
        _training: bool,
    ) -> ([FlexTensor; 1], ()) {
        let (sizes, ids) = (sizes(inputs), &self.0);
        let mut output = vec![0.0; ids.len() * sizes.width];
        fitting(sizes.forward(context, inputs.floats(TABLE), ids, &mut output));
        ([tensor(output, [ids.len(), sizes.width])], ())
    }

    fn backward(
        &self,
        context: &Context,
        inputs: &Inputs<1>,
        (): &mut (),
        gradient: &FlexTensor,
        _: &[Option<FlexTensor>],
        [table]: [Option<&mut [f32]>; 1],
    ) {
        if let Some(table) = table {
            fitting(sizes(inputs).backward(context, &self.0, floats(gradient), table));
        }
    }
}

/// `[ids, width]` of `table [entries, width]` times `factors`, with zeros where no row is read. It has no gradient: see
/// [`super::Reading`].
pub(super) fn read(table: Tensor<2>, ids: &[u32], factors: Option<&[f32]>) -> Tensor<2> {
    let read = Read {
        ids: ids.into(),
        factors: factors.map(Into::into),
    };
    let [output] = fused::run(read, [Some(table.inner().into_dispatch())]);
    Tensor::from_dispatch(output)
}

#[derive(Debug, Clone)]
struct Read {
    ids: Arc<[u32]>,
    factors: Option<Arc<[f32]>>,
}

impl Operation<1, 1> for Read {
    type Memory = ();

    fn forward(
        &self,
        context: &Context,
        inputs: &Inputs<1>,
        _training: bool,
    ) -> ([FlexTensor; 1], ()) {
        let (sizes, ids) = (sizes(inputs), &self.ids);
        let mut output = vec![0.0; ids.len() * sizes.width];
        let (table, factors) = (inputs.floats(TABLE), self.factors.as_deref());
        fitting(sizes.read(context, table, ids, factors, &mut output));
        ([tensor(output, [ids.len(), sizes.width])], ())
    }

    fn backward(
        &self,
        _: &Context,
        _: &Inputs<1>,
        (): &mut (),
        _: &FlexTensor,
        _: &[Option<FlexTensor>],
        _: [Option<&mut [f32]>; 1],
    ) {
        unreachable!("the table is given without its graph")
    }
}
