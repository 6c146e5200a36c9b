//! The product with few columns: the lanes go along the sum, in sixteen chains that are joined in one order
//! ([`crate::lanes::sums`]), instead of along columns that are not there.
use super::apply::{Apply, Pixel};
use super::geometry::Towards;
use super::plan::{Part, Plan};
use crate::lanes::sums::{CHAINS, MOST_VECTORS, total};
use crate::lanes::{Kernel, Lanes};
use crate::linear::{Activate, Activation};
use crate::memory::Buffer;

/// `[group, phase, column, tap of the phase, channel read]`.
#[derive(Clone, Copy)]
pub(super) struct WeightRows<'a> {
    values: &'a [f32],
    read: usize,
    written: usize,
    taps: usize,
}

impl<'a> WeightRows<'a> {
    pub(super) fn pack(plan: &Plan, weights: &[f32], buffer: &'a mut Buffer) -> Self {
        let (read, written) = plan.channels();
        let values = buffer.reserve(plan.groups * plan.taps * read * written);
        for group in 0..plan.groups {
            for column in 0..written {
                for channel in 0..read {
                    let pair = match plan.towards {
                        Towards::Small => (group * written + column) * read + channel,
                        Towards::Large => (group * read + channel) * written + column,
                    };
                    let from = &weights[pair * plan.taps..][..plan.taps];
                    let used = plan
                        .places
                        .iter()
                        .zip(from)
                        .filter(|(place, _)| place.of > 0);
                    for (place, value) in used {
                        let phase = (group * plan.taps + place.before) * written;
                        let row = phase + column * place.of + place.at;
                        values[row * read + channel] = *value;
                    }
                }
            }
        }
        WeightRows {
            values,
            read,
            written,
            taps: plan.taps,
        }
    }

    /// The weights of a column of a part, from a row of its phase on.
    fn of(&self, part: &Part<'_>, (group, column): (usize, usize), row: usize) -> *const f32 {
        let phase = (group * self.taps + part.before) * self.written;
        let first = (phase + column * part.of) * self.read + row;
        debug_assert!(first < self.values.len());
        self.values[first..].as_ptr()
    }
}

/// All columns of pixels of a part.
pub(super) struct Narrow<'a> {
    pub(super) apply: &'a Apply<'a>,
    pub(super) weights: WeightRows<'a>,
    pub(super) part: &'a Part<'a>,
    pub(super) pixels: &'a [Pixel],
}

impl Kernel for Narrow<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        // Enough pixels that their chains hide each other's latency, few enough to stay in registers.
        // SAFETY: the caller vouches for the pixels.
        unsafe {
            match CHAINS / V::WIDTH {
                1 => self.all::<V, 8, 1>(),
                2 => self.all::<V, 4, 2>(),
                _ => self.all::<V, 2, MOST_VECTORS>(),
            }
        }
    }
}

impl Narrow<'_> {
    /// So many pixels together, each with so many vectors of chains.
    ///
    /// # Safety
    /// As [`Kernel::run`].
    #[inline(always)]
    unsafe fn all<V: Lanes, const ROWS: usize, const VECTORS: usize>(&self) {
        let whole = self.pixels.len() - self.pixels.len() % ROWS;
        for group in 0..self.apply.plan.groups {
            for column in 0..self.weights.written {
                // SAFETY: by contract.
                unsafe {
                    for pixels in self.pixels[..whole].chunks_exact(ROWS) {
                        self.some::<V, ROWS, VECTORS>((group, column), pixels);
                    }
                    for pixel in self.pixels[whole..].chunks_exact(1) {
                        self.some::<V, 1, VECTORS>((group, column), pixel);
                    }
                }
            }
        }
    }

    /// One column of a few pixels.
    ///
    /// # Safety
    /// As [`Kernel::run`].
    #[inline(always)]
    unsafe fn some<V: Lanes, const ROWS: usize, const VECTORS: usize>(
        &self,
        at: (usize, usize),
        pixels: &[Pixel],
    ) {
        debug_assert_eq!(VECTORS * V::WIDTH, CHAINS);
        let apply = self.apply;
        // SAFETY: by contract; a stretch lies within the source and its weights beside one another.
        unsafe {
            let mut sums = [[V::splat(0.0); ROWS]; VECTORS];
            for stretch in &self.part.stretches {
                let mut weights = self.weights.of(self.part, at, stretch.row);
                let group = at.0 * self.weights.read;
                let mut from: [*const f32; ROWS] = std::array::from_fn(|m| {
                    apply
                        .source
                        .as_ptr()
                        .add(pixels[m].from + group + stretch.from)
                });
                let mut left = stretch.length;
                while left > 0 {
                    let run = left.min(stretch.run);
                    let whole = run - run % CHAINS;
                    for first in (0..whole).step_by(CHAINS) {
                        for (chain, sums) in sums.iter_mut().enumerate() {
                            let place = first + chain * V::WIDTH;
                            let w = V::load(weights.add(place));
                            for (sum, from) in sums.iter_mut().zip(&from) {
                                let x = V::load(from.add(place));
                                *sum = x.mul_add(&w, sum);
                            }
                        }
                    }
                    for (chain, sums) in sums.iter_mut().enumerate() {
                        let place = whole + chain * V::WIDTH;
                        if place < run {
                            let there = (run - place).min(V::WIDTH);
                            let w = V::load_first(weights.add(place), there);
                            for (sum, from) in sums.iter_mut().zip(&from) {
                                let x = V::load_first(from.add(place), there);
                                *sum = x.mul_add(&w, sum);
                            }
                        }
                    }
                    weights = weights.wrapping_add(run);
                    for from in &mut from {
                        *from = from.wrapping_add(stretch.run_stride);
                    }
                    left -= run;
                }
            }
            let column = at.0 * self.weights.written + at.1;
            let bias = apply.bias.map_or(0.0, |bias| bias[column]);
            let mut values = [0.0f32; CHAINS];
            for (m, value) in values.iter_mut().take(ROWS).enumerate() {
                let mut chains = [V::splat(0.0); MOST_VECTORS];
                for (chain, sums) in chains.iter_mut().zip(&sums) {
                    *chain = sums[m];
                }
                *value = bias + total(chains);
            }
            if apply.activation != Activation::Identity {
                Activate {
                    activation: apply.activation,
                    rows: &[values.as_mut_ptr()],
                    columns: ROWS,
                }
                .run::<V>();
            }
            for (pixel, value) in pixels.iter().zip(values) {
                *apply.result.at(pixel.to + column) = value;
            }
        }
    }
}
