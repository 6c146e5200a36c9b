//! The random numbers of this crate: functions of a seed alone, the same on every machine.
//!
//! ChaCha with 8 rounds (Bernstein 2008), whose output is part of its specification; roots, sines
//! and logarithms from `libm`, not from the platform.

use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng as _, SeedableRng as _};
use sha2::{Digest as _, Sha256};

/// Numbers in order.
pub(crate) struct Draws(ChaCha8Rng);

impl Draws {
    /// The numbers of a seed, spread over the key by PCG32 as `rand_core` does.
    pub(crate) fn of_seed(seed: u64) -> Self {
        Draws(ChaCha8Rng::seed_from_u64(seed))
    }

    /// The numbers of a seed for one purpose, unrelated to those for any other.
    pub(crate) fn of_purpose(seed: u64, purpose: &str) -> Self {
        let digest = Sha256::new()
            .chain_update(seed.to_le_bytes())
            .chain_update(purpose)
            .finalize();
        Draws(ChaCha8Rng::from_seed(digest.into()))
    }

    /// Uniform between 0 and 1, neither included, with 53 bits.
    pub(crate) fn uniform(&mut self) -> f64 {
        // Moved off zero so that the logarithm below is finite.
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Standard normal, by the method of Box and Muller (1958).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(self.uniform()));
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }

    /// A whole number below `bound`, 0 if that is 0. The product's upper half (Lemire 2019) without
    /// the rejection: for bounds below 2³² the bias is under 2⁻³².
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.0.next_u64()) * bound as u128) >> 64) as usize
    }

    /// One of the items.
    pub(crate) fn one_of<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> Option<&'a T> {
        items.get(self.below(items.len())).copied()
    }

    /// Puts the items in random order (Fisher & Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_of_a_seed_never_change() {
        // Recorded from rand_chacha 0.9.0:
        // let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // let words: Vec<u64> = (0..20).map(|_| rng.next_u64()).collect();
        // [words[0], words[1], words[7], words[8], words[19]]
        for (seed, golden) in [
            (
                0,
                [
                    0xb585_f767_a79a_3b6c,
                    0x7746_a55f_bad8_c037,
                    0xef78_1c7d_d2d3_68ba,
                    0xcdc4_a23a_7e88_e660,
                    0xe360_c6e1_91a9_3619,
                ],
            ),
            (
                1,
                [
                    0x6709_4cea_8ca4_0db1,
                    0x1494_06d8_fc0e_8e6b,
                    0x2714_3f42_b5c5_488e,
                    0xdff1_a71b_0ab1_6013,
                    0x221c_45e6_41fe_43dd,
                ],
            ),
            (
                u64::MAX,
                [
                    0xaf20_2386_e3a7_3cae,
                    0x6da0_df03_97be_2dd8,
                    0xfb40_1211_3971_4c65,
                    0x53eb_c53e_1922_4173,
                    0xc110_f09c_86e2_09dc_u64,
                ],
            ),
        ] {
            let mut draws = Draws::of_seed(seed);
            let words: Vec<u64> = (0..20).map(|_| draws.0.next_u64()).collect();
            let picked = [0, 1, 7, 8, 19].map(|at| words[at]);
            assert_eq!(picked, golden, "{seed}");
        }
    }

    #[test]
    fn purposes_have_numbers_of_their_own() {
        let first = |seed, purpose| Draws::of_purpose(seed, purpose).0.next_u64();
        assert_ne!(first(1, "waves"), first(1, "split"));
        assert_ne!(first(1, "waves"), first(2, "waves"));
        assert_eq!(Draws::of_seed(1).below(0), 0);
    }
}
