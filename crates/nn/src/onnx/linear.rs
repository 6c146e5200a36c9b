//! The affine layer as MatMul and Add, with its activation.
use super::graph::{Attribute, Graph, Value};
use super::tensor::Values;
use crate::weights::collect;
use crate::{Activation, Linear};

impl Graph {
    /// y = φ(x·Wᵀ + b) over the last axis of `input`, however many stand before it.
    pub fn linear(&mut self, name: &str, layer: &Linear, input: &Value) -> Value {
        let parameters = collect(layer);
        self.within(name, |graph| {
            let mut sum = input.clone();
            if let Some(weights) = parameters.get("weights") {
                let [outputs, inputs] = [weights.shape[0], weights.shape[1]];
                // MatMul wants `[inputs, outputs]`.
                let turned = (0..inputs)
                    .flat_map(|input| {
                        let column = weights.values.iter().skip(input).step_by(inputs);
                        column.copied()
                    })
                    .collect();
                let weights = graph.constant("weights", &[inputs, outputs], &Values::F32(turned));
                sum = graph.node("MatMul", &[&sum, &weights], &[]);
            }
            if let Some(bias) = parameters.get("bias") {
                let values = Values::F32(bias.values.clone());
                let bias = graph.constant("bias", &bias.shape, &values);
                sum = graph.add(&sum, &bias);
            }
            match layer.activation() {
                Activation::Identity => sum,
                Activation::Relu => graph.node("Relu", &[&sum], &[]),
                Activation::LeakyRelu(slope) => {
                    let slope = Attribute::Float(slope);
                    graph.node("LeakyRelu", &[&sum], &[("alpha", slope)])
                }
                Activation::Sigmoid => graph.node("Sigmoid", &[&sum], &[]),
                Activation::Tanh => graph.node("Tanh", &[&sum], &[]),
            }
        })
    }
}
