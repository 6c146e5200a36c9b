//! The gradients: the sums of s and of s · (x − m), then dx = a · (s + b · (x − m) + c).
use super::columns::{Columns, TASKS, TILE, columns, load, store};
use super::forward::{Coefficients, rows_of};
use super::{BatchNorm, BatchNormGradients, Operands, SCRATCH, Source};
use crate::context::Context;
use crate::lanes::{Kernel, Lanes};
use crate::linear::Activation;
use crate::memory::Shared;
use crate::shares::shares;
use std::ops::Range;

pub(super) struct Back<'a> {
    pub(super) norm: BatchNorm,
    pub(super) context: Context,
    pub(super) operands: Operands<'a>,
    pub(super) source: Source<'a>,
    pub(super) output: &'a [f32],
    pub(super) output_gradient: &'a [f32],
    pub(super) gradients: BatchNormGradients<'a>,
}

/// Rows of the table of coefficients, `[COEFFICIENTS, channel]`: m, scale, shift, a, b, c.
const COEFFICIENTS: usize = 6;

impl Kernel for Back<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let channels = self.norm.channels;
        let rows = self.operands.input.len() / channels;
        let tiles = rows.div_ceil(TILE);
        let threads = self.context.threads();
        let (moments, of_rows) = match self.source {
            Source::Rows(moments) => (moments, true),
            Source::Given(moments) => (moments, false),
        };
        let coefficients: Vec<Coefficients> = (0..channels)
            .map(|channel| {
                let epsilon = self.norm.epsilon;
                Coefficients::of(moments, epsilon, self.operands, channel)
            })
            .collect();
        let mut scratch = SCRATCH.take();
        let (table, sums) = scratch
            .reserve((COEFFICIENTS + tiles * 2) * channels)
            .split_at_mut(COEFFICIENTS * channels);
        for (channel, of) in coefficients.iter().enumerate() {
            let column = [of.m, of.scale, of.shift];
            for (row, value) in column.into_iter().enumerate() {
                table[row * channels + channel] = value;
            }
        }
        let BatchNormGradients { input, gain, shift } = self.gradients;
        let rows_at = Rows {
            activation: self.norm.activation,
            channels,
            x: self.operands.input,
            y: self.output,
            dy: self.output_gradient,
        };
        let wanted = gain.is_some() || shift.is_some() || of_rows;
        let mut totals = vec![[0.0f64; 2]; channels];
        if wanted {
            let to = Shared::new(sums);
            let table = &*table;
            shares(tiles, threads * TASKS).run(threads, |tiles| {
                // SAFETY: the instruction set is there; each task has sums of its own.
                unsafe {
                    V::enter(Gather {
                        rows: &rows_at,
                        table,
                        tiles,
                        to,
                    });
                }
            });
            for sums in sums.chunks_exact(2 * channels) {
                let (slopes, products) = sums.split_at(channels);
                for ((total, slope), product) in totals.iter_mut().zip(slopes).zip(products) {
                    total[0] += f64::from(*slope);
                    total[1] += f64::from(*product);
                }
            }
            for (total, of) in totals.iter_mut().zip(&coefficients) {
                total[1] -= of.m_rest * total[0];
            }
        }
        if let Some(gain) = gain {
            for ((gain, total), of) in gain.iter_mut().zip(&totals).zip(&coefficients) {
                *gain = (total[1] * of.inverse) as f32;
            }
        }
        if let Some(shift) = shift {
            for (shift, total) in shift.iter_mut().zip(&totals) {
                *shift = total[0] as f32;
            }
        }
        if let Some(gradient) = input {
            for (channel, (of, total)) in coefficients.iter().zip(&totals).enumerate() {
                let a = f64::from(self.operands.gain[channel]) * of.inverse;
                let (mut b, mut c) = (0.0, 0.0);
                if of_rows {
                    b = -of.inverse * of.inverse * total[1] / rows as f64;
                    c = -total[0] / rows as f64 - b * of.m_rest;
                }
                for (row, value) in [a, b, c].into_iter().enumerate() {
                    table[(3 + row) * channels + channel] = value as f32;
                }
            }
            let table = &*table;
            let to = Shared::new(gradient);
            // The last first: those were read last for the sums, and the likeliest to be in cache.
            shares(tiles, threads * TASKS).run(threads, |part| {
                let tiles = tiles - part.end..tiles - part.start;
                // SAFETY: the instruction set is there; each task writes rows of its own.
                unsafe {
                    V::enter(Apply {
                        rows: &rows_at,
                        table,
                        tiles,
                        to,
                    });
                }
            });
        }
        SCRATCH.put(scratch);
    }
}

/// What both passes read of the rows.
struct Rows<'a> {
    activation: Activation,
    channels: usize,
    x: &'a [f32],
    y: &'a [f32],
    dy: &'a [f32],
}

/// One tile of them, with the coefficients of the channels.
#[derive(Clone, Copy)]
struct Tile {
    activation: Activation,
    channels: usize,
    rows: usize,
    x: *const f32,
    y: *const f32,
    dy: *const f32,
    table: *const f32,
}

impl Rows<'_> {
    fn tile(&self, tile: usize, table: &[f32]) -> Tile {
        let start = tile * TILE * self.channels;
        Tile {
            activation: self.activation,
            channels: self.channels,
            rows: rows_of(tile, self.x.len() / self.channels),
            x: self.x[start..].as_ptr(),
            y: self.y[start..].as_ptr(),
            dy: self.dy[start..].as_ptr(),
            table: table.as_ptr(),
        }
    }
}

