//! The product that writes one map from the other: y = φ(b + Σ over taps and channels), tile by tile of pixels.
//!
//! A row of a tile is one pixel of the result, wherever it lies: neighbouring pixels, rows and images share a tile. Its operand
//! is read where the source lies, in the runs that [`Plan::parts`] found, so nothing is copied and no zero multiplied.
use super::narrow::{Narrow, WeightRows};
use super::panels::{Panel, Panels};
use super::plan::{MOST_STRETCHES, Part, Plan};
use crate::context::Context;
use crate::lanes::{Kernel, Lanes};
use crate::linear::{Activate, Activation};
use crate::memory::{Buffer, Shared, Shelf};
use crate::pool;
use crate::product::{
    MAX_ROWS, Segment, Start, Tile, multiply, row_pointers, row_pointers_mut, tiles,
};
use crate::shares::{Shares, shares};
use std::ops::Range;

/// Pixels of a block at most: enough to use what was read of the weights, few enough that the source stays in cache.
const MOST_PIXELS: usize = 512;
/// Pixels below which a block is not cut for the sake of more tasks.
const FEWEST_PIXELS: usize = 64;

#[derive(Default)]
struct Scratch {
    weights: Buffer,
}

static SCRATCH: Shelf<Scratch> = Shelf::new(8);
static PIXELS: Shelf<Vec<Pixel>> = Shelf::new(64);

/// Where a pixel's first source value and its result lie, from the image on.
#[derive(Clone, Copy)]
pub(super) struct Pixel {
    pub(super) from: usize,
    pub(super) to: usize,
}

pub(super) struct Apply<'a> {
    pub(super) plan: &'a Plan,
    pub(super) context: Context,
    pub(super) images: usize,
    pub(super) source: &'a [f32],
    pub(super) weights: &'a [f32],
    pub(super) bias: Option<&'a [f32]>,
    pub(super) activation: Activation,
    pub(super) result: Shared<f32>,
}

/// How the pixels are cut in blocks: ranges of whole images, or bands of single ones.
struct Blocks {
    images: Shares,
    bands: usize,
}

impl Blocks {
    fn new(plan: &Plan, images: usize, threads: usize) -> Self {
        let pixels = plan.pixels().max(1);
        let wanted = (images * pixels / (4 * threads)).clamp(FEWEST_PIXELS, MOST_PIXELS);
        let rows = plan.phases[0].iter().map(|phase| phase.count).max();
        let bands = pixels.div_ceil(wanted).min(rows.unwrap_or(1)).max(1);
        Self {
            images: shares(images, images.div_ceil((wanted / pixels).max(1))),
            bands,
        }
    }

    fn len(&self) -> usize {
        self.images.len() * self.bands
    }
}

impl Kernel for Apply<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let mut scratch = SCRATCH.take();
        let threads = self.context.threads();
        let blocks = Blocks::new(self.plan, self.images, threads);
        let parts = self.plan.parts();
        if self.plan.is_narrow() {
            let rows = WeightRows::pack(self.plan, self.weights, &mut scratch.weights);
            pool::run(threads, blocks.len(), &|block| {
                // SAFETY: each task has pixels of its own, in a block.
                unsafe {
                    self.block(&blocks, block, &parts, |part, pixels| {
                        V::enter(Narrow {
                            apply: &self,
                            weights: rows,
                            part,
                            pixels,
                        });
                    })
                };
            });
        } else {
            let panels =
                Panels::pack::<V>(self.plan, self.weights, self.context, &mut scratch.weights);
            let all = panels.all(self.plan.groups);
            // Few pixels and many columns: the columns are cut too.
            let cuts = shares(all.len(), (2 * threads).div_ceil(blocks.len().max(1)));
            pool::run(threads, blocks.len() * cuts.len(), &|task| {
                // SAFETY: each task has pixels or columns of its own, in a block.
                unsafe {
                    let all = &all[cuts.part(task % cuts.len())];
                    self.block(&blocks, task / cuts.len(), &parts, |part, pixels| {
                        self.part::<V>(panels, all, part, pixels);
                    });
                }
            });
        }
        SCRATCH.put(scratch);
    }
}

