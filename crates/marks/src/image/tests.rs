//! What the mark of images promises whatever the image: size, determinism, the statistic's own arithmetic.

use proptest::prelude::*;
use ressac_data::picture::Colour;

use super::blocks::COEFFICIENTS;
use super::*;

fn image(width: usize, height: usize, colour: Colour, level: impl Fn(usize) -> usize) -> Pixels {
    let count = width * height * colour.channels();
    let levels = (0..count).map(|k| level(k) as u8).collect();
    Pixels::new(width, height, colour, levels).unwrap()
}

fn hills(k: usize) -> usize {
    let (x, y) = (k / 3 % 64, k / 3 / 64);
    60 + x + y / 2 + (k * 7919 % 101) / 3 + 20 * (k % 3)
}

#[test]
fn small_images_are_refused_by_name() {
    let small = image(63, 200, Colour::Grey, |_| 9);
    let Err(MarkError::TooSmall { least, .. }) = embed(&small, &Key::project()) else {
        panic!("marked");
    };
    assert_eq!(least, 64);
    assert!(!detect(&small, &Key::project()).unwrap().found);
    let smaller = image(39, 200, Colour::Grey, |_| 9);
    assert!(matches!(
        detect(&smaller, &Key::project()),
        Err(MarkError::TooSmall { least: 40, .. })
    ));
}

#[test]
fn the_same_image_and_key_give_the_same_pixels_on_every_machine() {
    let original = image(64, 64, Colour::Rgb, hills);
    let marked = embed(&original, &Key::project()).unwrap();
    assert_eq!(original.psnr(&marked.pixels), Some(marked.psnr));
    assert!((39.9..41.0).contains(&marked.psnr), "{}", marked.psnr);
    // Computed once by this code: marks made today are to be found by later versions.
    let digest = crate::key::digest(&[marked.pixels.levels()]);
    assert_eq!(&crate::hex::encoded(&digest)[..16], GOLDEN);
    let found = detect(&marked.pixels, &Key::project()).unwrap();
    assert!(found.found && found.origin == (0, 0), "{found:?}");
    assert!(
        (found.statistic - GOLDEN_STATISTIC).abs() < 1e-3,
        "{found:?}"
    );
    assert!(
        !detect(&marked.pixels, &Key::from_bytes(b"another"))
            .unwrap()
            .found
    );
    assert!(!detect(&original, &Key::project()).unwrap().found);
}
const GOLDEN: &str = "74aef6cb550913cd";
const GOLDEN_STATISTIC: f64 = 27.571_7;

#[test]
fn the_statistic_is_the_normalised_sum_written_out() {
    let pixels = image(70, 66, Colour::Grey, |k| k * k % 251);
    let luma = pixels.luma();
    let signs = detect::Signs::of(&Key::project());
    let best = detect(&pixels, &Key::project()).unwrap();
    let (x0, y0) = best.origin;
    // Blocks of a tiling that begins at the origin found, or a tile before it.
    let (mut sums, mut norm) = (vec![0.0_f64; COEFFICIENTS * 64], 0.0);
    for y in (y0 % 8..=66 - 8).step_by(8) {
        for x in (x0 % 8..=70 - 8).step_by(8) {
            let cell = ((y + 64 - y0) / 8 % 8) * 8 + (x + 64 - x0) / 8 % 8;
            for (k, v) in blocks::of_block(&luma, 70, (x, y)).iter().enumerate() {
                sums[k * 64 + cell] += f64::from(squashed(*v, SOFTNESS));
            }
        }
    }
    let mut sum = 0.0;
    for (at, g) in sums.iter().enumerate() {
        sum += g * f64::from(signs.at(at / 64, at % 64 / 8, at % 8));
        norm += g * g;
    }
    assert!(
        (best.statistic - sum / norm.sqrt()).abs() < 1e-3,
        "{best:?}"
    );
}

#[test]
fn flat_images_are_neither_found_nor_a_failure() {
    for level in [0, 128, 255] {
        let flat = image(64, 64, Colour::Grey, |_| level);
        let none = detect(&flat, &Key::project()).unwrap();
        assert!(!none.found && none.statistic.is_finite(), "{none:?}");
        let marked = embed(&flat, &Key::project()).unwrap();
        assert!(
            detect(&marked.pixels, &Key::project()).unwrap().found,
            "{level}"
        );
    }
}

#[test]
fn the_bound_holds_over_keys_for_one_image() {
    // A texture of few different blocks, and a photograph's noise: 400 keys each.
    for level in [|k: usize| (k % 8) * 30 * (k / 512 % 2), hills] {
        let evidence = Evidence::of(&image(64, 64, Colour::Grey, level)).unwrap();
        let found = (0..400_u32).map(|n| evidence.test(&Key::from_bytes(&n.to_le_bytes())));
        let below = found
            .filter(|found| found.log10_false_positive < -1.0)
            .count();
        // Of 400, a tenth at the most is to be expected: 40, and 70 with probability below 1e-5.
        assert!(below < 70, "{below}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn images_of_any_shape_and_levels_are_looked_at(
        width in 1_usize..90, height in 1_usize..90, seed in any::<u32>(), rgb in any::<bool>(),
    ) {
        let colour = if rgb { Colour::Rgb } else { Colour::Grey };
        let pixels = image(width, height, colour, |k| (k * k).wrapping_mul(seed as usize | 1) >> 5 & 255);
        let least = width.min(height);
        match detect(&pixels, &Key::project()) {
            Ok(found) => prop_assert!(least >= LEAST_LOOKED_AT && !found.found),
            Err(_) => prop_assert!(least < LEAST_LOOKED_AT),
        }
        match embed(&pixels, &Key::project()) {
            Ok(marked) => prop_assert!(least >= LEAST_MARKED && marked.psnr > 35.0),
            Err(_) => prop_assert!(least < LEAST_MARKED),
        }
    }
}
