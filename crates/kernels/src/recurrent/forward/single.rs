//! A step of one row: product and formula in one function.
//!
//! A stream has one row, and a row by itself reads every weight once for each step: the product waits for
//! the second-level cache, not for the arithmetic. Here the sums stay in registers and the formula of one
//! panel overlaps with the weights of the next. Same sums, same order, same bits as the tiles.
use crate::cell::Cell;
use crate::lanes::{Kernel, Lanes};
use crate::recurrent::step::{Ahead, Span, Units};

/// Runs a step of one row over all panels. Its columns hold bias + x·W; `operand` is the fed-back state, null
/// where it is zero; `recurrent` is U, panel after panel `[H, columns that read the state, width]`.
///
/// # Safety
/// As for `step` itself, whose span is one row and every unit, of a cell without a gated column; the operand
/// has as many values as units; the instruction set of `V` is there.
pub(super) unsafe fn run<
    V,
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
>(
    step: Ahead<'_, C, COLUMNS, STATES, KEPT, UNITS>,
    operand: *const f32,
    recurrent: &[f32],
) where
    V: Lanes,
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    debug_assert!(step.span.rows == 1 && step.span.unit == 0);
    // SAFETY: by contract.
    unsafe {
        match step.span.width / V::WIDTH {
            1 => V::enter(Single::<C, COLUMNS, STATES, KEPT, UNITS, 1> {
                step,
                operand,
                recurrent,
            }),
            2 => V::enter(Single::<C, COLUMNS, STATES, KEPT, UNITS, 2> {
                step,
                operand,
                recurrent,
            }),
            3 => V::enter(Single::<C, COLUMNS, STATES, KEPT, UNITS, 3> {
                step,
                operand,
                recurrent,
            }),
            _ => V::enter(Single::<C, COLUMNS, STATES, KEPT, UNITS, 4> {
                step,
                operand,
                recurrent,
            }),
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
    const UNITS: usize,
    const VECTORS: usize,
> {
    step: Ahead<'a, C, COLUMNS, STATES, KEPT, UNITS>,
    operand: *const f32,
    recurrent: &'a [f32],
}

impl<
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
    const VECTORS: usize,
> Kernel for Single<'_, C, COLUMNS, STATES, KEPT, UNITS, VECTORS>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self {
            step,
            operand,
            recurrent,
        } = self;
        let Span { units, width, .. } = step.span;
        debug_assert_eq!(width, VECTORS * V::WIDTH);
        let starts = step.span.starts::<COLUMNS>();
        let readers = C::SOURCES
            .iter()
            .filter(|source| source.reads_state())
            .count();
        let row = readers * width;
        // Columns that do not read the state come first in a panel.
        let skipped = (COLUMNS - readers) * width;
        for (block, first) in (0..units).step_by(width).enumerate() {
            // SAFETY: the caller vouches for the arrays; panels are padded to whole vectors, the operand
            // has a value for each unit.
            unsafe {
                let sums = step.columns.at(block, 0);
                let mut columns = [[V::splat(0.0); COLUMNS]; VECTORS];
                for (v, columns) in columns.iter_mut().enumerate() {
                    for (column, value) in columns.iter_mut().enumerate() {
                        *value = V::load(sums.add(starts[column] + v * V::WIDTH));
                    }
                }
                if !operand.is_null() {
                    let mut panel = recurrent.as_ptr().add(block * units * row);
                    for k in 0..units {
                        let fed = V::splat(*operand.add(k));
                        for (v, columns) in columns.iter_mut().enumerate() {
                            for (column, value) in columns.iter_mut().enumerate() {
                                if C::SOURCES[column].reads_state() {
                                    let at = starts[column] - skipped + v * V::WIDTH;
                                    *value = fed.mul_add(&V::load(panel.add(at)), value);
                                }
                            }
                        }
                        panel = panel.add(row);
                    }
                }
                for (v, columns) in columns.into_iter().enumerate() {
                    let unit = first + v * V::WIDTH;
                    if unit >= units {
                        break;
                    }
                    let there = (units - unit).min(V::WIDTH);
                    step.apply(columns, 0, Units::new(unit, there, width));
                }
            }
        }
    }
}
