//! Sums over the columns of every pair of rows, tile by tile: products for kernels, squared differences for distances.
//!
//! Rows of the right side are packed eight together, column by column, so that eight sums grow side by side in vector
//! registers; a tile is two rows of the left by eight of the right. Each sum runs over the columns in their order and
//! depends on its two rows alone: not on the tile, nor on the number of threads.

use crate::shares;

/// Rows of the left in a tile.
const LEFT: usize = 2;
/// Rows of the right in a tile.
const RIGHT: usize = 8;
/// Rows of the left that go through a panel of the right while it is in the cache.
const BLOCK: usize = 32;

/// Rows packed so that the values of one column lie together: \[panels × width × `N`\], rows that are missing are zero.
fn packed<const N: usize>(rows: &[f64], width: usize) -> Vec<[f64; N]> {
    let panels = rows.len().div_ceil(N * width);
    let mut found = vec![[0.0; N]; panels * width];
    for (panel, block) in found.chunks_exact_mut(width).zip(rows.chunks(N * width)) {
        for (lane, row) in block.chunks_exact(width).enumerate() {
            for (values, value) in panel.iter_mut().zip(row) {
                values[lane] = *value;
            }
        }
    }
    found
}

/// For each row of `left`, in order, what `take` makes of its number and of the sums over the columns of `term(left,
/// right)` with each row of `right`; with each row before it alone where `before`, for which both sides are the same rows.
fn map<T: Send>(
    (left, right, width): (&[f64], &[f64], usize),
    before: bool,
    term: impl Fn(f64, f64) -> f64 + Sync,
    take: impl Fn(usize, &mut [f64]) -> T + Sync,
) -> Vec<T> {
    let panels: Vec<[f64; RIGHT]> = packed(right, width);
    let (count, others) = (left.len() / width, right.len() / width);
    let work = left.len().saturating_mul(others);
    let blocks = shares::in_order(count.div_ceil(BLOCK), work, |block| {
        let rows = block * BLOCK..count.min((block + 1) * BLOCK);
        let tiles: Vec<[f64; LEFT]> = packed(&left[rows.start * width..rows.end * width], width);
        let ends = if before { rows.end } else { others };
        // Lines of whole panels, of which the last has sums of rows that are missing.
        let line = ends.div_ceil(RIGHT) * RIGHT;
        let mut sums = vec![0.0; rows.len().next_multiple_of(LEFT) * line];
        for (at, panel) in panels.chunks_exact(width).take(line / RIGHT).enumerate() {
            for (tile, lines) in tiles
                .chunks_exact(width)
                .zip(sums.chunks_exact_mut(LEFT * line))
            {
                let found = sums_of(tile, panel, &term);
                for (line, found) in lines.chunks_exact_mut(line).zip(found) {
                    line[at * RIGHT..(at + 1) * RIGHT].copy_from_slice(&found);
                }
            }
        }
        let lines = rows.zip(sums.chunks_exact_mut(line));
        lines
            .map(|(row, line)| take(row, &mut line[..if before { row } else { others }]))
            .collect::<Vec<T>>()
    });
    blocks.into_iter().flatten().collect()
}

/// The sums of one tile.
fn sums_of(
    left: &[[f64; LEFT]],
    right: &[[f64; RIGHT]],
    term: impl Fn(f64, f64) -> f64,
) -> [[f64; RIGHT]; LEFT] {
    let mut sums = [[0.0; RIGHT]; LEFT];
    for (left, right) in left.iter().zip(right) {
        for (sums, left) in sums.iter_mut().zip(left) {
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum += term(*left, *right);
            }
        }
    }
    sums
}

/// What `take` makes of each row of `left` and its squared distances to all of `right`.
pub(super) fn of_distances<T: Send>(
    left: &[f64],
    right: &[f64],
    width: usize,
    take: impl Fn(usize, &mut [f64]) -> T + Sync,
) -> Vec<T> {
    map((left, right, width), false, squared, take)
}

/// What `take` makes of each row and its squared distances to those before it.
pub(super) fn of_distances_before<T: Send>(
    rows: &[f64],
    width: usize,
    take: impl Fn(usize, &mut [f64]) -> T + Sync,
) -> Vec<T> {
    map((rows, rows, width), true, squared, take)
}

/// What `take` makes of each row of `left` and its products with all of `right`.
pub(super) fn of_products<T: Send>(
    left: &[f64],
    right: &[f64],
    width: usize,
    take: impl Fn(usize, &mut [f64]) -> T + Sync,
) -> Vec<T> {
    map((left, right, width), false, |a, b| a * b, take)
}

/// What `take` makes of each row and its products with those before it.
pub(super) fn of_products_before<T: Send>(
    rows: &[f64],
    width: usize,
    take: impl Fn(usize, &mut [f64]) -> T + Sync,
) -> Vec<T> {
    map((rows, rows, width), true, |a, b| a * b, take)
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
            let product = |a: f64, b: f64| a * b;
            prop_assert_eq!(of_distances(&left, &right, width, keep), expected(&left, &right, false, &squared));
            prop_assert_eq!(of_products(&left, &right, width, keep), expected(&left, &right, false, &product));
            prop_assert_eq!(of_distances_before(&left, width, keep), expected(&left, &left, true, &squared));
            prop_assert_eq!(of_products_before(&left, width, keep), expected(&left, &left, true, &product));
            prop_assert_eq!(of_products(&left, &right, width, |row, _| row), (0..n).collect::<Vec<_>>());
        }
    }
}
