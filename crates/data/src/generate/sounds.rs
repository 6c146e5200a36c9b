//! Labelled sounds of our own making.

use crate::draws::Draws;

/// Samples a second of the sounds that are made (Hz).
pub const SOUND_RATE: u32 = 8_000;

/// The classes of the sounds that are made, by the bytes of their names.
pub const SOUND_CLASSES: [&str; 6] = ["burst", "fall", "rhythm", "rise", "tone", "trill"];

/// Which parameters the sounds are drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Those to learn from: pitches of 300 to 900 Hz, 4 to 7 clicks and 5 to 9 trills a second…
    Seen,
    /// Others: pitches of 1000 to 1600 Hz, 8 to 11 clicks and 10 to 14 trills a second… What is learned of
    /// the class is still right, what is learned of the pitch or the tempo is not.
    Unseen,
}

/// A sound with its class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeSound {
    /// One of [`SOUND_CLASSES`].
    pub class: &'static str,
    /// Samples at [`SOUND_RATE`], 0.7 to 1.3 seconds.
    pub samples: Vec<i16>,
}

/// `count` sounds, the classes in turn: `tone` is steady, `rise` and `fall` glide up and down, `trill`
/// goes to and fro between two pitches, `rhythm` is regular clicks, `burst` two or three hisses at
/// irregular places.
///
/// Pitch, timbre, tempo, length and loudness are drawn for each, so that no single frame tells the class of
/// the first four. White noise lies on top, `noise` dB below the sound (its mean power over
/// the whole sound); none where it is `None`. The same seed gives the same bits on every machine, more sounds
/// only add to the first, and another level of noise changes nothing but the noise: so accuracy can be
/// measured against noise over the same sounds.
pub fn sounds(seed: u64, count: usize, heard: Heard, noise: Option<f64>) -> Vec<MadeSound> {
    (0..count)
        .map(|at| {
            let part = match heard {
                Heard::Seen => "seen",
                Heard::Unseen => "unseen",
            };
            let mut draws = Draws::of_purpose(seed, &format!("sounds {part} {at}"));
            let class = SOUND_CLASSES[at % SOUND_CLASSES.len()];
            let mut samples = clean(class, heard, &mut draws);
            let loudness = 0.2 + 0.7 * draws.uniform();
            if let Some(noise) = noise {
                let power = samples.iter().map(|x| x * x).sum::<f64>() / samples.len() as f64;
                let deviation = libm::sqrt(power * libm::pow(10.0, -noise / 10.0));
                for sample in &mut samples {
                    *sample += deviation * draws.normal();
                }
            }
            let peak = samples.iter().fold(1e-9_f64, |peak, x| peak.max(x.abs()));
            let scale = loudness * f64::from(i16::MAX) / peak;
            MadeSound {
                class,
                samples: samples.iter().map(|x| (x * scale).round() as i16).collect(),
            }
        })
        .collect()
}

/// A number drawn from the first range of what is seen, from the second of what is not.
fn within(draws: &mut Draws, heard: Heard, seen: (f64, f64), unseen: (f64, f64)) -> f64 {
    let (low, high) = match heard {
        Heard::Seen => seen,
        Heard::Unseen => unseen,
    };
    low + (high - low) * draws.uniform()
}

fn clean(class: &str, heard: Heard, draws: &mut Draws) -> Vec<f64> {
    let seconds = 0.7 + 0.6 * draws.uniform();
    let count = (seconds * f64::from(SOUND_RATE)) as usize;
    let pitch = within(draws, heard, (300.0, 900.0), (1_000.0, 1_600.0));
    let time = |at: usize| at as f64 / f64::from(SOUND_RATE);
    match class {
        "rhythm" => {
            let clicks = within(draws, heard, (4.0, 7.0), (8.0, 11.0));
            let first = draws.uniform() / clicks;
            let decay = within(draws, heard, (80.0, 150.0), (160.0, 250.0));
            let click = |at: usize| {
                let since = (time(at) - first).rem_euclid(1.0 / clicks);
                let is_before = time(at) < first;
                match is_before {
                    true => 0.0,
                    false => libm::exp(-decay * since) * sine(2.0 * pitch * since),
                }
            };
            (0..count).map(click).collect()
        }
        "burst" => {
            let bursts = 2 + draws.below(2);
            let mut samples = vec![0.0; count];
            for _ in 0..bursts {
                let length = within(draws, heard, (0.06, 0.12), (0.13, 0.2));
                let length = (length * f64::from(SOUND_RATE)) as usize;
                let start = draws.below(count.saturating_sub(length));
                for (at, sample) in samples.iter_mut().skip(start).take(length).enumerate() {
                    // So that a burst begins and ends softly.
                    *sample += draws.normal() * sine(0.5 * at as f64 / length as f64);
                }
            }
            samples
        }
        _ => {
            // How far the pitch goes: as a ratio for a glide, half as far in a trill.
            let glide = within(draws, heard, (1.5, 2.0), (1.3, 1.45));
            let speed = within(draws, heard, (5.0, 9.0), (10.0, 14.0));
            let overtones = [0.6, 0.4, 0.2].map(|most| most * draws.uniform());
            let mut turns = draws.uniform();
            (0..count)
                .map(|at| {
                    let along = at as f64 / count as f64;
                    let ratio = match class {
                        "rise" => libm::pow(glide, along),
                        "fall" => libm::pow(glide, 1.0 - along),
                        "trill" => libm::pow(glide, 0.5 * f64::from(sine(speed * time(at)) > 0.0)),
                        _ => 1.0,
                    };
                    turns += pitch * ratio / f64::from(SOUND_RATE);
                    let above = overtones.iter().zip([2.0, 3.0, 4.0]);
                    // An overtone beyond half the rate would come back as another pitch.
                    let above = above.filter(|(_, times)| pitch * glide * times < 3_900.0);
                    let sum: f64 = above.map(|(size, times)| size * sine(times * turns)).sum();
                    (sine(turns) + sum) * fade(at, count)
                })
                .collect()
        }
    }
}

