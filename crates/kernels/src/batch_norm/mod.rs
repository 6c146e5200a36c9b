//! Batch normalisation (Ioffe & Szegedy 2015) of the channels of an image or of any rows, with the activation that follows.
//!
//! Row-major `f32`, channels last: x, y `[rows, C]`, where the rows of an image are batch · height · width; gain γ and
//! shift β `[C]`. With N rows, and mean and variance of each channel over them,
//!
//! ```text
//! m = 1/N Σ x        v = 1/N Σ (x − m)²        r = 1 / √(v + ε)
//! y = φ(γ · r · (x − m) + β)
//! ```
//!
//! and backward, with s = dy ⊙ φ'(y),
//!
//! ```text
//! dβ = Σ s        dγ = r · Σ s · (x − m)
//! dx = γ · r · (s − dβ/N − r · (x − m) · dγ/N)     from moments of the rows themselves
//! dx = γ · r · s                                   from moments that were given
//! ```
//!
//! As in PyTorch the variance that normalises is the biased one, and a running average is kept of the unbiased one
//! ([`Moments::unbiased`]); keeping it is the caller's.
//!
//! Sums over rows are chains in ascending order within tiles of 64 rows, joined over the tiles in `f64`, in order: how they
//! are cut is part of the definition, so the bits depend neither on threads nor on the instruction set. The variance of
//! a tile is taken about the tile's own mean and corrected by what rounding left of it (Chan, Golub & LeVeque 1983), so a
//! mean however large costs it nothing; and x − m is exact but for one rounding, because the part of m that `f32` does
//! not hold goes into the shift. A pass over x gives the moments and a second one y: the tile is still in cache when it
//! is read again for its variance. With moments that were given a row does not depend on the rows beside it.
mod backward;
mod columns;
mod forward;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;

use crate::context::Context;
use crate::error::ShapeError;
use crate::linear::Activation;
use crate::memory::{Buffer, Shared, Shelf};
use backward::Back;
use forward::Ahead;

static SCRATCH: Shelf<Buffer> = Shelf::new(16);

/// Mean and biased variance of each channel, `[C]` both.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// m.
    pub mean: Vec<f64>,
    /// v.
    pub variance: Vec<f64>,
}

impl Moments {
    /// v · N / (N − 1) of so many rows N, of which running averages are kept; of fewer than two rows there is none.
    pub fn unbiased(&self, rows: usize) -> Option<Vec<f64>> {
        let factor = rows as f64 / rows.checked_sub(1).filter(|less| *less > 0)? as f64;
        Some(self.variance.iter().map(|v| v * factor).collect())
    }
}

/// Whose moments a backward pass goes through.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Source<'a> {
    /// Those of the rows themselves, from [`BatchNorm::forward`]: they have their part in the gradient.
    Rows(&'a Moments),
    /// Those given to [`BatchNorm::infer`]: constants.
    Given(&'a Moments),
}

/// A normalisation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BatchNorm {
    /// Values of a row, C.
    pub channels: usize,
    /// ε, above zero.
    pub epsilon: f64,
    /// φ.
    pub activation: Activation,
}

/// What is normalised, and what follows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Operands<'a> {
    /// x, `[rows, C]`.
    pub input: &'a [f32],
    /// γ, `[C]`.
    pub gain: &'a [f32],
    /// β, `[C]`.
    pub shift: &'a [f32],
}

/// Where the gradients go; every buffer given is written in full.
#[derive(Debug, Default)]
pub struct BatchNormGradients<'a> {
    /// dx, `[rows, C]`.
    pub input: Option<&'a mut [f32]>,
    /// dγ, `[C]`.
    pub gain: Option<&'a mut [f32]>,
    /// dβ, `[C]`.
    pub shift: Option<&'a mut [f32]>,
}

impl BatchNorm {
    /// y from the moments of the rows themselves, which are returned.
    ///
    /// A single row is its own mean: y = φ(β).
    ///
    /// # Errors
    /// No row, no channel, an ε that is not above zero, a leaky ReLU with a slope below zero, a buffer that does not
    /// fit.
    pub fn forward(
        &self,
        context: &Context,
        operands: Operands<'_>,
        output: &mut [f32],
    ) -> Result<Moments, ShapeError> {
        let rows = self.check(operands, output.len(), "output")?;
        self.check_some(rows)?;
        let call = self.ahead(context, operands, output);
        // SAFETY: the context's instruction set is available and the buffers fit.
        Ok(unsafe { crate::lanes::run(context.instruction_set(), forward::Training(call)) })
    }

