//! Packing: laying an operand out in the order a tile reads it.

use crate::context::Context;
use crate::lanes::{Kernel, Lanes};
use crate::memory::{Buffer, Shared};
use crate::pool;

/// How a parameter matrix `[columns · units, k]` is cut into panels of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Blocks {
    /// Units in all.
    pub(crate) units: usize,
    /// Units in one panel, a multiple of the lane width.
    pub(crate) width: usize,
}

impl Blocks {
    /// How many panels; the last may hold padding.
    pub(crate) fn count(self) -> usize {
        self.units.div_ceil(self.width)
    }
    /// Units of panel `block` that are really there.
    pub(crate) fn units_in(self, block: usize) -> usize {
        (self.units - block * self.width).min(self.width)
    }
}

/// The transposition of a matrix `[rows, columns]` whose rows, and those of the result, lie apart.
pub(crate) struct Turn {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) from: *const f32,
    pub(crate) from_stride: usize,
    pub(crate) to: *mut f32,
    pub(crate) to_stride: usize,
}

impl Kernel for Turn {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let whole = |count: usize| count - count % V::WIDTH;
        let (rows, columns) = (whole(self.rows), whole(self.columns));
        for row in (0..rows).step_by(V::WIDTH) {
            for column in (0..columns).step_by(V::WIDTH) {
                // SAFETY: the caller vouches for both matrices, and the square lies within them.
                unsafe {
                    V::turn(
                        self.from.add(row * self.from_stride + column),
                        self.from_stride,
                        self.to.add(column * self.to_stride + row),
                        self.to_stride,
                    );
                }
            }
        }
        for row in 0..self.rows {
            let beside = if row < rows { columns } else { 0 };
            for column in beside..self.columns {
                // SAFETY: as above.
                unsafe {
                    *self.to.add(column * self.to_stride + row) =
                        *self.from.add(row * self.from_stride + column);
                }
            }
        }
    }
}

/// Packs one panel of W `[columns · units, k]`: for each k, the panel's units of the first column, then
/// of the second, and so on: `out[k][column][unit]`, padding zero. `order[slot]` is the column of W that
/// goes to the panel's slot.
///
/// `out` has `k · order.len() · blocks.width` values.
///
/// # Safety
/// Called within [`Lanes::enter`].
pub(crate) unsafe fn by_unit<V: Lanes>(
    weights: &[f32],
    blocks: Blocks,
    block: usize,
    order: &[usize],
    k: usize,
    out: &mut [f32],
) {
    let row = order.len() * blocks.width;
    let there = blocks.units_in(block);
    for (slot, column) in order.iter().enumerate() {
        let from = (column * blocks.units + block * blocks.width) * k;
        // SAFETY: a slot of the panel, and the rows of its units.
        unsafe {
            V::enter(Turn {
                rows: there,
                columns: k,
                from: weights[from..from + there * k].as_ptr(),
                from_stride: k,
                to: out.as_mut_ptr().add(slot * blocks.width),
                to_stride: row,
            });
        }
        for row in out.chunks_exact_mut(row) {
            row[slot * blocks.width + there..(slot + 1) * blocks.width].fill(0.0);
        }
    }
}

/// Packs every panel of W, as [`by_unit`] does, shared over threads.
///
/// # Safety
/// As [`by_unit`].
pub(crate) unsafe fn all_by_unit<'a, V: Lanes>(
    weights: &[f32],
    blocks: Blocks,
    order: &[usize],
    k: usize,
    context: Context,
    buffer: &'a mut Buffer,
) -> &'a [f32] {
    let panel = order.len() * blocks.width * k;
    let out = buffer.reserve(blocks.count() * panel);
    if panel > 0 {
        let threads = context.threads_for(size_of_val(out));
        let to = Shared::new(&mut *out);
        pool::run(threads, blocks.count(), &|block| {
            // SAFETY: each task has a panel of its own.
            unsafe {
                let out = std::slice::from_raw_parts_mut(to.at(block * panel), panel);
                by_unit::<V>(weights, blocks, block, order, k, out);
            }
        });
    }
    out
}

/// The inverse of [`by_unit`]: a panel back to the rows of W `[columns · units, k]`.
///
/// # Safety
/// As [`by_unit`]; `out` is W, and nobody else writes the rows of this panel's units.
pub(crate) unsafe fn from_units<V: Lanes>(
    panel: &[f32],
    blocks: Blocks,
    block: usize,
    order: &[usize],
    k: usize,
    out: Shared<f32>,
) {
    let row = order.len() * blocks.width;
    debug_assert_eq!(panel.len(), k * row);
    for (slot, column) in order.iter().enumerate() {
        let to = (column * blocks.units + block * blocks.width) * k;
        // SAFETY: a slot of the panel, and the rows of its units.
        unsafe {
            V::enter(Turn {
                rows: k,
                columns: blocks.units_in(block),
                from: panel.as_ptr().add(slot * blocks.width),
                from_stride: row,
                to: out.at(to),
                to_stride: k,
            });
        }
    }
}

/// Packs a matrix `[k, columns]` into panels of `width` columns, each row of a panel contiguous:
/// `out[panel][k][width]`; the last panel is as wide as its columns need, in steps of `lane`. The panels are
/// shared over threads.
///
/// `out` has `k · columns rounded up to lane` values, and panel `p` starts at `p · k · width`.
pub(crate) fn by_column(
    matrix: &[f32],
    k: usize,
    columns: usize,
    (width, lane): (usize, usize),
    context: Context,
    out: &mut [f32],
) {
    if k == 0 {
        return;
    }
    debug_assert_eq!(out.len(), k * columns.next_multiple_of(lane));
    let threads = context.threads_for(size_of_val(out));
    let to = Shared::new(out);
    pool::run(threads, columns.div_ceil(width), &|panel| {
        let first = panel * width;
        let there = (columns - first).min(width);
        let padded = there.next_multiple_of(lane);
        // SAFETY: each task has a panel of its own.
        let out = unsafe { std::slice::from_raw_parts_mut(to.at(k * first), k * padded) };
        for (index, row) in out.chunks_exact_mut(padded).enumerate() {
            let from = index * columns + first;
            row[..there].copy_from_slice(&matrix[from..from + there]);
            row[there..].fill(0.0);
        }
    });
}

/// Copies rows of A into columns for products that sum over rows: tile by tile of `tiles`, for each row
/// the tile's elements side by side: `out[tile][row][element]`. The tile that starts at element `e`
/// starts at `e · rows.len()` in `out`.
pub(crate) struct Transpose<'a, T> {
    /// The rows; null stands for zeros.
    pub(crate) rows: &'a [*const f32],
    /// First element and height of each tile.
    pub(crate) tiles: T,
    pub(crate) out: *mut f32,
}

impl<T: Iterator<Item = (usize, usize)>> Kernel for Transpose<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        for (first, height) in self.tiles {
            let mut to = self.out.wrapping_add(first * self.rows.len());
            for row in self.rows {
                for part in (0..height).step_by(V::WIDTH) {
                    let there = (height - part).min(V::WIDTH);
                    // SAFETY: the caller vouches for the rows' elements and for room in `out`.
                    unsafe {
                        let values = if row.is_null() {
                            V::splat(0.0)
                        } else {
                            V::load_first(row.add(first + part), there)
                        };
                        values.store_first(to.add(part), there);
                    }
                }
                to = to.wrapping_add(height);
            }
        }
    }
}

#[cfg(test)]
mod tests;
