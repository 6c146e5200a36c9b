//! What a layer computes for one unit of one row in one step: counted from its formulas, so that the cost of an option has
//! a bound that does not come from measuring it.

use serde_json::{Value, json};

/// Operations for one unit, row and step, forward and backward (to the parameters, not to the input).
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Counts {
    /// Multiply-adds of the products.
    pub(crate) forward_products: f64,
    pub(crate) backward_products: f64,
    /// Exponentials in the guise of σ and tanh.
    pub(crate) forward_activations: f64,
    pub(crate) backward_activations: f64,
    /// Other lane operations: loads and stores of arrays, sums, products.
    pub(crate) forward_others: f64,
    pub(crate) backward_others: f64,
}

impl Counts {
    /// Products of columns that read the input and the state, from their sizes.
    pub(crate) fn products(
        input_columns: usize,
        input: usize,
        state_columns: usize,
        fed: usize,
    ) -> Self {
        let (x, s) = ((input_columns * input) as f64, (state_columns * fed) as f64);
        Self {
            forward_products: x + s,
            // dW and dU, and the gradient of the state.
            backward_products: x + 2.0 * s,
            ..Self::default()
        }
    }

    /// With a projection of each unit's output to `width` values: forward, and twice backward.
    pub(crate) fn projected(mut self, width: usize) -> Self {
        self.forward_products += width as f64;
        self.backward_products += 2.0 * width as f64;
        self
    }

    /// With so many activations.
    pub(crate) fn activations(mut self, forward: usize, backward: usize) -> Self {
        self.forward_activations += forward as f64;
        self.backward_activations += backward as f64;
        self
    }

    /// With so many other operations.
    pub(crate) fn others(mut self, forward: usize, backward: usize) -> Self {
        self.forward_others += forward as f64;
        self.backward_others += backward as f64;
        self
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "forward": [self.forward_products, self.forward_activations, self.forward_others],
            "backward": [self.backward_products, self.backward_activations, self.backward_others],
        })
    }
}
