//! Which parts a product between two maps consists of, and where each finds its weights.
use super::geometry::{Geometry, Map, Phase, Piece, Towards};
use crate::product::MAX_VECTORS;

/// The most terms of a sum that are taken in one go: with four vectors of columns their weights are 128 KiB, and stay in the
/// second-level cache while all pixels of a block pass.
const TOGETHER: usize = 512;

/// A product that writes one map from the other.
pub(super) struct Plan {
    pub(super) towards: Towards,
    pub(super) groups: usize,
    /// Taps of the whole kernel.
    pub(super) taps: usize,
    pub(super) source: Map,
    pub(super) result: Map,
    /// By phase of rows, then by phase of columns.
    pub(super) phases: [Vec<Phase>; 2],
    /// For each tap of the kernel, row by row, where it is used.
    pub(super) places: Vec<Place>,
}

/// Where a tap of the kernel is used: each in one phase, or (of no taps) in none, where the result is smaller than the stride.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Taps of all phases before.
    pub(super) before: usize,
    /// Taps of its phase.
    pub(super) of: usize,
    /// Its own number among them.
    pub(super) at: usize,
}

/// A stretch of the sum of a pixel: so many runs of contiguous source values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Distance of the first run from the pixel's first source value.
    pub(super) from: usize,
    pub(super) run: usize,
    pub(super) run_stride: usize,
    /// Values in all.
    pub(super) length: usize,
    /// The row of the phase's weights that belongs to the first.
    pub(super) row: usize,
}

/// Pixels of the result with the same taps.
pub(super) struct Part<'a> {
    pub(super) rows: &'a Piece,
    pub(super) columns: &'a Piece,
    /// Taps of the phases before, and of this one.
    pub(super) before: usize,
    pub(super) of: usize,
    pub(super) stretches: Vec<Stretch>,
}

impl Plan {
    pub(super) fn new(geometry: &Geometry, towards: Towards) -> Self {
        let phases = [geometry.phases(towards, 0), geometry.phases(towards, 1)];
        let (source, result) = geometry.maps(towards);
        let mut places = vec![Place::default(); geometry.taps()];
        let mut before = 0;
        for rows in &phases[0] {
            for columns in &phases[1] {
                let of = rows.taps.len() * columns.taps.len();
                for (y, row) in rows.taps.iter().enumerate() {
                    for (x, column) in columns.taps.iter().enumerate() {
                        let at = y * columns.taps.len() + x;
                        places[row * geometry.kernel[1] + column] = Place { before, of, at };
                    }
                }
                before += of;
            }
        }
        Self {
            towards,
            groups: geometry.groups,
            taps: geometry.taps(),
            source,
            result,
            phases,
            places,
        }
    }

    /// Channels of one group, (read, written).
    pub(super) fn channels(&self) -> (usize, usize) {
        (
            self.source.channels / self.groups,
            self.result.channels / self.groups,
        )
    }

    /// Columns of a panel of weights at most.
    pub(super) const fn panel(lane: usize) -> usize {
        MAX_VECTORS * lane
    }

    /// The most pixels that a phase has in one image.
    pub(super) fn pixels(&self) -> usize {
        let most = |axis: usize| self.phases[axis].iter().map(|phase| phase.count).max();
        most(0).unwrap_or(0) * most(1).unwrap_or(0)
    }

    /// Whether every sum is long in its contiguous runs and there are few of them for a pixel: then the lanes go along the
    /// sum, because a panel of columns would be mostly padding.
    pub(super) fn is_narrow(&self) -> bool {
        const MOST_COLUMNS: usize = 4;
        const SHORTEST_RUN: usize = 16;
        let (read, written) = self.channels();
        let run = self.phases[1].iter().map(|phase| {
            if self.is_contiguous(phase) {
                phase.taps.len() * read
            } else {
                read
            }
        });
        written <= MOST_COLUMNS && run.max().unwrap_or(0) >= SHORTEST_RUN
    }

    /// Whether the values of neighbouring taps of a row lie side by side.
    fn is_contiguous(&self, columns: &Phase) -> bool {
        columns.tap_step == 1 && self.groups == 1
    }

    /// All parts; every pixel of the result is in one of them.
    pub(super) fn parts(&self) -> Vec<Part<'_>> {
        let mut parts = Vec::new();
        let mut before = 0;
        for of_rows in &self.phases[0] {
            for of_columns in &self.phases[1] {
                let of = of_rows.taps.len() * of_columns.taps.len();
                for rows in &of_rows.pieces {
                    for columns in &of_columns.pieces {
                        parts.push(Part {
                            rows,
                            columns,
                            before,
                            of,
                            stretches: self.stretches((of_rows, rows), (of_columns, columns)),
                        });
                    }
                }
                before += of;
            }
        }
        parts
    }

    fn stretches(
        &self,
        (of_rows, rows): (&Phase, &Piece),
        (of_columns, columns): (&Phase, &Piece),
    ) -> Vec<Stretch> {
        let (channels, _) = self.channels();
        let pixel = self.source.channels;
        let row_stride = of_rows.tap_step * self.source.size[1] * pixel;
        let column_stride = of_columns.tap_step * pixel;
        let of_row = of_columns.taps.len() * channels;
        let there = columns.taps.len() * channels;
        let mut stretches = Vec::new();
        if there == 0 {
            return stretches;
        }
        let contiguous = self.is_contiguous(of_columns);
        let (run, run_stride) = if contiguous {
            (there, row_stride)
        } else {
            (channels, column_stride)
        };
        let first = |tap: usize| tap * of_row + columns.taps.start * channels;
        if contiguous && there == of_row && there <= TOGETHER {
            // Whole rows of taps, whose weights follow one another.
            let most = TOGETHER / there;
            let mut tap = rows.taps.start;
            while tap < rows.taps.end {
                let count = most.min(rows.taps.end - tap);
                stretches.push(Stretch {
                    from: (tap - rows.taps.start) * row_stride,
                    run,
                    run_stride,
                    length: count * there,
                    row: first(tap),
                });
                tap += count;
            }
            return stretches;
        }
        // Whole runs at a time, where they are not too long.
        let most = if contiguous {
            TOGETHER
        } else {
            (TOGETHER / channels).max(1) * channels
        };
        for tap in rows.taps.clone() {
            let row = (tap - rows.taps.start) * row_stride;
            for start in (0..there).step_by(most) {
                let (from, run) = if contiguous {
                    (start, most)
                } else {
                    (start / channels * column_stride, channels)
                };
                stretches.push(Stretch {
                    from: row + from,
                    run,
                    run_stride,
                    length: most.min(there - start),
                    row: first(tap) + start,
                });
            }
        }
        stretches
    }
}

impl Part<'_> {
    /// Stretches that are summed in one call of the tile: as many as have the terms for it.
    pub(super) fn calls(&self) -> Vec<&[Stretch]> {
        let mut calls = Vec::new();
        let mut rest = &self.stretches[..];
        while !rest.is_empty() {
            let mut terms = rest[0].length;
            let more = rest[1..]
                .iter()
                .take(MOST_STRETCHES - 1)
                .take_while(|next| {
                    terms += next.length;
                    terms <= TOGETHER
                });
            let (call, after) = rest.split_at(1 + more.count());
            calls.push(call);
            rest = after;
        }
        if calls.is_empty() {
            // Without taps the result is the bias.
            calls.push(&[]);
        }
        calls
    }
}

/// Stretches of one call at most.
pub(super) const MOST_STRETCHES: usize = 8;