/// What a block of channels reads: m, scale and shift.
struct Block<V, const N: usize> {
    m: [V; N],
    scale: [V; N],
    shift: [V; N],
}

impl Tile {
    /// # Safety
    /// As [`Columns::block`].
    #[inline(always)]
    unsafe fn coefficients<V: Lanes, const N: usize>(
        &self,
        row: usize,
        first: usize,
        there: usize,
    ) -> [V; N] {
        // SAFETY: by contract.
        unsafe { load(self.table.add(row * self.channels + first), there) }
    }

    /// # Safety
    /// As [`Columns::block`].
    #[inline(always)]
    unsafe fn block<V: Lanes, const N: usize>(&self, first: usize, there: usize) -> Block<V, N> {
        // SAFETY: by contract.
        unsafe {
            Block {
                m: self.coefficients(0, first, there),
                scale: self.coefficients(1, first, there),
                shift: self.coefficients(2, first, there),
            }
        }
    }

    /// s and x − m at a place of the tile.
    ///
    /// # Safety
    /// As [`Columns::block`]; the place is one of this tile's.
    #[inline(always)]
    unsafe fn at<V: Lanes, const N: usize>(
        &self,
        activation: Activation,
        block: &Block<V, N>,
        at: usize,
        there: usize,
    ) -> ([V; N], [V; N]) {
        // SAFETY: by contract.
        unsafe {
            let mut x = load::<V, N>(self.x.add(at), there);
            let mut s = load::<V, N>(self.dy.add(at), there);
            for (x, m) in x.iter_mut().zip(&block.m) {
                *x = x.sub(m);
            }
            match activation {
                Activation::Identity => {}
                // Only the sign of y counts, and that is the sign of what the activation was given.
                Activation::Relu | Activation::LeakyRelu(_) => {
                    for index in 0..N {
                        let sum = x[index].mul_add(&block.scale[index], &block.shift[index]);
                        s[index] = s[index].mul(&activation.slope(sum));
                    }
                }
                Activation::Sigmoid | Activation::Tanh => {
                    let y = load::<V, N>(self.y.add(at), there);
                    for index in 0..N {
                        s[index] = s[index].mul(&activation.slope(y[index]));
                    }
                }
            }
            (s, x)
        }
    }
}

/// The sums of some tiles.
struct Gather<'a> {
    rows: &'a Rows<'a>,
    table: &'a [f32],
    tiles: Range<usize>,
    /// `[tile, 2, channel]`: Σ s, Σ s · (x − m).
    to: Shared<f32>,
}

impl Kernel for Gather<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let channels = self.rows.channels;
        for tile in self.tiles.clone() {
            let work = TileSums {
                tile: self.rows.tile(tile, self.table),
                // SAFETY: the sums of this tile are this task's.
                to: unsafe { self.to.at(tile * 2 * channels) },
            };
            // SAFETY: within `enter`; the rows of the tile are there.
            unsafe { columns::<V>(channels, &work) };
        }
    }
}

struct TileSums {
    tile: Tile,
    to: *mut f32,
}

impl Columns for TileSums {
    fn activation(&self) -> Activation {
        self.tile.activation
    }

    #[inline(always)]
    unsafe fn block<V: Lanes, const N: usize>(
        &self,
        activation: Activation,
        first: usize,
        there: usize,
    ) {
        let (tile, channels) = (&self.tile, self.tile.channels);
        // SAFETY: by contract.
        unsafe {
            let block = tile.block::<V, N>(first, there);
            let (mut slopes, mut products) = ([V::splat(0.0); N], [V::splat(0.0); N]);
            for row in 0..tile.rows {
                let (s, x) = tile.at(activation, &block, row * channels + first, there);
                for index in 0..N {
                    slopes[index] = slopes[index].add(&s[index]);
                    products[index] = s[index].mul_add(&x[index], &products[index]);
                }
            }
            store(slopes, self.to.add(first), there);
            store(products, self.to.add(channels + first), there);
        }
    }
}

/// dx of some tiles.
struct Apply<'a> {
    rows: &'a Rows<'a>,
    table: &'a [f32],
    tiles: Range<usize>,
    to: Shared<f32>,
}

impl Kernel for Apply<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let channels = self.rows.channels;
        for tile in self.tiles.clone().rev() {
            let work = TileGradient {
                tile: self.rows.tile(tile, self.table),
                // SAFETY: the rows of this tile are this task's.
                to: unsafe { self.to.at(tile * TILE * channels) },
            };
            // SAFETY: within `enter`; the rows of the tile are there.
            unsafe { columns::<V>(channels, &work) };
        }
    }
}

struct TileGradient {
    tile: Tile,
    to: *mut f32,
}

impl Columns for TileGradient {
    fn activation(&self) -> Activation {
        self.tile.activation
    }

    #[inline(always)]
    unsafe fn block<V: Lanes, const N: usize>(
        &self,
        activation: Activation,
        first: usize,
        there: usize,
    ) {
        let tile = &self.tile;
        // SAFETY: by contract.
        unsafe {
            let block = tile.block::<V, N>(first, there);
            let a = tile.coefficients::<V, N>(3, first, there);
            let b = tile.coefficients::<V, N>(4, first, there);
            let c = tile.coefficients::<V, N>(5, first, there);
            for row in 0..tile.rows {
                let at = row * tile.channels + first;
                let (mut s, x) = tile.at(activation, &block, at, there);
                for index in 0..N {
                    let of_rows = x[index].mul_add(&b[index], &c[index]);
                    s[index] = s[index].add(&of_rows).mul(&a[index]);
                }
                store(s, self.to.add(at), there);
            }
        }
    }
}
