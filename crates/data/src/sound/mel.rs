//! Log-mel frames: how much there is at each pitch in each hundredth of a second.

use super::fourier::Fourier;
use crate::examples::Sequence;

/// Length of a frame, in seconds.
const FRAME: f64 = 0.025;

/// From the start of one frame to that of the next, in seconds.
const HOP: f64 = 0.010;

/// The least power of a band, so that silence has a logarithm: about what the rounding of samples to
/// 16 bits leaves in one, so that digital silence is not unlike recorded silence.
const FLOOR: f64 = 1e-8;

/// The least power that the loudest band of a sound is taken to have.
const LEAST_LOUD: f64 = 1e-4;

/// From samples to log-mel frames, at one rate.
///
/// Frames of 25 ms every 10 ms under a periodic Hann window, only whole ones, without padding (a
/// sound shorter than a frame is followed by silence); zeros up to a power of two; squared
/// magnitudes; triangles over frequency, each with its top of 1 on the next of evenly
/// spaced points of the mel scale of HTK, 2595 · log₁₀(1 + f / 700 Hz), from 0 to half the rate
/// (`torchaudio.functional.melscale_fbanks` with its defaults); the natural logarithm of at least
/// 10⁻⁸.
#[derive(Clone, Debug, PartialEq)]
pub struct LogMel {
    window: Vec<f64>,
    hop: usize,
    fourier: Fourier,
    /// Of each band, the first frequency of the transform and the weights from there on.
    bands: Vec<(usize, Vec<f64>)>,
    /// The share of the loudest band of a sound at which it counts as silent; absent where levels are absolute.
    silent: Option<f64>,
}

/// A number of bands that the rate cannot fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{bands} bands at {rate} Hz: expected 1 to {most}")]
pub struct UnfitBands {
    /// The bands asked for.
    pub bands: usize,
    /// The rate (Hz).
    pub rate: u32,
    /// The most bands that all have a frequency of the transform in them, 0 if there are none.
    pub most: usize,
}

/// More bands than any use.
const MOST_BANDS: usize = 256;

impl LogMel {
    /// For sounds of `rate` samples a second.
    ///
    /// # Errors
    /// [`UnfitBands`] where some band would hold no frequency, and so would always be silent.
    pub fn new(rate: u32, bands: usize) -> Result<Self, UnfitBands> {
        let length = |seconds: f64| ((f64::from(rate) * seconds).round() as usize).max(1);
        let frame = length(FRAME);
        let fourier = Fourier::at_least(frame);
        let size = fourier.size();
        let filters = (1..=MOST_BANDS)
            .contains(&bands)
            .then(|| filters(rate, size, bands));
        let Some(filters) = filters.flatten() else {
            let mut less = (1..bands.min(MOST_BANDS + 1)).rev();
            let most = less.find(|bands| self::filters(rate, size, *bands).is_some());
            return Err(UnfitBands {
                bands,
                rate,
                most: most.unwrap_or(0),
            });
        };
        let turn = std::f64::consts::TAU / frame as f64;
        Ok(LogMel {
            window: (0..frame)
                .map(|n| 0.5 - 0.5 * libm::cos(turn * n as f64))
                .collect(),
            hop: length(HOP),
            fourier,
            bands: filters,
            silent: None,
        })
    }

    /// With levels relative to the loudest band of each sound, and silence `decibels` below it: how loud the recording is
    /// changes nothing, and what is quieter is nearly alike. The logarithm is that of p / p_loudest + 10^(−decibels / 10).
    /// 0 keeps absolute levels.
    #[must_use]
    pub fn with_range(mut self, decibels: u32) -> Self {
        self.silent = (decibels > 0).then(|| libm::pow(10.0, -f64::from(decibels) / 10.0));
        self
    }