    /// y from moments that are given, as a network that has been trained applies it from its running averages.
    ///
    /// # Errors
    /// As [`BatchNorm::forward`], but that there may be no row; moments that do not fit, a negative variance.
    pub fn infer(
        &self,
        context: &Context,
        operands: Operands<'_>,
        moments: &Moments,
        output: &mut [f32],
    ) -> Result<(), ShapeError> {
        self.check(operands, output.len(), "output")?;
        self.check_moments(moments)?;
        let call = self.ahead(context, operands, output);
        // SAFETY: as in `forward`.
        unsafe { crate::lanes::run(context.instruction_set(), forward::Inference(call, moments)) };
        Ok(())
    }

    /// Gradients from that of y, `[rows, C]`; `output` is what the forward call gave.
    ///
    /// φ' is taken from y for the logistic function and the hyperbolic tangent, and for the others from x, which is read
    /// anyhow and of which the same bits follow.
    ///
    /// # Errors
    /// As the forward call.
    pub fn backward(
        &self,
        context: &Context,
        operands: Operands<'_>,
        source: Source<'_>,
        output: &[f32],
        output_gradient: &[f32],
        gradients: BatchNormGradients<'_>,
    ) -> Result<(), ShapeError> {
        let rows = self.check(operands, output.len(), "output")?;
        self.check(operands, output_gradient.len(), "output gradient")?;
        if let Some(gradient) = &gradients.input {
            self.check(operands, gradient.len(), "input gradient")?;
        }
        for (what, gradient) in [
            ("gain gradient", &gradients.gain),
            ("shift gradient", &gradients.shift),
        ] {
            if let Some(gradient) = gradient {
                self.check_channels(what, gradient.len())?;
            }
        }
        match source {
            Source::Rows(moments) => {
                self.check_some(rows)?;
                self.check_moments(moments)?;
            }
            Source::Given(moments) => self.check_moments(moments)?,
        }
        let call = Back {
            norm: *self,
            context: context.for_work(size_of_val(operands.input)),
            operands,
            source,
            output,
            output_gradient,
            gradients,
        };
        // SAFETY: as in `forward`.
        unsafe { crate::lanes::run(context.instruction_set(), call) };
        Ok(())
    }

    fn ahead<'a>(
        &self,
        context: &Context,
        operands: Operands<'a>,
        output: &mut [f32],
    ) -> Ahead<'a> {
        Ahead {
            norm: *self,
            context: context.for_work(size_of_val(operands.input)),
            operands,
            output: Shared::new(output),
        }
    }

    /// Whether the rows fit, and another array as long; gives how many rows there are.
    fn check(&self, operands: Operands<'_>, like: usize, what: &str) -> Result<usize, ShapeError> {
        if self.channels == 0 {
            return Err(ShapeError::new("batch norm: channels", "at least 1", "0"));
        }
        // Not-a-number is not accepted either.
        if !(self.epsilon > 0.0 && self.epsilon.is_finite()) {
            let found = self.epsilon.to_string();
            return Err(ShapeError::new(
                "batch norm: epsilon",
                "a number above zero",
                found,
            ));
        }
        self.activation.check("batch norm")?;
        let Operands { input, gain, shift } = operands;
        if !input.len().is_multiple_of(self.channels) {
            return Err(ShapeError::new(
                "batch norm: input",
                format!("rows of {} values", self.channels),
                format!("{} values", input.len()),
            ));
        }
        self.check_channels("gain", gain.len())?;
        self.check_channels("shift", shift.len())?;
        let rows = input.len() / self.channels;
        let shape = [("rows", rows), ("channels", self.channels)];
        ShapeError::check(&format!("batch norm: {what}"), &shape, like)?;
        Ok(rows)
    }

    fn check_some(&self, rows: usize) -> Result<(), ShapeError> {
        match rows {
            0 => Err(ShapeError::new("batch norm: rows", "at least 1", "0")),
            _ => Ok(()),
        }
    }

    fn check_moments(&self, moments: &Moments) -> Result<(), ShapeError> {
        self.check_channels("mean", moments.mean.len())?;
        self.check_channels("variance", moments.variance.len())?;
        match moments.variance.iter().position(|v| *v < 0.0) {
            None => Ok(()),
            Some(channel) => Err(ShapeError::new(
                format!("batch norm: variance[{channel}]"),
                "a number of zero or more",
                moments.variance[channel].to_string(),
            )),
        }
    }

    fn check_channels(&self, what: &str, found: usize) -> Result<(), ShapeError> {
        let shape = [("channels", self.channels)];
        ShapeError::check(&format!("batch norm: {what}"), &shape, found)
    }
}
