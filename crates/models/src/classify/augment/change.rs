//! What augmentation does to a sequence.

use ressac_data::sound::LogMel;
use ressac_nn::random::{Generator, Stream};

use super::super::config::ClassifyConfig;
use super::super::pipeline::Reading;
use super::{Amounts, Kind, NONE};

/// The widest mask of bands, as a share of all.
const WIDEST_BANDS: f64 = 0.2;
/// The longest mask of steps, as a share of a sequence.
const LONGEST_MASK: f64 = 0.15;

/// What a batch of sequences goes through in training.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Augmentation {
    amounts: Amounts,
    kind: Kind,
    /// How white noise is mixed into sounds; absent for what is none.
    white: Option<WhiteNoise>,
}

/// White noise among log-mel frames.
#[derive(Debug, Clone, PartialEq)]
struct WhiteNoise {
    /// Of each band the share of the noise, and how many independent powers scatter as much.
    bands: Vec<(f64, f64)>,
    /// The mean and the deviation of the z-scores.
    mean: f64,
    deviation: f64,
}

/// The quietest noise that is mixed in, as a share of the loudest.
const QUIETEST: f64 = 1e-3;

/// So many times as many steps, at least one.
pub(super) fn stretched(steps: usize, factor: f64) -> usize {
    ((steps as f64 * factor).round() as usize).max(1)
}

impl Augmentation {
    /// What `config` asks for of sequences on these scales; nothing where it asks for nothing.
    pub(in super::super) fn new(config: &ClassifyConfig, reading: &Reading) -> Option<Self> {
        let of = &config.augment;
        let amounts = Amounts {
            stretch: of.augment_stretch.unwrap_or(0.0),
            shift: of.augment_shift.unwrap_or(0.0),
            bands: of.augment_bands.unwrap_or(0),
            gain: of.augment_gain.unwrap_or(0.0),
            noise: of.augment_noise.unwrap_or(0.0),
            masks: of.augment_masks.unwrap_or(0),
        };
        let white = match (reading, config.media.rate, config.media.bands) {
            (Reading::Scales(scales), Some(rate), Some(bands)) => {
                let mel = LogMel::new(u32::try_from(rate).ok()?, bands).ok()?;
                Some(WhiteNoise {
                    bands: mel.of_white_noise(),
                    mean: *scales.means.first()?,
                    deviation: *scales.deviations.first()?,
                })
            }
            _ => None,
        };
        (amounts != NONE).then(|| Self {
            amounts,
            kind: Kind::of_config(&config.media),
            white,
        })
    }

    /// Changes a sequence `[steps · width]`, of which the first `dims` numbers of each step are values and the others say
    /// which of them are there, as `draw` says.
    pub(in super::super) fn apply(
        &self,
        values: &mut Vec<f32>,
        (dims, width): (usize, usize),
        draw: &Stream,
    ) {
        if values.is_empty() || width == 0 {
            return;
        }
        let mut draw = draw.generator();
        let of = &self.amounts;
        if of.stretch > 0.0 {
            // As likely longer as shorter, by the same factor.
            let factor = (1.0 + of.stretch).powf(2.0 * draw.uniform() - 1.0);
            *values = resampled(values, (dims, width), factor);
        }
        let steps = values.len() / width;
        let most = (of.shift * steps as f64).round() as usize;
        if most > 0 {
            let by = either_way(most, &mut draw);
            let old = values.clone();
            for (step, row) in values.chunks_exact_mut(width).enumerate() {
                let from = step.saturating_add_signed(-by).min(steps - 1) * width;
                row.copy_from_slice(&old[from..from + width]);
            }
        }
        let numbers = match self.kind {
            Kind::Images(channels) => channels.max(1),
            Kind::Numbers | Kind::Sounds => 1,
        };
        let bands = dims / numbers;
        let most = of.bands.min(bands.saturating_sub(1));
        if most > 0 {
            let by = either_way(most, &mut draw);
            let source = |band: usize| band.saturating_add_signed(-by).min(bands - 1);
            let mut old = vec![0.0; width];
            for row in values.chunks_exact_mut(width) {
                old.copy_from_slice(row);
                // What says which values are there moves with them.
                for part in (0..width).step_by(dims.max(1)) {
                    for band in 0..bands {
                        let (to, from) = (part + band * numbers, part + source(band) * numbers);
                        row[to..to + numbers].copy_from_slice(&old[from..from + numbers]);
                    }
                }
            }
        }
        let rows = |values: &mut Vec<f32>, change: &mut dyn FnMut(&mut f32)| {
            for row in values.chunks_exact_mut(width) {
                row[..dims].iter_mut().for_each(&mut *change);
            }
        };
        if of.gain > 0.0 {
            let by = of.gain * draw.normal();
            match self.kind {
                // A louder sound has larger logarithms.
                Kind::Sounds => rows(values, &mut |value| *value += by as f32),
                Kind::Numbers | Kind::Images(_) => {
                    rows(values, &mut |value| *value *= (1.0 + by) as f32);
                }
            }
        }
        match &self.white {
            Some(white) if of.noise > 0.0 => {
                let level = of.noise * QUIETEST.powf(draw.uniform());
                white.mix(values, (width, level), &mut draw);
            }
            _ if of.noise > 0.0 => {
                rows(values, &mut |value| {
                    *value += (of.noise * draw.normal()) as f32;
                });
            }
            _ => {}
        }
        for _ in 0..of.masks {
            if self.kind != Kind::Numbers {
                let (first, count) = mask((WIDEST_BANDS * bands as f64) as usize, bands, &mut draw);
                for row in values.chunks_exact_mut(width) {
                    row[first * numbers..(first + count) * numbers].fill(0.0);
                }
            }
            let longest = (LONGEST_MASK * steps as f64) as usize;
            let (first, count) = mask(longest, steps, &mut draw);
            for row in values.chunks_exact_mut(width).skip(first).take(count) {
                row[..dims].fill(0.0);
            }
        }
    }
}

