//! The options of a GAN, as given and resolved.

use super::choices::{GanKind, GanLoss};
use crate::examples::{MediaConfig, MediaOptions};
use crate::options::{Files, TrainingConfig, TrainingOptions, options};

options! {
    /// The options of a GAN.
    pub GanOptions => GanConfig {
        "Data" {
            /// Images to learn from: folders of PNG, JPEG or GIF files, IDX, CIFAR; several are put together
            data "FILE": Files => Files,
            /// Images to choose the best weights by, instead of a share of --data
            valid "FILE": Files => Option<Files>,
            /// Images to judge by, instead of a share of --data
            test "FILE": Files => Option<Files>,
            /// Shares of --data to train, validate and test on; the share of a part that has its own files is left out
            split "A,B,C" ["0.8,0.1,0.1"]: String => Option<String>,
            /// Column of classes, where a table names the images
            label "COL" ["those of files that have them by themselves"]: String => Option<String>,
        }
        "Networks" {
            /// Generator and discriminator: dcgan (transposed convolutions, batch normalisation) or residual (skip connections, no normalisation)
            model "MODEL" ["residual"]: GanKind => GanKind,
            /// Random numbers that an image is made from
            latent "N" ["64"]: usize => usize,
            /// Channels of the generator's maps, from the smallest map to the largest; the discriminator has the same backwards
            widths "N,…" ["by model and size of the images"]: Vec<usize> => Vec<usize>,
            /// Whether both networks are told the class, so that images of a class can be asked for
            conditional "yes|no" ["yes where every class has 20 images to learn from, and there are 100 classes at the most"]: bool => bool,
            /// Whether every layer of the discriminator is divided by its largest singular value (spectral normalisation, Miyato et al. 2018)
            spectral "yes|no" ["no"]: bool => bool,
        }
        "Adversaries" {
            /// What the two are trained by: relativistic, hinge, non-saturating, least-squares or wasserstein
            loss "LOSS" ["relativistic"]: GanLoss => GanLoss,
            /// Weight of the squared slope of the discriminator at real (R1) and at made images (R2), both from a finite difference along a random direction
            penalty "WEIGHT" ["by loss"]: f64 => f64,
            /// How often an image is shifted, partly covered and changed in brightness and contrast before the discriminator sees it, 0 to 1 (DiffAugment, Zhao et al. 2020)
            augment "SHARE" ["1 below 2,000 images to learn from, 0.5 below 20,000, else 0"]: f64 => f64,
            /// Learning rate of the discriminator
            discriminator_lr "RATE" ["that of the generator, --lr"]: f64 => f64,
            /// Steps of the discriminator for each of the generator
            discriminator_steps "N" ["1"]: usize => usize,
        }
    }
    groups {
        media: MediaOptions => MediaConfig,
        training: TrainingOptions => TrainingConfig {
            batch = "64",
            lr = "by model",
            schedule = "constant",
            averaging = "ema:0.999",
            weight_decay = "0",
            clip = "0",
            patience = "0",
        },
    }
}

impl GanConfig {
    /// Height, width and channels of the images.
    pub(super) fn sides(&self) -> [usize; 3] {
        self.media.sides().unwrap_or([1, 1, 1])
    }
}
