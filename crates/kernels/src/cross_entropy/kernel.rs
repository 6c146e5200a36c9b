//! Loss and gradient of some rows.
use super::CrossEntropy;
use crate::lanes::{Kernel, Lanes, vectors};
use crate::memory::Shared;
use crate::shares::shares;
use std::ops::Range;

/// Chains of a sum over classes: class c belongs to chain c mod 16, whatever the width of the lanes.
const CHAINS: usize = 16;
/// Classes after which the chains are joined: each has 32 terms then.
const JOINED: usize = 512;

/// All rows.
pub(super) struct Rows<'a> {
    pub(super) loss: &'a CrossEntropy<'a>,
    pub(super) threads: usize,
    /// Σ_c w\[c\].
    pub(super) all_weights: f64,
    /// 1 / W.
    pub(super) scale: f64,
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
        let classes = all.loss.classes;
        for row in rows {
            let logits = &all.logits[row * classes..][..classes];
            // SAFETY: the caller checked every buffer; losses and gradient of the row are this task's.
            unsafe {
                let gradient = all.gradient.map(|gradient| gradient.at(row * classes));
                *all.losses.at(row) = all.row::<V>(logits, all.targets[row], gradient);
            }
        }
    }
}

impl Rows<'_> {
    /// The loss of a row, and its gradient.
    #[inline(always)]
    unsafe fn row<V: Lanes>(&self, logits: &[f32], target: u32, gradient: Option<*mut f32>) -> f64 {
        let loss = self.loss;
        // SAFETY: the caller vouches for `classes` values of each array and for the instruction set.
        unsafe {
            let highest = largest::<V>(logits);
            let shift = V::splat(highest);
            let exponential = |first: usize, there: usize| {
                V::load_first(logits.as_ptr().add(first), there)
                    .sub(&shift)
                    .exp()
            };
            let total = sum_over::<V>(logits.len(), |first, there| {
                let e = exponential(first, there);
                if let Some(to) = gradient {
                    e.store_first(to.add(first), there);
                }
                e
            });
            let logarithm = total.ln();
            let spread = loss.smoothing / loss.classes as f64;
            let own = (1.0 - loss.smoothing) * loss.weight(target);
            let below = |x: f32| f64::from(x) - f64::from(highest);
            let mut value = own * (logarithm - below(logits[target as usize]));
            if spread > 0.0 {
                let distances = sum_over::<V>(logits.len(), |first, there| {
                    let x = V::load_first(logits.as_ptr().add(first), there).sub(&shift);
                    match loss.class_weights {
                        Some(weights) => x.mul(&V::load_first(weights.as_ptr().add(first), there)),
                        None => x,
                    }
                });
                value += spread * (self.all_weights * logarithm - distances);
            }
            if let Some(to) = gradient {
                let of_all = (own + spread * self.all_weights) * self.scale / total;
                let factor = V::splat(of_all as f32);
                let evenly = V::splat((-spread * self.scale) as f32);
                for (first, there) in vectors::<V>(0..logits.len()) {
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
            value
        }
    }
}

/// The lanes of a vector; those beyond its width are zero.
#[inline(always)]
unsafe fn lanes_of<V: Lanes>(values: V) -> [f32; CHAINS] {
    const { assert!(CHAINS.is_multiple_of(V::WIDTH)) };
    let mut lanes = [0.0; CHAINS];
    // SAFETY: no lanes are wider; the caller is within `enter`.
    unsafe { values.store(lanes.as_mut_ptr()) };
    lanes
}

/// The largest logit. Not-a-number may be passed over: its exponential tells.
#[inline(always)]
unsafe fn largest<V: Lanes>(logits: &[f32]) -> f32 {
    // SAFETY: the caller is within `enter`; every load is of values that are there.
    unsafe {
        let lowest = V::splat(f32::NEG_INFINITY);
        let mut largest = lowest;
        let whole = logits.len() - logits.len() % V::WIDTH;
        for first in (0..whole).step_by(V::WIDTH) {
            largest = V::load(logits.as_ptr().add(first)).at_least(largest);
        }
        let rest = logits[whole..].iter().copied();
        let lanes = lanes_of(largest).into_iter().take(V::WIDTH);
        lanes.chain(rest).fold(f32::NEG_INFINITY, f32::max)
    }
}

/// Σ over classes of what `term` gives for the vector at (first, lanes that are there), in [`CHAINS`] chains.
#[inline(always)]
unsafe fn sum_over<V: Lanes>(classes: usize, mut term: impl FnMut(usize, usize) -> V) -> f64 {
    let mut total = 0.0;
    for block in (0..classes).step_by(JOINED) {
        let end = (block + JOINED).min(classes);
        // SAFETY: the caller is within `enter`.
        unsafe {
            let mut chains = [V::splat(0.0); CHAINS];
            let vectors_in_turn = CHAINS / V::WIDTH;
            for (index, (first, there)) in vectors::<V>(block..end).enumerate() {
                let chain = &mut chains[index % vectors_in_turn];
                let value = term(first, there);
                // Lanes beyond the last class hold the term of nothing.
                let value = if there < V::WIDTH {
                    let lanes = lanes_of(value);
                    V::load_first(lanes.as_ptr(), there)
                } else {
                    value
                };
                *chain = chain.add(&value);
            }
            for chain in &chains[..vectors_in_turn] {
                for value in lanes_of(*chain).into_iter().take(V::WIDTH) {
                    total += f64::from(value);
                }
            }
        }
    }
    total
}
