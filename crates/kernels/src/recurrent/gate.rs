//! Between the two products of a step: the gated state, forward and backward.
use super::step::{Panels, RowPointers, Span, h_at, part, put, states};
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
        let Span {
            rows,
            unit,
            units,
            width,
            slot,
        } = self.span;
        let slot: [usize; COLUMNS] = std::array::from_fn(|column| slot[column] * width);
        let end = unit + units;
        for unit in (unit..end).step_by(V::WIDTH) {
            let (block, inside) = (unit / width, unit % width);
            let there = (end - unit).min(V::WIDTH);
            for row in 0..rows {
                // SAFETY: the caller vouches for the arrays, as in `step`.
                unsafe {
                    let sums = self.columns.at(block, row).add(inside);
                    let columns = std::array::from_fn(|column| V::load(sums.add(slot[column])));
                    let before = self.carried_before.at(block, row);
                    let previous = states::<V, STATES>(
                        h_at(self.h_before, row),
                        before.wrapping_add(inside),
                        (unit, there, width),
                    );
                    let (gated, columns) = self.cell.gate(columns, previous);
                    for (column, value) in columns.iter().enumerate() {
                        value.store(sums.add(slot[column]));
                    }
                    put(gated, (*self.gated.add(row)).add(unit), there);
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
        let Span {
            rows,
            unit: first,
            units,
            width,
            slot,
        } = self.span;
        let slot: [usize; COLUMNS] = std::array::from_fn(|column| slot[column] * width);
        let end = first + units;
        for unit in (first..end).step_by(V::WIDTH) {
            let (block, inside) = (unit / width, unit % width);
            let there = (end - unit).min(V::WIDTH);
            for row in 0..rows {
                // SAFETY: the caller vouches for the arrays, as in `step`.
                unsafe {
                    let gradient =
                        part::<V>(self.sums.add(row * self.sums_stride + unit - first), there);
                    let from = self.kept.at(block, row).wrapping_add(inside);
                    let kept = std::array::from_fn(|index| V::load(from.add(index * width)));
                    let before = self.carried_before.at(block, row);
                    let previous = states::<V, STATES>(
                        h_at(self.h_before, row),
                        before.wrapping_add(inside),
                        (unit, there, width),
                    );
                    let (columns, passed) = self.cell.gate_backward(kept, previous, gradient);
                    let sums = self.columns.at(block, row).add(inside);
                    for (column, value) in columns.iter().enumerate() {
                        let to = sums.add(slot[column]);
                        // Gated columns are done with: nothing may be added to them any more.
                        if !C::SOURCES[column].is_gated() {
                            V::load(to).add(value).store(to);
                        }
                    }
                    let carry = self.carry.at(block, row).add(inside);
                    for (state, value) in passed.iter().enumerate() {
                        let to = carry.add(state * width);
                        V::load(to).add(value).store(to);
                    }
                }
            }
        }
    }
}
