//! How good made images are: compared with real ones that were not learnt from, on features of the encoder and, for copies, pixel by
//! pixel.

use ressac_data::examples::Examples;
use ressac_nn::random::Stream;
use ressac_stats::generative::{
    frechet_distance, kernel_distance, manifold, mean_pairwise_distance, nearest_distances,
};

use super::error::GanError;
use super::generator::ImageGenerator;
use super::images::Images;
use super::judge::FEATURES;
use super::model::LEAST;
use super::parts::GanParts;
use super::rivals::gaussian;
use crate::ModelError;
use crate::latent::drawn;

/// Images compared at the most, unless more are asked for.
const COMPARED: usize = 2_000;

/// Neighbours that a ball around an image reaches to (Naeem et al. 2020).
const NEIGHBOURS: usize = 5;

/// Images whose nearest training image is looked for, on either side.
const LOOKED_UP: usize = 200;

/// A made image nearer to one learnt from than this share of held-back ones is to theirs counts as a possible copy; where more made
/// ones are than the other share, they are told to be copies.
const RARE: f64 = 0.01;
pub(super) const COPIED: f64 = 0.1;

/// What is known of some images beside the real ones.
#[derive(Debug, Clone)]
pub(super) struct MethodFigures {
    pub(super) name: String,
    pub(super) kid: Option<f64>,
    pub(super) frechet: Option<f64>,
    pub(super) precision: Option<f64>,
    pub(super) recall: Option<f64>,
    pub(super) density: Option<f64>,
    pub(super) coverage: Option<f64>,
    /// Mean distance of two, over that of two real ones.
    pub(super) diversity: Option<f64>,
}

impl MethodFigures {
    fn of(name: &str, real: &[f64], made: &[f64]) -> Self {
        let found = manifold(real, made, FEATURES, NEIGHBOURS);
        let apart = |rows| mean_pairwise_distance(rows, FEATURES);
        let diversity = apart(made).zip(apart(real).filter(|apart| *apart > 0.0));
        Self {
            name: name.to_owned(),
            kid: kernel_distance(real, made, FEATURES),
            frechet: frechet_distance(real, made, FEATURES),
            precision: found.map(|found| found.precision),
            recall: found.map(|found| found.recall),
            density: found.map(|found| found.density),
            coverage: found.map(|found| found.coverage),
            diversity: diversity.map(|(made, real)| made / real),
        }
    }
}

/// How near made images are to those learnt from, beside how near held-back ones are.
#[derive(Debug, Clone)]
pub(super) struct Copies {
    /// Of each made image looked up the place of the nearest one learnt from, and how far it is, in pixels from 0 to 1.
    pub(super) nearest: Vec<(usize, f64)>,
    /// Medians of these distances: of made images, and of held-back ones.
    pub(super) medians: [f64; 2],
    /// The share of made images nearer than all but [`RARE`] of the held-back ones.
    pub(super) near: f64,
    /// The images learnt from.
    pub(super) train: Images,
}

/// What an evaluation found.
#[derive(Debug, Clone)]
pub(super) struct Evaluation {
    /// The model first.
    pub(super) methods: Vec<MethodFigures>,
    /// Made and real images compared.
    pub(super) counts: [usize; 2],
    pub(super) made: Images,
    pub(super) copies: Option<Copies>,
    /// Why something is left out.
    pub(super) left_out: Vec<String>,
}

/// The value that this share of `values` is below.
fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (share * sorted.len() as f64) as usize;
    sorted
        .get(at)
        .or(sorted.last())
        .copied()
        .unwrap_or(f64::NAN)
}

/// Pixels of some images, one row each.
fn rows(images: &Images, places: &[usize]) -> Vec<f64> {
    let pixels = places.iter().flat_map(|place| images.image(*place));
    pixels.map(|value| f64::from(*value)).collect()
}

/// How near `made` images are to those of `train`, beside how near `real` ones are; the distance is the root of the mean squared
/// difference of two pixels.
fn copies(made: &Images, real: &Images, train: Images) -> Option<Copies> {
    let width = train.width();
    let all: Vec<usize> = (0..train.len()).collect();
    let learnt = rows(&train, &all);
    let nearest = |images: &Images| -> Option<Vec<(usize, f64)>> {
        let places = images.some(LOOKED_UP, &Stream::new(0, "looked up"));
        let found = nearest_distances(&rows(images, &places), &learnt, width)?;
        let scale = (width as f64).sqrt();
        Some(
            (found.into_iter())
                .map(|(at, far)| (at, far / scale))
                .collect(),
        )
    };
    let made_first = Images::of_pixels(
        made.pixels()[..made.width() * made.len().min(LOOKED_UP)].to_vec(),
        train.sides(),
    );
    let (of_made, of_real) = (nearest(&made_first)?, nearest(real)?);
    let distances = |found: &[(usize, f64)]| -> Vec<f64> {
        found.iter().map(|(_, distance)| *distance).collect()
    };
    let (far_made, far_real) = (distances(&of_made), distances(&of_real));
    let least = quantile(&far_real, RARE);
    let near = far_made
        .iter()
        .filter(|distance| **distance < least)
        .count();
    Some(Copies {
        medians: [quantile(&far_made, 0.5), quantile(&far_real, 0.5)],
        near: near as f64 / far_made.len().max(1) as f64,
        nearest: of_made,
        train,
    })
}

impl ImageGenerator {
    /// Makes images and compares them with `scored`, beside rivals fitted on the parts it was trained on where these are at hand.
    ///
    /// # Errors
    /// Too few images to compare with.
    pub(super) fn evaluation(
        &self,
        scored: &Examples,
        prepared: Result<&GanParts, String>,
        asked: Option<usize>,
    ) -> Result<Evaluation, ModelError> {
        let (config, sides) = (self.config(), self.config().sides());
        if scored.len() < LEAST {
            return Err(GanError::TooFewToScore {
                found: scored.len(),
                least: LEAST,
            }
            .into());
        }
        let draw = Stream::new(0, "evaluation");
        let of = |examples: &Examples| Images::of(examples, sides, &self.pipeline().classes);
        let scored = of(scored);
        let count = asked.unwrap_or(scored.len().min(COMPARED));
        let places = scored.some(COMPARED.max(count), &draw.child("real"));
        let real = self.features(&scored, &places)?;
        let latent = drawn(count, config.latent, None, &draw.child("latent"));
        let classes = self.classes(count, &draw.child("classes"));
        let made = self.make(&latent, &classes)?;
        let compared = |name: &str, images: &Images| -> Result<MethodFigures, ModelError> {
            let places = images.some(count, &draw.child(name));
            Ok(MethodFigures::of(
                name,
                &real,
                &self.features(images, &places)?,
            ))
        };
        let mut methods = vec![compared("model", &made)?];
        let (mut near, mut left_out) = (None, Vec::new());
        match prepared {
            Ok(prepared) => {
                let train = of(&prepared.parts.train);
                methods.push(compared("training images", &train)?);
                match gaussian(&train, sides, count, &draw.child("gaussian")) {
                    Some(drawn) => methods.push(compared("normal distribution", &drawn)?),
                    None => left_out.push(
                        "the normal distribution of pixels is left out: the training images are too few".into(),
                    ),
                }
                near = copies(&made, &scored, train);
            }
            Err(why) => left_out.push(why),
        }
        Ok(Evaluation {
            methods,
            counts: [count, places.len()],
            made,
            copies: near,
            left_out,
        })
    }
}
