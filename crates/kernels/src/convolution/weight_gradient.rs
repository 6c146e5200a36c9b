//! The gradient of the weights, the same sum for both convolutions: dW\[small, large, tap\] = Σ over the pixels of the small map
//! of its value there times that of the large map at the tap.
//!
//! The sum runs over all pixels of all images in one order, strip after strip, each going on from the last; threads cut the
//! results. A strip of the large map is copied with its padding, so that the pixels of a row lie at equal distances and are
//! read where they are: a tile's rows are channels of the large map at taps, its columns channels of the small one. Where the
//! small map has too few channels to fill columns it is the other way round.
use super::geometry::Geometry;
use super::panels::{Panel, Unpack, all};
use super::plan::Plan;
use crate::context::Context;
use crate::lanes::Lanes;
use crate::memory::{Buffer, Shared, Shelf};
use crate::pool;
use crate::product::STRIP;
use crate::product::{
    MAX_ROWS, MAX_VECTORS, Segment, Start, Tile, multiply, row_pointers, row_pointers_mut,
    sum_rows, tiles,
};
use crate::shares::shares;
use std::ops::Range;

/// Pixels of a strip, and values of its copy of the large map, at most (but for one row of pixels).
const STRIP_PIXELS: usize = 128;
const STRIP_VALUES: usize = 1 << 17;

#[derive(Default)]
struct Scratch {
    sums: Buffer,
}

#[derive(Default)]
struct Strips {
    large: Buffer,
    small: Buffer,
}

static SCRATCH: Shelf<Scratch> = Shelf::new(8);
static STRIPS: Shelf<Strips> = Shelf::new(64);

/// Consecutive rows of pixels of one image.
#[derive(Debug, Clone)]
struct Band {
    image: usize,
    rows: Range<usize>,
    /// Where its part of the copy of the large map begins, and its pixels among those of the strip.
    at: usize,
    pixels: usize,
}

/// Some rows of the sums of a group, that is of (tap, channel of the large map), in one row of taps.
struct Rows {
    row: usize,
    height: usize,
    /// The rows of pixels for which this row of taps falls within the large map.
    real: Range<usize>,
    /// Where each finds its values, from the first that the pixel reaches.
    from: [usize; MAX_ROWS],
}

