//! The coefficients that carry the mark: the lowest frequencies but the mean of blocks of 8 × 8 pixels (DCT-II,
//! orthonormal), for a block at every place of an image.
//!
//! Blocks and transform are JPEG's, so what JPEG does to an image that was not moved is to round these coefficients. Their
//! highest frequency is 3/16 cycles a pixel, below the 1/4 that half the size can hold.

/// Side of a block, in pixels.
pub(super) const SIDE: usize = 8;
/// Frequencies kept along each side, the mean among them.
const KEPT: usize = 4;
/// Coefficients of a block that carry the mark.
pub(super) const COEFFICIENTS: usize = KEPT * KEPT - 1;

/// cos(kπ/16) for k = 1 to 7, written out so that they are the same on every machine.
const C: [f32; 8] = [
    1.0,
    0.980_785_3,
    0.923_879_5,
    0.831_469_6,
    0.707_106_77,
    0.555_570_24,
    0.382_683_43,
    0.195_090_32,
];

/// The basis of frequency k at each pixel: `½ cos((2n + 1)kπ/16)`, the mean `1/√8`.
#[rustfmt::skip]
const BASIS: [[f32; SIDE]; KEPT] = [
    [0.5 * C[4]; SIDE],
    [0.5 * C[1], 0.5 * C[3], 0.5 * C[5], 0.5 * C[7], -0.5 * C[7], -0.5 * C[5], -0.5 * C[3], -0.5 * C[1]],
    [0.5 * C[2], 0.5 * C[6], -0.5 * C[6], -0.5 * C[2], -0.5 * C[2], -0.5 * C[6], 0.5 * C[6], 0.5 * C[2]],
    [0.5 * C[3], -0.5 * C[7], -0.5 * C[1], -0.5 * C[5], 0.5 * C[5], 0.5 * C[1], 0.5 * C[7], -0.5 * C[3]],
];

/// Frequencies down and across of each coefficient, in order.
fn frequencies() -> impl Iterator<Item = (usize, usize)> {
    (1..KEPT * KEPT).map(|k| (k / KEPT, k % KEPT))
}

/// Calls `each` with the coefficients of the blocks that begin in each row: (row, coefficient, values), where the block of
/// `values[x]` has its upper left pixel at (x, row). `luma` has shape \[height, width\], no side below [`SIDE`].
pub(super) fn everywhere(
    luma: &[f32],
    (width, height): (usize, usize),
    mut each: impl FnMut(usize, usize, &[f32]),
) {
    let places = width + 1 - SIDE;
    // Transformed along rows, a ring of the last eight rows for each frequency.
    let mut across = vec![0.0_f32; KEPT * SIDE * places];
    let mut values = vec![0.0_f32; places];
    for (y, row) in luma.chunks_exact(width).enumerate().take(height) {
        for (frequency, basis) in BASIS.iter().enumerate() {
            let at = (frequency * SIDE + y % SIDE) * places;
            correlate(row, basis, &mut across[at..at + places]);
        }
        let Some(top) = (y + 1).checked_sub(SIDE) else {
            continue;
        };
        for (k, (down, frequency)) in frequencies().enumerate() {
            values.fill(0.0);
            for (n, weight) in BASIS[down].iter().enumerate() {
                let at = (frequency * SIDE + (top + n) % SIDE) * places;
                for (value, x) in values.iter_mut().zip(&across[at..at + places]) {
                    *value += weight * x;
                }
            }
            each(top, k, &values);
        }
    }
}

fn correlate(row: &[f32], basis: &[f32; SIDE], out: &mut [f32]) {
    out.fill(0.0);
    for (n, weight) in basis.iter().enumerate() {
        for (value, x) in out.iter_mut().zip(&row[n..]) {
            *value += weight * x;
        }
    }
}

/// The coefficients of the block whose upper left pixel is (`x`, `y`).
pub(super) fn of_block(luma: &[f32], width: usize, (x, y): (usize, usize)) -> [f32; COEFFICIENTS] {
    let mut coefficients = [0.0; COEFFICIENTS];
    for (coefficient, (down, across)) in coefficients.iter_mut().zip(frequencies()) {
        for (n, weight) in BASIS[down].iter().enumerate() {
            let row = &luma[(y + n) * width + x..][..SIDE];
            let sum: f32 = row.iter().zip(&BASIS[across]).map(|(v, b)| v * b).sum();
            *coefficient += weight * sum;
        }
    }
    coefficients
}

/// Adds coefficients, back as pixels, to the block whose upper left pixel is (`x`, `y`).
pub(super) fn add(
    change: &mut [f32],
    width: usize,
    (x, y): (usize, usize),
    coefficients: &[f32; COEFFICIENTS],
) {
    for (coefficient, (down, across)) in coefficients.iter().zip(frequencies()) {
        for (n, weight) in BASIS[down].iter().enumerate() {
            let row = &mut change[(y + n) * width + x..][..SIDE];
            for (value, basis) in row.iter_mut().zip(&BASIS[across]) {
                *value += coefficient * weight * basis;
            }
        }
    }
}