impl WhiteNoise {
    /// Mixes noise of so many times the amplitude of the sound into its frames: powers add up.
    fn mix(&self, values: &mut [f32], (width, level): (usize, f64), draw: &mut Generator) {
        let power = |value: f32| (f64::from(value) * self.deviation + self.mean).exp();
        let frames = values.len() / width;
        let sound: f64 = (values.chunks_exact(width))
            .flat_map(|row| row.iter().take(self.bands.len()))
            .map(|value| power(*value))
            .sum();
        let noise = level * level * sound / frames as f64;
        for row in values.chunks_exact_mut(width) {
            for (value, (share, spread)) in row.iter_mut().zip(&self.bands) {
                // The power of noise at one frequency is exponentially distributed.
                let more = draw.uniform() < spread.fract();
                let count = (spread.floor() + f64::from(more)).max(1.0);
                let drawn: f64 = (0..count as usize)
                    .map(|_| -(1.0 - draw.uniform()).ln())
                    .sum();
                let both = power(*value) + noise * share * drawn / count;
                *value = ((both.ln() - self.mean) / self.deviation) as f32;
            }
        }
    }
}

/// A number from -`most` to `most`, each as likely.
fn either_way(most: usize, draw: &mut Generator) -> isize {
    let drawn = draw.below(2 * most as u64 + 1);
    drawn as isize - most as isize
}

/// Where a mask of up to `widest` of `all` begins, and how many it covers.
fn mask(widest: usize, all: usize, draw: &mut Generator) -> (usize, usize) {
    let count = draw.below(widest.min(all) as u64 + 1) as usize;
    let first = draw.below((all - count) as u64 + 1) as usize;
    (first, count)
}

