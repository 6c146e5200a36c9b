//! Sums over the values of a row, in sixteen chains: value i belongs to chain i mod 16, whatever the width of the lanes, and
//! the chains are joined in a defined order. So the bits are the same on every instruction set.
use super::{Lanes, vectors};

/// Chains of a sum.
pub(crate) const CHAINS: usize = 16;
/// Vectors that hold the chains, at most.
pub(crate) const MOST_VECTORS: usize = 4;
/// Values after which the chains of [`long_sum`] are joined: each has 32 terms then.
const JOINED: usize = 512;

/// The sum of the chains, pairwise.
///
/// # Safety
/// Called within [`Lanes::enter`].
#[inline(always)]
pub(crate) unsafe fn total<V: Lanes>(chains: [V; MOST_VECTORS]) -> f32 {
    let mut values = [0.0f32; CHAINS];
    for (index, chain) in chains.into_iter().enumerate().take(CHAINS / V::WIDTH) {
        // SAFETY: a whole vector within the array.
        unsafe { chain.store(values.as_mut_ptr().add(index * V::WIDTH)) };
    }
    let mut half = CHAINS / 2;
    while half > 0 {
        for index in 0..half {
            values[index] += values[index + half];
        }
        half /= 2;
    }
    values[0]
}

/// The lanes of a vector; those beyond its width are zero.
///
/// # Safety
/// Called within [`Lanes::enter`].
#[inline(always)]
unsafe fn lanes_of<V: Lanes>(values: V) -> [f32; CHAINS] {
    const { assert!(CHAINS.is_multiple_of(V::WIDTH) && CHAINS / V::WIDTH <= MOST_VECTORS) };
    let mut lanes = [0.0; CHAINS];
    // SAFETY: no lanes are wider; the caller is within `enter`.
    unsafe { values.store(lanes.as_mut_ptr()) };
    lanes
}

/// The largest value. Not-a-number may be passed over: its exponential tells.
///
/// # Safety
/// Called within [`Lanes::enter`]; so many values are there.
#[inline(always)]
pub(crate) unsafe fn largest<V: Lanes>(values: *const f32, count: usize) -> f32 {
    // SAFETY: by contract.
    unsafe {
        let mut largest = V::splat(f32::NEG_INFINITY);
        let whole = count - count % V::WIDTH;
        for first in (0..whole).step_by(V::WIDTH) {
            largest = V::load(values.add(first)).at_least(largest);
        }
        let rest = std::slice::from_raw_parts(values.add(whole), count - whole);
        let lanes = lanes_of(largest).into_iter().take(V::WIDTH);
        let all = lanes.chain(rest.iter().copied());
        all.fold(f32::NEG_INFINITY, f32::max)
    }
}

/// What a value of a row adds to a sum. Not a closure: what handles lanes must melt into its caller ([`Lanes::enter`]), and
/// a closure that is called from two places does not.
pub(crate) trait Term {
    /// The terms of the values from `first` on, of which so many are there.
    ///
    /// # Safety
    /// Called within [`Lanes::enter`]; the values are there.
    unsafe fn of<V: Lanes>(&self, first: usize, there: usize) -> V;
}

/// e^(x − `highest`), also written to `to`, which may be `x`.
pub(crate) struct Exponentials {
    pub(crate) x: *const f32,
    pub(crate) highest: f32,
    pub(crate) to: Option<*mut f32>,
}

impl Term for Exponentials {
    #[inline(always)]
    unsafe fn of<V: Lanes>(&self, first: usize, there: usize) -> V {
        // SAFETY: by contract.
        unsafe {
            let x = V::load_first(self.x.add(first), there);
            let e = x.sub(&V::splat(self.highest)).exp();
            if let Some(to) = self.to {
                e.store_first(to.add(first), there);
            }
            e
        }
    }
}

/// Σ over values of their terms, joined in `f64` every few hundred: for rows that may be long.
///
/// # Safety
/// Called within [`Lanes::enter`]; so many values are there.
#[inline(always)]
pub(crate) unsafe fn long_sum<V: Lanes>(count: usize, terms: &impl Term) -> f64 {
    let mut total = 0.0;
    for block in (0..count).step_by(JOINED) {
        let end = (block + JOINED).min(count);
        // SAFETY: the caller is within `enter`.
        unsafe {
            let mut chains = [V::splat(0.0); CHAINS];
            let vectors_in_turn = CHAINS / V::WIDTH;
            for (index, (first, there)) in vectors::<V>(block..end).enumerate() {
                let chain = &mut chains[index % vectors_in_turn];
                let value = terms.of::<V>(first, there);
                // Lanes beyond the last value hold the term of nothing.
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
