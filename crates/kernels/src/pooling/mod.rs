//! One vector from a sequence of them, over its real steps alone: the largest of each feature, the mean, or the last.
//!
//! Row-major `f32`: values `[batch, time, features]`, output `[batch, features]`. With R the real steps of a row:
//!
//! ```text
//! Max    y[f] = max over t in R of x[t, f]        d x[t, f] = d y[f] at the first t that has it, else 0
//! Mean   y[f] = (Σ over t in R of x[t, f]) / |R|  d x[t, f] = d y[f] / |R|
//! Last   y[f] = x[last of R, f]                   d x[t, f] = d y[f] at the last of R, else 0
//! ```
//!
//! A sum is one chain in ascending order of t, so a row's bits depend neither on padding nor on the rows beside it. What is
//! not a number is larger than every number, so it is not lost in a maximum.
#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;

use crate::context::Context;
use crate::error::ShapeError;
use crate::lanes::{Kernel, Lanes};
use crate::memory::Shared;
use crate::recurrent::Steps;
use crate::shares::shares;
use std::ops::Range;

/// Which vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The largest value of each feature.
    Max,
    /// Their mean.
    Mean,
    /// That of the last step.
    Last,
}

/// A pool over time.
#[derive(Debug, Clone, Copy)]
pub struct Pooling<'a> {
    /// Which vector.
    pub kind: Kind,
    /// Rows.
    pub batch: usize,
    /// Steps of each, the padding with them.
    pub time: usize,
    /// Values of a step.
    pub features: usize,
    /// Which steps are real: one at least in each row.
    pub steps: Steps<'a>,
}

impl Pooling<'_> {
    /// The output, and for [`Kind::Max`] the step that each of its values comes from, if `places [batch, features]` are
    /// given: [`Pooling::backward`] needs them.
    ///
    /// # Errors
    /// Steps or a buffer that do not fit, a row without a real step.
    pub fn forward(
        &self,
        context: &Context,
        values: &[f32],
        output: &mut [f32],
        places: Option<&mut [u32]>,
    ) -> Result<(), ShapeError> {
        self.check("values", values.len())?;
        self.check_pooled("output", output.len())?;
        if let Some(places) = &places {
            self.check_pooled("places", places.len())?;
        }
        let call = Forward {
            pooling: *self,
            values,
            output: Shared::new(output),
            places: places.map_or(Shared::null(), Shared::new),
        };
        let threads = context.threads_for(size_of_val(values));
        shares(self.batch, threads).run(threads, |rows| {
            // SAFETY: the context's instruction set is available, the buffers fit, and each task writes its own rows.
            unsafe { crate::lanes::run(context.instruction_set(), Part { call: &call, rows }) };
        });
        Ok(())
    }

    /// Writes the gradient of the values where it is not zero; elsewhere `values_gradient` stays, so zeros are to be
    /// given. `places`, which only [`Kind::Max`] needs, are those of [`Pooling::forward`].
    ///
    /// # Errors
    /// As [`Pooling::forward`]; a place that is no step.
    pub fn backward(
        &self,
        places: &[u32],
        output_gradient: &[f32],
        values_gradient: &mut [f32],
    ) -> Result<(), ShapeError> {
        self.check("values gradient", values_gradient.len())?;
        self.check_pooled("output gradient", output_gradient.len())?;
        if self.kind == Kind::Max {
            self.check_pooled("places", places.len())?;
            if let Some(place) = places.iter().find(|place| **place as usize >= self.time) {
                let expected = format!("steps below {}", self.time);
                return Err(ShapeError::new(
                    "pooling: places",
                    expected,
                    place.to_string(),
                ));
            }
        }
        let (time, features) = (self.time, self.features);
        for row in 0..self.batch {
            let dy = &output_gradient[row * features..][..features];
            let dx = &mut values_gradient[row * time * features..][..time * features];
            match self.kind {
                Kind::Max => {
                    let places = &places[row * features..][..features];
                    for (feature, (dy, place)) in dy.iter().zip(places).enumerate() {
                        dx[*place as usize * features + feature] = *dy;
                    }
                }
                Kind::Mean => {
                    let count = self.real(row).count() as f32;
                    for step in self.real(row) {
                        let dx = &mut dx[step * features..][..features];
                        for (dx, dy) in dx.iter_mut().zip(dy) {
                            *dx = dy / count;
                        }
                    }
                }
                Kind::Last => {
                    let last = self.real(row).last().unwrap_or(0);
                    dx[last * features..][..features].copy_from_slice(dy);
                }
            }
        }
        Ok(())
    }

    /// The real steps of a row, in ascending order.
    fn real(&self, row: usize) -> impl Iterator<Item = usize> {
        let (count, mask) = match self.steps {
            Steps::All => (self.time, None),
            Steps::Lengths(lengths) => (lengths[row], None),
            Steps::Mask(mask) => (self.time, Some(&mask[row * self.time..][..self.time])),
        };
        (0..count).filter(move |step| mask.is_none_or(|mask| mask[*step]))
    }

    fn check(&self, what: &str, found: usize) -> Result<(), ShapeError> {
        let [batch, time] = [("batch", self.batch), ("time", self.time)];
        let shape = [batch, time, ("features", self.features)];
        ShapeError::check(&format!("pooling: {what}"), &shape, found)?;
        match self.steps {
            Steps::All => {}
            Steps::Lengths(lengths) => {
                ShapeError::check("pooling: lengths", &[batch], lengths.len())?;
                if let Some(length) = lengths.iter().find(|length| **length > self.time) {
                    let expected = format!("at most {}", self.time);
                    let found = length.to_string();
                    return Err(ShapeError::new("pooling: lengths", expected, found));
                }
            }
            Steps::Mask(mask) => ShapeError::check("pooling: mask", &[batch, time], mask.len())?,
        }
        match (0..self.batch).find(|row| self.real(*row).next().is_none()) {
            None => Ok(()),
            Some(row) => Err(ShapeError::new(
                format!("pooling: row {row}"),
                "a real step",
                "none",
            )),
        }
    }

    fn check_pooled(&self, what: &str, found: usize) -> Result<(), ShapeError> {
        let shape = [("batch", self.batch), ("features", self.features)];
        ShapeError::check(&format!("pooling: {what}"), &shape, found)
    }
}

