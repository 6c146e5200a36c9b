//! The gradient of the weights, the same sum for both convolutions: dW\[small, large, tap\] = Σ over the pixels of the small map
//! of its value there times that of the large map at the tap.
//!
//! The sum runs over all pixels of all images in one order, strip after strip, each going on from the last; threads cut the
//! results. A tile's rows are channels of the small map, its columns (tap, channel) of the large one; of a strip both are
//! copied to where the tile reads them, a panel of columns at a time, so that what is unfolded never leaves the cache.
use super::geometry::Geometry;
use super::panels::{Panel, all};
use super::plan::Plan;
use crate::context::Context;
use crate::lanes::Lanes;
use crate::memory::{Buffer, Shared, Shelf};
use crate::pool;
use crate::product::pack::{Transpose, Turn};
use crate::product::{
    MAX_VECTORS, STRIP, Segment, Start, Tile, multiply, row_pointers, row_pointers_mut, sum_rows,
    tiles,
};
use crate::shares::shares;
use std::ops::Range;

/// Pixels of a strip: a panel of four vectors is 64 KiB of them.
const PIXELS: usize = 256;

static SUMS: Shelf<Buffer> = Shelf::new(8);
static STRIPS: Shelf<Strips> = Shelf::new(64);

#[derive(Default)]
struct Strips {
    large: Buffer,
    small: Buffer,
}

pub(super) struct WeightGradient<'a> {
    pub(super) geometry: &'a Geometry,
    pub(super) context: Context,
    pub(super) images: usize,
    pub(super) large: &'a [f32],
    pub(super) small: &'a [f32],
}

/// Columns of a panel that lie side by side in a row of the large map.
struct Piece {
    /// The first column within the panel, and how many.
    to: usize,
    count: usize,
    /// Rows of the large map from the first that a pixel reaches, and values of a row from the first.
    down: usize,
    right: usize,
}

