//! The fused step: its shapes.
use crate::flex::{fitting, floats, tensor};
use crate::fused::{self, Inputs, Operation, or_spare};
use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;
use ressac_kernels::cell::Gru;
use ressac_kernels::context::Context;
use ressac_kernels::fan_out::{Gradients, Sizes, Sums};

const BIAS: usize = 0;
const SHARED: usize = 1;
const OWN: usize = 2;
const SUMS: usize = 3;
const STATE: usize = 4;

/// `[groups · members, branches, hidden]` of `bias [4·hidden]`, `shared [members, branches, 3·hidden]`,
/// `own [groups, branches, 3·hidden]`, which may be left out, `sums [groups · members, 3·hidden]` and
/// `state [groups · members, hidden]`.
pub(super) fn step(
    bias: Tensor<1>,
    shared: Tensor<3>,
    own: Option<Tensor<3>>,
    sums: Tensor<2>,
    state: Tensor<2>,
) -> Tensor<3> {
    let [output] = fused::run(
        FanOut,
        [
            Some(bias.into_dispatch()),
            Some(shared.into_dispatch()),
            own.map(Tensor::into_dispatch),
            Some(sums.into_dispatch()),
            Some(state.into_dispatch()),
        ],
    );
    Tensor::from_dispatch(output)
}

#[derive(Debug, Clone)]
struct FanOut;

fn sizes(inputs: &Inputs<5>) -> Sizes {
    let (shared, state) = (inputs.shape(SHARED), inputs.shape(STATE));
    Sizes {
        groups: state[0] / shared[0],
        members: shared[0],
        branches: shared[1],
        hidden: state[1],
    }
}

fn sums(inputs: &Inputs<5>) -> Sums<'_> {
    Sums {
        bias: inputs.floats(BIAS),
        shared: inputs.floats(SHARED),
        own: inputs.find(OWN).map(floats),
        sums: inputs.floats(SUMS),
        state: inputs.floats(STATE),
    }
}

impl Operation<5, 1> for FanOut {
    type Memory = ();

    fn forward(
        &self,
        context: &Context,
        inputs: &Inputs<5>,
        _training: bool,
    ) -> ([FlexTensor; 1], ()) {
        let sizes = sizes(inputs);
        let rows = sizes.groups * sizes.members;
        let mut output = vec![0.0; rows * sizes.branches * sizes.hidden];
        fitting(sizes.forward(context, &Gru, sums(inputs), &mut output));
        ([tensor(output, [rows, sizes.branches, sizes.hidden])], ())
    }

    fn backward(
        &self,
        context: &Context,
        inputs: &Inputs<5>,
        (): &mut (),
        output_gradient: &FlexTensor,
        _: &[Option<FlexTensor>],
        wanted: [Option<&mut [f32]>; 5],
    ) {
        let lengths =
            std::array::from_fn(|index| inputs.find(index).map_or(0, |input| floats(input).len()));
        let mut spare = <[Vec<f32>; 5]>::default();
        let [bias, shared, own, sums_gradient, state] = or_spare(wanted, lengths, &mut spare);
        fitting(sizes(inputs).backward(
            context,
            &Gru,
            sums(inputs),
            floats(output_gradient),
            Gradients {
                bias,
                shared,
                own: inputs.find(OWN).map(|_| own),
                sums: sums_gradient,
                state,
            },
        ));
    }
}