/// From 0 to 1 within the first 20 ms, and back within the last.
fn fade(at: usize, count: usize) -> f64 {
    let edge = 0.02 * f64::from(SOUND_RATE);
    let near = at.min(count.saturating_sub(at + 1)) as f64;
    (near / edge).min(1.0)
}

fn sine(turns: f64) -> f64 {
    libm::sin(std::f64::consts::TAU * turns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint;
    use crate::sound::{LogMel, decode, write_wav};

    fn bytes(sounds: &[MadeSound]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for sound in sounds {
            write_wav(&sound.samples, SOUND_RATE, &mut bytes).unwrap();
        }
        bytes
    }

    #[test]
    fn a_seed_gives_the_same_sounds_and_more_only_add_to_them() {
        // Recorded from this very generator: it changes only if the data of every seed changes.
        assert_eq!(
            fingerprint::bytes(&bytes(&sounds(1, 12, Heard::Seen, Some(20.0)))),
            "acfdc3f264e76fbeb184d010cc41a690dadee1de83c4ac88255d4c13ff9047f4"
        );
        assert_eq!(
            fingerprint::bytes(&bytes(&sounds(1, 12, Heard::Unseen, None))),
            "dfa752d7b86f01e345e3a5552e7291ed65af30961fd9aa74ff15f42bf788f1a6"
        );
        let (short, long) = (
            sounds(7, 3, Heard::Seen, None),
            sounds(7, 9, Heard::Seen, None),
        );
        assert_eq!(short, long[..3]);
        assert!(sounds(7, 0, Heard::Seen, None).is_empty());
    }

    #[test]
    fn the_noise_is_as_strong_as_asked_for_and_the_sound_below_it_stays() {
        for noise in [-5.0, 0.0, 10.0, 30.0] {
            let clean = sounds(3, 30, Heard::Seen, None);
            let noisy = sounds(3, 30, Heard::Seen, Some(noise));
            for (clean, noisy) in clean.iter().zip(&noisy) {
                assert_eq!(clean.samples.len(), noisy.samples.len());
                let of = |made: &MadeSound| -> Vec<f64> {
                    made.samples.iter().map(|x| f64::from(*x)).collect()
                };
                let (clean, noisy) = (of(clean), of(noisy));
                let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
                // The part of the noisy sound that is the clean one, and the rest.
                let share = dot(&clean, &noisy) / dot(&clean, &clean);
                let sound = share * share * dot(&clean, &clean);
                let rest = dot(&noisy, &noisy) - sound;
                let found = 10.0 * (sound / rest).log10();
                assert!((found - noise).abs() < 0.7, "{noise}: {found}");
            }
        }
    }

    #[test]
    fn what_is_written_is_read_as_sounds_of_unequal_length_in_every_class() {
        let made = sounds(5, 12, Heard::Unseen, Some(10.0));
        let mel = LogMel::new(SOUND_RATE, 40).unwrap();
        let mut lengths = Vec::new();
        for (at, sound) in made.iter().enumerate() {
            assert_eq!(sound.class, SOUND_CLASSES[at % 6]);
            let mut bytes = Vec::new();
            write_wav(&sound.samples, SOUND_RATE, &mut bytes).unwrap();
            let read = decode("made.wav".as_ref(), &bytes).unwrap();
            assert_eq!((read.rate, read.channels), (SOUND_RATE, 1));
            lengths.push(mel.sequence(&read.samples).steps);
        }
        assert!(lengths.iter().all(|steps| (65..130).contains(steps)));
        lengths.dedup();
        assert!(lengths.len() > 8);
    }
}
