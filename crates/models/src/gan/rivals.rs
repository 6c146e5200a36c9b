//! What costs less than a generator: pixels drawn from a normal distribution with the mean and the principal components of the training
//! images.

use ressac_nn::random::Stream;
use ressac_stats::rival::Pca;

use super::images::Images;

/// Values of the images that components are fitted on: the more a pixel has, the fewer images.
const VALUES: usize = 2_000_000;

/// The most images, the fewest, and the most components.
const IMAGES: [usize; 2] = [100, 2_000];
const COMPONENTS: usize = 128;

/// So many images of that distribution, fitted on `images` of these sides; nothing where they are too few.
pub(super) fn gaussian(
    images: &Images,
    sides: [usize; 3],
    count: usize,
    draw: &Stream,
) -> Option<Images> {
    let width = images.width();
    let most = (VALUES / width.max(1)).clamp(IMAGES[0], IMAGES[1]);
    let places = images.some(most, &draw.child("fitted"));
    let rows: Vec<f64> = places
        .iter()
        .flat_map(|place| images.image(*place))
        .map(|value| f64::from(*value))
        .collect();
    let fitted = Pca::fit(&rows, width, COMPONENTS)?;
    let mut mean = vec![0.0; width];
    for row in rows.chunks_exact(width) {
        for (sum, value) in mean.iter_mut().zip(row) {
            *sum += value / places.len() as f64;
        }
    }
    let components = fitted.components().chunks_exact(width);
    let spreads = fitted.variances().iter().map(|variance| variance.sqrt());
    let directions: Vec<(&[f64], f64)> = components.zip(spreads).collect();
    let drawn = (0..count as u64).flat_map(|place| {
        let mut generator = draw.child("drawn").at(place).generator();
        let mut image = mean.clone();
        for (component, spread) in &directions {
            let along = spread * generator.normal();
            for (value, weight) in image.iter_mut().zip(*component) {
                *value += along * weight;
            }
        }
        image
    });
    let pixels = drawn.map(|value| value.clamp(0.0, 1.0) as f32).collect();
    Some(Images::of_pixels(pixels, sides))
}
