//! Layer normalisation of the columns of a step (Ba, Kiros & Hinton 2016), forward and backward.
//!
//! ```text
//! x̂ = (x − mean x) / √(var x + ε)        a = gain ⊙ x̂ + shift
//! dx = (g − mean g − x̂ · mean (g ⊙ x̂)) / √(var x + ε),   g = gain ⊙ da
//! d gain = Σ da ⊙ x̂                      d shift = Σ da
//! ```
//!
//! Means are over the units of one row and one column. Sums over units run in sixteen chains, unit u in
//! chain u mod 16, whatever the lane width, then pairwise: the same bits on every instruction set.
use super::step::{Panels, Units};
use crate::lanes::sums::{CHAINS, MOST_VECTORS, total};
use crate::lanes::{Kernel, Lanes, vectors};
use std::ops::Range;

/// ε.
pub(super) const EPSILON: f32 = 1e-5;

static ONES: [f32; CHAINS] = [1.0; CHAINS];

/// Which columns of which rows.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) rows: usize,
    pub(super) units: usize,
    pub(super) width: usize,
    /// Columns in all.
    pub(super) columns: usize,
    /// `[panel, columns, width]`.
    pub(super) gain: &'a [f32],
}

impl Place<'_> {
    /// The units of a column of a row.
    #[inline(always)]
    fn vectors<V: Lanes>(self) -> impl Iterator<Item = Units> {
        vectors::<V>(0..self.units).map(move |(unit, there)| Units::new(unit, there, self.width))
    }

    /// Where a vector of units of a column lies in the row of a panel.
    #[inline(always)]
    unsafe fn of(self, panels: Panels, row: usize, slot: usize, units: Units) -> *mut f32 {
        // SAFETY: the caller vouches for the panels.
        unsafe { panels.of(row, units).add(slot * self.width) }
    }

    /// A vector of `[panel, columns, width]`.
    #[inline(always)]
    unsafe fn of_column<V: Lanes>(self, values: &[f32], slot: usize, units: Units) -> V {
        let at = (units.block * self.columns + slot) * self.width + units.inside;
        // SAFETY: the caller vouches for the panels.
        unsafe { V::load(values.as_ptr().add(at)) }
    }
}

/// The chain of a vector of units.
#[inline(always)]
fn chain<V: Lanes>(units: Units) -> usize {
    (units.unit / V::WIDTH) % (CHAINS / V::WIDTH)
}

/// Normalises columns in place.
pub(super) struct Normalise<'a> {
    pub(super) place: Place<'a>,
    pub(super) slots: Range<usize>,
    /// `[panel, row, columns, width]`.
    pub(super) columns: Panels,
    /// `[panel, columns, width]`.
    pub(super) shift: &'a [f32],
    /// `[panel, row, columns, width]`: x̂, for the backward pass.
    pub(super) normal: Option<Panels>,
    /// `[row, columns]`: one by the deviation, for the backward pass.
    pub(super) scales: *mut f32,
}

impl Kernel for Normalise<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let place = self.place;
        let count = place.units as f32;
        for row in 0..place.rows {
            for slot in self.slots.clone() {
                // SAFETY: the caller vouches for the panels; padding within them may be read and written.
                unsafe {
                    let mut sums = [V::splat(0.0); MOST_VECTORS];
                    for units in place.vectors::<V>() {
                        let sum = &mut sums[chain::<V>(units)];
                        // Padding is zero: its weights are.
                        *sum = sum.add(&V::load(place.of(self.columns, row, slot, units)));
                    }
                    let mean = V::splat(total(sums) / count);
                    let mut squares = [V::splat(0.0); MOST_VECTORS];
                    for units in place.vectors::<V>() {
                        let x = place.of(self.columns, row, slot, units);
                        let away = V::load(x).sub(&mean);
                        let away = away.mul(&V::load_first(ONES.as_ptr(), units.there));
                        away.store(x);
                        let square = &mut squares[chain::<V>(units)];
                        *square = away.mul_add(&away, square);
                    }
                    let scale = 1.0 / (total(squares) / count + EPSILON).sqrt();
                    if !self.scales.is_null() {
                        *self.scales.add(row * place.columns + slot) = scale;
                    }
                    let scale = V::splat(scale);
                    for units in place.vectors::<V>() {
                        let x = place.of(self.columns, row, slot, units);
                        let normal = V::load(x).mul(&scale);
                        if let Some(panels) = self.normal {
                            normal.store(place.of(panels, row, slot, units));
                        }
                        let gain = place.of_column(place.gain, slot, units);
                        let shift = place.of_column(self.shift, slot, units);
                        normal.mul_add(&gain, &shift).store(x);
                    }
                }
            }
        }
    }
}

/// From the gradients of the columns after the normalisation to those before it, in place.
pub(super) struct NormaliseBack<'a> {
    pub(super) place: Place<'a>,
    pub(super) slots: Range<usize>,
    /// `[panel, row, columns, width]`.
    pub(super) columns: Panels,
    pub(super) normal: Panels,
    /// `[row, columns]`.
    pub(super) scales: *const f32,
    /// `[panel, row, totals]`: sums over the steps of a row: from `first_total` on d gain of every slot,
    /// then d shift of every slot.
    pub(super) totals: Panels,
    pub(super) first_total: usize,
}

impl Kernel for NormaliseBack<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let place = self.place;
        let count = place.units as f32;
        for row in 0..place.rows {
            for slot in self.slots.clone() {
                // SAFETY: as above.
                unsafe {
                    let (mut sums, mut products) =
                        ([V::splat(0.0); MOST_VECTORS], [V::splat(0.0); MOST_VECTORS]);
                    for units in place.vectors::<V>() {
                        let da = V::load(place.of(self.columns, row, slot, units));
                        let x = V::load(place.of(self.normal, row, slot, units));
                        let d_gain = place.of(self.totals, row, self.first_total + slot, units);
                        da.mul_add(&x, &V::load(d_gain)).store(d_gain);
                        let d_shift = d_gain.add(place.columns * place.width);
                        da.add(&V::load(d_shift)).store(d_shift);
                        // The gain of padding is zero.
                        let g = da.mul(&place.of_column(place.gain, slot, units));
                        let chain = chain::<V>(units);
                        sums[chain] = sums[chain].add(&g);
                        products[chain] = g.mul_add(&x, &products[chain]);
                    }
                    let mean = V::splat(total(sums) / count);
                    let product = V::splat(total(products) / count);
                    let scale = V::splat(*self.scales.add(row * place.columns + slot));
                    for units in place.vectors::<V>() {
                        let to = place.of(self.columns, row, slot, units);
                        let g = V::load(to).mul(&place.of_column(place.gain, slot, units));
                        let x = V::load(place.of(self.normal, row, slot, units));
                        let dx = g.sub(&mean).sub(&x.mul(&product)).mul(&scale);
                        dx.store(to);
                    }
                }
            }
        }
    }
}
