//! The cell's formula over a tile of rows and units: what happens between two products.
//!
//! The product leaves its sums in a small buffer that stays in the first-level cache; from there the
//! formula takes them, lane by lane. (Keeping them in registers instead would save a few loads for each
//! hundred instructions of activations, and tie every cell to every shape of tile.)
use crate::cell::Cell;
use crate::lanes::{Kernel, Lanes};
use crate::product::MAX_ROWS;

/// One step forward for `rows` rows and the units of one panel.
///
/// Panel-major arrays `[row, slots, width]` are given by the address of their first row; rows follow one
/// another. Row-major states are given by the address of the panel's first unit in each row.
pub(super) struct Ahead<'a, C, const COLUMNS: usize, const STATES: usize, const KEPT: usize> {
    pub(super) cell: &'a C,
    pub(super) rows: usize,
    /// Units that are there.
    pub(super) units: usize,
    /// Units of the panel.
    pub(super) width: usize,
    /// Slot of each column.
    pub(super) slot: &'a [usize],
    /// `[row, columns, width]`: the columns.
    pub(super) columns: *const f32,
    /// h_(t−1); null stands for zeros.
    pub(super) h_before: [*const f32; MAX_ROWS],
    /// h_t.
    pub(super) h: [*mut f32; MAX_ROWS],
    /// `[row, states − 1, width]`: the other states before and after; may be the same place.
    pub(super) carried_before: *const f32,
    pub(super) carried: *mut f32,
    /// `[row, kept, width]`; null in inference.
    pub(super) kept: *mut f32,
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize> Kernel
    for Ahead<'_, C, COLUMNS, STATES, KEPT>
where
    C: Cell<COLUMNS, STATES, KEPT>,
{
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let width = self.width;
        let slot: [usize; COLUMNS] = std::array::from_fn(|column| self.slot[column] * width);
        for row in 0..self.rows {
            let mut unit = 0;
            while unit < self.units {
                let there = (self.units - unit).min(V::WIDTH);
                // SAFETY: the caller vouches for the arrays; panel-major rows are padded to whole
                // vectors, row-major ones are read and written only as far as the units are there.
                unsafe {
                    let sums = self.columns.add(row * COLUMNS * width + unit);
                    let columns = std::array::from_fn(|column| V::load(sums.add(slot[column])));
                    let before = self
                        .carried_before
                        .wrapping_add(row * (STATES - 1) * width + unit);
                    let previous: [V; STATES] = std::array::from_fn(|state| {
                        if state > 0 {
                            V::load(before.add((state - 1) * width))
                        } else if self.h_before[row].is_null() {
                            V::splat(0.0)
                        } else {
                            part::<V>(self.h_before[row].add(unit), there)
                        }
                    });
                    let (next, kept) = self.cell.forward(columns, previous);
                    put(next[0], self.h[row].add(unit), there);
                    let after = self.carried.wrapping_add(row * (STATES - 1) * width + unit);
                    for (state, value) in next.iter().enumerate().skip(1) {
                        value.store(after.add((state - 1) * width));
                    }
                    if !self.kept.is_null() {
                        let to = self.kept.add(row * KEPT * width + unit);
                        for (index, value) in kept.iter().enumerate() {
                            value.store(to.add(index * width));
                        }
                    }
                }
                unit += V::WIDTH;
            }
        }
    }
}

/// One step back for `rows` rows and the units of one panel.
pub(super) struct Back<'a, C, const COLUMNS: usize, const STATES: usize, const KEPT: usize> {
    pub(super) cell: &'a C,
    pub(super) rows: usize,
    pub(super) units: usize,
    pub(super) width: usize,
    pub(super) slot: &'a [usize],
    /// `[row, sums_stride]`: gradient of h_t through the output and the next step's products.
    pub(super) sums: *const f32,
    pub(super) sums_stride: usize,
    /// `[row, states, width]`: what the next step passes on directly; replaced by what this one does.
    pub(super) carry: *mut f32,
    /// Whether this is the last step of these rows: `carry` then holds nothing yet, and the gradients of
    /// the final states, where there are any, come in.
    pub(super) last: bool,
    /// For each state, the gradient of its final value in each row; null stands for zeros.
    pub(super) finals: [[*const f32; MAX_ROWS]; STATES],
    pub(super) h_before: [*const f32; MAX_ROWS],
    pub(super) h: [*const f32; MAX_ROWS],
    pub(super) carried_before: *const f32,
    pub(super) carried: *const f32,
    pub(super) kept: *const f32,
    /// `[row, columns, width]`: the gradients of the columns.
    pub(super) columns: *mut f32,
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize> Kernel
    for Back<'_, C, COLUMNS, STATES, KEPT>
where
    C: Cell<COLUMNS, STATES, KEPT>,
{
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let width = self.width;
        let slot: [usize; COLUMNS] = std::array::from_fn(|column| self.slot[column] * width);
        for row in 0..self.rows {
            let mut unit = 0;
            while unit < self.units {
                let there = (self.units - unit).min(V::WIDTH);
                // SAFETY: as in `Ahead`.
                unsafe {
                    let carry = self.carry.add(row * STATES * width + unit);
                    let gradient: [V; STATES] = std::array::from_fn(|state| {
                        let passed = if !self.last {
                            V::load(carry.add(state * width))
                        } else if self.finals[state][row].is_null() {
                            V::splat(0.0)
                        } else {
                            part::<V>(self.finals[state][row].add(unit), there)
                        };
                        if state == 0 {
                            let sums = self.sums.add(row * self.sums_stride + unit);
                            part::<V>(sums, there).add(&passed)
                        } else {
                            passed
                        }
                    });
                    let from = self.kept.wrapping_add(row * KEPT * width + unit);
                    let kept = std::array::from_fn(|index| V::load(from.add(index * width)));
                    let states = |h: *const f32, carried: *const f32| -> [V; STATES] {
                        let carried = carried.wrapping_add(row * (STATES - 1) * width + unit);
                        std::array::from_fn(|state| {
                            if state > 0 {
                                V::load(carried.add((state - 1) * width))
                            } else if h.is_null() {
                                V::splat(0.0)
                            } else {
                                part::<V>(h.add(unit), there)
                            }
                        })
                    };
                    let previous = states(self.h_before[row], self.carried_before);
                    let next = states(self.h[row], self.carried);
                    let (columns, passed) = self.cell.backward(kept, previous, next, gradient);
                    let to = self.columns.add(row * COLUMNS * width + unit);
                    for (column, value) in columns.iter().enumerate() {
                        value.store(to.add(slot[column]));
                    }
                    for (state, value) in passed.iter().enumerate() {
                        value.store(carry.add(state * width));
                    }
                }
                unit += V::WIDTH;
            }
        }
    }
}

/// Reads a whole vector, or its first `there` lanes.
#[inline(always)]
unsafe fn part<V: Lanes>(from: *const f32, there: usize) -> V {
    // SAFETY: the caller vouches for `there` reads.
    unsafe {
        if there == V::WIDTH {
            V::load(from)
        } else {
            V::load_first(from, there)
        }
    }
}

/// Writes a whole vector, or its first `there` lanes.
#[inline(always)]
unsafe fn put<V: Lanes>(value: V, to: *mut f32, there: usize) {
    // SAFETY: the caller vouches for `there` writes.
    unsafe {
        if there == V::WIDTH {
            value.store(to);
        } else {
            value.store_first(to, there);
        }
    }
}
