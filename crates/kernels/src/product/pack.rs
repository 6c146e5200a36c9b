//! Packing: laying an operand out in the order a tile reads it.

use crate::lanes::{Kernel, Lanes};
use crate::memory::Shared;

/// k at a time: the lines of the panel being written stay in cache while rows of W are read.
const STRIP: usize = 16;

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

/// Packs one panel of W `[columns · units, k]`: for each k, the panel's units of the first column, then
/// of the second, and so on: `out[k][column][unit]`, padding zero. `order[slot]` is the column of W that
/// goes to the panel's slot.
///
/// `out` has `k · order.len() · blocks.width` values.
pub(crate) fn by_unit(
    weights: &[f32],
    blocks: Blocks,
    block: usize,
    order: &[usize],
    k: usize,
    out: &mut [f32],
) {
    let row = order.len() * blocks.width;
    let there = blocks.units_in(block);
    for strip in (0..k).step_by(STRIP) {
        let end = (strip + STRIP).min(k);
        for (slot, column) in order.iter().enumerate() {
            for unit in 0..blocks.width {
                let place = slot * blocks.width + unit;
                if unit < there {
                    let from = (column * blocks.units + block * blocks.width + unit) * k;
                    for index in strip..end {
                        out[index * row + place] = weights[from + index];
                    }
                } else {
                    for index in strip..end {
                        out[index * row + place] = 0.0;
                    }
                }
            }
        }
    }
}

/// The inverse of [`by_unit`]: a panel back to the rows of W `[columns · units, k]`.
///
/// # Safety
/// `out` is W, and nobody else writes the rows of this panel's units.
pub(crate) unsafe fn from_units(
    panel: &[f32],
    blocks: Blocks,
    block: usize,
    order: &[usize],
    k: usize,
    out: Shared<f32>,
) {
    let row = order.len() * blocks.width;
    for strip in (0..k).step_by(STRIP) {
        let end = (strip + STRIP).min(k);
        for (slot, column) in order.iter().enumerate() {
            for unit in 0..blocks.units_in(block) {
                let place = slot * blocks.width + unit;
                let to = (column * blocks.units + block * blocks.width + unit) * k;
                for index in strip..end {
                    // SAFETY: a row of this panel's units.
                    unsafe { *out.at(to + index) = panel[index * row + place] };
                }
            }
        }
    }
}

/// Packs a matrix `[k, columns]` into panels of `width` columns, each row of a panel contiguous:
/// `out[panel][k][width]`; the last panel is as wide as its columns need, in steps of `lane`.
///
/// `out` has `k · columns rounded up to lane` values, and panel `p` starts at `p · k · width`.
pub(crate) fn by_column(
    matrix: &[f32],
    k: usize,
    columns: usize,
    width: usize,
    lane: usize,
    out: &mut [f32],
) {
    let mut out = out;
    for first in (0..columns).step_by(width) {
        let there = (columns - first).min(width);
        let padded = there.next_multiple_of(lane);
        let (panel, rest) = out.split_at_mut(k * padded);
        for (index, row) in panel.chunks_exact_mut(padded).enumerate() {
            let from = index * columns + first;
            row[..there].copy_from_slice(&matrix[from..from + there]);
            row[there..].fill(0.0);
        }
        out = rest;
    }
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
