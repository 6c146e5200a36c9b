//! Sums over what two vectors share, for every pair of them, tile by tile: products and squared differences of rows, and
//! products of columns.
//!
//! Vectors are packed four together in panels, the first values of all four, then the second ones, and so on, so that four
//! sums grow side by side in vector registers; a tile is the sixteen sums of two panels. Long vectors are taken a stretch
//! at a time, so that a panel stays in the nearest cache while it meets the others. Each sum still runs over the values in
//! their order and depends on its two vectors alone: not on its tile, nor on the number of threads.

use crate::shares;

/// Vectors in a panel.
const SIDE: usize = 4;
/// Panels of the left that one share of the work holds against all of the right.
const BLOCK: usize = 8;
/// Values of a vector that are taken at a time.
const DEPTH: usize = 256;

/// Rows whose columns are packed at a time.
const FEW: usize = 16;

/// A panel's values at one place.
type Lanes = [f64; SIDE];

/// Vectors of equal length, packed.
struct Panels {
    /// Panel by panel, `length` each; vectors that the last one misses are zero.
    values: Vec<Lanes>,
    length: usize,
    count: usize,
}

impl Panels {
    /// The rows of a table.
    fn of_rows(rows: &[f64], width: usize) -> Self {
        let count = rows.len() / width;
        let mut values = vec![[0.0; SIDE]; count.div_ceil(SIDE) * width];
        let panels = values.chunks_exact_mut(width);
        for (panel, rows) in panels.zip(rows.chunks(SIDE * width)) {
            for (lane, row) in rows.chunks_exact(width).enumerate() {
                for (lanes, value) in panel.iter_mut().zip(row) {
                    lanes[lane] = *value;
                }
            }
        }
        Panels {
            values,
            length: width,
            count,
        }
    }

    /// The columns of a table, less the mean of each.
    fn of_columns(rows: &[f64], mean: &[f64]) -> Self {
        let (count, length) = (mean.len(), rows.len() / mean.len());
        let mut values = vec![[0.0; SIDE]; count.div_ceil(SIDE) * length];
        // A few rows at a time, so that neither what is read nor what is written lies far apart.
        for (block, rows) in rows.chunks(FEW * count).enumerate() {
            for (at, panel) in values.chunks_exact_mut(length).enumerate() {
                let columns = at * SIDE..count.min((at + 1) * SIDE);
                let mean = &mean[columns.clone()];
                let lanes = panel.iter_mut().skip(block * FEW);
                for (lanes, row) in lanes.zip(rows.chunks_exact(count)) {
                    let each = lanes.iter_mut().zip(&row[columns.clone()]).zip(mean);
                    each.for_each(|((lane, value), mean)| *lane = value - mean);
                }
            }
        }
        Panels {
            values,
            length,
            count,
        }
    }

    /// What panels number `first` and on hold from the place `start` on, as far as a stretch goes.
    fn stretches(&self, first: usize, start: usize) -> impl Iterator<Item = &[Lanes]> {
        let end = self.length.min(start + DEPTH);
        let panels = self.values.chunks_exact(self.length).skip(first);
        panels.map(move |panel| &panel[start..end])
    }
}

/// For each vector of `left`, in order, what `take` makes of its number and of the sums of `term(left, right)` with the
/// first `ends(number)` vectors of `right`; `ends` does not fall.
fn map<T: Send>(
    left: &Panels,
    right: &Panels,
    ends: impl Fn(usize) -> usize + Sync,
    term: impl Fn(f64, f64) -> f64 + Sync,
    take: impl Fn(usize, &mut [f64]) -> T + Sync,
) -> Vec<T> {
    let work = left.count.saturating_mul(right.count);
    let work = work.saturating_mul(left.length);
    let blocks = left.count.div_ceil(BLOCK * SIDE);
    let found = shares::in_order(blocks, work, |block| {
        let vectors = block * BLOCK * SIDE..left.count.min((block + 1) * BLOCK * SIDE);
        let tall = vectors.len().div_ceil(SIDE);
        let wide = ends(vectors.end - 1).div_ceil(SIDE);
        // Tile by tile, those of one panel of the right together.
        let mut sums = vec![[[0.0; SIDE]; SIDE]; tall * wide];
        for start in (0..left.length).step_by(DEPTH) {
            for (right, sums) in right.stretches(0, start).zip(sums.chunks_exact_mut(tall)) {
                for (left, sums) in left.stretches(block * BLOCK, start).zip(sums) {
                    add(sums, left, right, &term);
                }
            }
        }
        let mut line = Vec::with_capacity(wide * SIDE);
        let each = vectors.enumerate().map(|(row, vector)| {
            line.clear();
            let tiles = sums.iter().skip(row / SIDE).step_by(tall);
            tiles.for_each(|tile| line.extend_from_slice(&tile[row % SIDE]));
            take(vector, &mut line[..ends(vector)])
        });
        each.collect::<Vec<T>>()
    });
    found.into_iter().flatten().collect()
}

/// Adds the terms of one stretch to the sums of a tile.
fn add(sums: &mut [Lanes; SIDE], left: &[Lanes], right: &[Lanes], term: impl Fn(f64, f64) -> f64) {
    // In registers while they grow.
    let mut grown = *sums;
    for (left, right) in left.iter().zip(right) {
        for (sums, left) in grown.iter_mut().zip(left) {
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum += term(*left, *right);
            }
        }
    }
    *sums = grown;
}