struct Forward<'a> {
    pooling: Pooling<'a>,
    values: &'a [f32],
    output: Shared<f32>,
    places: Shared<u32>,
}

/// Some rows.
struct Part<'a> {
    call: &'a Forward<'a>,
    rows: Range<usize>,
}

impl Kernel for Part<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self { call, rows } = self;
        let Pooling {
            kind,
            time,
            features,
            ..
        } = call.pooling;
        let mut spare = vec![0; features];
        for row in rows {
            // SAFETY: the caller checked the buffers, and this row is this task's.
            let (output, places) = unsafe {
                let output = call.output.at(row * features);
                let output = std::slice::from_raw_parts_mut(output, features);
                let places = match call.places.is_null() {
                    true => spare.as_mut_slice(),
                    false => {
                        let places = call.places.at(row * features);
                        std::slice::from_raw_parts_mut(places, features)
                    }
                };
                (output, places)
            };
            let values = &call.values[row * time * features..][..time * features];
            let at = |step: usize| &values[step * features..][..features];
            let mut steps = call.pooling.real(row);
            if kind == Kind::Last {
                output.copy_from_slice(at(steps.last().unwrap_or(0)));
                continue;
            }
            let first = steps.next().unwrap_or(0);
            output.copy_from_slice(at(first));
            let mut count = 1;
            if kind == Kind::Mean {
                for step in steps {
                    count += 1;
                    for (sum, value) in output.iter_mut().zip(at(step)) {
                        *sum += value;
                    }
                }
                output.iter_mut().for_each(|sum| *sum /= count as f32);
                continue;
            }
            places.fill(first as u32);
            for step in steps {
                let best = output.iter_mut().zip(&mut *places);
                for ((best, place), &value) in best.zip(at(step)) {
                    let wins = (value > *best) | (value.is_nan() & !best.is_nan());
                    *best = if wins { value } else { *best };
                    *place = if wins { step as u32 } else { *place };
                }
            }
        }
    }
}
