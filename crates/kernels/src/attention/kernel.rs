//! What both passes do within a sentence: sums over features, and small products.
use crate::lanes::Lanes;
use crate::lanes::sums::{CHAINS, MOST_VECTORS, total};
use crate::product::{MAX_VECTORS, Segment, Start, row_pointers, row_pointers_mut, tiles, wide};

/// What N sums over the features of a row have at a vector of them.
pub(super) trait Terms<const N: usize> {
    /// The sums with the terms of the features from `first` on, of which so many are there.
    ///
    /// # Safety
    /// Called within [`Lanes::enter`]; the features are there.
    unsafe fn add<V: Lanes>(&self, first: usize, there: usize, sums: [V; N]) -> [V; N];
}

/// A vector of a row, or what there is of it.
#[inline(always)]
unsafe fn read<V: Lanes>(row: *const f32, first: usize, there: usize) -> V {
    // SAFETY: the caller vouches for the row.
    unsafe {
        if there == V::WIDTH {
            V::load(row.add(first))
        } else {
            V::load_first(row.wrapping_add(first), there)
        }
    }
}

/// a·b of one row with N others.
pub(super) struct Dot<const N: usize> {
    pub(super) row: *const f32,
    pub(super) others: [*const f32; N],
}

impl<const N: usize> Terms<N> for Dot<N> {
    #[inline(always)]
    unsafe fn add<V: Lanes>(&self, first: usize, there: usize, mut sums: [V; N]) -> [V; N] {
        // SAFETY: by contract.
        unsafe {
            let row = read::<V>(self.row, first, there);
            for (sum, other) in sums.iter_mut().zip(self.others) {
                *sum = row.mul_add(&read(other, first, there), sum);
            }
        }
        sums
    }
}

/// v·tanh(q + k).
pub(super) struct Additive {
    pub(super) query: *const f32,
    pub(super) key: *const f32,
    pub(super) vector: *const f32,
}

impl Terms<1> for Additive {
    #[inline(always)]
    unsafe fn add<V: Lanes>(&self, first: usize, there: usize, [sum]: [V; 1]) -> [V; 1] {
        // SAFETY: by contract.
        unsafe {
            let sum_of_both =
                read::<V>(self.query, first, there).add(&read(self.key, first, there));
            let vector = read::<V>(self.vector, first, there);
            [sum_of_both.tanh().mul_add(&vector, &sum)]
        }
    }
}

/// N sums over so many features, each in sixteen chains that are joined pairwise.
///
/// # Safety
/// Called within [`Lanes::enter`]; the features are there.
#[inline(always)]
pub(super) unsafe fn sums<V: Lanes, const N: usize>(
    features: usize,
    terms: &impl Terms<N>,
) -> [f32; N] {
    let whole = features - features % CHAINS;
    // SAFETY: by contract.
    unsafe {
        let mut chains = [[V::splat(0.0); N]; MOST_VECTORS];
        for block in (0..whole).step_by(CHAINS) {
            for (index, chain) in chains.iter_mut().enumerate().take(CHAINS / V::WIDTH) {
                *chain = terms.add(block + index * V::WIDTH, V::WIDTH, *chain);
            }
        }
        if whole < features {
            // Every chain has a term, if only zero: the same on every width of lanes.
            for (index, chain) in chains.iter_mut().enumerate().take(CHAINS / V::WIDTH) {
                let first = whole + index * V::WIDTH;
                let there = features.saturating_sub(first).min(V::WIDTH);
                *chain = terms.add(first, there, *chain);
            }
        }
        std::array::from_fn(|sum| total(std::array::from_fn(|index| chains[index][sum])))
    }
}

/// Rows that are multiplied with a row at once.
const AT_ONCE: usize = 4;

