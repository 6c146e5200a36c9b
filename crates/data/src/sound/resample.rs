//! Samples at another rate.

/// The zero crossings of the sinc on each side of an output sample.
const CROSSINGS: f64 = 6.0;

/// The highest frequency that passes, as a share of half the lower rate.
const ROLLOFF: f64 = 0.99;

/// The most weights that are kept; beyond, each is computed where it is used.
const MOST_KEPT: usize = 1 << 20;

/// The samples of a sound at another rate: ⌈samples · to / from⌉ of them.
///
/// A sinc of six zero crossings on each side under a Hann window, which passes 0.99 of half the
/// lower rate (Smith, *Digital Audio Resampling*): the weights of
/// `torchaudio.functional.resample` with its defaults, here in f64. Before the first sample and
/// after the last there is silence. The same rates give the same samples back; a rate of 0 gives
/// none.
pub fn resample(samples: &[f32], from: u32, to: u32) -> Vec<f32> {
    if from == to {
        return samples.to_vec();
    }
    if from == 0 || to == 0 || samples.is_empty() {
        return Vec::new();
    }
    let common = gcd(from, to);
    let (from, to) = ((from / common) as usize, (to / common) as usize);
    let filter = Filter::new(from, to);
    let count = (samples.len() as u128 * to as u128).div_ceil(from as u128) as usize;
    let kept = filter.taps().saturating_mul(to) <= MOST_KEPT;
    let table: Vec<(isize, Vec<f64>)> = match kept {
        true => (0..to).map(|phase| filter.weights(phase)).collect(),
        false => Vec::new(),
    };
    let sum = |block: usize, (first, weights): &(isize, Vec<f64>)| {
        let start = (block * from) as isize + first;
        // The part of the weights that lies on samples.
        let skipped = start.min(0).unsigned_abs().min(weights.len());
        let on = samples.get(start.max(0) as usize..).unwrap_or_default();
        let products = weights[skipped..].iter().zip(on);
        products.map(|(w, x)| w * f64::from(*x)).sum::<f64>() as f32
    };
    (0..count)
        .map(|at| {
            let (block, phase) = (at / to, at % to);
            match table.get(phase) {
                Some(weights) => sum(block, weights),
                None => sum(block, &filter.weights(phase)),
            }
        })
        .collect()
}

/// Rates without a common divisor, and the frequency that passes, in the same unit.
struct Filter {
    from: f64,
    to: f64,
    passes: f64,
}

impl Filter {
    fn new(from: usize, to: usize) -> Self {
        Filter {
            from: from as f64,
            to: to as f64,
            passes: ROLLOFF * from.min(to) as f64,
        }
    }

    /// How many weights a phase has, about.
    fn taps(&self) -> usize {
        (2.0 * CROSSINGS * self.from / self.passes) as usize + 2
    }

    /// The input sample of the first weight, counted from that of the block, and the weights of
    /// the output sample `phase` of a block of `to`.
    fn weights(&self, phase: usize) -> (isize, Vec<f64>) {
        let centre = phase as f64 / self.to;
        let reach = CROSSINGS / self.passes;
        let first = ((centre - reach) * self.from).ceil();
        let last = ((centre + reach) * self.from).floor();
        let count = (last - first) as usize + 1;
        let weight = |k: usize| {
            let apart = ((first + k as f64) / self.from - centre) * self.passes;
            let apart = apart.clamp(-CROSSINGS, CROSSINGS);
            let window = libm::cos(apart * std::f64::consts::PI / CROSSINGS / 2.0);
            let turn = apart * std::f64::consts::PI;
            let sinc = if turn == 0.0 {
                1.0
            } else {
                libm::sin(turn) / turn
            };
            sinc * window * window * self.passes / self.from
        };
        (first as isize, (0..count).map(weight).collect())
    }
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(frequency: f64, rate: u32, count: usize) -> Vec<f32> {
        let turn = std::f64::consts::TAU * frequency / f64::from(rate);
        (0..count).map(|n| (turn * n as f64).sin() as f32).collect()
    }

    #[test]
    fn a_tone_below_both_limits_is_the_same_tone_at_any_rate() {
        for (from, to) in [
            (8_000, 16_000),
            (44_100, 16_000),
            (16_000, 11_025),
            (22_050, 8_001),
        ] {
            let made = resample(&sine(440.0, from, from as usize / 4), from, to);
            assert_eq!(
                made.len(),
                (from as usize / 4 * to as usize).div_ceil(from as usize)
            );
            let wanted = sine(440.0, to, made.len());
            for (made, wanted) in made.iter().zip(&wanted).skip(200).take(made.len() - 400) {
                assert!((made - wanted).abs() < 3e-3, "{from} {to}: {made} {wanted}");
            }
        }
    }

    #[test]
    fn a_tone_above_the_new_limit_does_not_come_back_as_another() {
        let made = resample(&sine(7_000.0, 16_000, 4_000), 16_000, 8_000);
        assert!(made[100..1_900].iter().all(|x| x.abs() < 0.01));
    }

    #[test]
    fn a_table_of_weights_and_weights_on_the_fly_are_the_same() {
        // 44,101 and 16,000 have no common divisor: the table would have 16,000 rows.
        let filter = Filter::new(44_101, 16_000);
        assert!(filter.taps() * 16_000 < MOST_KEPT, "kept");
        let filter = Filter::new(767_999, 47_999);
        assert!(filter.taps() * 47_999 > MOST_KEPT, "not kept");
        let made = resample(&sine(440.0, 767_999, 20_000), 767_999, 47_999);
        let wanted = sine(440.0, 47_999, made.len());
        for (made, wanted) in made.iter().zip(&wanted).skip(20).take(made.len() - 40) {
            assert!((made - wanted).abs() < 1e-2, "{made} {wanted}");
        }
    }

    #[test]
    fn no_samples_and_no_rate_give_nothing() {
        assert!(resample(&[], 8_000, 16_000).is_empty());
        assert!(resample(&[1.0], 0, 16_000).is_empty());
        assert_eq!(resample(&[1.0, 0.5], 9, 9), [1.0, 0.5]);
        assert_eq!(resample(&[1.0], 768_000, 1_000).len(), 1);
    }
}
