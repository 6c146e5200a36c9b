//! Making the mark: of the coefficients that carry it, those that are cheap to turn to the key's signs are turned.
//!
//! The image is known where the mark is made, so it need not disturb the mark: informed embedding (Miller, Doërr and Cox,
//! "Applying informed coding and embedding to design a robust, high capacity watermark", 2004). Each coefficient v with
//! sign u becomes v + u·δ where δ has the largest
//!
//! gain(u(v + δ)) + w · gain(u(v′ + aδ)) − price · (δ / mask)²,
//!
//! v′ being the coefficient of the image scaled to half and back and a what of δ remains in it; the price is the one at which
//! the squared changes sum to what the PSNR allows. Neighbours change v′, and rounding and clipping v: so it is done again,
//! from the image as it came out.

use super::blocks::{self, COEFFICIENTS, SIDE};
use super::detect::{Evidence, Signs};
use super::scaling::halved_and_back;
use super::{LEAST_MARKED, Marked, TILE, squashed};
use crate::{Key, MarkError, Pixels};

/// How often the changes are chosen anew.
const ROUNDS: usize = 5;
/// Changes tried are multiples of `mask` times this.
const STEP: f32 = 2.0;
/// Multiples tried: from −10 (a wrong coefficient may be pushed to where it is not counted) to 20.
const TRIED: std::ops::RangeInclusive<i32> = -10..=20;
/// PSNR of an image of one tile, in dB, a little above the 40 that come out after rounding.
const PSNR_OF_ONE_TILE: f64 = 40.1;
/// More is not asked of large images, because JPEG rounds smaller changes away.
const MOST_PSNR: f64 = 45.0;
/// At what value a coefficient counts most when it is placed: beyond where it is looked for, so that noise cannot turn it.
const SOFTNESS: f32 = 14.0;
/// How much the square of a squashed coefficient costs: it enlarges what the statistic is divided by.
const COST_OF_SQUARES: f32 = 0.3;
/// Weights of the image scaled to half and back, beside the image itself, tried until its mark is [`SURE`]: a busy image
/// wants more.
const WEIGHTS_OF_HALVED: [f32; 2] = [2.0, 4.0];
/// Base-10 logarithm of the p-value that is asked of the image scaled to half and back.
const SURE: f64 = -9.0;

/// A coefficient that carries a sign of the key; all values times that sign, so that positive is right.
#[derive(Clone, Default)]
struct Carrier {
    /// Without the mark.
    own: f32,
    /// Without its own change, after scaling to half and back.
    halved: f32,
    /// How large a change the eye lets pass, relative to others.
    mask: f32,
    /// The change chosen.
    change: f32,
    /// Gain of each change tried.
    gains: Vec<f32>,
}

impl Carrier {
    fn tabulate(&mut self, remains: f32, weight_of_halved: f32) {
        let gain = |value: f32| {
            let g = squashed(value, SOFTNESS);
            g - COST_OF_SQUARES * g * g
        };
        let (own, halved, step) = (self.own, self.halved, STEP * self.mask);
        let at = |multiple: i32| {
            let change = step * multiple as f32;
            gain(own + change) + weight_of_halved * gain(halved + remains * change)
        };
        self.gains.clear();
        self.gains.extend(TRIED.map(at));
    }

    /// The best change at a price.
    fn best(&self, price: f32) -> f32 {
        let mut best = (f32::NEG_INFINITY, 0.0);
        for (gain, multiple) in self.gains.iter().zip(TRIED) {
            let relative = STEP * multiple as f32;
            let value = gain - price * relative * relative;
            if value > best.0 {
                best = (value, relative * self.mask);
            }
        }
        best.1
    }
}

/// See [`super::embed`].
pub(super) fn embed(pixels: &Pixels, key: &Key) -> Result<Marked, MarkError> {
    let (width, height) = pixels.dimensions();
    if width.min(height) < LEAST_MARKED {
        return Err(MarkError::TooSmall {
            width,
            height,
            least: LEAST_MARKED,
        });
    }
    let signs = Signs::of(key);
    let mut marked = pixels.clone();
    for weight in WEIGHTS_OF_HALVED {
        marked = embedded(pixels, &signs, weight);
        let halved = halved_and_back(&marked.luma(), (width, height));
        let found = Evidence::of_luma(&halved, (width, height)).test(key);
        if found.log10_false_positive <= SURE {
            break;
        }
    }
    let psnr = pixels.psnr(&marked).unwrap_or(f64::INFINITY);
    Ok(Marked {
        pixels: marked,
        psnr,
    })
}

