//! Images that nobody took: noise, slopes, clouds, shapes, textures; from a number alone.

use ressac_data::picture::Colour;
use ressac_marks::Pixels;

/// Numbers from a number (Steele, Lea and Flood's SplitMix64, 2014).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to 1.
    pub(crate) fn share(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u64 << 24) as f32
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

/// An image of a size; the kind goes with the number. Grey in every other run of six.
pub(crate) fn image(number: u64, width: usize, height: usize) -> Pixels {
    let mut numbers = Numbers(number.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let colour = match number / 6 % 2 {
        0 => Colour::Rgb,
        _ => Colour::Grey,
    };
    let planes: Vec<Vec<f32>> = (0..colour.channels())
        .map(|_| plane(number % 6, &mut numbers, width, height))
        .collect();
    let level = |k: usize| {
        let channels = colour.channels();
        // Channels of photographs are much alike.
        let own = planes[k % channels][k / channels];
        (0.7 * planes[0][k / channels] + 0.3 * own) as u8
    };
    let levels = (0..width * height * colour.channels()).map(level).collect();
    Pixels::new(width, height, colour, levels).expect("levels as the size says")
}

fn plane(kind: u64, numbers: &mut Numbers, width: usize, height: usize) -> Vec<f32> {
    let places = (0..width * height).map(|k| (k % width, k / width));
    let contrast = 20.0 + 230.0 * numbers.share();
    let base = (255.0 - contrast) * numbers.share();
    match kind {
        // White noise.
        0 => places.map(|_| base + contrast * numbers.share()).collect(),
        // A slope with a little noise.
        1 => {
            let (a, b) = (numbers.share() - 0.5, numbers.share() - 0.5);
            let slope = |(x, y): (usize, usize)| {
                let share = a * x as f32 / width as f32 + b * y as f32 / height as f32;
                base + contrast * (0.5 + share) + 3.0 * numbers.share()
            };
            places.map(slope).collect()
        }
        // Clouds: noise of several widths, each as strong as it is wide, like photographs; sharp or soft.
        2 | 3 => {
            let finest = if kind == 2 { 1 } else { 4 };
            let mut sum = vec![0.0; width * height];
            for width_of_noise in [32, 16, 8, 4, 2, 1].into_iter().filter(|w| *w >= finest) {
                let across = width / width_of_noise + 2;
                let nodes: Vec<f32> = (0..across * (height / width_of_noise + 2))
                    .map(|_| numbers.share() - 0.5)
                    .collect();
                for (k, sum) in sum.iter_mut().enumerate() {
                    let (x, y) = (k % width, k / width);
                    let (fx, fy) = (
                        x as f32 / width_of_noise as f32,
                        y as f32 / width_of_noise as f32,
                    );
                    let at = fy as usize * across + fx as usize;
                    let (dx, dy) = (fx.fract(), fy.fract());
                    let top = nodes[at] * (1.0 - dx) + nodes[at + 1] * dx;
                    let bottom = nodes[at + across] * (1.0 - dx) + nodes[at + across + 1] * dx;
                    *sum += (top * (1.0 - dy) + bottom * dy) * width_of_noise as f32 / 32.0;
                }
            }
            let level = |s: f32| (base + contrast * (0.5 + s)).clamp(0.0, 255.0);
            sum.into_iter().map(level).collect()
        }
        // Discs on a plain ground.
        4 => {
            let mut levels = vec![base; width * height];
            for _ in 0..1 + numbers.below(8) {
                let (x, y) = (numbers.below(width) as f32, numbers.below(height) as f32);
                let (radius, level) = (
                    4.0 + 20.0 * numbers.share(),
                    base + contrast * numbers.share(),
                );
                for (k, to) in levels.iter_mut().enumerate() {
                    let (dx, dy) = ((k % width) as f32 - x, (k / width) as f32 - y);
                    if dx * dx + dy * dy < radius * radius {
                        *to = level;
                    }
                }
            }
            levels
        }
        // A texture that comes back every few pixels.
        _ => {
            let period = [4, 8, 16, 6, 32][numbers.below(5)];
            let tile: Vec<f32> = (0..period * period)
                .map(|_| base + contrast * numbers.share())
                .collect();
            places
                .map(|(x, y)| tile[y % period * period + x % period])
                .collect()
        }
    }
}
