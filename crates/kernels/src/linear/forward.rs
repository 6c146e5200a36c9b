//! y = φ(x·Wᵀ + b): one product, the activation while its rows are in cache.
use super::{Activation, Linear, SCRATCH};
use crate::context::Context;
use crate::lanes::{Kernel, Lanes};
use crate::memory::Shared;
use crate::product::pack::{self, Blocks};
use crate::product::{
    MAX_VECTORS, Segment, Start, Tile, multiply, row_pointers, row_pointers_mut, tiles,
};
use crate::shares::shares;

pub(super) struct Ahead<'a> {
    pub(super) layer: Linear,
    pub(super) context: Context,
    pub(super) rows: usize,
    pub(super) input: &'a [f32],
    pub(super) weights: &'a [f32],
    pub(super) bias: Option<&'a [f32]>,
    pub(super) output: Shared<f32>,
}

impl Kernel for Ahead<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Linear { input, output, .. } = self.layer;
        let blocks = Blocks {
            units: output,
            width: (MAX_VECTORS * V::WIDTH).min(output.next_multiple_of(V::WIDTH)),
        };
        let panel = blocks.width * input;
        let mut scratch = SCRATCH.take();
        // SAFETY: within `enter`.
        let weights = unsafe {
            let buffer = &mut scratch.weights;
            pack::all_by_unit::<V>(self.weights, blocks, &[0], input, self.context, buffer)
        };
        let bias = scratch.bias.reserve(blocks.count() * blocks.width);
        bias.fill(0.0);
        if let Some(values) = self.bias {
            bias[..output].copy_from_slice(values);
        }
        let bias = &*bias;
        let height = V::TILE_ROWS[blocks.width / V::WIDTH - 1];
        let threads = self.context.threads();
        shares(self.rows, threads).run(threads, |rows| {
            for block in 0..blocks.count() {
                let columns = blocks.units_in(block);
                for (first, height) in tiles(rows.len(), height) {
                    let first = rows.start + first;
                    // SAFETY: each task has its own rows of the output; panels are packed to full width.
                    unsafe {
                        let a =
                            row_pointers(height, |m| self.input.as_ptr().add((first + m) * input));
                        let panel = weights[block * panel..].as_ptr();
                        let out = row_pointers_mut(height, |m| {
                            self.output.at((first + m) * output + block * blocks.width)
                        });
                        let tile = Tile {
                            start: Start::Row(bias[block * blocks.width..].as_ptr()),
                            segments: &[Segment::rows(a.as_ptr(), input, panel, blocks.width)],
                            out: out.as_ptr(),
                            columns,
                        };
                        multiply::<V>(height, columns.div_ceil(V::WIDTH), &tile);
                        if self.layer.activation != Activation::Identity {
                            for row in out.into_iter().take(height) {
                                V::enter(Activate(self.layer.activation, row, columns));
                            }
                        }
                    }
                }
            }
        });
        SCRATCH.put(scratch);
    }
}

/// φ over a few values in place.
struct Activate(Activation, *mut f32, usize);

impl Kernel for Activate {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self(activation, values, count) = self;
        for first in (0..count).step_by(V::WIDTH) {
            let there = (count - first).min(V::WIDTH);
            // SAFETY: the caller vouches for `count` values.
            unsafe {
                let at = values.add(first);
                activation
                    .apply(V::load_first(at, there))
                    .store_first(at, there);
            }
        }
    }
}