pub(super) struct WeightGradient<'a> {
    pub(super) geometry: &'a Geometry,
    pub(super) context: Context,
    pub(super) images: usize,
    pub(super) large: &'a [f32],
    pub(super) small: &'a [f32],
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

    /// Values of a row of the copy of the large map, with its padding.
    fn row(&self) -> usize {
        self.extent(1, self.geometry.small.size[1]) * self.geometry.large.channels
    }

    /// Pixels of the large map, padding included, that so many of the small one reach along an axis.
    fn extent(&self, axis: usize, pixels: usize) -> usize {
        let geometry = self.geometry;
        (pixels - 1) * geometry.stride[axis]
            + (geometry.kernel[axis] - 1) * geometry.dilation[axis]
            + 1
    }

    /// All pixels in order, cut in strips.
    fn strips(&self) -> Vec<Vec<Band>> {
        let [height, width] = self.geometry.small.size;
        let row = self.row();
        let most = (STRIP_VALUES / (self.geometry.stride[0] * row)).min(STRIP_PIXELS / width);
        let rows = most.clamp(1, height);
        let mut strips: Vec<Vec<Band>> = Vec::new();
        let (mut at, mut pixels) = (usize::MAX, usize::MAX);
        for image in 0..self.images {
            for first in (0..height).step_by(rows) {
                let rows = first..height.min(first + rows);
                let values = self.extent(0, rows.len()) * row;
                let more = rows.len() * width;
                let fits = at.saturating_add(values) <= STRIP_VALUES
                    && pixels.saturating_add(more) <= STRIP_PIXELS
                    && strips.last().is_some_and(|strip| strip.len() < MOST_BANDS);
                if !fits {
                    strips.push(Vec::new());
                    (at, pixels) = (0, 0);
                }
                if let Some(strip) = strips.last_mut() {
                    strip.push(Band {
                        image,
                        rows,
                        at,
                        pixels,
                    });
                }
                at += values;
                pixels += more;
            }
        }
        strips
    }

    /// Copies the large map around the bands of a strip, with zeros for what is not there.
    fn copy_large(&self, strip: &[Band], to: &mut [f32]) {
        let geometry = self.geometry;
        let ([height, width], channels) = (geometry.large.size, geometry.large.channels);
        let row = self.row();
        let left = geometry.padding[1] * channels;
        // The row of the copy that is really there.
        let there = left.min(row)..row.min(left + width * channels);
        for band in strip {
            let first = band.rows.start * geometry.stride[0];
            let rows = self.extent(0, band.rows.len());
            let to = &mut to[band.at..][..rows * row];
            for (index, to) in to.chunks_exact_mut(row).enumerate() {
                let y = (first + index).wrapping_sub(geometry.padding[0]);
                if y >= height {
                    to.fill(0.0);
                    continue;
                }
                let from = (band.image * height + y) * width * channels;
                to[..there.start].fill(0.0);
                to[there.clone()].copy_from_slice(&self.large[from..][..there.len()]);
                to[there.end..].fill(0.0);
            }
        }
    }

    /// Copies the columns of a panel of the small map for the pixels of a strip, padded with zeros.
    fn copy_small(&self, strip: &[Band], panel: Panel, to: &mut [f32]) {
        let ([height, width], channels) = (self.geometry.small.size, self.geometry.small.channels);
        let column = panel.group * self.channels().1 + panel.first;
        for band in strip {
            let first = (band.image * height + band.rows.start) * width;
            let to = &mut to[band.pixels * panel.width..];
            let rows = to
                .chunks_exact_mut(panel.width)
                .take(band.rows.len() * width);
            for (pixel, row) in rows.enumerate() {
                let from = (first + pixel) * channels + column;
                row[..panel.columns].copy_from_slice(&self.small[from..from + panel.columns]);
                row[panel.columns..].fill(0.0);
            }
        }
    }

    /// The tiles of rows of the sums of one group: within each row of taps, the channels of its taps one after another.
    fn tiles(&self, height: usize) -> Vec<Rows> {
        let geometry = self.geometry;
        let (large, _) = self.channels();
        let of_row = geometry.kernel[1] * large;
        let mut all = Vec::new();
        for tap in 0..geometry.kernel[0] {
            let reach = tap * geometry.dilation[0];
            let (padding, stride) = (geometry.padding[0], geometry.stride[0]);
            let before = |bound: usize| (bound + padding).saturating_sub(reach).div_ceil(stride);
            all.extend(tiles(of_row, height).map(|(first, height)| Rows {
                row: tap * of_row + first,
                height,
                real: before(0)..before(geometry.large.size[0]),
                from: std::array::from_fn(|m| {
                    let (right, channel) = ((first + m) / large, (first + m) % large);
                    let right = right * geometry.dilation[1] * geometry.large.channels;
                    reach * self.row() + right + channel
                }),
            }));
        }
        all
    }

    /// dW, and db where the bias belongs to the map given with it (values, channels).
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
                unsafe {
                    sum_rows_exact::<V>(strip > 0, rows, count, to, channels);
                }
            }
        }
        if let Some(weights) = weights {
            // SAFETY: by contract.
            unsafe { self.weights::<V>(weights) };
        }
    }

    unsafe fn weights<V: Lanes>(&self, weights: &mut [f32]) {
        let (large, small) = self.channels();
        let geometry = self.geometry;
        let (groups, taps) = (geometry.groups, geometry.taps());
        let padded = small.next_multiple_of(V::WIDTH);
        let panels = all(groups, small, Plan::panel(V::WIDTH), padded);
        let of_group = panels.len() / groups;
        let height = V::TILE_ROWS[MAX_VECTORS.min(padded / V::WIDTH) - 1];
        let threads = self.context.threads();
        let mut scratch = SCRATCH.take();
        let sums = scratch.sums.reserve(groups * taps * large * padded);
        let to = Shared::new(sums);
        let strips = self.strips();
        let rows = self.tiles(height);
        let by_rows = shares(rows.len(), threads);
        let by_panels = shares(panels.len(), threads.div_ceil(by_rows.len()));
        pool::run(threads, by_rows.len() * by_panels.len(), &|task| {
            let rows = &rows[by_rows.part(task % by_rows.len())];
            let panels = &panels[by_panels.part(task / by_rows.len())];
            // SAFETY: each task has rows or columns of its own.
            unsafe { self.task::<V>(&strips, rows, panels, padded, to) };
        });
        let sums = &*sums;
        let gradient = Shared::new(weights);
        pool::run(threads, panels.len(), &|task| {
            let panel = panels[task];
            debug_assert_eq!(panel.group, task / of_group);
            // SAFETY: each task has columns, that is rows of W, of its own.
            unsafe {
                V::enter(Unpack {
                    sums: &sums[panel.group * taps * large * padded..],
                    padded,
                    panel,
                    length: large * taps,
                    order: |element: usize| element % taps * large + element / taps,
                    to: gradient.at((panel.group * small + panel.first) * large * taps),
                });
            }
        });
        SCRATCH.put(scratch);
    }

    /// Some rows and columns of the sums, over all strips.
    ///
    /// # Safety
    /// The processor has the instruction set of `V`; nobody else writes these sums.
    unsafe fn task<V: Lanes>(
        &self,
        strips: &[Vec<Band>],
        rows: &[Rows],
        panels: &[Panel],
        padded: usize,
        sums: Shared<f32>,
    ) {
        let geometry = self.geometry;
        let (large, _) = self.channels();
        let (of_group, row) = (geometry.taps() * large, self.row());
        let width = geometry.small.size[1];
        let step = geometry.stride[1] * geometry.large.channels;
        let run_stride = geometry.stride[0] * row;
        let mut buffers = STRIPS.take();
        for (number, strip) in strips.iter().enumerate() {
            let Some(last) = strip.last() else { continue };
            let values = last.at + self.extent(0, last.rows.len()) * row;
            let pixels = last.pixels + last.rows.len() * width;
            let copy = buffers.large.reserve(values);
            self.copy_large(strip, copy);
            for panel in panels {
                let columns = buffers.small.reserve(pixels * panel.width);
                self.copy_small(strip, *panel, columns);
                for rows in rows {
                    let mut operands = [[std::ptr::null(); MAX_ROWS]; MOST_BANDS];
                    let mut segments = [const { EMPTY }; MOST_BANDS];
                    let mut count = 0;
                    for band in strip {
                        let within = |row: usize| row.clamp(band.rows.start, band.rows.end);
                        let real = within(rows.real.start)..within(rows.real.end);
                        if real.is_empty() {
                            continue;
                        }
                        let skipped = real.start - band.rows.start;
                        let at = band.at + skipped * run_stride + panel.group * large;
                        operands[count] = row_pointers(rows.height, |m| {
                            copy.as_ptr().wrapping_add(at + rows.from[m])
                        });
                        let pixel = band.pixels + skipped * width;
                        segments[count] = Segment {
                            rows: operands[count].as_ptr(),
                            step,
                            run: width,
                            run_stride,
                            length: real.len() * width,
                            panel: columns.as_ptr().wrapping_add(pixel * panel.width),
                            panel_stride: panel.width,
                        };
                        count += 1;
                    }
                    // SAFETY: the rows are this task's; the operands were copied just above.
                    unsafe {
                        let to = (panel.group * of_group + rows.row) * padded + panel.first;
                        let out = row_pointers_mut(rows.height, |m| sums.at(to + m * padded));
                        let start = if number > 0 {
                            Start::Rows(out.as_ptr().cast())
                        } else {
                            Start::Zero
                        };
                        let tile = Tile {
                            start,
                            segments: &segments[..count],
                            out: out.as_ptr(),
                            columns: panel.width,
                        };
                        multiply::<V>(rows.height, panel.width / V::WIDTH, &tile);
                    }
                }
            }
        }
        STRIPS.put(buffers);
    }
}

/// Bands of one strip at most: each is a segment of the tile.
const MOST_BANDS: usize = 16;

const EMPTY: Segment = Segment {
    rows: std::ptr::null(),
    step: 1,
    run: 1,
    run_stride: 0,
    length: 0,
    panel: std::ptr::null(),
    panel_stride: 0,
};

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