impl Apply<'_> {
    /// The pixels of a block, part by part.
    fn block<'p>(
        &self,
        blocks: &Blocks,
        block: usize,
        parts: &'p [Part<'p>],
        work: impl Fn(&Part<'_>, &[Pixel]),
    ) {
        let images = blocks.images.part(block / blocks.bands);
        let band = block % blocks.bands;
        let mut pixels = PIXELS.take();
        for part in parts {
            let count = part.rows.count;
            let rows = count * band / blocks.bands..count * (band + 1) / blocks.bands;
            pixels.clear();
            self.pixels(part, images.clone(), rows, &mut pixels);
            if !pixels.is_empty() {
                work(part, &pixels);
            }
        }
        PIXELS.put(pixels);
    }

    fn pixels(
        &self,
        part: &Part<'_>,
        images: Range<usize>,
        rows: Range<usize>,
        pixels: &mut Vec<Pixel>,
    ) {
        let (source, result) = (self.plan.source, self.plan.result);
        let (in_rows, in_columns) = (part.rows, part.columns);
        let taps = !part.stretches.is_empty();
        for image in images {
            for row in rows.clone() {
                let from = (in_rows.source + row * in_rows.source_step) * source.size[1];
                let to = (in_rows.first + row * in_rows.step) * result.size[1];
                let from = image * source.values() + (from + in_columns.source) * source.channels;
                let to = image * result.values() + (to + in_columns.first) * result.channels;
                let from_step = in_columns.source_step * source.channels;
                let to_step = in_columns.step * result.channels;
                pixels.extend((0..in_columns.count).map(|column| Pixel {
                    // Without taps nothing is read, and the place need not exist.
                    from: if taps { from + column * from_step } else { 0 },
                    to: to + column * to_step,
                }));
            }
        }
    }

    /// The columns of these panels for pixels of a part.
    ///
    /// # Safety
    /// The processor has the instruction set of `V`; nobody else writes these columns of these pixels.
    unsafe fn part<V: Lanes>(
        &self,
        panels: Panels<'_>,
        of: &[Panel],
        part: &Part<'_>,
        pixels: &[Pixel],
    ) {
        let (read, written) = self.plan.channels();
        let calls = part.calls();
        for panel in of {
            let vectors = panel.width / V::WIDTH;
            let height = V::TILE_ROWS[vectors - 1];
            let from_group = panel.group * read;
            let column = panel.group * written + panel.first;
            for (call, stretches) in calls.iter().enumerate() {
                let mut weights = [std::ptr::null(); MOST_STRETCHES];
                for (weights, stretch) in weights.iter_mut().zip(*stretches) {
                    *weights = panels.of(*panel, part, stretch.row);
                }
                for (first, height) in tiles(pixels.len(), height) {
                    let pixels = &pixels[first..first + height];
                    // SAFETY: the source values and the columns of these pixels are there; so are the weights, to full
                    // width.
                    unsafe {
                        let out =
                            row_pointers_mut(height, |m| self.result.at(pixels[m].to + column));
                        let mut operands = [[std::ptr::null(); MAX_ROWS]; MOST_STRETCHES];
                        let mut segments = [const { EMPTY }; MOST_STRETCHES];
                        for (index, stretch) in stretches.iter().enumerate() {
                            operands[index] = row_pointers(height, |m| {
                                self.source
                                    .as_ptr()
                                    .add(pixels[m].from + from_group + stretch.from)
                            });
                            segments[index] = Segment {
                                rows: operands[index].as_ptr(),
                                step: 1,
                                run: stretch.run,
                                run_stride: stretch.run_stride,
                                length: stretch.length,
                                panel: weights[index],
                                panel_stride: panel.width,
                            };
                        }
                        let start = match self.bias {
                            _ if call > 0 => Start::Rows(out.as_ptr().cast()),
                            Some(bias) => Start::Row(bias[column..].as_ptr()),
                            None => Start::Zero,
                        };
                        let tile = Tile {
                            start,
                            segments: &segments[..stretches.len()],
                            out: out.as_ptr(),
                            columns: panel.columns,
                        };
                        multiply::<V>(height, vectors, &tile);
                        if call + 1 == calls.len() && self.activation != Activation::Identity {
                            V::enter(Activate {
                                activation: self.activation,
                                rows: &out[..height],
                                columns: panel.columns,
                            });
                        }
                    }
                }
            }
        }
    }
}

const EMPTY: Segment = Segment {
    rows: std::ptr::null(),
    step: 1,
    run: 1,
    run_stride: 0,
    length: 0,
    panel: std::ptr::null(),
    panel_stride: 0,
};