/// What `take` makes of each row of `left` and its squared distances to all of `right`.
pub(crate) fn of_distances<T: Send>(
    left: &[f64],
    right: &[f64],
    width: usize,
    take: impl Fn(usize, &mut [f64]) -> T + Sync,
) -> Vec<T> {
    let (left, right) = (Panels::of_rows(left, width), Panels::of_rows(right, width));
    map(&left, &right, |_| right.count, squared, take)
}

/// What `take` makes of each row and its squared distances to those before it.
pub(crate) fn of_distances_before<T: Send>(
    rows: &[f64],
    width: usize,
    take: impl Fn(usize, &mut [f64]) -> T + Sync,
) -> Vec<T> {
    let rows = Panels::of_rows(rows, width);
    map(&rows, &rows, |row| row, squared, take)
}

/// What `take` makes of each row of `left` and its products with all of `right`.
pub(crate) fn of_products<T: Send>(
    left: &[f64],
    right: &[f64],
    width: usize,
    take: impl Fn(usize, &mut [f64]) -> T + Sync,
) -> Vec<T> {
    let (left, right) = (Panels::of_rows(left, width), Panels::of_rows(right, width));
    map(&left, &right, |_| right.count, product, take)
}

/// What `take` makes of each row and its products with those before it.
pub(crate) fn of_products_before<T: Send>(
    rows: &[f64],
    width: usize,
    take: impl Fn(usize, &mut [f64]) -> T + Sync,
) -> Vec<T> {
    let rows = Panels::of_rows(rows, width);
    map(&rows, &rows, |row| row, product, take)
}

/// XXᵀ of rows X \[count × width\].
pub(crate) fn products_of_rows(rows: &[f64], width: usize) -> Vec<f64> {
    symmetric(&Panels::of_rows(rows, width))
}

/// XᵀX of rows X \[count × width\], less the mean of each column.
pub(crate) fn products_of_columns(rows: &[f64], mean: &[f64]) -> Vec<f64> {
    symmetric(&Panels::of_columns(rows, mean))
}

/// The products of all pairs of vectors, as a square.
fn symmetric(vectors: &Panels) -> Vec<f64> {
    let side = vectors.count;
    let lines = map(
        vectors,
        vectors,
        |row| row + 1,
        product,
        |_, line| line.to_vec(),
    );
    let mut square = vec![0.0; side * side];
    for (i, line) in lines.iter().enumerate() {
        for (j, sum) in line.iter().enumerate() {
            square[i * side + j] = *sum;
            square[j * side + i] = *sum;
        }
    }
    square
}

fn product(a: f64, b: f64) -> f64 {
    a * b
}

/// The same, to the bit, for a pair taken the other way round.
fn squared(a: f64, b: f64) -> f64 {
    (a - b) * (a - b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draws;
    use proptest::prelude::*;

    #[test]
    fn stretches_of_long_vectors_change_no_bit_of_a_sum() {
        let mut draws = Draws::new(9);
        let (count, width) = (2 * DEPTH + 13, 37);
        let rows: Vec<f64> = (0..count * width).map(|_| draws.bell()).collect();
        let mean: Vec<f64> = (0..width).map(|_| draws.bell()).collect();
        let found = products_of_columns(&rows, &mean);
        for (i, j) in (0..width * width).map(|at| (at / width, at % width)) {
            let sum = rows.chunks_exact(width).fold(0.0, |sum, row| {
                sum + (row[i] - mean[i]) * (row[j] - mean[j])
            });
            assert_eq!(found[i * width + j], sum);
        }
    }

    proptest! {
        #[test]
        fn every_pair_has_the_sum_of_its_own_columns_to_the_bit(
            n in 1_usize..71, m in 1_usize..71, width in 1_usize..11, seed in 0_u64..1_000,
        ) {
            let mut draws = Draws::new(seed);
            let mut rows = |count: usize| (0..count * width).map(|_| draws.bell()).collect::<Vec<f64>>();
            let (left, right) = (rows(n), rows(m));
            let sum = |a: &[f64], b: &[f64], term: &dyn Fn(f64, f64) -> f64| {
                a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + term(*a, *b))
            };
            let expected = |left: &[f64], right: &[f64], before: bool, term: &dyn Fn(f64, f64) -> f64| -> Vec<Vec<f64>> {
                let each = left.chunks_exact(width).enumerate();
                each.map(|(i, a)| {
                    let others = right.chunks_exact(width).take(if before { i } else { usize::MAX });
                    others.map(|b| sum(a, b, term)).collect()
                }).collect()
            };
            let keep = |_: usize, line: &mut [f64]| line.to_vec();
            prop_assert_eq!(of_distances(&left, &right, width, keep), expected(&left, &right, false, &squared));
            prop_assert_eq!(of_products(&left, &right, width, keep), expected(&left, &right, false, &product));
            prop_assert_eq!(of_distances_before(&left, width, keep), expected(&left, &left, true, &squared));
            prop_assert_eq!(of_products_before(&left, width, keep), expected(&left, &left, true, &product));
            let squares: Vec<f64> = expected(&left, &left, false, &product).concat();
            prop_assert_eq!(products_of_rows(&left, width), squares);
            prop_assert_eq!(of_products(&left, &right, width, |row, _| row), (0..n).collect::<Vec<_>>());
        }
    }
}
