//! The loss of a classifier of several classes at once (multi-label): a logistic function and a binary cross-entropy for
//! each class, with label smoothing and a weight of each class where it holds, as PyTorch's `BCEWithLogitsLoss` with
//! `pos_weight` defines it.
//!
//! Row-major `f32`: logits x `[rows, C]`, targets t `[rows, C]` from 0 to 1; with the smoothing ε, the smoothed target
//! y = (1 − ε)·t + ε/2 and the positive weights w (all one where none are given), the mean over rows and classes is
//!
//! ```text
//! softplus(x) = max(x, 0) + ln(1 + e^−|x|)
//! loss        = 1/(rows·C) · Σ_i Σ_c ( w[c]·y_i[c] · softplus(−x_i[c])  +  (1 − y_i[c]) · softplus(x_i[c]) )
//! dx_i[c]     = 1/(rows·C) · ( (w[c]·y_i[c] + 1 − y_i[c]) · σ(x_i[c])  −  w[c]·y_i[c] )
//! ```
//!
//! No exponential overflows, whatever the logits. Loss and gradient come from one pass; sums are in `f64`, over the
//! classes of a row and then over the rows, both in ascending order, so the bits are the same for any number of threads
//! and on every instruction set.
mod kernel;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;

use crate::context::{Context, FORMULA};
use crate::cross_entropy::check_smoothing;
use crate::error::ShapeError;
use crate::memory::Shared;
use kernel::Rows;

/// What the loss is, beside logits and targets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BinaryCrossEntropy<'a> {
    /// Values of a row, C.
    pub classes: usize,
    /// ε, from 0 to 1: how much of a target is moved to the middle, half of it away from each end.
    pub smoothing: f64,
    /// w, `[C]`, none of them negative: how much a class counts where it holds.
    pub positive_weights: Option<&'a [f32]>,
}

impl BinaryCrossEntropy<'_> {
    /// The mean loss and, where it is asked for, the gradient of the logits, written in full.
    ///
    /// # Errors
    /// No value; a target or a smoothing outside 0 to 1; a negative weight; a buffer that does not fit.
    pub fn run(
        &self,
        context: &Context,
        logits: &[f32],
        targets: &[f32],
        gradient: Option<&mut [f32]>,
    ) -> Result<f64, ShapeError> {
        self.check(logits.len(), targets)?;
        let rows = logits.len() / self.classes;
        if let Some(gradient) = &gradient {
            let shape = [("rows", rows), ("classes", self.classes)];
            ShapeError::check("binary cross entropy: gradient", &shape, gradient.len())?;
        }
        let mut losses = vec![0.0f64; rows];
        let scale = 1.0 / logits.len() as f64;
        let work = Rows {
            loss: self,
            threads: context.threads_for(logits.len() * FORMULA),
            rows,
            scale: scale as f32,
            logits,
            targets,
            losses: Shared::new(&mut losses),
            gradient: gradient.map(Shared::new),
        };
        // SAFETY: the context's instruction set is available and the buffers fit.
        unsafe { crate::lanes::run(context.instruction_set(), work) };
        Ok(losses.iter().sum::<f64>() * scale)
    }

    /// Whether so many logits, these targets and this loss fit one another.
    ///
    /// # Errors
    /// As [`BinaryCrossEntropy::run`].
    pub fn check(&self, logits: usize, targets: &[f32]) -> Result<(), ShapeError> {
        let rows = targets.len().checked_div(self.classes).unwrap_or(0);
        let shape = [("rows", rows), ("classes", self.classes)];
        ShapeError::check("binary cross entropy: targets", &shape, targets.len())?;
        ShapeError::check("binary cross entropy: logits", &shape, logits)?;
        if logits == 0 {
            return Err(ShapeError::new(
                "binary cross entropy: logits",
                "one row of one class or more",
                format!("{rows} rows of {} classes", self.classes),
            ));
        }
        check_smoothing("binary cross entropy", self.smoothing)?;
        if let Some(place) = targets.iter().position(|t| !(0.0..=1.0).contains(t)) {
            return Err(ShapeError::new(
                format!("binary cross entropy: targets[{place}]"),
                "a number from 0 to 1",
                targets[place].to_string(),
            ));
        }
        let Some(weights) = self.positive_weights else {
            return Ok(());
        };
        let shape = [("classes", self.classes)];
        ShapeError::check("binary cross entropy: weights", &shape, weights.len())?;
        // Not-a-number is not accepted either.
        match weights.iter().position(|&w| !(w >= 0.0 && w.is_finite())) {
            None => Ok(()),
            Some(class) => Err(ShapeError::new(
                format!("binary cross entropy: weights[{class}]"),
                "a number of zero or more",
                weights[class].to_string(),
            )),
        }
    }
}
