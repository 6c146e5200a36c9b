//! Images as the networks read them, numbers from -1 (black) to 1, and as pixels from 0 to 1.

use burn::tensor::{Device, Tensor, TensorData};

use ressac_data::examples::{Examples, Inputs};
use ressac_nn::random::Stream;

use super::pipeline::places;

/// Images in memory, row after row of pixels, the channels of a pixel beside one another.
#[derive(Debug, Clone)]
pub(super) struct Images {
    /// Each value from 0 to 1 `[count · height · width · channels]`.
    pixels: Vec<f32>,
    sides: [usize; 3],
    /// The place of each one's class; 0 where there are no classes.
    classes: Vec<usize>,
}

impl Images {
    /// The images among `examples`, which all have these sides.
    pub(super) fn of(examples: &Examples, sides: [usize; 3], classes: &[String]) -> Self {
        let [height, width, channels] = sides;
        let row = width * channels;
        let mut pixels = Vec::with_capacity(examples.len() * height * row);
        if let Inputs::Sequences(sequences) = &examples.inputs {
            for item in &sequences.items {
                // The steps of a dimension stand beside one another: step y of dimension x.
                let value = |y: usize, x: usize| item.values[x * item.steps + y] as f32;
                pixels.extend((0..height).flat_map(|y| (0..row).map(move |x| value(y, x))));
            }
        }
        Self {
            pixels,
            sides,
            classes: places(examples, classes),
        }
    }

    /// Images from their pixels, of no class.
    pub(super) fn of_pixels(pixels: Vec<f32>, sides: [usize; 3]) -> Self {
        let count = pixels.len() / sides.iter().product::<usize>().max(1);
        Self {
            pixels,
            sides,
            classes: vec![0; count],
        }
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.classes.len()
    }

    /// Height, width and channels of each.
    pub(super) fn sides(&self) -> [usize; 3] {
        self.sides
    }

    /// Numbers of an image.
    pub(super) fn width(&self) -> usize {
        self.sides.iter().product()
    }

    /// The pixels of one.
    pub(super) fn image(&self, place: usize) -> &[f32] {
        let width = self.width();
        &self.pixels[place * width..][..width]
    }

    /// The pixels of all.
    pub(super) fn pixels(&self) -> &[f32] {
        &self.pixels
    }

    /// The place of each one's class.
    pub(super) fn classes(&self) -> &[usize] {
        &self.classes
    }

    /// Some of them as a map `[batch, channels, height, width]`, -1 to 1.
    pub(super) fn map(&self, places: &[usize], device: &Device) -> Tensor<4> {
        let [height, width, channels] = self.sides;
        let values = places.iter().flat_map(|place| self.image(*place));
        let values: Vec<f32> = values.map(|value| 2.0 * value - 1.0).collect();
        let data = TensorData::new(values, [places.len(), height, width, channels]);
        Tensor::from_data(data, device).permute([0, 3, 1, 2])
    }

    /// At most `most` of them: places drawn by `draw`, in ascending order.
    pub(super) fn some(&self, most: usize, draw: &Stream) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.len()).collect();
        if self.len() > most {
            draw.generator().shuffle(&mut order);
            order.truncate(most);
            order.sort_unstable();
        }
        order
    }

    /// Whether all are the same, pixel for pixel.
    pub(super) fn are_one(&self) -> bool {
        let first = &self.pixels[..self.width().min(self.pixels.len())];
        (0..self.len()).all(|place| self.image(place) == first)
    }
}

/// A map of -1 to 1 as pixels of 0 to 1, row after row, the channels of a pixel beside one another.
pub(super) fn pixels(map: Tensor<4>) -> Vec<f32> {
    let values = map.permute([0, 2, 3, 1]).into_data();
    let values = values.iter::<f32>();
    values
        .map(|value| (0.5 * value + 0.5).clamp(0.0, 1.0))
        .collect()
}

/// One row for each class `[batch, classes]`, 1 at its place.
pub(super) fn one_hot(classes: &[usize], count: usize, device: &Device) -> Tensor<2> {
    let mut values = vec![0.0_f32; classes.len() * count];
    for (row, class) in values.chunks_exact_mut(count.max(1)).zip(classes) {
        if let Some(value) = row.get_mut(*class) {
            *value = 1.0;
        }
    }
    Tensor::from_data(TensorData::new(values, [classes.len(), count]), device)
}

/// Numbers of the standard normal distribution `[rows, width]`, the rows one after the other.
pub(super) fn normals(rows: usize, width: usize, draw: &Stream, device: &Device) -> Tensor<2> {
    let mut generator = draw.generator();
    let values: Vec<f32> = (0..rows * width)
        .map(|_| generator.normal() as f32)
        .collect();
    Tensor::from_data(TensorData::new(values, [rows, width]), device)
}
