//! The one source of randomness: a counter-based generator keyed by (seed, purpose, step, index).
//!
//! Nothing random is ever carried along: whoever needs numbers names what they are for and which step
//! it is, and gets the same numbers whatever happened before. So initial weights, dropout masks and
//! shuffles survive a resume, and do not depend on threads or on the order of calls. The generator is
//! ChaCha with 8 rounds (Bernstein 2008), whose output is part of its specification and will not change
//! with a library's version.
use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng as _, SeedableRng as _};

/// A place in the tree of random numbers: a seed, and the purposes and steps that lead there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    seed: u64,
    path: u64,
}

/// One round of splitmix64 (Steele, Lea & Flood 2014): mixes a word into a path.
fn mix(path: u64, word: u64) -> u64 {
    let mut z = path
        .wrapping_add(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(word.wrapping_mul(0xd6e8_feb8_6659_fd93));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Stream {
    /// The stream of a purpose under a seed.
    pub fn new(seed: u64, purpose: &str) -> Self {
        Self { seed, path: 0 }.child(purpose)
    }

    /// The stream of one step (or epoch, layer, row …) of this one.
    #[must_use]
    pub fn at(&self, step: u64) -> Self {
        Self {
            seed: self.seed,
            path: mix(mix(self.path, 1), step),
        }
    }

    /// The stream of a purpose within this one.
    #[must_use]
    pub fn child(&self, purpose: &str) -> Self {
        let path = purpose
            .bytes()
            .fold(mix(self.path, 2), |path, byte| mix(path, u64::from(byte)));
        Self {
            seed: self.seed,
            path,
        }
    }

    /// The numbers of this stream, from the first.
    pub fn generator(&self) -> Generator {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&self.seed.to_le_bytes());
        key[8..16].copy_from_slice(&self.path.to_le_bytes());
        Generator(ChaCha8Rng::from_seed(key))
    }
}

/// The numbers of one stream, in order.
#[derive(Debug)]
pub struct Generator(ChaCha8Rng);

impl Generator {
    /// A number in \[0, 1), with 53 random bits.
    pub fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number from the standard normal distribution (Box & Muller 1958).
    pub fn normal(&mut self) -> f64 {
        // 1 − u is never zero.
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.uniform()));
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }

    /// A whole number below `bound` (0 when `bound` is 0), without bias (Lemire 2019).
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        let reject = bound.wrapping_neg() % bound;
        loop {
            let product = u128::from(self.0.next_u64()) * u128::from(bound);
            if product as u64 >= reject {
                return (product >> 64) as u64;
            }
        }
    }

    /// Puts the items in random order (Fisher & Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let pick = self.below(last as u64 + 1) as usize;
            items.swap(last, pick);
        }
    }

    /// A mask of `count` factors: 0 with the given probability, else `kept`, from 16 random bits each.
    pub(crate) fn mask(&mut self, probability: f64, kept: f32, count: usize) -> Vec<f32> {
        // Whole words of the generator, so that the numbers after the mask do not depend on how words
        // are cut.
        let mut bytes = vec![0; 2 * count.next_multiple_of(4)];
        self.0.fill_bytes(&mut bytes);
        let threshold = (probability * 65536.0) as u32;
        let mut mask = vec![0.0; count];
        for (factor, pair) in mask.iter_mut().zip(bytes.chunks_exact(2)) {
            let drawn = u32::from(u16::from_le_bytes([pair[0], pair[1]]));
            *factor = if drawn < threshold { 0.0 } else { kept };
        }
        mask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_seed_purpose_and_step_and_on_nothing_else() {
        let draw = |stream: &Stream| {
            let mut generator = stream.generator();
            (0..4).map(|_| generator.uniform()).collect::<Vec<_>>()
        };
        let stream = Stream::new(7, "shuffle");
        assert_eq!(draw(&stream.at(3)), draw(&Stream::new(7, "shuffle").at(3)));
        let others = [
            Stream::new(8, "shuffle").at(3),
            Stream::new(7, "dropout").at(3),
            stream.at(4),
            stream.clone(),
            stream.at(3).at(0),
            stream.child("3"),
        ];
        for other in &others {
            assert_ne!(draw(&stream.at(3)), draw(other));
        }
    }

    #[test]
    fn the_numbers_of_a_stream_do_not_change_between_versions() {
        let mut generator = Stream::new(1, "golden").at(2).generator();
        let drawn = [
            generator.uniform(),
            generator.normal(),
            generator.below(1000) as f64,
        ];
        assert_eq!(drawn, GOLDEN);
    }
    // Printed by this test when it was written.
    const GOLDEN: [f64; 3] = [0.659_644_568_746_018_6, 1.337_478_114_594_848_7, 805.0];

    #[test]
    fn a_long_stream_of_every_kind_of_draw_keeps_its_bits() {
        let mut generator = Stream::new(1, "golden").at(3).generator();
        // FNV-1a, byte by byte.
        let mut hash = 0xcbf2_9ce4_8422_2325u64;
        let mut add = |word: u64| {
            for byte in word.to_le_bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
            }
        };
        for count in 1..200 {
            add(generator.uniform().to_bits());
            add(generator.normal().to_bits());
            add(generator.below(count as u64));
            for factor in generator.mask(0.3, 1.5, count) {
                add(u64::from(factor.to_bits()));
            }
        }
        // Computed by this loop over `rand_chacha` 0.9.
        assert_eq!(hash, 0xa27d_0de8_61d7_d000);
    }

    #[test]
    fn uniform_normal_and_bounded_numbers_have_their_moments() {
        let mut generator = Stream::new(3, "moments").generator();
        let count = 100_000;
        let moments = |values: Vec<f64>| {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let variance =
                values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / values.len() as f64;
            (mean, variance)
        };
        let (mean, variance) = moments((0..count).map(|_| generator.uniform()).collect());
        assert!((mean - 0.5).abs() < 4e-3 && (variance - 1.0 / 12.0).abs() < 2e-3);
        let (mean, variance) = moments((0..count).map(|_| generator.normal()).collect());
        assert!(mean.abs() < 1.4e-2 && (variance - 1.0).abs() < 2e-2);
        let mut seen = [0; 7];
        for _ in 0..70_000 {
            seen[generator.below(7) as usize] += 1;
        }
        assert!(
            seen.iter().all(|&count| (9_500..10_500).contains(&count)),
            "{seen:?}"
        );
    }

    #[test]
    fn a_mask_takes_sixteen_bits_of_each_word_after_the_other() {
        let stream = Stream::new(9, "mask");
        let (probability, count) = (0.3, 23);
        let mut words = stream.generator();
        let mut expected = Vec::new();
        while expected.len() < count {
            let word = words.0.next_u64();
            let parts = (0..4).map(|part| (word >> (16 * part)) & 0xffff);
            let threshold = (probability * 65536.0) as u64;
            expected.extend(parts.map(|bits| if bits < threshold { 0.0 } else { 2.5 }));
        }
        expected.truncate(count);
        let mut generator = stream.generator();
        assert_eq!(generator.mask(probability, 2.5, count), expected);
        // What is drawn next is the word after those of the mask.
        assert_eq!(generator.uniform(), words.uniform());
    }

    #[test]
    fn a_shuffle_keeps_every_item_and_moves_them() {
        let mut items: Vec<usize> = (0..1000).collect();
        Stream::new(5, "shuffle").generator().shuffle(&mut items);
        let moved = items
            .iter()
            .enumerate()
            .filter(|(place, item)| place != *item)
            .count();
        assert!(moved > 950);
        items.sort_unstable();
        assert_eq!(items, (0..1000).collect::<Vec<_>>());
    }
}
