//! The sizes of the maps of both networks: those of the image halved again and again.

use super::super::choices::GanKind;
use super::super::config::GanConfig;

/// About how many places a side of the smallest map has.
const SMALLEST: f64 = 7.0;

/// Channels of the largest maps of a DCGAN and of a residual network, and the most of any.
const DCGAN: usize = 64;
const RESIDUAL: usize = 24;
const MOST: usize = 128;

/// Images of more pixels than this have half the channels in their largest maps.
const MANY: usize = 40 * 40;

/// The maps of both networks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::gan) struct Maps {
    /// Channels of the image.
    pub(in crate::gan) channels: usize,
    /// Height and width of the generator's maps, the smallest first, the image's last.
    pub(in crate::gan) sizes: Vec<[usize; 2]>,
    /// Channels of the maps, the smallest first.
    pub(in crate::gan) widths: Vec<usize>,
}

impl Maps {
    /// The maps that a configuration asks for.
    pub(in crate::gan) fn of(config: &GanConfig) -> Self {
        let [height, width, channels] = config.sides();
        let widths = config.widths.clone();
        let doublings = doublings(config.model, widths.len());
        let sizes = (0..=doublings).rev();
        Self {
            channels,
            sizes: sizes.map(|at| [height >> at, width >> at]).collect(),
            widths,
        }
    }

    /// Channels for images of these sides, where nobody says others.
    pub(in crate::gan) fn usual_widths(
        model: GanKind,
        [height, width, _]: [usize; 3],
    ) -> Vec<usize> {
        let side = height.min(width) as f64;
        let doublings = (side / SMALLEST).log2().round().clamp(1.0, 4.0) as u32;
        let (count, largest) = match model {
            GanKind::Dcgan => (doublings, DCGAN),
            GanKind::Residual => (doublings + 1, RESIDUAL),
        };
        let largest = match height * width > MANY {
            true => largest / 2,
            false => largest,
        };
        let widths = (0..count).rev();
        widths.map(|at| (largest << at).min(MOST)).collect()
    }

    /// Whether so many widths leave something of the smaller side in the smallest map of either network.
    pub(in crate::gan) fn fit(
        model: GanKind,
        widths: usize,
        [height, width, _]: [usize; 3],
    ) -> bool {
        let halvings = doublings(model, widths).max(widths);
        halvings < 16 && height.min(width) >> halvings >= 1
    }

    /// About how many values a training step keeps of an image for the backward pass, in both networks.
    pub(in crate::gan) fn kept(&self) -> usize {
        let sizes = self.sizes.iter().zip(&self.widths);
        let maps = sizes.fold(0_usize, |total, ([height, width], channels)| {
            let map = [*height, *width, *channels];
            total.saturating_add(map.into_iter().fold(1, usize::saturating_mul))
        });
        let image = self.image();
        // Four maps of a block with their gradients, of one made image and of the five that are judged.
        maps.saturating_mul(8 * 3)
            .saturating_add(image[0] * image[1] * self.channels * 20)
    }

    /// Height, width and channels of the generator's first map.
    pub(super) fn first(&self) -> ([usize; 2], usize) {
        let size = self.sizes.first().copied().unwrap_or([1, 1]);
        (size, self.widths.first().copied().unwrap_or(1))
    }

    /// Height and width of the image.
    pub(super) fn image(&self) -> [usize; 2] {
        self.sizes.last().copied().unwrap_or([1, 1])
    }

    /// Height, width and channels of what the discriminator's last convolution gives.
    pub(super) fn judged(&self) -> ([usize; 2], usize) {
        let halvings = self.widths.len();
        (
            self.image().map(|side| side >> halvings),
            self.widths.first().copied().unwrap_or(1),
        )
    }
}

/// How often the smallest map of the generator is enlarged.
fn doublings(model: GanKind, widths: usize) -> usize {
    match model {
        // The last transposed convolution gives the image.
        GanKind::Dcgan => widths,
        GanKind::Residual => widths.saturating_sub(1),
    }
}
