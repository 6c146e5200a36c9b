//! The moments of rows, and y = φ(scale · (x − m) + shift).
use super::columns::{Columns, TASKS, TILE, columns, load, store};
use super::{BatchNorm, Moments, Operands, SCRATCH};
use crate::context::Context;
use crate::lanes::{Kernel, Lanes};
use crate::linear::Activation;
use crate::memory::Shared;
use crate::shares::shares;
use std::ops::Range;

/// What both forward passes are given.
pub(super) struct Ahead<'a> {
    pub(super) norm: BatchNorm,
    pub(super) context: Context,
    pub(super) operands: Operands<'a>,
    pub(super) output: Shared<f32>,
}

pub(super) struct Training<'a>(pub(super) Ahead<'a>);

pub(super) struct Inference<'a>(pub(super) Ahead<'a>, pub(super) &'a Moments);

impl Kernel for Training<'_> {
    type Output = Moments;

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) -> Moments {
        let Self(call) = self;
        let channels = call.norm.channels;
        let rows = call.operands.input.len() / channels;
        let tiles = rows.div_ceil(TILE);
        let mut scratch = SCRATCH.take();
        let sums = scratch.reserve(tiles * 3 * channels);
        let to = Shared::new(sums);
        let threads = call.context.threads();
        shares(tiles, threads * TASKS).run(threads, |tiles| {
            // SAFETY: the instruction set is there; each task has sums of its own.
            unsafe {
                V::enter(Gather {
                    input: call.operands.input,
                    channels,
                    tiles,
                    to,
                });
            }
        });
        let moments = join(sums, rows, channels);
        SCRATCH.put(scratch);
        // SAFETY: within `enter`; by contract.
        unsafe { call.apply::<V>(&moments) };
        moments
    }
}

impl Kernel for Inference<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        // SAFETY: within `enter`; by contract.
        unsafe { self.0.apply::<V>(self.1) };
    }
}

/// Rows of a tile of so many in all.
pub(super) fn rows_of(tile: usize, rows: usize) -> usize {
    TILE.min(rows - tile * TILE)
}

/// The sums of some tiles.
struct Gather<'a> {
    input: &'a [f32],
    channels: usize,
    tiles: Range<usize>,
    /// `[tile, 3, channel]`: the mean a as `f32` has it, Σ (x − a), Σ (x − a)².
    to: Shared<f32>,
}

impl Kernel for Gather<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let channels = self.channels;
        let rows = self.input.len() / channels;
        for tile in self.tiles.clone() {
            let work = TileMoments {
                x: self.input[tile * TILE * channels..].as_ptr(),
                rows: rows_of(tile, rows),
                channels,
                // SAFETY: the sums of this tile are this task's.
                to: unsafe { self.to.at(tile * 3 * channels) },
            };
            // SAFETY: within `enter`; the rows of the tile are there.
            unsafe { columns::<V>(channels, &work) };
        }
    }
}

struct TileMoments {
    x: *const f32,
    rows: usize,
    channels: usize,
    to: *mut f32,
}

impl Columns for TileMoments {
    fn activation(&self) -> Activation {
        Activation::Identity
    }

    #[inline(always)]
    unsafe fn block<V: Lanes, const N: usize>(&self, _: Activation, first: usize, there: usize) {
        // SAFETY: by contract.
        unsafe {
            let x = self.x.add(first);
            let mut mean = [V::splat(0.0); N];
            for row in 0..self.rows {
                let x = load::<V, N>(x.add(row * self.channels), there);
                for (mean, x) in mean.iter_mut().zip(x) {
                    *mean = mean.add(&x);
                }
            }
            let part = V::splat(1.0 / self.rows as f32);
            for mean in &mut mean {
                *mean = mean.mul(&part);
            }
            let (mut rest, mut squares) = ([V::splat(0.0); N], [V::splat(0.0); N]);
            for row in 0..self.rows {
                let x = load::<V, N>(x.add(row * self.channels), there);
                for index in 0..N {
                    let apart = x[index].sub(&mean[index]);
                    rest[index] = rest[index].add(&apart);
                    squares[index] = apart.mul_add(&apart, &squares[index]);
                }
            }
            let to = self.to.add(first);
            store(mean, to, there);
            store(rest, to.add(self.channels), there);
            store(squares, to.add(2 * self.channels), there);
        }
    }
}

