//! The loss of a classifier: softmax and cross-entropy in one, with label smoothing (Szegedy et al. 2016) and weights of
//! the classes, as PyTorch's `CrossEntropyLoss` defines them.
//!
//! Row-major `f32`: logits x `[rows, C]`, targets t `[rows]`; with p = softmax(x), the smoothing ε and the class
//! weights w (all one where none are given), the mean over the rows is
//!
//! ```text
//! W    = Σ_i w[t_i]
//! loss = 1/W · Σ_i ( (1 − ε) · w[t_i] · (−ln p_i[t_i])  +  ε/C · Σ_c w[c] · (−ln p_i[c]) )
//! dx_i[c] = 1/W · ( ((1 − ε) · w[t_i] + ε/C · Σ_c w[c]) · p_i[c]  −  (1 − ε) · w[t_i] · [c = t_i]  −  ε/C · w[c] )
//! ```
//!
//! Loss and gradient come from one pass over a row, while it is in cache: its exponentials are summed where the gradient
//! will be, and scaled there. Sums over classes run in sixteen chains, which are joined in `f64` every few hundred
//! classes; how many there are is part of the definition, so the bits are the same on every instruction set. Rows are
//! summed in `f64` in ascending order.
mod kernel;
#[cfg(test)]
pub(crate) mod reference;
#[cfg(test)]
mod tests;

use crate::context::{Context, FORMULA};
use crate::error::ShapeError;
use crate::memory::Shared;
use kernel::Rows;
pub(crate) use kernel::{Row, RowLoss};

/// What the loss is, beside logits and targets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CrossEntropy<'a> {
    /// Values of a row, C.
    pub classes: usize,
    /// ε, from 0 to 1: how much of a target is spread evenly over all classes.
    pub smoothing: f64,
    /// w, `[C]`, none of them negative.
    pub class_weights: Option<&'a [f32]>,
}

impl CrossEntropy<'_> {
    /// The mean loss and, where it is asked for, the gradient of the logits, written in full.
    ///
    /// # Errors
    /// No row; a target that is not below C; a smoothing outside 0 to 1; a negative class weight, or none above zero
    /// among the targets'; a buffer that does not fit.
    pub fn run(
        &self,
        context: &Context,
        logits: &[f32],
        targets: &[u32],
        gradient: Option<&mut [f32]>,
    ) -> Result<f64, ShapeError> {
        self.check(logits.len(), targets)?;
        if let Some(gradient) = &gradient {
            let shape = [("rows", targets.len()), ("classes", self.classes)];
            ShapeError::check("cross entropy: gradient", &shape, gradient.len())?;
        }
        let losses = self.of_rows(context, logits, targets, gradient.map(Shared::new));
        Ok(losses.iter().sum::<f64>() / self.total_weight(targets))
    }

    /// The loss of each row by itself: without smoothing and weights −ln p\[t\].
    ///
    /// # Errors
    /// As [`CrossEntropy::run`].
    pub fn losses(
        &self,
        context: &Context,
        logits: &[f32],
        targets: &[u32],
    ) -> Result<Vec<f64>, ShapeError> {
        self.check(logits.len(), targets)?;
        Ok(self.of_rows(context, logits, targets, None))
    }

    fn of_rows(
        &self,
        context: &Context,
        logits: &[f32],
        targets: &[u32],
        gradient: Option<Shared<f32>>,
    ) -> Vec<f64> {
        let mut losses = vec![0.0f64; targets.len()];
        let rows = Rows {
            row: self.row(self.total_weight(targets)),
            threads: context.threads_for(logits.len() * FORMULA),
            logits,
            targets,
            losses: Shared::new(&mut losses),
            gradient,
        };
        // SAFETY: the context's instruction set is available and the buffers fit.
        unsafe { crate::lanes::run(context.instruction_set(), rows) };
        losses
    }

    /// The loss of rows whose targets weigh so much in all.
    pub(crate) fn row(&self, total_weight: f64) -> Row<'_> {
        Row {
            loss: self,
            all_weights: self.class_weights.map_or(self.classes as f64, sum),
            scale: 1.0 / total_weight,
        }
    }

    /// The weight of a class.
    fn weight(&self, class: u32) -> f64 {
        self.class_weights
            .map_or(1.0, |weights| weights[class as usize].into())
    }

    /// W.
    pub fn total_weight(&self, targets: &[u32]) -> f64 {
        targets.iter().map(|&target| self.weight(target)).sum()
    }

    /// Whether so many logits, these targets and this loss fit one another.
    ///
    /// # Errors
    /// As [`CrossEntropy::run`].
    pub fn check(&self, logits: usize, targets: &[u32]) -> Result<(), ShapeError> {
        let shape = [("rows", targets.len()), ("classes", self.classes)];
        ShapeError::check("cross entropy: logits", &shape, logits)?;
        check_smoothing("cross entropy", self.smoothing)?;
        if let Some(row) = targets.iter().position(|&t| t as usize >= self.classes) {
            return Err(ShapeError::new(
                format!("cross entropy: targets[{row}]"),
                format!("a class below {}", self.classes),
                targets[row].to_string(),
            ));
        }
        if let Some(weights) = self.class_weights {
            let shape = [("classes", self.classes)];
            ShapeError::check("cross entropy: class weights", &shape, weights.len())?;
            // Not-a-number is not accepted either.
            if let Some(class) = weights.iter().position(|&w| !(w >= 0.0 && w.is_finite())) {
                return Err(ShapeError::new(
                    format!("cross entropy: class weights[{class}]"),
                    "a number of zero or more",
                    weights[class].to_string(),
                ));
            }
        }
        let total = self.total_weight(targets);
        if total > 0.0 {
            Ok(())
        } else {
            Err(ShapeError::new(
                "cross entropy: targets",
                "a row whose class has a weight above zero",
                format!("{} rows, {total} in all", targets.len()),
            ))
        }
    }
}

/// Whether a share of label smoothing is one.
pub(crate) fn check_smoothing(operation: &str, smoothing: f64) -> Result<(), ShapeError> {
    if (0.0..=1.0).contains(&smoothing) {
        return Ok(());
    }
    Err(ShapeError::new(
        format!("{operation}: label smoothing"),
        "a share from 0 to 1",
        smoothing.to_string(),
    ))
}

/// The sum in `f64`, in ascending order.
fn sum(values: &[f32]) -> f64 {
    values.iter().map(|&value| f64::from(value)).sum()
}
