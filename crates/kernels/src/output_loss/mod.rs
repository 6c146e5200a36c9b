//! The loss of a classifier with its output layer, for vocabularies: an affine layer, softmax and cross-entropy in one, a
//! few rows at a time, so that memory never holds rows × classes.
//!
//! Row-major `f32`: x `[rows, input]`, W `[classes, input]`, b `[classes]`, targets t `[rows]`, of which [`PADDING`] counts
//! for nothing. Over the N rows that count, with ε the smoothing and C the classes:
//!
//! ```text
//! z_i    = W·x_i + b        p_i = softmax(z_i)
//! loss   = 1/N · Σ_i ( (1 − ε) · (−ln p_i[t_i])  +  ε/C · Σ_c (−ln p_i[c]) )
//! g_i[c] = 1/N · ( p_i[c]  −  (1 − ε) · [c = t_i]  −  ε/C )
//! dx_i   = Σ_c g_i[c] · W[c]        dW[c] = Σ_i g_i[c] · x_i        db[c] = Σ_i g_i[c]
//! ```
//!
//! Loss and gradients come from one call, chunk after chunk of rows: the logits by the product of [`crate::linear`], softmax
//! and g in their place by the row of [`crate::cross_entropy`], then the chunk's dx and its part of dW and db. Every sum is
//! the one chain that those operations have, and a chunk takes it up where the last one left it: so the bits are theirs,
//! and they depend neither on the chunks nor on the number of threads. Beside the gradients a call needs W twice, once
//! in the order of each product that reads it, and the logits of one chunk.
mod kernel;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;

use crate::context::Context;
use crate::cross_entropy::{CrossEntropy, check_smoothing};
use crate::error::ShapeError;
use crate::memory::Shared;
use kernel::Chunks;

/// The target of a row that counts for nothing: it is not read, costs no work, and its gradient is zero.
pub const PADDING: u32 = u32::MAX;

/// An output layer's sizes, and its loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OutputLoss {
    /// Features in.
    pub input: usize,
    /// Classes, C.
    pub classes: usize,
    /// ε, from 0 to 1: how much of a target is spread evenly over all classes.
    pub smoothing: f64,
}

/// What a call reads.
#[derive(Debug, Clone, Copy)]
pub struct Operands<'a> {
    /// x, `[rows, input]`.
    pub input: &'a [f32],
    /// W, `[classes, input]`.
    pub weights: &'a [f32],
    /// b, `[classes]`.
    pub bias: Option<&'a [f32]>,
    /// t, `[rows]`: a class, or [`PADDING`].
    pub targets: &'a [u32],
}

/// Where the gradients go; every buffer given is written in full.
#[derive(Default)]
pub struct OutputLossGradients<'a> {
    /// `[rows, input]`; zero where a row is padding.
    pub input: Option<&'a mut [f32]>,
    /// `[classes, input]`.
    pub weights: Option<&'a mut [f32]>,
    /// `[classes]`.
    pub bias: Option<&'a mut [f32]>,
}

impl OutputLoss {
    /// The mean loss over the rows that count, the gradients of that mean where they are asked for, and, if `losses [rows]`
    /// are given, −ln p\[t\] of each row, without smoothing, zero where it is padding.
    ///
    /// # Errors
    /// No row that counts; a target that is neither a class nor padding; a smoothing outside 0 to 1; a buffer that does
    /// not fit.
    pub fn run(
        &self,
        context: &Context,
        operands: Operands<'_>,
        losses: Option<&mut [f32]>,
        mut gradients: OutputLossGradients<'_>,
    ) -> Result<f64, ShapeError> {
        let real = self.check(&operands, losses.as_deref(), &gradients)?;
        if let Some(gradient) = &mut gradients.input {
            for (dx, &target) in gradient.chunks_exact_mut(self.input).zip(operands.targets) {
                if target == PADDING {
                    dx.fill(0.0);
                }
            }
        }
        let loss = CrossEntropy {
            classes: self.classes,
            smoothing: self.smoothing,
            class_weights: None,
        };
        let mut found = vec![kernel::NO_LOSS; real.len()];
        let shared = |gradient: Option<&mut [f32]>| gradient.map(Shared::new);
        let call = Chunks {
            context: context.for_work(real.len() * self.classes * self.input),
            inputs: self.input,
            row: loss.row(real.len() as f64),
            operands,
            real: &real,
            losses: Shared::new(&mut found),
            dx: shared(gradients.input),
            dw: shared(gradients.weights),
            db: shared(gradients.bias),
        };
        // SAFETY: the context's instruction set is available and the buffers fit.
        unsafe { crate::lanes::run(context.instruction_set(), call) };
        if let Some(losses) = losses {
            losses.fill(0.0);
            for (&row, loss) in real.iter().zip(&found) {
                losses[row] = loss.of_target as f32;
            }
        }
        Ok(found.iter().map(|loss| loss.whole).sum::<f64>() / real.len() as f64)
    }

    /// Whether all fits; the rows that count.
    fn check(
        &self,
        operands: &Operands<'_>,
        losses: Option<&[f32]>,
        gradients: &OutputLossGradients<'_>,
    ) -> Result<Vec<usize>, ShapeError> {
        let targets = operands.targets;
        let row = ("rows", targets.len());
        let (class, input) = (("classes", self.classes), ("input", self.input));
        for (name, shape, found) in [
            ("input", &[row, input][..], Some(operands.input.len())),
            ("weights", &[class, input], Some(operands.weights.len())),
            ("bias", &[class], operands.bias.map(<[f32]>::len)),
            ("losses", &[row], losses.map(<[f32]>::len)),
            (
                "input gradient",
                &[row, input],
                gradients.input.as_ref().map(|gradient| gradient.len()),
            ),
            (
                "weight gradient",
                &[class, input],
                gradients.weights.as_ref().map(|gradient| gradient.len()),
            ),
            (
                "bias gradient",
                &[class],
                gradients.bias.as_ref().map(|gradient| gradient.len()),
            ),
        ] {
            if let Some(found) = found {
                ShapeError::check(&format!("output loss: {name}"), shape, found)?;
            }
        }
        if self.input == 0 || self.classes == 0 {
            return Err(ShapeError::new(
                "output loss: sizes",
                "at least 1",
                format!("input {}, classes {}", self.input, self.classes),
            ));
        }
        check_smoothing("output loss", self.smoothing)?;
        let mut real = Vec::with_capacity(targets.len());
        for (row, &target) in targets.iter().enumerate() {
            if target == PADDING {
                continue;
            }
            if target as usize >= self.classes {
                return Err(ShapeError::new(
                    format!("output loss: targets[{row}]"),
                    format!("a class below {}, or padding", self.classes),
                    target.to_string(),
                ));
            }
            real.push(row);
        }
        if real.is_empty() {
            return Err(ShapeError::new(
                "output loss: targets",
                "a row that is not padding",
                format!("{} rows, all of them padding", targets.len()),
            ));
        }
        Ok(real)
    }
}
