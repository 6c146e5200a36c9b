//! The one matrix product of this crate: a register tile over packed operands.
//!
//! Linear layers, the input and recurrent products of a cell, and all their gradients are the same
//! sum, C\[m\]\[n\] = init + Σ_k A\[m\]\[k\]·B\[k\]\[n\], for a few rows m and one panel of columns n. What
//! differs is where the operands lie, and that is what a [`Segment`] says:
//!
//! ```text
//! acc = init                                  (registers: rows × vectors)
//! for each segment:                           x·W, then h·U, …
//!     for each run of the segment:            A may lie in pieces
//!         for k in the run:
//!             b = panel[k]                    (vectors loads)
//!             for each row m: acc[m] += A[m][k]·b
//! out = acc
//! ```
//!
//! The sum runs over k in ascending order, one fused multiply-add each, so its bits do not depend on
//! the shape of the tile, on the panel's width, or on which rows share it. That is the whole reason why
//! results do not depend on threads, batch or instruction set.
pub(crate) mod pack;

use crate::lanes::{Kernel, Lanes};
use crate::shares::shares;

/// The largest number of rows of a tile, over all instruction sets.
pub(crate) const MAX_ROWS: usize = 8;
/// The largest number of vectors in a row of a tile.
pub(crate) const MAX_VECTORS: usize = 4;

/// One stretch of the sum over k.
#[derive(Clone, Copy)]
pub(crate) struct Segment {
    /// As many pointers as the tile has rows: the first A element of each.
    pub(crate) rows: *const *const f32,
    /// Distance between A elements of consecutive k: 1 for rows, the tile's height for packed columns.
    pub(crate) step: usize,
    /// How many k lie in one run of A.
    pub(crate) run: usize,
    /// Distance between the starts of consecutive runs.
    pub(crate) run_stride: usize,
    /// How many k in all; the last run may be shorter.
    pub(crate) length: usize,
    /// The B panel: for each k, the columns side by side.
    pub(crate) panel: *const f32,
    /// Distance between the panel's rows.
    pub(crate) panel_stride: usize,
}

impl Segment {
    /// A whole row of A for each row of the tile.
    pub(crate) fn rows(
        rows: *const *const f32,
        length: usize,
        panel: *const f32,
        panel_stride: usize,
    ) -> Self {
        Self {
            rows,
            step: 1,
            run: length,
            run_stride: 0,
            length,
            panel,
            panel_stride,
        }
    }
}

/// What the sum starts from.
#[derive(Clone, Copy)]
pub(crate) enum Start {
    /// Zero.
    Zero,
    /// The same row for every row of the tile: a bias.
    Row(*const f32),
    /// As many pointers as the tile has rows: a row for each.
    Rows(*const *const f32),
}

/// One tile of a product.
pub(crate) struct Tile<'a> {
    pub(crate) start: Start,
    pub(crate) segments: &'a [Segment],
    /// As many pointers as the tile has rows: where each goes.
    pub(crate) out: *const *mut f32,
    /// Columns that are really there, at most `vectors · WIDTH`: `start` is read and `out` written only
    /// so far. Panels are read in full, so packing pads them.
    pub(crate) columns: usize,
}

