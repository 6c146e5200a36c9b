//! The mark of images after what happens to images, on synthetic ones; `examples/measure` does it on photographs.

#[path = "../examples/measure/attacks.rs"]
mod attacks;
#[path = "../examples/measure/jpeg.rs"]
mod jpeg;
#[path = "../examples/measure/synthetic.rs"]
mod synthetic;

use ressac_data::picture::Colour;
use ressac_marks::{Key, MarkError, Pixels, image};

/// Clouds, sharp and soft, and discs, in colour: the synthetic images that are most like pictures.
fn pictures(width: usize, height: usize) -> impl Iterator<Item = Pixels> {
    let numbers = (0..48).filter(|number| (2..5).contains(&(number % 6)));
    numbers.map(move |number| synthetic::image(number, width, height))
}

fn is_found(pixels: &Pixels) -> bool {
    image::detect(pixels, &Key::project()).unwrap().found
}

#[test]
fn a_mark_survives_jpeg_half_the_size_and_a_crop() {
    let mut found = [0; 5];
    let mut count = 0;
    for (number, picture) in pictures(64, 64).enumerate() {
        let marked = image::embed(&picture, &Key::project()).unwrap();
        assert!(marked.psnr > 39.5, "{number}: {}", marked.psnr);
        let pixels = &marked.pixels;
        let attacked = [
            pixels.clone(),
            attacks::as_jpeg(pixels, 75),
            attacks::halved(pixels),
            attacks::cropped(pixels, number),
            attacks::cropped(&attacks::as_jpeg(pixels, 75), number),
        ];
        for (found, pixels) in found.iter_mut().zip(&attacked) {
            *found += usize::from(is_found(pixels));
        }
        assert!(!is_found(&picture), "{number}");
        count += 1;
    }
    assert_eq!(count, 24);
    assert!(found[..4].iter().all(|found| *found == count), "{found:?}");
    assert!(found[4] + 2 >= count, "{found:?}");
}

#[test]
fn a_crop_tells_where_the_tiles_begin() {
    let picture = synthetic::image(2, 100, 80);
    let marked = image::embed(&picture, &Key::project()).unwrap().pixels;
    let part = attacks::cut(&marked, (13, 6), (60, 70));
    let found = image::detect(&part, &Key::project()).unwrap();
    assert!(found.found);
    assert_eq!(found.origin, (64 - 13, 64 - 6));
}

#[test]
fn small_images_are_marked_together_as_a_sheet() {
    // Grey images of 28 × 28, four by four.
    let tile = |number: usize| synthetic::image(6 + 2 + number as u64 * 12, 28, 28);
    assert!(matches!(
        image::embed(&tile(0), &Key::project()),
        Err(MarkError::TooSmall { .. })
    ));
    let tiles: Vec<Pixels> = (0..16).map(tile).collect();
    let level = |k: usize| {
        let (x, y) = (k % 112, k / 112);
        tiles[y / 28 * 4 + x / 28].levels()[y % 28 * 28 + x % 28]
    };
    let levels = (0..112 * 112).map(level).collect();
    let sheet = Pixels::new(112, 112, Colour::Grey, levels).unwrap();
    let marked = image::embed(&sheet, &Key::project()).unwrap().pixels;
    assert!(is_found(&attacks::as_jpeg(&marked, 75)));
    assert!(is_found(&attacks::halved(&marked)));
    assert!(is_found(&attacks::cropped(&marked, 5)));
}

#[test]
fn unmarked_images_give_p_values_no_smaller_than_the_bound_says() {
    let mut below = 0;
    for number in 0..300 {
        let evidence = image::Evidence::of(&synthetic::image(number, 64, 64)).unwrap();
        let found = evidence.test(&Key::project());
        assert!(!found.found, "{number}: {found:?}");
        below += usize::from(found.log10_false_positive < -1.0);
    }
    // 30 at the most are to be expected, and 56 with probability below 1e-5.
    assert!(below < 56, "{below}");
}
