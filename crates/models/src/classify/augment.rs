//! Augmentation: what is changed at random in the sequences of a training batch, so that no example is seen twice alike.
//!
//! The order is that of the options: stretch, shift, bands, gain, noise, masks. All work on z-scores, step by step, so that
//! 0 is the mean of a dimension. Here are the options; [`change`] is what they do.

mod change;

pub(super) use change::Augmentation;
use change::stretched;

use ressac_data::examples::Media;

use crate::ModelError;
use crate::error::option_error;
use crate::examples::MediaConfig;
use crate::options::{Config as _, Options as _, options};
use crate::ranges;

options! {
    /// Options of augmentation.
    pub AugmentOptions => AugmentConfig {
        "Augmentation" {
            /// How much longer or shorter a sequence becomes at most: up to 1 + SHARE times as long, or 1 / (1 + SHARE)
            augment_stretch "SHARE" ["0; of sounds 0.2"]: f64 => Option<f64>,
            /// How far a sequence is moved in time at most, as a share of its length; the edge is repeated
            augment_shift "SHARE" ["0; of sounds 0.1"]: f64 => Option<f64>,
            /// By how many bands a sound, or pixels to a side an image, is moved at most
            augment_bands "N" ["0; of sounds 2"]: usize => Option<usize>,
            /// Standard deviation of the factor that multiplies all values; of sounds, of what is added to every log-mel
            augment_gain "DEVIATION" ["0"]: f64 => Option<f64>,
            /// Standard deviation of noise added to every value, in those of its dimension; of sounds white noise of up to so many times the sound's own amplitude
            augment_noise "DEVIATION" ["0; of sounds 1"]: f64 => Option<f64>,
            /// Stretches of steps that are masked, and of sounds and images as many of bands (SpecAugment, Park et al. 2019)
            augment_masks "N" ["0; of sounds 2"]: usize => Option<usize>,
        }
    }
}

/// What holds for sounds.
const OF_SOUNDS: Amounts = Amounts {
    stretch: 0.2,
    shift: 0.1,
    bands: 2,
    gain: 0.0,
    noise: 1.0,
    masks: 2,
};

/// What holds for other sequences.
const NONE: Amounts = Amounts {
    stretch: 0.0,
    shift: 0.0,
    bands: 0,
    gain: 0.0,
    noise: 0.0,
    masks: 0,
};

/// What the sequences are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Values of a table or a `.ts` file.
    Numbers,
    /// Log-mel frames: dimensions are bands.
    Sounds,
    /// Rows of pixels, each of so many dimensions.
    Images(usize),
}

impl Kind {
    /// What sequences read so are.
    pub(super) fn of(media: Option<Media>) -> Self {
        match media {
            Some(Media::Sound { .. }) => Kind::Sounds,
            Some(Media::Image { colour, .. }) => Kind::Images(colour.channels()),
            None => Kind::Numbers,
        }
    }

    /// What the sequences of a model are.
    fn of_config(config: &MediaConfig) -> Self {
        match (config.rate, config.sides()) {
            (Some(_), _) => Kind::Sounds,
            (None, Some([_, _, channels])) => Kind::Images(channels),
            (None, None) => Kind::Numbers,
        }
    }
}

/// How much is changed at most.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Amounts {
    stretch: f64,
    shift: f64,
    bands: usize,
    gain: f64,
    noise: f64,
    masks: usize,
}

impl AugmentOptions {
    /// The options with the defaults of this kind of sequences.
    ///
    /// # Errors
    /// [`ModelError::Options`] for bands of sequences that have none.
    pub(super) fn resolve(&self, kind: Kind) -> Result<AugmentConfig, ModelError> {
        let usual = match kind {
            Kind::Sounds => OF_SOUNDS,
            Kind::Numbers | Kind::Images(_) => NONE,
        };
        if kind == Kind::Numbers && self.augment_bands.is_some() {
            return Err(option_error(
                "augment_bands",
                "is for sounds and images: the dimensions of other sequences are in no order. Leave it out",
            ));
        }
        Ok(AugmentConfig {
            augment_stretch: Some(self.augment_stretch.unwrap_or(usual.stretch)),
            augment_shift: Some(self.augment_shift.unwrap_or(usual.shift)),
            augment_bands: (kind != Kind::Numbers)
                .then(|| self.augment_bands.unwrap_or(usual.bands)),
            augment_gain: Some(self.augment_gain.unwrap_or(usual.gain)),
            augment_noise: Some(self.augment_noise.unwrap_or(usual.noise)),
            augment_masks: Some(self.augment_masks.unwrap_or(usual.masks)),
        })
    }

    /// The configuration of texts, of which nothing of this kind is changed.
    ///
    /// # Errors
    /// [`ModelError::Options`] where one of these options is given all the same.
    pub(super) fn refused(&self) -> Result<AugmentConfig, ModelError> {
        match self.table().keys().next() {
            Some(key) => Err(option_error(
                key,
                "is for sequences of numbers, sounds and images, and the data holds texts, where words are dropped instead: leave it out",
            )),
            None => AugmentConfig::from_options(self.clone())
                .map_err(|key| option_error(key, "is missing")),
        }
    }
}

impl AugmentConfig {
    /// What is changed, in a few words; nothing where nothing is.
    pub(super) fn told(&self) -> Option<String> {
        let amounts = [
            ("stretch", self.augment_stretch),
            ("shift", self.augment_shift),
            ("bands", self.augment_bands.map(|bands| bands as f64)),
            ("gain", self.augment_gain),
            ("noise", self.augment_noise),
            ("masks", self.augment_masks.map(|masks| masks as f64)),
        ];
        let told: Vec<String> = (amounts.into_iter())
            .filter_map(|(name, amount)| Some((name, amount.filter(|amount| *amount > 0.0)?)))
            .map(|(name, amount)| format!("{name} {amount}"))
            .collect();
        (!told.is_empty()).then(|| told.join(", "))
    }

    /// Refuses amounts out of their range.
    pub(super) fn check(&self) -> Result<(), ModelError> {
        for (key, value, most) in [
            ("augment_stretch", self.augment_stretch, 4.0),
            ("augment_shift", self.augment_shift, 1.0),
            ("augment_gain", self.augment_gain, 10.0),
            ("augment_noise", self.augment_noise, 10.0),
        ] {
            if let Some(value) = value.filter(|value| !(0.0..=most).contains(value)) {
                return Err(option_error(
                    key,
                    &format!("is {value}; it is a number from 0 to {most}"),
                ));
            }
        }
        for (key, value) in [
            ("augment_bands", self.augment_bands),
            ("augment_masks", self.augment_masks),
        ] {
            if let Some(value) = value {
                ranges::whole(key, value, 0..=100)?;
            }
        }
        Ok(())
    }

    /// The longest that a sequence of so many steps becomes.
    pub(super) fn longest(&self, steps: usize) -> usize {
        stretched(steps, 1.0 + self.augment_stretch.unwrap_or(0.0))
    }
}
