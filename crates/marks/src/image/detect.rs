//! Looking for the mark, wherever the image was cut out.

use super::blocks::{self, COEFFICIENTS, SIDE};
use super::{Detection, LEAST_LOOKED_AT, SOFTNESS, THRESHOLD, TILE, squashed};
use crate::tail::log10_signs;
use crate::{Key, MarkError, Pixels};

/// Blocks of a tile along each side.
const CELLS: usize = TILE / SIDE;
/// Blocks of a tile.
const BLOCKS: usize = CELLS * CELLS;

/// Squashed coefficients of blocks at every place, summed over places that are whole tiles apart: shape
/// \[coefficient, row modulo tile, column modulo tile\]. Knows nothing of a key.
pub struct Evidence(Vec<f32>);

impl Evidence {
    /// Gathers what an image says for or against any key.
    ///
    /// # Errors
    /// [`MarkError::TooSmall`] below [`LEAST_LOOKED_AT`] pixels on a side.
    pub fn of(pixels: &Pixels) -> Result<Self, MarkError> {
        let (width, height) = pixels.dimensions();
        match width.min(height) < LEAST_LOOKED_AT {
            true => Err(MarkError::TooSmall {
                width,
                height,
                least: LEAST_LOOKED_AT,
            }),
            false => Ok(Evidence::of_luma(&pixels.luma(), (width, height))),
        }
    }

    /// Of luma of shape \[height, width\], no side below that of a block.
    pub(super) fn of_luma(luma: &[f32], size: (usize, usize)) -> Self {
        let mut sums = vec![0.0_f32; COEFFICIENTS * TILE * TILE];
        blocks::everywhere(luma, size, |y, k, values| {
            let row = &mut sums[(k * TILE + y % TILE) * TILE..][..TILE];
            for values in values.chunks(TILE) {
                for (sum, value) in row.iter_mut().zip(values) {
                    *sum += squashed(*value, SOFTNESS);
                }
            }
        });
        Evidence(sums)
    }

    /// Tests all places where a tile may begin.
    pub fn test(&self, key: &Key) -> Detection {
        let mut best = Detection {
            statistic: 0.0,
            log10_false_positive: 0.0,
            found: false,
            origin: (0, 0),
        };
        let elsewhere = libm::log10((TILE * TILE - 1) as f64);
        self.each_place(key, |origin, statistic| {
            // Half of what may go wrong is granted to an image that was not cut, the rest shared by all others.
            let tests = std::f64::consts::LOG10_2 + if origin == (0, 0) { 0.0 } else { elsewhere };
            let log10 = (log10_signs(statistic) + tests).min(0.0);
            if (log10, -statistic) < (best.log10_false_positive, -best.statistic) {
                best = Detection {
                    statistic,
                    log10_false_positive: log10,
                    found: log10 < THRESHOLD,
                    origin,
                };
            }
        });
        best
    }

    /// Calls `each` with every place (column, row) where a tile may begin and its statistic z = Σ uᵢgᵢ / √Σ gᵢ², with the key's
    /// signs u and the image's squashed coefficients g; 0 where there are none.
    pub fn each_place(&self, key: &Key, mut each: impl FnMut((usize, usize), f64)) {
        let signs = Signs::of(key);
        let mut values = [0.0_f32; COEFFICIENTS * BLOCKS];
        for phase in 0..SIDE * SIDE {
            let (x, y) = (phase % SIDE, phase / SIDE);
            for (at, value) in values.iter_mut().enumerate() {
                let (k, row, column) = (at / BLOCKS, at % BLOCKS / CELLS, at % CELLS);
                *value = self.0[(k * TILE + y + row * SIDE) * TILE + x + column * SIDE];
            }
            let squares: f32 = values.iter().map(|g| g * g).sum();
            let norm = f64::from(squares).sqrt().max(f64::MIN_POSITIVE);
            for (down, sums) in signs.correlated(&values).iter().enumerate() {
                for (right, sum) in sums.iter().enumerate() {
                    let origin = (x + right * SIDE, y + down * SIDE);
                    each(origin, f64::from(*sum) / norm);
                }
            }
        }
    }
}

/// The signs of a key: one for each coefficient of each block of a tile.
pub(super) struct Signs {
    /// Shape \[coefficient, row, column\].
    signs: Vec<f32>,
    /// For each of these places, the signs that a value there meets when the tile is shifted right by 0 to 7 blocks.
    shifted: Vec<[f32; CELLS]>,
}

impl Signs {
    pub(super) fn of(key: &Key) -> Self {
        let signs = key.signs(b"image", COEFFICIENTS * BLOCKS);
        let met = |at: usize| {
            let row = &signs[at / CELLS * CELLS..][..CELLS];
            std::array::from_fn(|right| row[(at % CELLS + CELLS - right) % CELLS])
        };
        let shifted = (0..signs.len()).map(met).collect();
        Signs { signs, shifted }
    }

    /// The sign of a coefficient of the block in a row and column of the tiling.
    pub(super) fn at(&self, coefficient: usize, row: usize, column: usize) -> f32 {
        self.signs[coefficient * BLOCKS + row % CELLS * CELLS + column % CELLS]
    }

    /// Σ uᵢgᵢ for the tile shifted down and right by whole blocks, shape \[down, right\]; `values` has the signs' shape.
    fn correlated(&self, values: &[f32]) -> [[f32; CELLS]; CELLS] {
        let mut sums = [[0.0; CELLS]; CELLS];
        let planes = values.chunks_exact(BLOCKS);
        for (values, signs) in planes.zip(self.shifted.chunks_exact(BLOCKS)) {
            for (down, sums) in sums.iter_mut().enumerate() {
                for (row, values) in values.chunks_exact(CELLS).enumerate() {
                    let row = (row + CELLS - down) % CELLS;
                    for (value, signs) in values.iter().zip(&signs[row * CELLS..]) {
                        for (sum, sign) in sums.iter_mut().zip(signs) {
                            *sum += sign * value;
                        }
                    }
                }
            }
        }
        sums
    }
}
