//! The step of those rows of a table that a batch has read.
//!
//! AdamW moves every parameter at every step, whether it has a gradient or not: with a table of many words nearly all of
//! the work goes to words that the batch does not hold. The rows of a table are trained by AdamW with β₁ = 0 instead (that
//! is RMSprop with AdamW's bias correction), because then a row without a gradient has nothing to do: only its mean square
//! goes on decaying, and that by a power of β₂ which is made up for when the row is read again. With t the step and s the
//! one in which row e was read before (0: never):
//!
//! ```text
//! v[e] ← β₂^(t−s) · v[e] + (1 − β₂) · g²
//! θ[e] ← θ[e] · (1 − η·λ) − η · g / (√v[e] / √(1 − β₂ᵗ) + ε)
//! ```
//!
//! Without weight decay that is, to rounding, what AdamW with β₁ = 0 makes of the whole table with a gradient of zero in
//! the other rows. Weights decay when they are read, and a row that is not read keeps its bits.
use super::AdamW;
use crate::context::Context;
use crate::error::ShapeError;
use crate::lanes::{Kernel, Lanes, vectors};
use crate::memory::Shared;
use crate::shares::shares;
use std::ops::Range;

/// A table in training: what a step changes, row by row.
#[derive(Debug)]
pub struct Table<'a> {
    /// Values of a row.
    pub width: usize,
    /// `[entries, width]`.
    pub values: &'a mut [f32],
    /// The mean square of the gradient of each value as it was when its row was last read.
    pub squares: &'a mut [f32],
    /// The step in which each row was last read, `[entries]`; 0: never.
    pub read: &'a mut [u64],
}

impl AdamW {
    /// Moves these rows, each named once and in ascending order, by their gradient `[rows, width]`. β₁ plays no part.
    ///
    /// # Errors
    /// Slices that do not fit; rows that are not in ascending order or not in the table; step 0, or one that is not after
    /// the step in which a row was last read.
    pub fn step_rows(
        &self,
        context: &Context,
        table: &mut Table<'_>,
        rows: &[u32],
        gradient: &[f32],
    ) -> Result<(), ShapeError> {
        let (width, entries) = (table.width, table.read.len());
        let shape = [("entries", entries), ("width", width)];
        ShapeError::check("adamw: table", &shape, table.values.len())?;
        ShapeError::check("adamw: mean squares", &shape, table.squares.len())?;
        let shape = [("rows", rows.len()), ("width", width)];
        ShapeError::check("adamw: gradient", &shape, gradient.len())?;
        if let Some(pair) = rows.windows(2).find(|pair| pair[0] >= pair[1]) {
            return Err(ShapeError::new(
                "adamw: rows",
                "each once, in ascending order",
                format!("{} before {}", pair[0], pair[1]),
            ));
        }
        if let Some(last) = rows.last().filter(|last| **last as usize >= entries) {
            return Err(ShapeError::new(
                "adamw: rows",
                format!("rows below {entries}"),
                last.to_string(),
            ));
        }
        let read = rows.iter().map(|row| table.read[*row as usize]).max();
        if self.step <= read.unwrap_or(0) {
            return Err(ShapeError::new(
                "adamw: step",
                format!("more than {}", read.unwrap_or(0)),
                self.step.to_string(),
            ));
        }
        let decays: Vec<f32> = rows
            .iter()
            .map(|row| {
                let last = std::mem::replace(&mut table.read[*row as usize], self.step);
                let steps = i32::try_from(self.step - last).unwrap_or(i32::MAX);
                self.beta2.powi(steps) as f32
            })
            .collect();
        let call = Call {
            step: self,
            width,
            rows,
            decays: &decays,
            gradient,
            values: Shared::new(table.values),
            squares: Shared::new(table.squares),
        };
        let threads = context.threads_for(4 * size_of_val(gradient));
        shares(rows.len(), threads).run(threads, |rows| {
            // SAFETY: the context's instruction set is available, the buffers fit, and no row is named twice.
            unsafe { crate::lanes::run(context.instruction_set(), Part { call: &call, rows }) };
        });
        Ok(())
    }
}

struct Call<'a> {
    step: &'a AdamW,
    width: usize,
    rows: &'a [u32],
    /// What the mean square of each row has decayed by.
    decays: &'a [f32],
    gradient: &'a [f32],
    values: Shared<f32>,
    squares: Shared<f32>,
}

/// Some of the rows.
struct Part<'a> {
    call: &'a Call<'a>,
    rows: Range<usize>,
}

impl Kernel for Part<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self { call, rows } = self;
        let AdamW {
            learning_rate,
            beta2,
            epsilon,
            weight_decay,
            gradient_scale,
            ..
        } = *call.step;
        // SAFETY: the caller vouches for the buffers, the rows and the instruction set.
        unsafe {
            let constant = |value: f64| V::splat(value as f32);
            let keep = constant(1.0 - learning_rate * weight_decay);
            let rate = constant(-learning_rate);
            let root = constant(1.0 / call.step.correction(beta2).sqrt());
            let (scale, epsilon) = (constant(gradient_scale), constant(epsilon));
            let rest = constant(1.0 - beta2);
            for at in rows {
                let first = call.rows[at] as usize * call.width;
                let decay = V::splat(call.decays[at]);
                let gradient = call.gradient[at * call.width..].as_ptr();
                for (column, there) in vectors::<V>(0..call.width) {
                    let (value, square) = (
                        call.values.at(first + column),
                        call.squares.at(first + column),
                    );
                    let g = V::load_first(gradient.add(column), there).mul(&scale);
                    let v = decay.mul_add(&V::load_first(square, there), &rest.mul(&g).mul(&g));
                    let theta = V::load_first(value, there).mul(&keep);
                    let theta = rate.mul_add(&g.div(&v.sqrt().mul_add(&root, &epsilon)), &theta);
                    v.store_first(square, there);
                    theta.store_first(value, there);
                }
            }
        }
    }
}