/// The moments of all rows from the sums of the tiles, in `f64` and in order.
#[inline(always)]
fn join(sums: &[f32], rows: usize, channels: usize) -> Moments {
    let (mut mean, mut variance) = (vec![0.0; channels], vec![0.0; channels]);
    let tiles = || sums.chunks_exact(3 * channels).enumerate();
    for (tile, sums) in tiles() {
        let count = rows_of(tile, rows) as f64;
        let (about, rest) = sums.split_at(channels);
        for ((mean, about), rest) in mean.iter_mut().zip(about).zip(rest) {
            *mean += count * f64::from(*about) + f64::from(*rest);
        }
    }
    mean.iter_mut().for_each(|mean| *mean /= rows as f64);
    for (tile, sums) in tiles() {
        let count = rows_of(tile, rows) as f64;
        let (about, sums) = sums.split_at(channels);
        let (rest, squares) = sums.split_at(channels);
        let sums = about.iter().zip(rest).zip(squares);
        for ((variance, mean), ((about, rest), squares)) in variance.iter_mut().zip(&mean).zip(sums)
        {
            // Σ (x − m)² = Σ (x − a)² + 2 · (a − m) · Σ (x − a) + count · (a − m)².
            let apart = f64::from(*about) - mean;
            let rest = 2.0 * f64::from(*rest) + count * apart;
            *variance += f64::from(*squares) + apart * rest;
        }
    }
    for variance in &mut variance {
        *variance /= rows as f64;
        // What rounding may leave of a channel that is constant; not a maximum, which would lose what is no number.
        if *variance < 0.0 {
            *variance = 0.0;
        }
    }
    Moments { mean, variance }
}

/// The coefficients of a channel. The mean is `m` and what `f32` does not hold of it, `m_rest`; `y = φ(scale · (x − m) +
/// shift)`.
pub(super) struct Coefficients {
    pub(super) m: f32,
    pub(super) m_rest: f64,
    /// r.
    pub(super) inverse: f64,
    pub(super) scale: f32,
    pub(super) shift: f32,
}

impl Coefficients {
    pub(super) fn of(
        moments: &Moments,
        epsilon: f64,
        Operands { gain, shift, .. }: Operands<'_>,
        channel: usize,
    ) -> Self {
        let mean = moments.mean[channel];
        let m = mean as f32;
        let m_rest = mean - f64::from(m);
        let inverse = 1.0 / (moments.variance[channel] + epsilon).sqrt();
        let scale = f64::from(gain[channel]) * inverse;
        Self {
            m,
            m_rest,
            inverse,
            scale: scale as f32,
            shift: (f64::from(shift[channel]) - scale * m_rest) as f32,
        }
    }
}

impl Ahead<'_> {
    /// Writes y.
    ///
    /// # Safety
    /// Called within [`Lanes::enter`]; the buffers fit.
    #[inline(always)]
    unsafe fn apply<V: Lanes>(&self, moments: &Moments) {
        let channels = self.norm.channels;
        let rows = self.operands.input.len() / channels;
        let mut scratch = SCRATCH.take();
        let coefficients = scratch.reserve(3 * channels);
        for channel in 0..channels {
            let epsilon = self.norm.epsilon;
            let of = Coefficients::of(moments, epsilon, self.operands, channel);
            coefficients[channel] = of.m;
            coefficients[channels + channel] = of.scale;
            coefficients[2 * channels + channel] = of.shift;
        }
        let coefficients = &*coefficients;
        let threads = self.context.threads();
        let all = rows.div_ceil(TILE);
        // The last first: those were read last for the moments, and the likeliest to be in cache.
        shares(all, threads * TASKS).run(threads, |tiles| {
            let tiles = all - tiles.end..all - tiles.start;
            // SAFETY: the instruction set is there; each task writes rows of its own.
            unsafe {
                V::enter(Apply {
                    call: self,
                    coefficients,
                    tiles,
                });
            }
        });
        SCRATCH.put(scratch);
    }
}

/// y of some tiles.
struct Apply<'a> {
    call: &'a Ahead<'a>,
    /// `[3, channel]`: m, scale, shift.
    coefficients: &'a [f32],
    tiles: Range<usize>,
}

impl Kernel for Apply<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let channels = self.call.norm.channels;
        let rows = self.call.operands.input.len() / channels;
        for tile in self.tiles.clone().rev() {
            let start = tile * TILE * channels;
            let work = TileOutput {
                activation: self.call.norm.activation,
                x: self.call.operands.input[start..].as_ptr(),
                // SAFETY: the rows of this tile are this task's.
                y: unsafe { self.call.output.at(start) },
                rows: rows_of(tile, rows),
                channels,
                coefficients: self.coefficients.as_ptr(),
            };
            // SAFETY: within `enter`; rows and coefficients are there.
            unsafe { columns::<V>(channels, &work) };
        }
    }
}

struct TileOutput {
    activation: Activation,
    x: *const f32,
    y: *mut f32,
    rows: usize,
    channels: usize,
    coefficients: *const f32,
}

impl Columns for TileOutput {
    fn activation(&self) -> Activation {
        self.activation
    }

    #[inline(always)]
    unsafe fn block<V: Lanes, const N: usize>(
        &self,
        activation: Activation,
        first: usize,
        there: usize,
    ) {
        // SAFETY: by contract.
        unsafe {
            let from = self.coefficients.add(first);
            let m = load::<V, N>(from, there);
            let scale = load::<V, N>(from.add(self.channels), there);
            let shift = load::<V, N>(from.add(2 * self.channels), there);
            for row in 0..self.rows {
                let at = row * self.channels + first;
                let mut x = load::<V, N>(self.x.add(at), there);
                for index in 0..N {
                    let sum = x[index]
                        .sub(&m[index])
                        .mul_add(&scale[index], &shift[index]);
                    x[index] = activation.apply(sum);
                }
                store(x, self.y.add(at), there);
            }
        }
    }
}
