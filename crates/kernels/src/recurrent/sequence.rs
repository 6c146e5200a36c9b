//! Which rows are alive at which step: lengths, order and direction of a batch of sequences.
use crate::error::ShapeError;
use std::ops::Range;

/// A batch of sequences, longest first, so that the rows alive at a step are a prefix: no work is ever
/// done on padding.
///
/// A *position* is a row's place in this order, a *step* the how-manieth element of its sequence is
/// being read (from the end if reversed), and a *record* one (step, position) pair, numbered step by
/// step: what is remembered of the forward pass lies in that order, without gaps.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sequence {
    pub(crate) batch: usize,
    pub(crate) time: usize,
    reverse: bool,
    /// Batch row at each position; empty when all are as long and the order is the batch's own.
    order: Vec<usize>,
    /// Length at each position; empty when all have `time` steps.
    lengths: Vec<usize>,
    /// Record of (step, position 0), and the number of records at the end.
    first: Vec<usize>,
    /// With a mask: the real times of each batch row, one after another, and where each row's begin.
    times: Vec<u32>,
    times_from: Vec<usize>,
}

/// Which steps of the rows are real.
#[derive(Debug, Clone, Copy, Default)]
pub enum Steps<'a> {
    /// All.
    #[default]
    All,
    /// The first so many of each row, 1 to T, in any order.
    Lengths(&'a [usize]),
    /// Those that are true in `[B, T]`, at least one in each row. The others are passed over as if they
    /// were not there: the state goes on from real step to real step, and the output at them is zero.
    Mask(&'a [bool]),
}

impl Sequence {
    pub(crate) fn new(
        batch: usize,
        time: usize,
        steps: Steps<'_>,
        reverse: bool,
    ) -> Result<Self, ShapeError> {
        let mut sequence = Self {
            batch,
            time,
            reverse,
            ..Self::default()
        };
        let counted;
        let lengths = match steps {
            Steps::All => None,
            Steps::Lengths(lengths) => {
                ShapeError::check("lengths", &[("batch", batch)], lengths.len())?;
                Some(lengths)
            }
            Steps::Mask(mask) => {
                ShapeError::check("mask", &[("batch", batch), ("time", time)], mask.len())?;
                counted = sequence.read_mask(mask);
                Some(counted.as_slice())
            }
        };
        if let Some(lengths) = lengths {
            for (row, &length) in lengths.iter().enumerate() {
                if length == 0 && time > 0 || length > time {
                    let (name, unit) = match steps {
                        Steps::Mask(_) => ("mask", "real steps"),
                        _ => ("lengths", "the time steps of the input"),
                    };
                    return Err(ShapeError::new(
                        format!("{name}[{row}]"),
                        format!("1 to {time}, {unit}"),
                        length.to_string(),
                    ));
                }
            }
            if lengths.iter().any(|&length| length != time) {
                let mut order: Vec<usize> = (0..batch).collect();
                // Stable, so that equal lengths keep the batch's order.
                order.sort_by_key(|&row| std::cmp::Reverse(lengths[row]));
                sequence.lengths = order.iter().map(|&row| lengths[row]).collect();
                sequence.order = order;
            } else {
                sequence.times.clear();
            }
        }
        let mut record = 0;
        sequence.first = vec![0];
        for step in 0..sequence.longest() {
            record += sequence.active(step, &(0..batch));
            sequence.first.push(record);
        }
        Ok(sequence)
    }

    /// Notes the real times of a mask, and returns how many each row has.
    fn read_mask(&mut self, mask: &[bool]) -> Vec<usize> {
        let mut counts = Vec::with_capacity(self.batch);
        for row in mask.chunks_exact(self.time.max(1)) {
            self.times_from.push(self.times.len());
            let real = row.iter().enumerate().filter(|(_, real)| **real);
            self.times.extend(real.map(|(time, _)| time as u32));
            counts.push(self.times.len() - self.times_from[self.times_from.len() - 1]);
        }
        counts
    }

    /// Steps of the longest row.
    pub(crate) fn longest(&self) -> usize {
        self.lengths.first().copied().unwrap_or(self.time)
    }

    /// The batch row at a position.
    #[inline(always)]
    pub(crate) fn row(&self, position: usize) -> usize {
        if self.order.is_empty() {
            position
        } else {
            self.order[position]
        }
    }

    /// The steps of the row at a position.
    #[inline(always)]
    pub(crate) fn length(&self, position: usize) -> usize {
        if self.lengths.is_empty() {
            self.time
        } else {
            self.lengths[position]
        }
    }

    /// Where `[batch, time]` holds a position's step.
    #[inline(always)]
    pub(crate) fn place(&self, position: usize, step: usize) -> usize {
        let nth = if self.reverse {
            self.length(position) - 1 - step
        } else {
            step
        };
        let row = self.row(position);
        let time = if self.times.is_empty() {
            nth
        } else {
            self.times[self.times_from[row] + nth] as usize
        };
        row * self.time + time
    }

    /// How many of these positions are alive at a step.
    pub(crate) fn active(&self, step: usize, positions: &Range<usize>) -> usize {
        if self.lengths.is_empty() {
            return if step < self.time { positions.len() } else { 0 };
        }
        self.lengths[positions.clone()].partition_point(|&length| length > step)
    }

    /// The record of a position's step.
    #[inline(always)]
    pub(crate) fn record(&self, step: usize, position: usize) -> usize {
        self.first[step] + position
    }

    /// How many records there are.
    pub(crate) fn records(&self) -> usize {
        *self.first.last().unwrap_or(&0)
    }

    /// The (step, position) pairs of a range of records.
    pub(crate) fn walk(
        &self,
        records: Range<usize>,
    ) -> impl Iterator<Item = (usize, usize)> + Clone {
        let mut step = self
            .first
            .partition_point(|&first| first <= records.start)
            .saturating_sub(1);
        records.map(move |record| {
            while record >= self.first[step + 1] {
                step += 1;
            }
            (step, record - self.first[step])
        })
    }

    /// Cuts the positions into at most `pieces` ranges of about as many records each. Where the cuts lie
    /// has no influence on any result.
    pub(crate) fn cut(&self, pieces: usize) -> Vec<Range<usize>> {
        let total = self.records();
        let mut ranges = Vec::with_capacity(pieces);
        let (mut start, mut seen) = (0, 0);
        for position in 0..self.batch {
            seen += self.length(position);
            let piece = ranges.len() + 1;
            if seen * pieces >= total * piece || position + 1 == self.batch {
                ranges.push(start..position + 1);
                start = position + 1;
            }
        }
        ranges
    }

    /// The places of `[batch, time]` without a real step, as ranges of places.
    pub(crate) fn padding(&self, positions: Range<usize>) -> impl Iterator<Item = Range<usize>> {
        positions.flat_map(move |position| {
            let row = self.row(position);
            let (start, length) = (row * self.time, self.length(position));
            let end = start + self.time;
            // Before, between and after the real steps of a mask; without one only after.
            let (first, real) = if self.times.is_empty() {
                (start + length, &[][..])
            } else {
                (start, &self.times[self.times_from[row]..][..length])
            };
            let place = move |time: &u32| start + *time as usize;
            let begins = std::iter::once(first).chain(real.iter().map(move |time| place(time) + 1));
            let ends = real.iter().map(place).chain(std::iter::once(end));
            begins
                .zip(ends)
                .map(|(begin, end)| begin..end)
                .filter(|gap| !gap.is_empty())
        })
    }
}
