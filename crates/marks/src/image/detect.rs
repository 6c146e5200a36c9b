//! Looking for the mark, wherever the image was cut out.

use super::blocks::{self, COEFFICIENTS, SIDE};
use super::{Detection, LEAST_LOOKED_AT, SOFTNESS, THRESHOLD, TILE, squashed};
use crate::tail::log10_signs;
use crate::{Key, MarkError, Pixels};

/// Blocks of a tile along each side.
const CELLS: usize = TILE / SIDE;

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
        if width.min(height) < LEAST_LOOKED_AT {
            return Err(MarkError::TooSmall {
                width,
                height,
                least: LEAST_LOOKED_AT,
            });
        }
        let mut sums = vec![0.0_f32; COEFFICIENTS * TILE * TILE];
        blocks::everywhere(&pixels.luma(), (width, height), |y, k, values| {
            let row = &mut sums[(k * TILE + y % TILE) * TILE..][..TILE];
            for values in values.chunks(TILE) {
                for (sum, value) in row.iter_mut().zip(values) {
                    *sum += squashed(*value, SOFTNESS);
                }
            }
        });
        Ok(Evidence(sums))
    }

    /// Tests all places where a tile may begin.
    ///
    /// For each, the statistic is z = Σ uᵢgᵢ / √Σ gᵢ², with the key's signs u and the image's squashed coefficients g.
    pub fn test(&self, key: &Key) -> Detection {
        let signs = Signs::of(key);
        let mut best = Detection {
            statistic: 0.0,
            log10_false_positive: 0.0,
            found: false,
            origin: (0, 0),
        };
        let elsewhere = ((TILE * TILE - 1) as f64).log10();
        for phase in 0..SIDE * SIDE {
            let (x, y) = (phase % SIDE, phase / SIDE);
            let (sums, norm) = self.correlations(&signs, (x, y));
            for (shift, sum) in sums.iter().enumerate() {
                let origin = (x + shift % CELLS * SIDE, y + shift / CELLS * SIDE);
                let statistic = f64::from(*sum) / f64::from(norm).sqrt().max(f64::MIN_POSITIVE);
                // Half of what may go wrong is granted to an image that was not cut, the rest shared by all others.
                let tests = 2.0_f64.log10() + if origin == (0, 0) { 0.0 } else { elsewhere };
                let log10 = (log10_signs(statistic) + tests).min(0.0);
                if (log10, -statistic) < (best.log10_false_positive, -best.statistic) {
                    best = Detection {
                        statistic,
                        log10_false_positive: log10,
                        found: log10 < THRESHOLD,
                        origin,
                    };
                }
            }
        }
        best
    }

    /// Σ uᵢgᵢ for each shift by whole blocks of tiles that begin at `phase`, row after row, and Σ gᵢ².
    fn correlations(&self, signs: &Signs, (x, y): (usize, usize)) -> ([f32; CELLS * CELLS], f32) {
        let mut out = [0.0_f32; CELLS * CELLS];
        let mut norm = 0.0;
        for k in 0..COEFFICIENTS {
            for row in 0..CELLS {
                let evidence = &self.0[(k * TILE + y + row * SIDE) * TILE + x..];
                for column in 0..CELLS {
                    let value = evidence[column * SIDE];
                    norm += value * value;
                    for (down, out) in out.chunks_exact_mut(CELLS).enumerate() {
                        let row = (row + CELLS - down) % CELLS;
                        let signs = signs.reversed(k, row, column);
                        for (out, sign) in out.iter_mut().zip(signs) {
                            *out += sign * value;
                        }
                    }
                }
            }
        }
        (out, norm)
    }
}

/// The signs of a key: one for each coefficient of each block of a tile.
pub(super) struct Signs {
    signs: Vec<f32>,
    /// Each row backwards and twice, so that the signs that meet a value under all shifts stand beside one another.
    backwards: Vec<f32>,
}

impl Signs {
    pub(super) fn of(key: &Key) -> Self {
        let signs = key.signs(b"image", COEFFICIENTS * CELLS * CELLS);
        let rows = signs.chunks_exact(CELLS);
        let backwards = rows
            .flat_map(|row| row.iter().rev().chain(row.iter().rev()))
            .copied()
            .collect();
        Signs { signs, backwards }
    }

    /// The sign of a coefficient of the block in a row and column of the tiling.
    pub(super) fn at(&self, coefficient: usize, row: usize, column: usize) -> f32 {
        self.signs[(coefficient * CELLS + row % CELLS) * CELLS + column % CELLS]
    }

    /// The signs at columns `column`, `column` − 1, … modulo the tile.
    fn reversed(&self, coefficient: usize, row: usize, column: usize) -> &[f32] {
        let at = (coefficient * CELLS + row) * 2 * CELLS + (CELLS - 1 - column);
        &self.backwards[at..at + CELLS]
    }
}
