//! How often images without a mark give p-values as small as the bound says at most.

use std::time::Instant;

use ressac_marks::{Key, Pixels, image};

use crate::attacks::{as_jpeg, cut};
use crate::images::photographs;
use crate::synthetic::{self, Numbers};

/// Side of the photographs that parts are cut from.
const SIDE: usize = 192;

/// Tests `count` images of 64 × 64 and prints a table in Markdown: synthetic ones, parts of photographs, parts as JPEG; each with a key of its own, and with
/// the project's. From `first` on, so that a run can be cut into several.
pub(crate) fn table(first: u64, count: u64) {
    let photographs = photographs(SIDE, 4);
    let project = Key::project();
    // By log10 p, of a drawn key and of the project's.
    let mut below = [[0_u64; 8]; 2];
    let mut least = [0.0_f64; 2];
    // Statistics of all places, with drawn keys.
    let mut places = [0_u64; 8];
    let start = Instant::now();
    for number in first..first + count {
        let evidence = image::Evidence::of(&drawn(number, &photographs)).expect("64 × 64");
        let own = Key::from_bytes(&number.to_le_bytes());
        evidence.each_place(&own, |_, z| {
            for (at, places) in places.iter_mut().enumerate() {
                *places += u64::from(z >= at as f64);
            }
        });
        for (key, (below, least)) in [&own, &project]
            .into_iter()
            .zip(below.iter_mut().zip(&mut least))
        {
            let log10 = evidence.test(key).log10_false_positive;
            *least = least.min(log10);
            for (at, below) in below.iter_mut().enumerate() {
                *below += u64::from(log10 < -(at as f64));
            }
        }
    }
    println!(
        "\n### Unmarked: {count} images of 64 × 64 from number {first} on, {:.0} s\n",
        start.elapsed().as_secs_f64()
    );
    println!(
        "| p below | at most by the bound | a key for each | the project's key |\n|---|---:|---:|---:|"
    );
    for (at, (own, project)) in below[0].iter().zip(below[1]).enumerate() {
        println!(
            "| 1e-{at} | {} | {own} | {project} |",
            count as f64 * 10_f64.powi(-(at as i32))
        );
    }
    let all = count as f64 * 4096.0;
    println!("\n| z at a place from | at most by the bound | found |\n|---|---:|---:|");
    for (at, places) in places.iter().enumerate().skip(1) {
        println!(
            "| {at} | {:.3} | {places} |",
            all * 10_f64.powf(image::log10_bound(at as f64))
        );
    }
    println!("\nSmallest log10 p: {:.2} and {:.2}.", least[0], least[1]);
}

/// Of each ten images six synthetic, three parts of photographs, one of these as JPEG.
fn drawn(number: u64, photographs: &[Pixels]) -> Pixels {
    let mut numbers = Numbers(number);
    if number % 10 < 6 || photographs.is_empty() {
        return synthetic::image(numbers.next(), 64, 64);
    }
    let photograph = &photographs[numbers.below(photographs.len())];
    let place = (numbers.below(SIDE - 63), numbers.below(SIDE - 63));
    let part = cut(photograph, place, (64, 64));
    match number % 10 {
        9 => as_jpeg(&part, 75),
        _ => part,
    }
}
