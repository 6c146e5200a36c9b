//! Images changed at random before the discriminator sees them, real and made ones alike, by operations that gradients pass: from a
//! small set it would learn by heart which images there are (Zhao et al. 2020).

use burn::tensor::{Int, Tensor, TensorData};

use ressac_nn::random::{Generator, Stream};

/// The share of a side by which images are shifted at the most, and that of the square that is covered.
const SHIFT: f64 = 0.125;
const COVERED: f64 = 0.5;

/// `images` of -1 to 1, each changed in brightness and contrast, shifted and partly covered with a chance of `share` each.
pub(super) fn augmented(images: Tensor<4>, share: f64, draw: &Stream) -> Tensor<4> {
    let shape = images.dims();
    let lights: Vec<[f32; 2]> = each(shape[0], &draw.child("light"), |generator| {
        let gain = chance(generator, share).then(|| 0.5 + generator.uniform());
        let shift = chance(generator, share).then(|| generator.uniform() - 0.5);
        [gain.unwrap_or(1.0) as f32, shift.unwrap_or(0.0) as f32]
    });
    moved(lit(images, &lights), share, &draw.child("place"))
}

fn each<T>(count: usize, draw: &Stream, of: impl Fn(&mut Generator) -> T) -> Vec<T> {
    let places = 0..count as u64;
    places.map(|at| of(&mut draw.at(at).generator())).collect()
}

fn chance(generator: &mut Generator, share: f64) -> bool {
    generator.uniform() < share
}

/// Each image with its distance from its own mean multiplied by a gain, and a shift added.
fn lit(images: Tensor<4>, lights: &[[f32; 2]]) -> Tensor<4> {
    let ([batch, _, _, _], device) = (images.dims(), images.device());
    let column = |of: fn(&[f32; 2]) -> f32| {
        let values: Vec<f32> = lights.iter().map(of).collect();
        Tensor::<4>::from_data(TensorData::new(values, [batch, 1, 1, 1]), &device)
    };
    let (gain, shift) = (column(|light| light[0]), column(|light| light[1]));
    // As they lie in memory: channels last.
    let images = images.permute([0, 2, 3, 1]);
    let mean = images.clone().mean_dim(1).mean_dim(2).mean_dim(3);
    let still = mean * (-gain.clone() + 1.0) + shift;
    (images * gain + still).permute([0, 3, 1, 2])
}

/// Each image shifted, a square of it covered; where nothing is left there are zeros.
fn moved(images: Tensor<4>, share: f64, draw: &Stream) -> Tensor<4> {
    let ([batch, channels, height, width], device) = (images.dims(), images.device());
    let nowhere = batch * height * width;
    let mut from = Vec::with_capacity(nowhere);
    for place in 0..batch {
        let mut generator = draw.at(place as u64).generator();
        let mut between = |most: f64| (2.0 * generator.uniform() - 1.0) * most;
        let shifts = [height, width].map(|side| between(SHIFT * side as f64 + 0.5) as isize);
        let shifts = match chance(&mut generator, share) {
            true => shifts,
            false => [0, 0],
        };
        let covers = chance(&mut generator, share);
        let corner = [height, width].map(|side| {
            let length = COVERED * side as f64;
            let middle = generator.uniform() * side as f64;
            [middle - 0.5 * length, middle + 0.5 * length]
        });
        let within = |at: usize, [low, high]: [f64; 2]| {
            let middle = at as f64 + 0.5;
            low <= middle && middle < high
        };
        for y in 0..height {
            for x in 0..width {
                let source =
                    [(y, shifts[0], height), (x, shifts[1], width)].map(|(at, shift, side)| {
                        let at = at as isize - shift;
                        usize::try_from(at).ok().filter(|at| *at < side)
                    });
                let covered = covers && within(y, corner[0]) && within(x, corner[1]);
                from.push(match source {
                    [Some(y), Some(x)] if !covered => ((place * height + y) * width + x) as i64,
                    _ => nowhere as i64,
                });
            }
        }
    }
    let rows: Tensor<2> = images.permute([0, 2, 3, 1]).reshape([nowhere, channels]);
    let rows = Tensor::cat(vec![rows, Tensor::zeros([1, channels], &device)], 0);
    let from = Tensor::<1, Int>::from_data(TensorData::new(from, [nowhere]), &device);
    rows.select(0, from)
        .reshape([batch, height, width, channels])
        .permute([0, 3, 1, 2])
}
