//! The fused lookup: its shapes.
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
