//! Variations of a sequence, so that a training sees no example twice: shifts, noise, masks.
//!
//! Each takes its random numbers from a function that gives them uniform between 0 and 1, so that
//! the loop that trains decides on them, and the same numbers give the same sequence.

use crate::examples::Sequence;

/// A source of uniform numbers from 0 to 1, 1 excluded.
pub type Uniform<'a> = &'a mut dyn FnMut() -> f64;

/// A whole number from 0 to `most`, both included.
fn whole(most: usize, uniform: Uniform<'_>) -> usize {
    // The product rounds to 0 for NaN, and stays within for what is no number below 1.
    ((uniform() * (most as f64 + 1.0)) as usize).min(most)
}

/// Moves a sequence later or earlier by up to `most` steps, each as likely; the steps that become
/// free have the value `fill` in every dimension. The length stays. Takes one number.
pub fn shift(sequence: &mut Sequence, most: usize, fill: f64, uniform: Uniform<'_>) {
    let steps = sequence.steps;
    if steps == 0 {
        return;
    }
    let drawn = whole(most.saturating_mul(2), uniform);
    let by = drawn.abs_diff(most).min(steps);
    for dim in sequence.values.chunks_exact_mut(steps) {
        if drawn > most {
            dim.copy_within(..steps - by, by);
            dim[..by].fill(fill);
        } else {
            dim.copy_within(by.., 0);
            dim[steps - by..].fill(fill);
        }
    }
}

/// Adds independent normal noise of so large a standard deviation to every value. Takes two numbers
/// for each (Box & Muller 1958).
pub fn add_noise(sequence: &mut Sequence, deviation: f64, uniform: Uniform<'_>) {
    for value in &mut sequence.values {
        // Moved off zero so that the logarithm is finite.
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - uniform().clamp(0.0, 1.0 - f64::EPSILON)));
        *value += deviation * radius * libm::cos(std::f64::consts::TAU * uniform());
    }
}

/// SpecAugment (Park et al. 2019) without its warping of time, which they found to matter least: bands of
/// neighbouring dimensions and stretches of steps are masked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpecAugment {
    /// How many bands of dimensions are masked; they may overlap. mF of the paper.
    pub band_masks: usize,
    /// The most dimensions of such a band; each width from 0 is as likely. F of the paper.
    pub widest_band: usize,
    /// How many stretches of steps are masked. mT of the paper.
    pub time_masks: usize,
    /// The most steps of such a stretch. T of the paper.
    pub longest_time: usize,
    /// The most steps of such a stretch as a share of the sequence. p of the paper.
    pub most_of_time: f64,
}

impl SpecAugment {
    /// The policy LD of the paper scaled to 40 bands and sounds of about a second: two bands of up to
    /// 13 and two stretches of up to 20 steps, none of them more than a fifth of the sequence.
    pub const SHORT_SOUNDS: SpecAugment = SpecAugment {
        band_masks: 2,
        widest_band: 13,
        time_masks: 2,
        longest_time: 20,
        most_of_time: 0.2,
    };

    /// Masks a sequence with the value `fill`: 0 where its dimensions are z-scores. Takes two
    /// numbers for each mask.
    pub fn apply(&self, sequence: &mut Sequence, fill: f64, uniform: Uniform<'_>) {
        let steps = sequence.steps;
        if steps == 0 {
            return;
        }
        let dims = sequence.values.len() / steps;
        for _ in 0..self.band_masks {
            let width = whole(self.widest_band.min(dims), uniform);
            let first = whole(dims - width, uniform);
            sequence.values[first * steps..(first + width) * steps].fill(fill);
        }
        let longest = (steps as f64 * self.most_of_time).max(0.0) as usize;
        let longest = longest.min(self.longest_time).min(steps);
        for _ in 0..self.time_masks {
            let width = whole(longest, uniform);
            let first = whole(steps - width, uniform);
            for dim in sequence.values.chunks_exact_mut(steps) {
                dim[first..first + width].fill(fill);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::Draws;

    fn ramp(dims: usize, steps: usize) -> Sequence {
        Sequence {
            values: (1..=dims * steps).map(|value| value as f64).collect(),
            steps,
        }
    }

    #[test]
    fn a_shift_moves_every_dimension_alike_and_fills_what_is_free() {
        // Of the five shifts from -2 to 2, the first, the third and the last.
        for (number, wanted) in [
            (0.0, [3.0, 4.0, -1.0, -1.0, 7.0, 8.0, -1.0, -1.0]),
            (0.5, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]),
            (0.99, [-1.0, -1.0, 1.0, 2.0, -1.0, -1.0, 5.0, 6.0]),
        ] {
            let mut sequence = ramp(2, 4);
            shift(&mut sequence, 2, -1.0, &mut || number);
            assert_eq!(sequence.values, wanted, "{number}");
        }
        let mut sequence = ramp(1, 2);
        shift(&mut sequence, usize::MAX, 0.0, &mut || 0.999);
        assert_eq!(sequence.values, [0.0, 0.0]);
    }

    #[test]
    fn noise_has_the_deviation_asked_for() {
        let mut sequence = Sequence {
            values: vec![1.0; 20_000],
            steps: 100,
        };
        let mut draws = Draws::of_seed(1);
        add_noise(&mut sequence, 0.5, &mut || draws.uniform());
        let apart = sequence.values.iter().map(|value| value - 1.0);
        let (sum, squares) = apart.fold((0.0, 0.0), |(s, q), x| (s + x, q + x * x));
        assert!((sum / 20_000.0_f64).abs() < 0.01);
        assert!((squares / 20_000.0_f64 - 0.25).abs() < 0.01);
    }

    #[test]
    fn masks_cover_whole_bands_and_whole_steps_and_never_too_much() {
        let mut draws = Draws::of_seed(2);
        for steps in [1, 7, 100] {
            for _ in 0..200 {
                let mut sequence = ramp(40, steps);
                let policy = SpecAugment::SHORT_SOUNDS;
                policy.apply(&mut sequence, 0.0, &mut || draws.uniform());
                let is_masked = |dim: usize, step: usize| sequence.dim(dim)[step] == 0.0;
                let bands: Vec<usize> = (0..40)
                    .filter(|dim| (0..steps).all(|step| is_masked(*dim, step)))
                    .collect();
                let times = (0..steps).filter(|step| (0..40).all(|dim| is_masked(dim, *step)));
                let times: Vec<usize> = times.collect();
                assert!(bands.len() <= 26 && times.len() <= 2 * steps / 5);
                let masked = (0..40).flat_map(|dim| (0..steps).map(move |step| (dim, step)));
                let masked = masked.filter(|(dim, step)| is_masked(*dim, *step));
                for (dim, step) in masked {
                    assert!(bands.contains(&dim) || times.contains(&step));
                }
            }
        }
    }

    #[test]
    fn numbers_outside_their_range_do_no_harm() {
        for number in [f64::NAN, -1.0, 1.0, f64::INFINITY] {
            let mut sequence = ramp(3, 5);
            shift(&mut sequence, 2, 0.0, &mut || number);
            SpecAugment::SHORT_SOUNDS.apply(&mut sequence, 0.0, &mut || number);
            let mut nothing = ramp(0, 0);
            add_noise(&mut nothing, 1.0, &mut || number);
            shift(&mut nothing, 2, 0.0, &mut || number);
            SpecAugment::SHORT_SOUNDS.apply(&mut nothing, 0.0, &mut || number);
        }
    }
}