/// The sequence with `factor` times as many steps: values linear between steps, what says which are there of the nearest.
fn resampled(values: &[f32], (dims, width): (usize, usize), factor: f64) -> Vec<f32> {
    let old = values.len() / width;
    let new = stretched(old, factor);
    let scale = match new {
        0 | 1 => 0.0,
        _ => (old - 1) as f64 / (new - 1) as f64,
    };
    let mut all = Vec::with_capacity(new * width);
    for step in 0..new {
        let at = step as f64 * scale;
        let below = (at as usize).min(old - 1);
        let above = (below + 1).min(old - 1);
        let share = (at - below as f64) as f32;
        let row = |step: usize| &values[step * width..(step + 1) * width];
        let pairs = row(below)[..dims].iter().zip(&row(above)[..dims]);
        all.extend(pairs.map(|(below, above)| below + share * (above - below)));
        let nearest = if share < 0.5 { below } else { above };
        all.extend_from_slice(&row(nearest)[dims..]);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn augmentation(kind: Kind, change: impl Fn(&mut Amounts)) -> Augmentation {
        let mut amounts = NONE;
        change(&mut amounts);
        Augmentation {
            amounts,
            kind,
            white: None,
        }
    }

    fn ramp(steps: usize, width: usize) -> Vec<f32> {
        (1..=steps * width).map(|value| value as f32).collect()
    }

    fn all_of(augmentation: &Augmentation, steps: usize, of: (usize, usize)) -> Vec<Vec<f32>> {
        (0..200)
            .map(|at| {
                let mut values = ramp(steps, of.1);
                augmentation.apply(&mut values, of, &Stream::new(3, "test").at(at));
                values
            })
            .collect()
    }

    #[test]
    fn a_shift_moves_all_of_a_step_and_repeats_the_edge() {
        let shift = augmentation(Kind::Numbers, |of| of.shift = 0.5);
        let found = all_of(&shift, 4, (1, 2));
        let wanted = [
            [5.0, 6.0, 7.0, 8.0, 7.0, 8.0, 7.0, 8.0],
            [3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 7.0, 8.0],
            [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
            [1.0, 2.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            [1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 3.0, 4.0],
        ];
        for shifted in &wanted {
            assert!(found.iter().any(|values| values == shifted), "{shifted:?}");
        }
        assert!(
            found
                .iter()
                .all(|values| wanted.iter().any(|w| w == values.as_slice()))
        );
    }

    #[test]
    fn bands_move_with_what_says_which_are_there_and_pixels_keep_their_channels() {
        let bands = augmentation(Kind::Sounds, |of| of.bands = 1);
        let found = all_of(&bands, 1, (3, 6));
        for wanted in [
            [1.0, 1.0, 2.0, 4.0, 4.0, 5.0],
            [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            [2.0, 3.0, 3.0, 5.0, 6.0, 6.0],
        ] {
            assert!(found.iter().any(|values| values == &wanted), "{wanted:?}");
        }
        let pixels = augmentation(Kind::Images(3), |of| of.bands = 1);
        let found = all_of(&pixels, 1, (6, 6));
        let moved = [1.0, 2.0, 3.0, 1.0, 2.0, 3.0];
        assert!(found.iter().any(|values| values == &moved));
    }

    #[test]
    fn a_stretch_keeps_the_ends_and_the_slope() {
        let stretch = augmentation(Kind::Numbers, |of| of.stretch = 0.5);
        let mut lengths = Vec::new();
        for values in all_of(&stretch, 30, (1, 1)) {
            assert_eq!((values[0], *values.last().unwrap()), (1.0, 30.0));
            assert!(values.windows(2).all(|pair| pair[1] > pair[0]));
            lengths.push(values.len());
        }
        assert_eq!(lengths.iter().min(), Some(&20));
        assert_eq!(lengths.iter().max(), Some(&45));
        // What says which values are there stays 0 or 1.
        let mut values = vec![1.0, 1.0, 0.0, 0.0, 5.0, 1.0];
        values = resampled(&values, (1, 2), 1.7);
        assert!(values.chunks(2).all(|row| row[1] == 0.0 || row[1] == 1.0));
    }

    #[test]
    fn noise_and_gain_have_the_deviation_asked_for() {
        for (kind, change) in [
            (Kind::Numbers, false),
            (Kind::Sounds, false),
            (Kind::Numbers, true),
        ] {
            let of = augmentation(kind, |of| match change {
                true => of.noise = 0.5,
                false => of.gain = 0.5,
            });
            let mut squares = 0.0;
            for at in 0..4_000 {
                let mut values = vec![1.0_f32; 2];
                of.apply(&mut values, (1, 2), &Stream::new(1, "test").at(at));
                squares += f64::from(values[0] - 1.0).powi(2);
                assert_eq!(values[1], 1.0, "what says which are there");
            }
            assert!((squares / 4_000.0 - 0.25).abs() < 0.02, "{squares}");
        }
    }

    #[test]
    fn white_noise_is_mixed_in_as_it_would_be_into_the_samples() {
        let mel = LogMel::new(8_000, 40).unwrap();
        let mut draw = Stream::new(5, "test").generator();
        let tone = |at: usize| (at as f32 * 0.6).sin();
        let noise: Vec<f32> = (0..80_000).map(|_| draw.normal() as f32).collect();
        let level = 0.3;
        // The amplitude of a sine is the root of two times its effective value.
        let mixed: Vec<f32> = (noise.iter().enumerate())
            .map(|(at, noise)| tone(at) + level * noise / 2.0_f32.sqrt())
            .collect();
        let clean: Vec<f32> = (0..80_000).map(tone).collect();
        let (mean, deviation) = (-3.0, 2.0);
        let steps = |samples: &[f32]| -> Vec<f32> {
            let frames = mel.sequence(samples);
            let all = (0..frames.steps).flat_map(|step| (0..40).map(move |band| (step, band)));
            let z = all.map(|(step, band)| (frames.dim(band)[step] - mean) / deviation);
            z.map(|z| z as f32).collect()
        };
        let white = WhiteNoise {
            bands: mel.of_white_noise(),
            mean,
            deviation,
        };
        let mut found = steps(&clean);
        white.mix(&mut found, (40, f64::from(level)), &mut draw);
        let wanted = steps(&mixed);
        let mean_of = |values: &[f32], band: usize| {
            let of_band = values.chunks(40).map(|row| f64::from(row[band]));
            of_band.sum::<f64>() / (values.len() / 40) as f64
        };
        for band in 0..40 {
            let (found, wanted) = (mean_of(&found, band), mean_of(&wanted, band));
            assert!(
                (found - wanted).abs() < 0.1,
                "band {band}: {found} {wanted}"
            );
        }
    }

    #[test]
    fn masks_are_the_mean_and_never_too_many() {
        let masks = augmentation(Kind::Sounds, |of| of.masks = 2);
        for values in all_of(&masks, 40, (20, 20)) {
            let rows = || values.chunks_exact(20);
            let steps = rows().filter(|row| row.iter().all(|x| *x == 0.0)).count();
            let bands = (0..20)
                .filter(|band| rows().all(|row| row[*band] == 0.0))
                .count();
            assert!(steps <= 12 && bands <= 8, "{steps} {bands}");
        }
        // Nothing is left to be masked of the shortest.
        let mut one = vec![7.0];
        masks.apply(&mut one, (1, 1), &Stream::new(1, "test"));
        assert_eq!(one, [7.0]);
        masks.apply(&mut Vec::new(), (0, 0), &Stream::new(1, "test"));
    }
}
