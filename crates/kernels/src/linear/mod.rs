//! The affine layer y = φ(x·Wᵀ + b), forward and backward, over the same products as the recurrent engine.
//!
//! Row-major `f32`: x `[rows, input]`, W `[output, input]` (as in PyTorch), b `[output]`, y `[rows,
//! output]`. A row's bits do not depend on the other rows.
mod backward;
mod forward;
#[cfg(test)]
pub(crate) mod reference;
#[cfg(test)]
mod tests;

use crate::algebra::Algebra;
use crate::context::{Context, InstructionSet};
use crate::error::ShapeError;
use crate::memory::{Buffer, Shared, Shelf};
use crate::product::pack::Blocks;
use backward::Back;
pub(crate) use backward::{Columns, Records};
pub(crate) use forward::{Activate, Panels};
use forward::{Ahead, Given, Pack};

/// φ.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Activation {
    /// φ(x) = x.
    #[default]
    Identity,
    /// φ(x) = max(x, 0).
    Relu,
    /// φ(x) = max(x, 0) + slope · min(x, 0) (Maas, Hannun & Ng 2013). The slope is zero or more, so that the sign of y
    /// is that of x, from which the gradient is taken.
    LeakyRelu(f32),
    /// φ(x) = 1 / (1 + e^−x).
    Sigmoid,
    /// φ = tanh.
    Tanh,
}

impl Activation {
    /// φ(x), over any [`Algebra`].
    #[inline(always)]
    pub fn apply<A: Algebra>(self, x: A) -> A {
        match self {
            Self::Identity => x,
            Self::Relu => x.relu(),
            Self::LeakyRelu(slope) => {
                let below = x.constant(0.0).sub(&x).relu();
                below.mul_add(&x.constant(-f64::from(slope)), &x.relu())
            }
            Self::Sigmoid => x.sigmoid(),
            Self::Tanh => x.tanh(),
        }
    }

    /// Whether its slope, if it has one, is one from which φ' can be told.
    pub(crate) fn check(self, operation: &str) -> Result<(), ShapeError> {
        match self {
            Self::LeakyRelu(slope) if !(slope >= 0.0 && slope.is_finite()) => Err(ShapeError::new(
                format!("{operation}: slope of the leaky ReLU"),
                "a number of zero or more",
                slope.to_string(),
            )),
            _ => Ok(()),
        }
    }

    /// φ'(x) as a function of y = φ(x), over any [`Algebra`].
    #[inline(always)]
    pub fn slope<A: Algebra>(self, y: A) -> A {
        match self {
            Self::Identity => y.constant(1.0),
            Self::Relu => y.positive(),
            Self::LeakyRelu(slope) => {
                let above = y.positive();
                let below = above.one_minus();
                below.mul_add(&y.constant(slope.into()), &above)
            }
            Self::Sigmoid => y.sigmoid_slope(),
            Self::Tanh => y.tanh_slope(),
        }
    }
}

/// A layer's sizes and activation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Linear {
    /// Features in.
    pub input: usize,
    /// Features out.
    pub output: usize,
    /// φ.
    pub activation: Activation,
}

/// Where the gradients go; every buffer given is written in full.
#[derive(Default)]
pub struct LinearGradients<'a> {
    /// `[rows, input]`.
    pub input: Option<&'a mut [f32]>,
    /// `[output, input]`.
    pub weights: Option<&'a mut [f32]>,
    /// `[output]`.
    pub bias: Option<&'a mut [f32]>,
}

/// The weights and the bias of a layer in the order in which the product reads them, for one instruction set: a layer that
/// runs many calls with few rows keeps them.
pub struct PackedLinear {
    layer: Linear,
    set: InstructionSet,
    blocks: Blocks,
    weights: Buffer,
    bias: Buffer,
}

impl std::fmt::Debug for PackedLinear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PackedLinear")
            .field("layer", &self.layer)
            .field("instruction_set", &self.set)
            .finish_non_exhaustive()
    }
}

/// Buffers of a call.
#[derive(Default)]
struct Scratch {
    weights: Buffer,
    bias: Buffer,
    slopes: Buffer,
}

static SCRATCH: Shelf<Scratch> = Shelf::new(8);

impl Linear {
    fn rows(&self, what: &str, length: usize, width: usize) -> Result<usize, ShapeError> {
        if width == 0 || !length.is_multiple_of(width) {
            return Err(ShapeError::new(
                format!("linear: {what}"),
                format!("rows of {width} values"),
                format!("{length} values"),
            ));
        }
        Ok(length / width)
    }

