//! Packing: laying an operand out in the order a tile reads it.

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
    /// k at a time: the lines of the panel being written stay in cache while its rows are read.
    const STRIP: usize = 16;
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

/// The inverse of [`by_unit`]: hands each row of W that the panel holds to `put`, as (row of W, values
/// by k as an iterator).
pub(crate) fn from_units(
    panel: &[f32],
    blocks: Blocks,
    block: usize,
    order: &[usize],
    k: usize,
    mut put: impl FnMut(usize, &mut dyn Iterator<Item = f32>),
) {
    let row = order.len() * blocks.width;
    for (slot, column) in order.iter().enumerate() {
        for unit in 0..blocks.units_in(block) {
            let place = slot * blocks.width + unit;
            let mut values = (0..k).map(|index| panel[index * row + place]);
            put(
                column * blocks.units + block * blocks.width + unit,
                &mut values,
            );
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
/// starts at `e · rows` in `out`.
///
/// A row given as `None` is zeros.
pub(crate) fn transposed<'a>(
    rows: impl Iterator<Item = Option<&'a [f32]>> + Clone,
    count: usize,
    tiles: impl Iterator<Item = (usize, usize)>,
    out: &mut [f32],
) {
    for (first, height) in tiles {
        let tile = &mut out[first * count..(first + height) * count];
        for (to, row) in tile.chunks_exact_mut(height).zip(rows.clone()) {
            match row {
                Some(row) => to.copy_from_slice(&row[first..first + height]),
                None => to.fill(0.0),
            }
        }
    }
}
