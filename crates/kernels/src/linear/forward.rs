//! y = φ(x·Wᵀ + b): one product, the activation while its rows are in cache.
use super::{Activation, Linear, PackedLinear, SCRATCH};
use crate::context::Context;
use crate::lanes::{Kernel, Lanes};
use crate::memory::{Buffer, Shared};
use crate::product::pack::{self, Blocks};
use crate::product::{
    MAX_VECTORS, Segment, Start, Tile, multiply, row_pointers, row_pointers_mut, tiles,
};
use crate::shares::shares;
use std::ops::Range;

/// Weights on their way into the order in which the product reads them.
pub(super) struct Pack<'a> {
    pub(super) layer: Linear,
    pub(super) context: Context,
    pub(super) weights: &'a [f32],
    pub(super) bias: Option<&'a [f32]>,
}

impl Kernel for Pack<'_> {
    type Output = PackedLinear;

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) -> PackedLinear {
        let Linear { input, output, .. } = self.layer;
        let (mut weights, mut bias) = (Buffer::default(), Buffer::default());
        let buffers = (&mut weights, &mut bias);
        // SAFETY: within `enter`.
        let Panels { blocks, .. } = unsafe {
            Panels::pack::<V>(
                self.context,
                (input, output),
                self.weights,
                self.bias,
                buffers,
            )
        };
        PackedLinear {
            layer: self.layer,
            set: self.context.instruction_set(),
            blocks,
            weights,
            bias,
        }
    }
}

impl PackedLinear {
    fn panels(&self) -> Panels<'_> {
        let (input, count) = (self.layer.input, self.blocks.count());
        Panels {
            input,
            blocks: self.blocks,
            weights: self.weights.get(count * self.blocks.width * input),
            bias: self.bias.get(count * self.blocks.width),
        }
    }
}

/// Where the weights of a call are.
pub(super) enum Given<'a> {
    Rows(&'a [f32], Option<&'a [f32]>),
    Packed(&'a PackedLinear),
}

pub(super) struct Ahead<'a> {
    pub(super) layer: Linear,
    pub(super) context: Context,
    pub(super) rows: usize,
    pub(super) input: &'a [f32],
    pub(super) given: Given<'a>,
    pub(super) output: Shared<f32>,
}

impl Kernel for Ahead<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Linear { input, output, .. } = self.layer;
        match self.given {
            Given::Packed(packed) => {
                // SAFETY: within `enter`, packed for this instruction set.
                unsafe { self.multiply::<V>(&packed.panels()) }
            }
            Given::Rows(weights, bias) => {
                let mut scratch = SCRATCH.take();
                let buffers = (&mut scratch.weights, &mut scratch.bias);
                // SAFETY: within `enter`.
                unsafe {
                    let panels =
                        Panels::pack::<V>(self.context, (input, output), weights, bias, buffers);
                    self.multiply::<V>(&panels);
                }
                SCRATCH.put(scratch);
            }
        }
    }
}

impl Ahead<'_> {
    /// # Safety
    /// Within `enter`; the panels are those of this instruction set.
    #[inline(always)]
    unsafe fn multiply<V: Lanes>(&self, panels: &Panels<'_>) {
        let Linear {
            input,
            output,
            activation,
        } = self.layer;
        let threads = self.context.threads();
        let run = |rows: Range<usize>, blocks: Range<usize>| {
            // SAFETY: each task has its own rows of the output, or its own part of each.
            unsafe {
                panels.multiply::<V>(
                    (rows.len(), blocks),
                    |row| self.input.as_ptr().add((rows.start + row) * input),
                    |row| self.output.at((rows.start + row) * output),
                    |values, columns| {
                        if activation != Activation::Identity {
                            V::enter(Activate {
                                activation,
                                rows: &[values],
                                columns,
                            });
                        }
                    },
                );
            }
        };
        // Few rows wait for the weights: each thread reads its part of them once.
        if self.rows < threads * V::TILE_ROWS[MAX_VECTORS - 1] {
            shares(panels.all().len(), threads).run(threads, |blocks| run(0..self.rows, blocks));
        } else {
            shares(self.rows, threads).run(threads, |rows| run(rows, panels.all()));
        }
    }
}