    /// What white noise has in each band: its share of the power in all bands, and how many independent exponentially
    /// distributed powers with the same mean would scatter as much together.
    pub fn of_white_noise(&self) -> Vec<(f64, f64)> {
        let sum = |weights: &[f64]| weights.iter().sum::<f64>();
        let all: f64 = self.bands.iter().map(|(_, weights)| sum(weights)).sum();
        // How alike the powers of two frequencies so far apart are, under this window.
        let turn = std::f64::consts::TAU / self.fourier.size() as f64;
        let alike = |apart: usize| {
            let terms = self.window.iter().enumerate().map(|(n, w)| {
                let angle = turn * (apart * n) as f64;
                (w * w * libm::cos(angle), w * w * libm::sin(angle))
            });
            let (re, im) = terms.fold((0.0, 0.0), |(a, b), (c, d)| (a + c, b + d));
            re * re + im * im
        };
        let widest = self.bands.iter().map(|(_, weights)| weights.len()).max();
        let alike: Vec<f64> = (0..widest.unwrap_or(0))
            .map(|m| alike(m) / alike(0))
            .collect();
        let bands = self.bands.iter();
        bands
            .map(|(_, weights)| {
                let pairs = weights.iter().enumerate().flat_map(|(k, a)| {
                    let others = weights.iter().enumerate();
                    others.map(move |(l, b)| (k.abs_diff(l), a * b))
                });
                let scatter: f64 = pairs.map(|(apart, product)| product * alike[apart]).sum();
                let of = sum(weights);
                (of / all, of * of / scatter)
            })
            .collect()
    }

    /// How many frames a sound of so many samples has; at least one.
    pub fn steps(&self, samples: usize) -> usize {
        1 + samples.saturating_sub(self.window.len()) / self.hop
    }

    /// The frames of a sound: dimensions are bands from low to high, steps are frames.
    pub fn sequence(&self, samples: &[f32]) -> Sequence {
        let (steps, bands) = (self.steps(samples.len()), self.bands.len());
        let mut values = vec![0.0; bands * steps];
        let (mut frame, mut room, mut power) = (Vec::new(), Vec::new(), Vec::new());
        for step in 0..steps {
            let heard = samples.get(step * self.hop..).unwrap_or_default();
            frame.clear();
            frame.extend(
                heard
                    .iter()
                    .zip(&self.window)
                    .map(|(x, w)| f64::from(*x) * w),
            );
            self.fourier.power(&frame, &mut room, &mut power);
            for (band, (first, weights)) in self.bands.iter().enumerate() {
                let heard = power.iter().skip(*first);
                let sum: f64 = weights.iter().zip(heard).map(|(w, p)| w * p).sum();
                values[band * steps + step] = sum.max(FLOOR);
            }
        }
        // A sound of nothing but silence has nothing loud.
        let loudest = values.iter().copied().fold(LEAST_LOUD, f64::max);
        for value in &mut values {
            *value = libm::log(match self.silent {
                Some(silent) => *value / loudest + silent,
                None => *value,
            });
        }
        Sequence { values, steps }
    }
}

/// The triangles; `None` if one of them holds no frequency.
fn filters(rate: u32, size: usize, bands: usize) -> Option<Vec<(usize, Vec<f64>)>> {
    let mel = |hertz: f64| 2_595.0 * libm::log10(1.0 + hertz / 700.0);
    let highest = mel(f64::from(rate) / 2.0);
    let point = |at: usize| {
        let mel = highest * at as f64 / (bands + 1) as f64;
        700.0 * (libm::pow(10.0, mel / 2_595.0) - 1.0)
    };
    let hertz = |k: usize| k as f64 * f64::from(rate) / size as f64;
    let band = |band: usize| {
        let [low, top, high] = [band, band + 1, band + 2].map(point);
        let weight = |k: usize| {
            let (rising, falling) = (
                (hertz(k) - low) / (top - low),
                (high - hertz(k)) / (high - top),
            );
            rising.min(falling).max(0.0)
        };
        let first = (0..=size / 2).find(|k| weight(*k) > 0.0)?;
        let weights = (first..=size / 2)
            .map(weight)
            .take_while(|weight| *weight > 0.0);
        Some((first, weights.collect()))
    };
    (0..bands).map(band).collect()
}
