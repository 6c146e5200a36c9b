//! Between the two products of a step: the gated state, forward and backward.
use super::step::{Panels, RowPointers, Span, part, put, states};
use crate::cell::Cell;
use crate::lanes::{Kernel, Lanes};

/// Writes the gated state of a tile of rows, and the columns as the formula will find them.
pub(super) struct GateAhead<
    'a,
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
> {
    pub(super) cell: &'a C,
    pub(super) span: Span<'a>,
    /// `[panel, row, columns, width]`.
    pub(super) columns: Panels,
    pub(super) h_before: RowPointers,
    /// `[panel, row, states − 1, width]`.
    pub(super) carried_before: Panels,
    /// The factors it is multiplied with, as the fed-back state is; null: none.
    pub(super) factors: RowPointers,
    /// For each row, where the gated state goes, from unit 0 on.
    pub(super) gated: *const *mut f32,
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize> Kernel
    for GateAhead<'_, C, COLUMNS, STATES, KEPT, UNITS>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let starts = self.span.starts::<COLUMNS>();
        for units in self.span.vectors::<V>() {
            for row in 0..self.span.rows {
                // SAFETY: the caller vouches for the arrays, as in `step`.
                unsafe {
                    let sums = self.columns.of(row, units);
                    let columns = starts.map(|start| V::load(sums.add(start)));
                    let previous =
                        states::<V, STATES>(self.h_before, self.carried_before, row, units);
                    let (mut gated, columns) = self.cell.gate(columns, previous);
                    for (start, value) in starts.into_iter().zip(&columns) {
                        value.store(sums.add(start));
                    }
                    if !self.factors.is_null() {
                        gated = gated.mul(&part(*self.factors.add(row), units));
                    }
                    put(gated, *self.gated.add(row), units);
                }
            }
        }
    }
}

/// Adds what the gradient of the gated state gives to the gradients of columns and previous states.
pub(super) struct GateBack<
    'a,
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
> {
    pub(super) cell: &'a C,
    pub(super) span: Span<'a>,
    /// `[row, sums_stride]`, from the span's first unit on: the gradient of the gated state.
    pub(super) sums: *const f32,
    pub(super) sums_stride: usize,
    /// The factors of the forward pass; null: none.
    pub(super) factors: RowPointers,
    pub(super) h_before: RowPointers,
    pub(super) carried_before: Panels,
    pub(super) kept: Panels,
    /// `[panel, row, columns, width]`.
    pub(super) columns: Panels,
    /// `[panel, row, states, width]`.
    pub(super) carry: Panels,
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize> Kernel
    for GateBack<'_, C, COLUMNS, STATES, KEPT, UNITS>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let starts = self.span.starts::<COLUMNS>();
        let first = self.span.unit;
        for units in self.span.vectors::<V>() {
            for row in 0..self.span.rows {
                // SAFETY: the caller vouches for the arrays, as in `step`.
                unsafe {
                    let sums = self.sums.add(row * self.sums_stride);
                    let mut gradient = part::<V>(sums.wrapping_sub(first), units);
                    if !self.factors.is_null() {
                        gradient = gradient.mul(&part(*self.factors.add(row), units));
                    }
                    let kept = self.kept.load(row, units);
                    let previous =
                        states::<V, STATES>(self.h_before, self.carried_before, row, units);
                    let (columns, passed) = self.cell.gate_backward(kept, previous, gradient);
                    let sums = self.columns.of(row, units);
                    for (column, value) in columns.iter().enumerate() {
                        let to = sums.add(starts[column]);
                        // Gated columns are done with: nothing may be added to them any more.
                        if !C::SOURCES[column].is_gated() {
                            V::load(to).add(value).store(to);
                        }
                    }
                    self.carry.add(&passed, row, units);
                }
            }
        }
    }
}
