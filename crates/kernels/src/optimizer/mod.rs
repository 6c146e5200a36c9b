//! One fused step of AdamW (Loshchilov & Hutter 2019) and the global norm of a gradient.
use crate::context::Context;
use crate::error::ShapeError;
use crate::lanes::{Kernel, Lanes};
use crate::memory::Shared;
use crate::pool;

mod rows;
pub use rows::Table;

/// The numbers of one AdamW step, the same for every tensor of a model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamW {
    /// Step size at this step.
    pub learning_rate: f64,
    /// Decay of the first moment.
    pub beta1: f64,
    /// Decay of the second moment.
    pub beta2: f64,
    /// Added to the root of the second moment.
    pub epsilon: f64,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Steps made, this one included: 1 for the first.
    pub step: u64,
    /// Every gradient is multiplied by this first: 1, or less when clipped by the global norm.
    pub gradient_scale: f64,
}

/// Values in one task.
const PIECE: usize = 1 << 15;

impl AdamW {
    /// Moves `parameters` and both moments in place, as PyTorch's `AdamW` does:
    /// θ ← θ·(1 − η·λ) − η/(1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε).
    ///
    /// # Errors
    /// Slices of unequal length; step 0, for which the bias correction is not defined.
    pub fn step(
        &self,
        context: &Context,
        parameters: &mut [f32],
        gradient: &[f32],
        first_moment: &mut [f32],
        second_moment: &mut [f32],
    ) -> Result<(), ShapeError> {
        let length = parameters.len();
        if self.step == 0 {
            return Err(ShapeError::new("adamw: step", "at least 1", "0"));
        }
        for (name, found) in [
            ("adamw: gradient", gradient.len()),
            ("adamw: first moment", first_moment.len()),
            ("adamw: second moment", second_moment.len()),
        ] {
            ShapeError::check(name, &[("parameters", length)], found)?;
        }
        let (parameters, first_moment, second_moment) = (
            Shared::new(parameters),
            Shared::new(first_moment),
            Shared::new(second_moment),
        );
        let tasks = length.div_ceil(PIECE);
        // Four arrays are read.
        let threads = context.threads_for(length * 4 * size_of::<f32>());
        pool::run(threads, tasks, &|task| {
            let start = task * PIECE;
            let count = PIECE.min(length - start);
            // SAFETY: each task has its own piece of every slice, and the instruction set is there.
            unsafe {
                let piece = Piece {
                    step: self,
                    count,
                    parameters: parameters.at(start),
                    gradient: gradient[start..].as_ptr(),
                    first_moment: first_moment.at(start),
                    second_moment: second_moment.at(start),
                };
                crate::lanes::run(context.instruction_set(), piece);
            }
        });
        Ok(())
    }

    /// What a moment that began at zero lacks of its mean at this step, as a share.
    #[inline(always)]
    fn correction(&self, beta: f64) -> f64 {
        1.0 - beta.powi(i32::try_from(self.step).unwrap_or(i32::MAX))
    }
}

struct Piece<'a> {
    step: &'a AdamW,
    count: usize,
    parameters: *mut f32,
    gradient: *const f32,
    first_moment: *mut f32,
    second_moment: *mut f32,
}

impl Kernel for Piece<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let AdamW {
            learning_rate,
            beta1,
            beta2,
            epsilon,
            weight_decay,
            gradient_scale,
            ..
        } = *self.step;
        let correction = |beta: f64| self.step.correction(beta);
        // SAFETY: the caller vouches for `count` values everywhere and for the instruction set.
        unsafe {
            let constant = |value: f64| V::splat(value as f32);
            let keep = constant(1.0 - learning_rate * weight_decay);
            let rate = constant(-learning_rate / correction(beta1));
            let root = constant(1.0 / correction(beta2).sqrt());
            let (scale, epsilon) = (constant(gradient_scale), constant(epsilon));
            let (beta1, rest1) = (constant(beta1), constant(1.0 - beta1));
            let (beta2, rest2) = (constant(beta2), constant(1.0 - beta2));
            for first in (0..self.count).step_by(V::WIDTH) {
                let there = (self.count - first).min(V::WIDTH);
                let load = |from: *const f32| V::load_first(from.add(first), there);
                let g = load(self.gradient).mul(&scale);
                let m = beta1.mul_add(&load(self.first_moment), &rest1.mul(&g));
                let v = beta2.mul_add(&load(self.second_moment), &rest2.mul(&g).mul(&g));
                let theta = load(self.parameters).mul(&keep);
                let theta = rate.mul_add(&m.div(&v.sqrt().mul_add(&root, &epsilon)), &theta);
                m.store_first(self.first_moment.add(first), there);
                v.store_first(self.second_moment.add(first), there);
                theta.store_first(self.parameters.add(first), there);
            }
        }
    }
}

/// The sum of squares of a gradient, in `f64` and in ascending order: the square root of the total over
/// all parameters is the norm that PyTorch's `clip_grad_norm_` clips by.
pub fn sum_of_squares(gradient: &[f32]) -> f64 {
    // Eight chains, each in order, hide the latency of the addition; how many there are is part of the
    // definition, so the bits are the same everywhere.
    let mut sums = [0.0f64; 8];
    let chunks = gradient.chunks_exact(8);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (sum, value) in sums.iter_mut().zip(chunk) {
            let value = f64::from(*value);
            *sum += value * value;
        }
    }
    let tail: f64 = rest.iter().map(|&value| f64::from(value).powi(2)).sum();
    sums.iter().sum::<f64>() + tail
}

/// What to multiply the gradient by so that its global norm is at most `limit`; as PyTorch, which adds
/// 1e-6 to the norm. A norm that is not a number stays so, and reaches every parameter.
pub fn clip_scale(norm: f64, limit: f64) -> f64 {
    let scale = limit / (norm + 1e-6);
    if scale > 1.0 { 1.0 } else { scale }
}

#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_rows;