/// A compiled tile.
type TileFunction = unsafe fn(&Tile<'_>);

struct TileKernel<'a, 'b, const ROWS: usize, const VECTORS: usize>(&'a Tile<'b>);

impl<const ROWS: usize, const VECTORS: usize> Kernel for TileKernel<'_, '_, ROWS, VECTORS> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let tile = self.0;
        debug_assert!(tile.columns <= VECTORS * V::WIDTH);
        // SAFETY: the caller of `multiply` vouches for every pointer of the tile.
        unsafe {
            let mut sums = [[V::splat(0.0); VECTORS]; ROWS];
            match tile.start {
                Start::Zero => {}
                Start::Row(row) => {
                    let values = load_row::<V, VECTORS>(row, tile.columns);
                    sums = [values; ROWS];
                }
                Start::Rows(rows) => {
                    for (m, sum) in sums.iter_mut().enumerate() {
                        *sum = load_row::<V, VECTORS>(*rows.add(m), tile.columns);
                    }
                }
            }
            for segment in tile.segments {
                let rows: [*const f32; ROWS] = std::array::from_fn(|m| *segment.rows.add(m));
                let mut panel = segment.panel;
                let mut start = 0;
                let mut left = segment.length;
                while left > 0 {
                    let run = left.min(segment.run);
                    let mut k = start;
                    for _ in 0..run {
                        let b: [V; VECTORS] =
                            std::array::from_fn(|v| V::load(panel.add(v * V::WIDTH)));
                        for m in 0..ROWS {
                            let a = V::splat(*rows[m].add(k));
                            for v in 0..VECTORS {
                                sums[m][v] = a.mul_add(&b[v], &sums[m][v]);
                            }
                        }
                        k += segment.step;
                        panel = panel.wrapping_add(segment.panel_stride);
                    }
                    start += segment.run_stride;
                    left -= run;
                }
            }
            for (m, sum) in sums.iter().enumerate() {
                let out = *tile.out.add(m);
                for (v, value) in sum.iter().enumerate() {
                    let to = out.wrapping_add(v * V::WIDTH);
                    if tile.columns >= (v + 1) * V::WIDTH {
                        value.store(to);
                    } else if tile.columns > v * V::WIDTH {
                        value.store_first(to, tile.columns - v * V::WIDTH);
                    }
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn load_row<V: Lanes, const VECTORS: usize>(
    row: *const f32,
    columns: usize,
) -> [V; VECTORS] {
    std::array::from_fn(|v| {
        let from = row.wrapping_add(v * V::WIDTH);
        // SAFETY: the caller vouches for `columns` reads.
        unsafe {
            if columns >= (v + 1) * V::WIDTH {
                V::load(from)
            } else {
                V::load_first(from, columns.saturating_sub(v * V::WIDTH))
            }
        }
    })
}

unsafe fn entry<V: Lanes, const ROWS: usize, const VECTORS: usize>(tile: &Tile<'_>) {
    // SAFETY: `multiply` is called with the instruction set of `V` there.
    unsafe { V::enter(TileKernel::<ROWS, VECTORS>(tile)) }
}

/// The tiles of one instruction set, by rows − 1 and vectors − 1.
struct Table<V>(std::marker::PhantomData<V>);

impl<V: Lanes> Table<V> {
    const TILES: [[TileFunction; MAX_VECTORS]; MAX_ROWS] = [
        Self::row::<1>(),
        Self::row::<2>(),
        Self::row::<3>(),
        Self::row::<4>(),
        Self::row::<5>(),
        Self::row::<6>(),
        Self::row::<7>(),
        Self::row::<8>(),
    ];
    const fn row<const ROWS: usize>() -> [TileFunction; MAX_VECTORS] {
        [
            entry::<V, ROWS, 1>,
            entry::<V, ROWS, 2>,
            entry::<V, ROWS, 3>,
            entry::<V, ROWS, 4>,
        ]
    }
}

/// Computes one tile of `rows` × `vectors` vectors.
///
/// # Safety
/// The processor has the instruction set of `V`; `rows` and `vectors` lie within the table; for the
/// first `rows` rows every pointer of the tile is valid for what its field says; `out` overlaps no
/// operand other than the very same row of `start`.
#[inline(always)]
pub(crate) unsafe fn multiply<V: Lanes>(rows: usize, vectors: usize, tile: &Tile<'_>) {
    debug_assert!((1..=MAX_ROWS).contains(&rows) && (1..=MAX_VECTORS).contains(&vectors));
    // SAFETY: by contract.
    unsafe { (Table::<V>::TILES[rows - 1][vectors - 1])(tile) }
}

/// A product as wide as its panel: tiles of at most [`MAX_VECTORS`] vectors side by side. `start`, the
/// segments' panels and `out` are given at the first column; the panels are moved along.
///
/// # Safety
/// As [`multiply`], for `columns` columns.
pub(crate) unsafe fn wide<V: Lanes>(
    rows: usize,
    start: Start,
    segments: &mut [Segment],
    out: *const *mut f32,
    columns: usize,
) {
    let piece = MAX_VECTORS * V::WIDTH;
    // SAFETY: by contract.
    unsafe {
        if columns <= piece {
            let tile = Tile {
                start,
                segments,
                out,
                columns,
            };
            return multiply::<V>(rows, columns.div_ceil(V::WIDTH), &tile);
        }
        for first in (0..columns).step_by(piece) {
            let here = (columns - first).min(piece);
            let out = row_pointers_mut(rows, |m| (*out.add(m)).add(first));
            let starts;
            let start = match start {
                Start::Zero => Start::Zero,
                Start::Row(row) => Start::Row(row.add(first)),
                Start::Rows(rows_of) => {
                    starts = row_pointers(rows, |m| (*rows_of.add(m)).add(first));
                    Start::Rows(starts.as_ptr())
                }
            };
            let tile = Tile {
                start,
                segments,
                out: out.as_ptr(),
                columns: here,
            };
            multiply::<V>(rows, here.div_ceil(V::WIDTH), &tile);
            for segment in segments.iter_mut() {
                segment.panel = segment.panel.wrapping_add(piece);
            }
        }
    }
}

/// Rows in a strip of a product that sums over rows: of one panel of columns that is 32 KiB.
pub(crate) const STRIP: usize = 128;

/// sums\[columns\] = Σ over a strip of rows, `stride` apart, added to what the sums hold if they go on from the strip
/// before: the product with a single row of ones.
///
/// # Safety
/// As [`multiply`]; at most [`STRIP`] rows.
pub(crate) unsafe fn sum_rows<V: Lanes>(
    goes_on: bool,
    rows: *const f32,
    count: usize,
    stride: usize,
    sums: *mut f32,
    columns: usize,
) {
    static ONES: [f32; STRIP] = [1.0; STRIP];
    debug_assert!(count <= STRIP);
    let start = if goes_on {
        Start::Rows((&raw const sums).cast())
    } else {
        Start::Zero
    };
    let ones = ONES.as_ptr();
    let segment = Segment::rows(&raw const ones, count, rows, stride);
    // SAFETY: by contract.
    unsafe { wide::<V>(1, start, &mut [segment], &raw const sums, columns) }
}

/// Cuts `count` rows into tiles of nearly equal height, at most `most`: (first, rows) of each.
pub(crate) fn tiles(count: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let tiles = shares(count, count.div_ceil(most)).iter();
    tiles.map(|tile| (tile.start, tile.len()))
}

/// Pointers for the rows of a tile; rows beyond `count` are never followed and point nowhere.
#[inline(always)]
pub(crate) fn row_pointers<T>(
    count: usize,
    row: impl Fn(usize) -> *const T,
) -> [*const T; MAX_ROWS] {
    std::array::from_fn(|m| if m < count { row(m) } else { std::ptr::null() })
}

/// As [`row_pointers`], for writing.
#[inline(always)]
pub(crate) fn row_pointers_mut<T>(
    count: usize,
    row: impl Fn(usize) -> *mut T,
) -> [*mut T; MAX_ROWS] {
    std::array::from_fn(|m| {
        if m < count {
            row(m)
        } else {
            std::ptr::null_mut()
        }
    })
}