impl WeightGradient<'_> {
    /// Channels of a group: (large, small).
    fn channels(&self) -> (usize, usize) {
        let geometry = self.geometry;
        (
            geometry.large.channels / geometry.groups,
            geometry.small.channels / geometry.groups,
        )
    }

    fn pieces(&self, panel: Panel) -> Vec<Piece> {
        let geometry = self.geometry;
        let (large, _) = self.channels();
        // Taps of a row that are neighbours and see all channels are one run.
        let contiguous = geometry.dilation[1] == 1 && geometry.groups == 1;
        let run = if contiguous {
            geometry.kernel[1] * large
        } else {
            large
        };
        let mut pieces = Vec::new();
        let mut column = panel.first;
        let end = panel.first + panel.columns;
        while column < end {
            let count = (run - column % run).min(end - column);
            let (tap, channel) = (column / large, column % large);
            let (tap_y, tap_x) = (tap / geometry.kernel[1], tap % geometry.kernel[1]);
            let right = tap_x * geometry.dilation[1] * geometry.large.channels;
            pieces.push(Piece {
                to: column - panel.first,
                count,
                down: tap_y * geometry.dilation[0],
                right: right + panel.group * large + channel,
            });
            column += count;
        }
        pieces
    }

    /// Copies the columns of a panel for some pixels, with zeros for what is not there.
    fn copy_large(&self, pixels: Range<usize>, pieces: &[Piece], stride: usize, to: &mut [f32]) {
        let geometry = self.geometry;
        let ([height, width], channels) = (geometry.large.size, geometry.large.channels);
        let [_, small_width] = geometry.small.size;
        let of_image = geometry.small.pixels();
        let left = (geometry.padding[1] * channels) as isize;
        let step = geometry.stride[1] * channels;
        let length = (width * channels) as isize;
        let mut pixel = pixels.start;
        while pixel < pixels.end {
            // The rest of a row of pixels.
            let (image, within) = (pixel / of_image, pixel % of_image);
            let (row, column) = (within / small_width, within % small_width);
            let count = (small_width - column).min(pixels.end - pixel);
            let to = &mut to[(pixel - pixels.start) * stride..][..count * stride];
            for piece in pieces {
                let y = (row * geometry.stride[0] + piece.down).wrapping_sub(geometry.padding[0]);
                if y >= height {
                    for to in to.chunks_exact_mut(stride) {
                        to[piece.to..][..piece.count].fill(0.0);
                    }
                    continue;
                }
                let from =
                    &self.large[(image * height + y) * width * channels..][..width * channels];
                for (index, to) in to.chunks_exact_mut(stride).enumerate() {
                    let to = &mut to[piece.to..][..piece.count];
                    let start = ((column + index) * step + piece.right) as isize - left;
                    let end = start + piece.count as isize;
                    if start >= 0 && end <= length {
                        to.copy_from_slice(&from[start as usize..end as usize]);
                        continue;
                    }
                    to.fill(0.0);
                    let there = start.max(0)..end.min(length);
                    if there.start < there.end {
                        let at = (there.start - start) as usize..(there.end - start) as usize;
                        to[at].copy_from_slice(&from[there.start as usize..there.end as usize]);
                    }
                }
            }
            pixel += count;
        }
    }

    /// dW, and db of the map given with it.
    ///
    /// # Safety
    /// The processor has the instruction set of `V`.
    pub(super) unsafe fn run<V: Lanes>(
        &self,
        weights: Option<&mut [f32]>,
        bias: Option<(&mut [f32], &[f32])>,
    ) {
        if let Some((bias, values)) = bias {
            let channels = bias.len();
            let to = bias.as_mut_ptr();
            for (strip, rows) in values.chunks(STRIP * channels).enumerate() {
                let count = rows.len() / channels;
                // SAFETY: rows of so many channels.
                unsafe { sum_rows_exact::<V>(strip > 0, rows, count, to, channels) };
            }
        }
        if let Some(weights) = weights {
            // SAFETY: by contract.
            unsafe { self.weights::<V>(weights) };
        }
    }

    /// # Safety
    /// The processor has the instruction set of `V`.
    unsafe fn weights<V: Lanes>(&self, weights: &mut [f32]) {
        let (large, small) = self.channels();
        let (groups, taps) = (self.geometry.groups, self.geometry.taps());
        let columns = taps * large;
        let padded = columns.next_multiple_of(V::WIDTH);
        let panels = all(groups, columns, Plan::panel(V::WIDTH), padded);
        let height = V::TILE_ROWS[MAX_VECTORS.min(padded / V::WIDTH) - 1];
        let threads = self.context.threads();
        let mut buffer = SUMS.take();
        let sums = buffer.reserve(groups * small * padded);
        let to = Shared::new(sums);
        let by_panels = shares(panels.len(), threads);
        let by_rows = shares(small, threads.div_ceil(by_panels.len()));
        pool::run(threads, by_panels.len() * by_rows.len(), &|task| {
            let panels = &panels[by_panels.part(task % by_panels.len())];
            let rows = by_rows.part(task / by_panels.len());
            // SAFETY: each task has rows or columns of its own.
            unsafe { self.task::<V>(rows, height, panels, padded, to) };
        });
        let sums = &*sums;
        let gradient = Shared::new(weights);
        shares(groups * small, threads).run(threads, |rows| {
            for row in rows {
                // SAFETY: each task has rows of its own, from (tap, channel) to (channel, tap).
                unsafe {
                    V::enter(Turn {
                        rows: taps,
                        columns: large,
                        from: sums[row * padded..][..columns].as_ptr(),
                        from_stride: large,
                        to: gradient.at(row * columns),
                        to_stride: taps,
                    });
                }
            }
        });
        SUMS.put(buffer);
    }

    /// Some rows and columns of the sums, over all strips.
    ///
    /// # Safety
    /// The processor has the instruction set of `V`; nobody else writes these sums.
    unsafe fn task<V: Lanes>(
        &self,
        rows: Range<usize>,
        height: usize,
        panels: &[Panel],
        padded: usize,
        sums: Shared<f32>,
    ) {
        let (_, of_group) = self.channels();
        let channels = self.geometry.small.channels;
        let all = self.images * self.geometry.small.pixels();
        let pieces: Vec<Vec<Piece>> = panels.iter().map(|panel| self.pieces(*panel)).collect();
        let mut buffers = STRIPS.take();
        let mut pointers = [std::ptr::null(); PIXELS];
        for start in (0..all).step_by(PIXELS) {
            let pixels = start..all.min(start + PIXELS);
            let count = pixels.len();
            let small = buffers.small.reserve(count * rows.len());
            let mut group = None;
            for (panel, pieces) in panels.iter().zip(&pieces) {
                if group != Some(panel.group) {
                    group = Some(panel.group);
                    let first = panel.group * of_group + rows.start;
                    for (pointer, pixel) in pointers.iter_mut().zip(pixels.clone()) {
                        *pointer = self.small[pixel * channels + first..].as_ptr();
                    }
                    // SAFETY: these channels of each pixel; the buffer has room for them.
                    unsafe {
                        V::enter(Transpose {
                            rows: &pointers[..count],
                            tiles: tiles(rows.len(), height),
                            out: small.as_mut_ptr(),
                        });
                    }
                }
                let large = buffers.large.reserve(count * panel.width);
                self.copy_large(pixels.clone(), pieces, panel.width, large);
                for (row, height) in tiles(rows.len(), height) {
                    // SAFETY: the sums are this task's; the operands were copied just above.
                    unsafe {
                        let to = (panel.group * of_group + rows.start + row) * padded + panel.first;
                        let out = row_pointers_mut(height, |m| sums.at(to + m * padded));
                        let a = row_pointers(height, |m| small[row * count + m..].as_ptr());
                        let tile = Tile {
                            start: if start > 0 {
                                Start::Rows(out.as_ptr().cast())
                            } else {
                                Start::Zero
                            },
                            segments: &[Segment {
                                rows: a.as_ptr(),
                                step: height,
                                run: count,
                                run_stride: 0,
                                length: count,
                                panel: large.as_ptr(),
                                panel_stride: panel.width,
                            }],
                            out: out.as_ptr(),
                            columns: panel.width,
                        };
                        multiply::<V>(height, panel.width / V::WIDTH, &tile);
                    }
                }
            }
        }
        STRIPS.put(buffers);
    }
}

/// [`sum_rows`] of rows that nothing follows: the panel is read in full, so where that would go beyond the end the last rows
/// are summed from a copy.
///
/// # Safety
/// The processor has the instruction set of `V`; so many rows and sums are there.
unsafe fn sum_rows_exact<V: Lanes>(
    goes_on: bool,
    rows: &[f32],
    count: usize,
    sums: *mut f32,
    channels: usize,
) {
    let mut goes_on = goes_on;
    // A whole panel may be read after the beginning of each of these.
    let over = channels.next_multiple_of(V::WIDTH) - channels;
    let spare = over.div_ceil(channels).min(count);
    let safe = count - spare;
    // SAFETY: by contract; of the copy, whole panels.
    unsafe {
        if safe > 0 {
            sum_rows::<V>(goes_on, rows.as_ptr(), safe, channels, sums, channels);
            goes_on = true;
        }
        if spare > 0 {
            let mut copy = vec![0.0; spare * channels + over];
            copy[..spare * channels].copy_from_slice(&rows[safe * channels..]);
            sum_rows::<V>(goes_on, copy.as_ptr(), spare, channels, sums, channels);
        }
    }
}