fn embedded(pixels: &Pixels, signs: &Signs, weight_of_halved: f32) -> Pixels {
    let (width, height) = pixels.dimensions();
    let remains = remains_after_halving();
    let blocks = Blocks::of(width, height);
    let budget = budget(width, height);
    let mut carriers = vec![Carrier::default(); blocks.count() * COEFFICIENTS];
    let mut marked = pixels.clone();
    for round in 0..ROUNDS {
        let luma = marked.luma();
        let halved = halved_and_back(&luma, (width, height));
        for (block, carriers) in carriers.chunks_exact_mut(COEFFICIENTS).enumerate() {
            let own = blocks::of_block(&luma, width, blocks.corner(block));
            let halved = blocks::of_block(&halved, width, blocks.corner(block));
            let mask = mask(&own);
            for (k, carrier) in carriers.iter_mut().enumerate() {
                let sign = blocks.sign(signs, block, k);
                if round == 0 {
                    carrier.mask = mask;
                }
                carrier.own = sign * own[k] - carrier.change;
                carrier.halved = sign * halved[k] - remains[k] * carrier.change;
                carrier.tabulate(remains[k], weight_of_halved);
            }
        }
        let price = price(&carriers, budget);
        let mut change = vec![0.0; width * height];
        for (block, carriers) in carriers.chunks_exact_mut(COEFFICIENTS).enumerate() {
            let mut coefficients = [0.0; COEFFICIENTS];
            for (k, carrier) in carriers.iter_mut().enumerate() {
                carrier.change = carrier.best(price);
                coefficients[k] = blocks.sign(signs, block, k) * carrier.change;
            }
            blocks::add(&mut change, width, blocks.corner(block), &coefficients);
        }
        marked = pixels.shifted(&change);
    }
    marked
}

/// What the squared changes of luma may sum to. The tiles of a larger image are looked at together, so each needs less.
fn budget(width: usize, height: usize) -> f32 {
    let area = (width * height) as f64;
    let tiles = area / (TILE * TILE) as f64;
    let psnr = (PSNR_OF_ONE_TILE + 3.0 * libm::log10(tiles)).min(MOST_PSNR);
    (area * 255.0 * 255.0 / libm::pow(10.0, psnr / 10.0)) as f32
}

/// The price at which the changes cost no more than `budget`, by bisection.
fn price(carriers: &[Carrier], budget: f32) -> f32 {
    let (mut low, mut high) = (1e-7_f32, 1.0_f32);
    for _ in 0..20 {
        let middle = (low * high).sqrt();
        let spent: f32 = carriers.iter().map(|c| c.best(middle).powi(2)).sum();
        match spent > budget {
            true => low = middle,
            false => high = middle,
        }
    }
    high
}

/// How large a change a block hides: more where there is much in it.
fn mask(coefficients: &[f32; COEFFICIENTS]) -> f32 {
    let squares: f32 = coefficients.iter().map(|v| v * v).sum();
    let activity = (squares / COEFFICIENTS as f32).sqrt();
    // The fourth root; square roots are the same on every machine.
    ((activity + 1.0) / 10.0).sqrt().sqrt().clamp(0.5, 2.0)
}

/// What remains of a change of each coefficient when the image is scaled to half and back.
fn remains_after_halving() -> [f32; COEFFICIENTS] {
    const WIDE: usize = 3 * SIDE;
    std::array::from_fn(|k| {
        let mut image = vec![0.0; WIDE * WIDE];
        let one = std::array::from_fn(|other| if other == k { 1.0 } else { 0.0 });
        blocks::add(&mut image, WIDE, (SIDE, SIDE), &one);
        let halved = halved_and_back(&image, (WIDE, WIDE));
        blocks::of_block(&halved, WIDE, (SIDE, SIDE))[k]
    })
}

/// The whole blocks of an image, row after row.
struct Blocks {
    across: usize,
    down: usize,
}

impl Blocks {
    fn of(width: usize, height: usize) -> Self {
        Blocks {
            across: width / SIDE,
            down: height / SIDE,
        }
    }

    fn count(&self) -> usize {
        self.across * self.down
    }

    /// The upper left pixel of a block.
    fn corner(&self, block: usize) -> (usize, usize) {
        (block % self.across * SIDE, block / self.across * SIDE)
    }

    fn sign(&self, signs: &Signs, block: usize, coefficient: usize) -> f32 {
        signs.at(coefficient, block / self.across, block % self.across)
    }
}