/// A row times each of `count` others, which lie one after the other.
///
/// # Safety
/// As [`sums`]; `to` has room for as many values.
#[inline(always)]
pub(super) unsafe fn dots<V: Lanes>(
    row: *const f32,
    others: *const f32,
    count: usize,
    features: usize,
    to: *mut f32,
) {
    let whole = count - count % AT_ONCE;
    // SAFETY: by contract.
    unsafe {
        for first in (0..whole).step_by(AT_ONCE) {
            let others = std::array::from_fn(|other| others.add((first + other) * features));
            let found: [f32; AT_ONCE] = sums::<V, AT_ONCE>(features, &Dot { row, others });
            std::ptr::copy_nonoverlapping(found.as_ptr(), to.add(first), AT_ONCE);
        }
        for other in whole..count {
            let others = [others.add(other * features)];
            [*to.add(other)] = sums::<V, 1>(features, &Dot { row, others });
        }
    }
}

/// Rows as a product reads its panels, in whole vectors.
#[derive(Clone, Copy)]
pub(super) struct Panel {
    rows: *const f32,
    stride: usize,
    columns: usize,
}

impl Panel {
    /// Room for so many rows of so many columns, where they must be copied.
    pub(super) fn room<V: Lanes>(rows: usize, columns: usize) -> usize {
        if columns.is_multiple_of(V::WIDTH) {
            0
        } else {
            rows * columns.next_multiple_of(V::WIDTH)
        }
    }

    /// Rows that lie one after the other: where they are, or copied to where whole vectors may be read.
    ///
    /// # Safety
    /// The rows are there.
    pub(super) unsafe fn new<V: Lanes>(
        rows: *const f32,
        count: usize,
        columns: usize,
        room: &mut [f32],
    ) -> Self {
        let stride = columns.next_multiple_of(V::WIDTH);
        if stride == columns {
            return Self {
                rows,
                stride,
                columns,
            };
        }
        for (index, to) in room.chunks_exact_mut(stride).enumerate().take(count) {
            // SAFETY: by contract.
            let from = unsafe { std::slice::from_raw_parts(rows.add(index * columns), columns) };
            to[..columns].copy_from_slice(from);
        }
        Self {
            rows: room.as_ptr(),
            stride,
            columns,
        }
    }
}

/// The left side of a product: element k of row m lies at `first + m · row + k · step`.
#[derive(Clone, Copy)]
pub(super) struct Left {
    pub(super) first: *const f32,
    pub(super) rows: usize,
    pub(super) row: usize,
    pub(super) step: usize,
    /// How many k.
    pub(super) length: usize,
}

/// Writes the product to rows that lie one after the other.
///
/// # Safety
/// The processor has the instruction set of `V`; both sides are there, and nobody else writes the rows.
pub(super) unsafe fn product<V: Lanes>(left: Left, right: Panel, to: *mut f32) {
    let vectors = right.columns.div_ceil(V::WIDTH).min(MAX_VECTORS);
    for (first, height) in tiles(left.rows, V::TILE_ROWS[vectors - 1]) {
        // SAFETY: by contract.
        unsafe {
            let rows = row_pointers(height, |m| left.first.add((first + m) * left.row));
            let out = row_pointers_mut(height, |m| to.add((first + m) * right.columns));
            let segment = Segment {
                rows: rows.as_ptr(),
                step: left.step,
                run: left.length,
                run_stride: 0,
                length: left.length,
                panel: right.rows,
                panel_stride: right.stride,
            };
            let out = out.as_ptr();
            wide::<V>(height, Start::Zero, &mut [segment], out, right.columns);
        }
    }
}

/// Sets the steps from `real` to `all` of a sentence to zero.
///
/// # Safety
/// The steps are there, and nobody else writes them.
pub(super) unsafe fn clear(sentence: *mut f32, real: usize, all: usize, width: usize) {
    // SAFETY: by contract; all bits zero is 0.0.
    unsafe {
        sentence
            .add(real * width)
            .write_bytes(0, (all - real) * width)
    };
}