/// W and b in panels of outputs, as the product x·Wᵀ + b reads them.
pub(crate) struct Panels<'a> {
    input: usize,
    blocks: Blocks,
    weights: &'a [f32],
    bias: &'a [f32],
}

impl<'a> Panels<'a> {
    /// Packs W `[output, input]` and b.
    ///
    /// # Safety
    /// Called within [`Lanes::enter`].
    pub(crate) unsafe fn pack<V: Lanes>(
        context: Context,
        (input, output): (usize, usize),
        weights: &[f32],
        bias: Option<&[f32]>,
        buffers: (&'a mut Buffer, &'a mut Buffer),
    ) -> Self {
        let blocks = Blocks {
            units: output,
            width: (MAX_VECTORS * V::WIDTH).min(output.next_multiple_of(V::WIDTH)),
        };
        // SAFETY: by contract.
        let weights =
            unsafe { pack::all_by_unit::<V>(weights, blocks, &[0], input, context, buffers.0) };
        let packed = buffers.1.reserve(blocks.count() * blocks.width);
        packed.fill(0.0);
        if let Some(bias) = bias {
            packed[..output].copy_from_slice(bias);
        }
        Self {
            input,
            blocks,
            weights,
            bias: packed,
        }
    }

    /// All of them.
    pub(crate) fn all(&self) -> Range<usize> {
        0..self.blocks.count()
    }

    /// x·Wᵀ + b of so many rows for some of the panels, each row from where it lies to where it goes; `then` is called with
    /// a stretch of a row, its beginning and length, while it is in cache.
    ///
    /// # Safety
    /// The processor has the instruction set of `V`, for which W was packed; the rows are there, and nobody else writes
    /// those that are written.
    pub(crate) unsafe fn multiply<V: Lanes>(
        &self,
        (rows, some): (usize, Range<usize>),
        from: impl Fn(usize) -> *const f32,
        to: impl Fn(usize) -> *mut f32,
        then: impl Fn(*mut f32, usize),
    ) {
        let Self { input, blocks, .. } = *self;
        let panel = blocks.width * input;
        let height = V::TILE_ROWS[blocks.width / V::WIDTH - 1];
        for block in some {
            let columns = blocks.units_in(block);
            for (first, height) in tiles(rows, height) {
                // SAFETY: by contract; panels are packed to full width.
                unsafe {
                    let a = row_pointers(height, |m| from(first + m));
                    let out = row_pointers_mut(height, |m| to(first + m).add(block * blocks.width));
                    let panel = self.weights[block * panel..].as_ptr();
                    let tile = Tile {
                        start: Start::Row(self.bias[block * blocks.width..].as_ptr()),
                        segments: &[Segment::rows(a.as_ptr(), input, panel, blocks.width)],
                        out: out.as_ptr(),
                        columns,
                    };
                    multiply::<V>(height, columns.div_ceil(V::WIDTH), &tile);
                    for values in out.into_iter().take(height) {
                        then(values, columns);
                    }
                }
            }
        }
    }
}

/// φ over so many columns of some rows, in place.
pub(crate) struct Activate<'a> {
    pub(crate) activation: Activation,
    pub(crate) rows: &'a [*mut f32],
    pub(crate) columns: usize,
}

impl Kernel for Activate<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        for row in self.rows {
            for first in (0..self.columns).step_by(V::WIDTH) {
                let there = (self.columns - first).min(V::WIDTH);
                // SAFETY: the caller vouches for the columns.
                unsafe {
                    let at = row.add(first);
                    let value = self.activation.apply(V::load_first(at, there));
                    value.store_first(at, there);
                }
            }
        }
    }
}
