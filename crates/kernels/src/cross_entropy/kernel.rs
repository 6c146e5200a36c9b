//! Loss and gradient of some rows.
use super::CrossEntropy;
use crate::lanes::sums::{Exponentials, Term, largest, long_sum};
use crate::lanes::{Kernel, Lanes, vectors};
use crate::memory::Shared;
use crate::shares::shares;
use std::ops::Range;

/// What the losses of rows are counted by.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) loss: &'a CrossEntropy<'a>,
    /// Σ_c w\[c\].
    pub(crate) all_weights: f64,
    /// 1 / W.
    pub(crate) scale: f64,
}

/// The losses of a row, not yet divided by W.
#[derive(Clone, Copy)]
pub(crate) struct RowLoss {
    /// With smoothing and weights.
    pub(crate) whole: f64,
    /// −ln p\[t\].
    pub(crate) of_target: f64,
}

/// All rows.
pub(super) struct Rows<'a> {
    pub(super) row: Row<'a>,
    pub(super) threads: usize,
    pub(super) logits: &'a [f32],
    pub(super) targets: &'a [u32],
    /// The losses of the rows, not yet divided by W.
    pub(super) losses: Shared<f64>,
    pub(super) gradient: Option<Shared<f32>>,
}

impl Kernel for Rows<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        shares(self.targets.len(), self.threads).run(self.threads, |rows| {
            // SAFETY: the instruction set is there, and each task has rows of its own.
            unsafe { V::enter(Part { all: &self, rows }) };
        });
    }
}

/// Some of them.
struct Part<'a> {
    all: &'a Rows<'a>,
    rows: Range<usize>,
}

impl Kernel for Part<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self { all, rows } = self;
        let classes = all.row.loss.classes;
        for row in rows {
            let logits = &all.logits[row * classes..][..classes];
            // SAFETY: the caller checked every buffer; losses and gradient of the row are this task's.
            unsafe {
                let gradient = all.gradient.map(|gradient| gradient.at(row * classes));
                let loss = all
                    .row
                    .run::<V>(logits.as_ptr(), all.targets[row], gradient);
                *all.losses.at(row) = loss.whole;
            }
        }
    }
}

impl Row<'_> {
    /// The loss of a row, and its gradient, which may take the place of the logits.
    ///
    /// # Safety
    /// Called within [`Lanes::enter`]; `classes` values of each array are there, and the target is one of the classes.
    #[inline(always)]
    pub(crate) unsafe fn run<V: Lanes>(
        self,
        logits: *const f32,
        target: u32,
        gradient: Option<*mut f32>,
    ) -> RowLoss {
        let loss = self.loss;
        let classes = loss.classes;
        // SAFETY: by contract; no logit is read once the exponentials are written.
        unsafe {
            let highest = largest::<V>(logits, classes);
            let of_target = f64::from(*logits.add(target as usize)) - f64::from(highest);
            let spread = loss.smoothing / classes as f64;
            let mut distances = 0.0;
            if spread > 0.0 {
                let terms = Distances {
                    logits,
                    highest,
                    weights: loss.class_weights.map(<[f32]>::as_ptr),
                };
                distances = long_sum::<V>(classes, &terms);
            }
            let terms = Exponentials {
                x: logits,
                highest,
                to: gradient,
            };
            let total = long_sum::<V>(classes, &terms);
            let logarithm = total.ln();
            let own = (1.0 - loss.smoothing) * loss.weight(target);
            let of_target = logarithm - of_target;
            let mut whole = own * of_target;
            if spread > 0.0 {
                whole += spread * (self.all_weights * logarithm - distances);
            }
            if let Some(to) = gradient {
                let of_all = (own + spread * self.all_weights) * self.scale / total;
                let factor = V::splat(of_all as f32);
                let evenly = V::splat((-spread * self.scale) as f32);
                for (first, there) in vectors::<V>(0..classes) {
                    let to = to.add(first);
                    let mut d = V::load_first(to, there).mul(&factor);
                    if spread > 0.0 {
                        d = match loss.class_weights {
                            Some(weights) => {
                                let weights = V::load_first(weights.as_ptr().add(first), there);
                                evenly.mul_add(&weights, &d)
                            }
                            None => d.add(&evenly),
                        };
                    }
                    d.store_first(to, there);
                }
                *to.add(target as usize) -= (own * self.scale) as f32;
            }
            RowLoss { whole, of_target }
        }
    }
}

/// w · (x − `highest`).
struct Distances {
    logits: *const f32,
    highest: f32,
    weights: Option<*const f32>,
}

impl Term for Distances {
    #[inline(always)]
    unsafe fn of<V: Lanes>(&self, first: usize, there: usize) -> V {
        // SAFETY: by contract.
        unsafe {
            let x = V::load_first(self.logits.add(first), there).sub(&V::splat(self.highest));
            match self.weights {
                Some(weights) => x.mul(&V::load_first(weights.add(first), there)),
                None => x,
            }
        }
    }
}