    fn check(&self, weights: usize, bias: Option<usize>) -> Result<(), ShapeError> {
        if self.output == 0 {
            return Err(ShapeError::new("linear: output size", "at least 1", "0"));
        }
        self.activation.check("linear")?;
        let output = ("output", self.output);
        ShapeError::check("linear: weights", &[output, ("input", self.input)], weights)?;
        match bias {
            Some(bias) => ShapeError::check("linear: bias", &[output], bias),
            None => Ok(()),
        }
    }

    /// y = φ(x·Wᵀ + b).
    ///
    /// # Errors
    /// A buffer that does not fit.
    pub fn forward(
        &self,
        context: &Context,
        input: &[f32],
        weights: &[f32],
        bias: Option<&[f32]>,
        output: &mut [f32],
    ) -> Result<(), ShapeError> {
        self.check(weights.len(), bias.map(<[f32]>::len))?;
        self.ahead(context, input, Given::Rows(weights, bias), output)
    }

    /// The weights and the bias, packed for the instruction set of `context`.
    ///
    /// # Errors
    /// A buffer that does not fit.
    pub fn pack(
        &self,
        context: &Context,
        weights: &[f32],
        bias: Option<&[f32]>,
    ) -> Result<PackedLinear, ShapeError> {
        self.check(weights.len(), bias.map(<[f32]>::len))?;
        let call = Pack {
            layer: *self,
            context: *context,
            weights,
            bias,
        };
        // SAFETY: the context's instruction set is available and the buffers fit.
        Ok(unsafe { crate::lanes::run(context.instruction_set(), call) })
    }

    /// As [`Linear::forward`], to the same bits, with weights packed before.
    ///
    /// # Errors
    /// A buffer that does not fit; weights of another layer or instruction set.
    pub fn forward_packed(
        &self,
        context: &Context,
        input: &[f32],
        packed: &PackedLinear,
        output: &mut [f32],
    ) -> Result<(), ShapeError> {
        let set = context.instruction_set();
        if packed.layer != *self || packed.set != set {
            return Err(ShapeError::new(
                "linear: packed weights",
                format!("{self:?} on {}", set.name()),
                format!("{:?} on {}", packed.layer, packed.set.name()),
            ));
        }
        self.ahead(context, input, Given::Packed(packed), output)
    }

    fn ahead(
        &self,
        context: &Context,
        input: &[f32],
        given: Given<'_>,
        output: &mut [f32],
    ) -> Result<(), ShapeError> {
        let rows = self.rows("input", input.len(), self.input)?;
        let dimensions = [("rows", rows), ("output", self.output)];
        ShapeError::check("linear: output", &dimensions, output.len())?;
        let call = Ahead {
            layer: *self,
            context: self.context(context, rows),
            rows,
            input,
            given,
            output: Shared::new(output),
        };
        // SAFETY: the context's instruction set is available, packed weights are of it, and the buffers fit.
        unsafe { crate::lanes::run(context.instruction_set(), call) };
        Ok(())
    }

    /// Gradients from that of y; `output` is what the forward call gave.
    ///
    /// # Errors
    /// A buffer that does not fit.
    pub fn backward(
        &self,
        context: &Context,
        input: &[f32],
        weights: &[f32],
        output: &[f32],
        output_gradient: &[f32],
        gradients: LinearGradients<'_>,
    ) -> Result<(), ShapeError> {
        self.check(
            weights.len(),
            gradients.bias.as_ref().map(|bias| bias.len()),
        )?;
        let rows = self.rows("input", input.len(), self.input)?;
        let (row, out, features) = (
            ("rows", rows),
            ("output", self.output),
            ("input", self.input),
        );
        ShapeError::check("linear: output", &[row, out], output.len())?;
        ShapeError::check(
            "linear: output gradient",
            &[row, out],
            output_gradient.len(),
        )?;
        if let Some(gradient) = &gradients.input {
            ShapeError::check("linear: input gradient", &[row, features], gradient.len())?;
        }
        if let Some(gradient) = &gradients.weights {
            ShapeError::check("linear: weight gradient", &[out, features], gradient.len())?;
        }
        if rows == 0 {
            // Sums without terms; the products write nothing where there is nothing to add.
            for gradient in [gradients.weights, gradients.bias].into_iter().flatten() {
                gradient.fill(0.0);
            }
            return Ok(());
        }
        let call = Back {
            layer: *self,
            context: self.context(context, rows),
            rows,
            input,
            weights,
            output,
            output_gradient,
            gradients,
        };
        // SAFETY: the context's instruction set is available and the buffers fit.
        unsafe { crate::lanes::run(context.instruction_set(), call) };
        Ok(())
    }

    fn context(&self, context: &Context, rows: usize) -> Context {
        context.for_work(rows * self.input * self.output)
    }
}
