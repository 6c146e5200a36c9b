//! The fused attention: its shapes.
use super::Attended;
use crate::Lengths;
use crate::flex::{fitting, floats, tensor};
use crate::fused::{self, Inputs, Operation};
use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;
use ressac_kernels::attention::{Attention, AttentionGradients, Operands, Score};
use ressac_kernels::context::Context;

const QUERIES: usize = 0;
const KEYS: usize = 1;
const VALUES: usize = 2;
const VECTOR: usize = 3;

/// Contexts and weights; with a vector by the additive score.
pub(super) fn attention(
    queries: Tensor<3>,
    lengths: Option<&Lengths>,
    to: &Attended,
    vector: Option<Tensor<1>>,
) -> (Tensor<3>, Tensor<3>) {
    let call = Call {
        sources: to.lengths.counts(),
        targets: lengths.map(Lengths::counts),
    };
    let [contexts, weights] = fused::run(
        call,
        [
            Some(queries.into_dispatch()),
            Some(to.keys.clone().into_dispatch()),
            Some(to.values.clone().into_dispatch()),
            vector.map(Tensor::into_dispatch),
        ],
    );
    let weights = Tensor::<3>::from_dispatch(weights).detach();
    (Tensor::from_dispatch(contexts), weights)
}

#[derive(Debug, Clone)]
struct Call {
    /// The real steps of the values of each sentence.
    sources: Vec<usize>,
    /// Those of the queries; all of them without.
    targets: Option<Vec<usize>>,
}

impl Call {
    fn kernel<'a>(&'a self, inputs: &'a Inputs<4>) -> Attention<'a> {
        let (queries, values) = (inputs.shape(QUERIES), inputs.shape(VALUES));
        Attention {
            score: match inputs.find(VECTOR) {
                Some(vector) => Score::Additive {
                    vector: floats(vector),
                },
                None => Score::Dot { scale: 1.0 },
            },
            batch: queries[0],
            targets: queries[1],
            sources: values[1],
            width: queries[2],
            values: values[2],
            target_lengths: self.targets.as_deref(),
            source_lengths: Some(&self.sources),
        }
    }

    fn operands(inputs: &Inputs<4>) -> Operands<'_> {
        Operands {
            queries: inputs.floats(QUERIES),
            keys: inputs.floats(KEYS),
            values: inputs.floats(VALUES),
        }
    }
}

impl Operation<4, 2> for Call {
    /// The weights.
    type Memory = FlexTensor;

    fn forward(
        &self,
        context: &Context,
        inputs: &Inputs<4>,
        _training: bool,
    ) -> ([FlexTensor; 2], FlexTensor) {
        let kernel = self.kernel(inputs);
        let shape = [kernel.batch, kernel.targets, kernel.values];
        let of_weights = [kernel.batch, kernel.targets, kernel.sources];
        let mut contexts = vec![0.0; shape.iter().product()];
        let mut weights = vec![0.0; of_weights.iter().product()];
        let operands = Self::operands(inputs);
        fitting(kernel.forward(context, operands, &mut contexts, &mut weights));
        let weights = tensor(weights, of_weights);
        ([tensor(contexts, shape), weights.clone()], weights)
    }

    fn backward(
        &self,
        context: &Context,
        inputs: &Inputs<4>,
        weights: &mut FlexTensor,
        gradient: &FlexTensor,
        _: &[Option<FlexTensor>],
        [queries, keys, values, vector]: [Option<&mut [f32]>; 4],
    ) {
        fitting(self.kernel(inputs).backward(
            context,
            Self::operands(inputs),
            floats(weights),
            floats(gradient),
            AttentionGradients {
                queries,
                keys,
                values,
                vector,
            },
        ));
    }
}
