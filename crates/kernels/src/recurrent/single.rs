//! A step of one row: product and formula in one function.
//!
//! A stream has one row, and a row by itself reads every weight once for each step: the product waits for
//! the second-level cache, not for the arithmetic. Here the sums stay in registers and the formula of one
//! panel overlaps with the weights of the next. Same sums, same order, same bits as the tiles.
use super::step::{Ahead, Span, h_at, put, states};
use crate::cell::Cell;
use crate::lanes::{Kernel, Lanes};

/// Runs a step of one row over all panels. Its columns hold bias + x·W; `recurrent` is U, panel after panel
/// `[H, columns that read the state, width]`.
///
/// # Safety
/// As for `step` itself, whose span is one row and every unit; the instruction set of `V` is there.
pub(super) unsafe fn run<V, C, const COLUMNS: usize, const STATES: usize, const KEPT: usize>(
    step: Ahead<'_, C, COLUMNS, STATES, KEPT>,
    recurrent: &[f32],
) where
    V: Lanes,
    C: Cell<COLUMNS, STATES, KEPT>,
{
    debug_assert!(step.span.rows == 1 && step.span.unit == 0);
    // SAFETY: by contract.
    unsafe {
        match step.span.width / V::WIDTH {
            1 => V::enter(Single::<C, COLUMNS, STATES, KEPT, 1> { step, recurrent }),
            2 => V::enter(Single::<C, COLUMNS, STATES, KEPT, 2> { step, recurrent }),
            3 => V::enter(Single::<C, COLUMNS, STATES, KEPT, 3> { step, recurrent }),
            _ => V::enter(Single::<C, COLUMNS, STATES, KEPT, 4> { step, recurrent }),
        }
    }
}

/// `VECTORS` vectors of units make up a panel.
struct Single<
    'a,
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const VECTORS: usize,
> {
    step: Ahead<'a, C, COLUMNS, STATES, KEPT>,
    recurrent: &'a [f32],
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const VECTORS: usize> Kernel
    for Single<'_, C, COLUMNS, STATES, KEPT, VECTORS>
where
    C: Cell<COLUMNS, STATES, KEPT>,
{
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self { step, recurrent } = self;
        let Span {
            units, width, slot, ..
        } = step.span;
        debug_assert_eq!(width, VECTORS * V::WIDTH);
        // SAFETY: a step of one row has one pointer for each, or none before the first.
        let (h_before, h) = unsafe { (h_at(step.h_before, 0), *step.h) };
        let slot: [usize; COLUMNS] = std::array::from_fn(|column| slot[column] * width);
        let readers = C::SOURCES
            .iter()
            .filter(|source| source.reads_state())
            .count();
        let row = readers * width;
        // Columns that do not read the state come first in a panel.
        let skipped = (COLUMNS - readers) * width;
        for (block, first) in (0..units).step_by(width).enumerate() {
            // SAFETY: the caller vouches for the arrays; panels are padded to whole vectors, h is read and
            // written only as far as the units are there.
            unsafe {
                let sums = step.columns.at(block, 0, 0);
                let mut columns = [[V::splat(0.0); COLUMNS]; VECTORS];
                for (v, columns) in columns.iter_mut().enumerate() {
                    for (column, value) in columns.iter_mut().enumerate() {
                        *value = V::load(sums.add(slot[column] + v * V::WIDTH));
                    }
                }
                if !h_before.is_null() {
                    let mut panel = recurrent.as_ptr().add(block * units * row);
                    for k in 0..units {
                        let h = V::splat(*h_before.add(k));
                        for (v, columns) in columns.iter_mut().enumerate() {
                            for (column, value) in columns.iter_mut().enumerate() {
                                if C::SOURCES[column].reads_state() {
                                    let at = slot[column] - skipped + v * V::WIDTH;
                                    *value = h.mul_add(&V::load(panel.add(at)), value);
                                }
                            }
                        }
                        panel = panel.add(row);
                    }
                }
                for (v, columns) in columns.into_iter().enumerate() {
                    let (unit, inside) = (first + v * V::WIDTH, v * V::WIDTH);
                    if unit >= units {
                        break;
                    }
                    let there = (units - unit).min(V::WIDTH);
                    let before = step.carried_before.at(block, 0, 0).wrapping_add(inside);
                    let previous = states::<V, STATES>(h_before, before, (unit, there, width));
                    let (next, kept) = step.cell.forward(columns, previous);
                    put(next[0], h.add(unit), there);
                    let after = step.carried.at(block, 0, 0).wrapping_add(inside);
                    for (state, value) in next.iter().enumerate().skip(1) {
                        value.store(after.add((state - 1) * width));
                    }
                    if let Some(places) = step.kept {
                        let to = places.at(block, 0, 0).add(inside);
                        for (index, value) in kept.iter().enumerate() {
                            value.store(to.add(index * width));
                        }
                    }
                }
            }
        }
    }
}
