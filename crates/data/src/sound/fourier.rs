//! The discrete Fourier transform of a frame.
//!
//! A plain radix-2 transform (Cooley & Tukey 1965) in f64 with sines from `libm`: the same bits on
//! every machine, which the crates that pick instructions at run time do not promise. A frame has
//! some hundred samples, so that it costs little beside the network that reads the result.

/// A transform of one size.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fourier {
    /// cos and −sin of 2πk/size for k below half the size.
    turns: Vec<(f64, f64)>,
    size: usize,
}

impl Fourier {
    /// For at least so many samples: the next power of two, at least 2.
    pub(super) fn at_least(samples: usize) -> Self {
        let size = samples.next_power_of_two().max(2);
        let turn = |k: usize| {
            let angle = std::f64::consts::TAU * k as f64 / size as f64;
            (libm::cos(angle), -libm::sin(angle))
        };
        Fourier {
            turns: (0..size / 2).map(turn).collect(),
            size,
        }
    }

    /// How many samples it takes; zeros are put after fewer.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// The squared magnitude at each frequency from 0 to half the rate, size / 2 + 1 of them.
    /// `room` is kept from call to call.
    pub(super) fn power(&self, frame: &[f64], room: &mut Vec<(f64, f64)>, power: &mut Vec<f64>) {
        room.clear();
        room.resize(self.size, (0.0, 0.0));
        let bits = self.size.trailing_zeros();
        for (at, value) in frame.iter().take(self.size).enumerate() {
            room[at.reverse_bits() >> (usize::BITS - bits)].0 = *value;
        }
        let mut half = 1;
        while half < self.size {
            let stride = self.size / (2 * half);
            for block in room.chunks_exact_mut(2 * half) {
                let (low, high) = block.split_at_mut(half);
                let turns = self.turns.iter().step_by(stride);
                for ((a, b), (cos, sin)) in low.iter_mut().zip(high).zip(turns) {
                    let turned = (b.0 * cos - b.1 * sin, b.0 * sin + b.1 * cos);
                    *b = (a.0 - turned.0, a.1 - turned.1);
                    *a = (a.0 + turned.0, a.1 + turned.1);
                }
            }
            half *= 2;
        }
        power.clear();
        power.extend(
            room[..=self.size / 2]
                .iter()
                .map(|(re, im)| re * re + im * im),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::Draws;

    #[test]
    fn the_fast_transform_is_the_sum_that_defines_it() {
        let mut draws = Draws::of_seed(3);
        for samples in [1, 2, 3, 7, 16, 25, 101] {
            let frame: Vec<f64> = (0..samples).map(|_| draws.normal()).collect();
            let fourier = Fourier::at_least(samples);
            let (mut room, mut power) = (Vec::new(), Vec::new());
            fourier.power(&frame, &mut room, &mut power);
            assert_eq!(power.len(), fourier.size() / 2 + 1);
            for (k, power) in power.iter().enumerate() {
                let (mut re, mut im) = (0.0, 0.0);
                for (n, x) in frame.iter().enumerate() {
                    let angle = std::f64::consts::TAU * (k * n) as f64 / fourier.size() as f64;
                    re += x * angle.cos();
                    im -= x * angle.sin();
                }
                assert!((power - (re * re + im * im)).abs() < 1e-10, "{samples} {k}");
            }
        }
    }
}
