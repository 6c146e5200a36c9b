//! Loss and gradient of some rows.
use super::BinaryCrossEntropy;
use crate::lanes::{Kernel, Lanes, vectors};
use crate::memory::Shared;
use crate::shares::shares;
use std::ops::Range;

/// The widest lanes.
const WIDEST: usize = 16;

/// All rows.
pub(super) struct Rows<'a> {
    pub(super) loss: &'a BinaryCrossEntropy<'a>,
    pub(super) threads: usize,
    pub(super) rows: usize,
    /// 1 / (rows · C).
    pub(super) scale: f32,
    pub(super) logits: &'a [f32],
    pub(super) targets: &'a [f32],
    /// The losses of the rows, not yet divided by rows · C.
    pub(super) losses: Shared<f64>,
    pub(super) gradient: Option<Shared<f32>>,
}

impl Kernel for Rows<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        shares(self.rows, self.threads).run(self.threads, |rows| {
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
        let classes = all.loss.classes;
        for row in rows {
            let logits = &all.logits[row * classes..][..classes];
            let targets = &all.targets[row * classes..][..classes];
            // SAFETY: the caller checked every buffer; losses and gradient of the row are this task's.
            unsafe {
                let gradient = all.gradient.map(|gradient| gradient.at(row * classes));
                *all.losses.at(row) = all.row::<V>(logits, targets, gradient);
            }
        }
    }
}

impl Rows<'_> {
    /// The loss of a row, and its gradient.
    #[inline(always)]
    unsafe fn row<V: Lanes>(
        &self,
        logits: &[f32],
        targets: &[f32],
        gradient: Option<*mut f32>,
    ) -> f64 {
        const { assert!(V::WIDTH <= WIDEST) };
        let smoothing = self.loss.smoothing;
        let mut total = 0.0;
        // SAFETY: the caller vouches for `classes` values of each array and for the instruction set.
        unsafe {
            let (zero, one) = (V::splat(0.0), V::splat(1.0));
            let (kept, half) = (
                V::splat((1.0 - smoothing) as f32),
                V::splat((smoothing / 2.0) as f32),
            );
            let scale = V::splat(self.scale);
            for (first, there) in vectors::<V>(0..logits.len()) {
                let x = V::load_first(logits.as_ptr().add(first), there);
                let target = V::load_first(targets.as_ptr().add(first), there);
                let weights = match self.loss.positive_weights {
                    Some(weights) => V::load_first(weights.as_ptr().add(first), there),
                    None => one,
                };
                let smoothed = kept.mul_add(&target, &half);
                let holds = weights.mul(&smoothed);
                let not = one.sub(&smoothed);
                // −|x|; not-a-number stays.
                let below = x.at_most(zero.sub(&x));
                let mut exponentials = [0.0_f32; WIDEST];
                let mut holding = [0.0_f32; WIDEST];
                let mut others = [0.0_f32; WIDEST];
                below.exp().store(exponentials.as_mut_ptr());
                holds.store(holding.as_mut_ptr());
                not.store(others.as_mut_ptr());
                for lane in 0..there {
                    let x = f64::from(logits[first + lane]);
                    let curve = f64::from(exponentials[lane]).ln_1p();
                    total += f64::from(holding[lane]) * ((-x).max(0.0) + curve)
                        + f64::from(others[lane]) * (x.max(0.0) + curve);
                }
                if let Some(to) = gradient {
                    let both = holds.add(&not);
                    let slope = both.mul(&x.sigmoid()).sub(&holds).mul(&scale);
                    slope.store_first(to.add(first), there);
                }
            }
        }
        total
    }
}
