//! Whether a classifier that says 80 % is right in 80 % of the cases, and how to make it so.
//!
//! Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks" (2017), ICML.

use super::{ClassificationError, check, check_pairs, rows};

/// The temperatures among which [`fit_temperature`] searches.
pub const TEMPERATURES: (f64, f64) = (0.05, 20.0);

/// Halvings of the search: the logarithm of the temperature is found to about 1e-15.
const HALVINGS: usize = 54;

/// Examples whose top probability lies in one part of 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// Lower end, not included (except for 0).
    pub lower: f64,
    /// Upper end, included.
    pub upper: f64,
    /// Examples in it.
    pub count: u64,
    /// Mean top probability; NaN without an example.
    pub confidence: f64,
    /// Share of right predictions; NaN without an example.
    pub accuracy: f64,
}

/// Confidence against accuracy: the bins of a reliability diagram, and their summary.
#[derive(Clone, Debug, PartialEq)]
pub struct Reliability {
    /// Expected calibration error: mean over the examples of the distance between the accuracy and
    /// the mean confidence of their bin, 0 to 1; NaN without an example.
    pub expected_error: f64,
    /// The bins, ascending, empty ones among them.
    pub bins: Vec<Bin>,
}

impl Reliability {
    /// From the probability of each prediction and whether it is right.
    pub(super) fn of(predictions: impl Iterator<Item = (f64, bool)>, bins: usize) -> Self {
        let bins = bins.max(1);
        let mut sums = vec![(0_u64, 0.0, 0_u64); bins];
        for (probability, right) in predictions {
            let above = (probability * bins as f64).ceil() as usize;
            let (count, confidence, found) = &mut sums[above.saturating_sub(1).min(bins - 1)];
            *count += 1;
            *confidence += probability;
            *found += u64::from(right);
        }
        let total: u64 = sums.iter().map(|(count, ..)| count).sum();
        let apart = |(_, confidence, found): &(u64, f64, u64)| (*found as f64 - confidence).abs();
        let end = |k: usize| k as f64 / bins as f64;
        Reliability {
            expected_error: sums.iter().map(apart).sum::<f64>() / total as f64,
            bins: sums
                .iter()
                .enumerate()
                .map(|(k, (count, confidence, found))| Bin {
                    lower: end(k),
                    upper: end(k + 1),
                    count: *count,
                    confidence: confidence / *count as f64,
                    accuracy: *found as f64 / *count as f64,
                })
                .collect(),
        }
    }
}

/// One number by which all logits are divided, and what it brings where it was fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Temperature {
    /// Above 1 the model was too sure of itself, below 1 too timid.
    pub value: f64,
    /// Mean cross-entropy at temperature 1, in nats.
    pub before: f64,
    /// Mean cross-entropy at this temperature.
    pub after: f64,
    /// Whether the best temperature lies at or beyond an end of [`TEMPERATURES`]. So it is where no
    /// held-back example is classified wrongly (there the best is 0), or logits tell nothing.
    pub at_bound: bool,
}

/// The temperature of least mean cross-entropy of logits \[examples × classes\], on data that the
/// model has not seen. It changes no prediction, only how sure it is.
///
/// The cross-entropy is convex in 1 / temperature, so its slope changes sign once and halving finds
/// the place. Where the slope is 0 everywhere (all logits of a row equal, one class) the temperature
/// is 1.
///
/// # Errors
/// When there is no example, not one logit for each example and class, a label is no class, or a
/// logit is not finite.
pub fn fit_temperature(
    logits: &[f64],
    truth: &[usize],
    classes: usize,
) -> Result<Temperature, ClassificationError> {
    check(logits.len(), truth, classes)?;
    check_logits(logits, classes)?;
    Ok(search(|sharpness| {
        entropy_and_slope(logits, truth, classes, sharpness)
    }))
}

/// As [`fit_temperature`], of several classes at once: the temperature of least mean binary
/// cross-entropy of logits, `truth` being whether each class holds, both \[examples × classes\]. It
/// changes no prediction at a threshold of 0.5.
///
/// # Errors
/// When there is no example, the two are not whole rows of one length, or a logit is not finite.
pub fn fit_binary_temperature(
    logits: &[f64],
    truth: &[bool],
    classes: usize,
) -> Result<Temperature, ClassificationError> {
    check_pairs(logits.len(), truth.len(), classes)?;
    check_logits(logits, classes)?;
    Ok(search(|sharpness| {
        let pairs = logits.iter().zip(truth);
        let (entropy, slope) = pairs.fold((0.0, 0.0), |(entropy, slope), (z, holds)| {
            // The logit of the answer that is wrong.
            let wrong = if *holds { -z } else { *z };
            let sharp = sharpness * wrong;
            let of_wrong = 1.0 / (1.0 + (-sharp).exp());
            (
                entropy + sharp.max(0.0) + (-sharp.abs()).exp().ln_1p(),
                slope + of_wrong * wrong,
            )
        });
        let count = truth.len() as f64;
        (entropy / count, slope / count)
    }))
}

fn check_logits(logits: &[f64], classes: usize) -> Result<(), ClassificationError> {
    if logits.is_empty() {
        return Err(ClassificationError::NoExamples);
    }
    match logits.iter().position(|z| !z.is_finite()) {
        None => Ok(()),
        Some(at) => Err(ClassificationError::Logit {
            example: at / classes,
            class: at % classes,
            value: logits[at],
        }),
    }
}

/// The temperature of least cross-entropy, which `of` gives with its derivative for 1 / temperature.
fn search(of: impl Fn(f64) -> (f64, f64)) -> Temperature {
    let at = |temperature: f64| of(1.0 / temperature);
    let (before, slope) = at(1.0);
    let (least, most) = TEMPERATURES;
    // The slope is by 1 / temperature: above 0 a higher temperature is better.
    let value = if slope == 0.0 {
        1.0
    } else if at(least).1 <= 0.0 {
        least
    } else if at(most).1 >= 0.0 {
        most
    } else {
        let (mut low, mut high) = (least.ln(), most.ln());
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if at(middle.exp()).1 > 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        f64::midpoint(low, high).exp()
    };
    Temperature {
        value,
        before,
        after: at(value).0,
        at_bound: value <= least || value >= most,
    }
}

/// Mean cross-entropy of `sharpness · logits`, and its derivative by the sharpness: the mean of the
/// expected logit minus that of the true class.
fn entropy_and_slope(
    logits: &[f64],
    truth: &[usize],
    classes: usize,
    sharpness: f64,
) -> (f64, f64) {
    let (mut entropy, mut slope) = (0.0, 0.0);
    for (row, truth) in rows(logits, classes).zip(truth) {
        let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (mut sum, mut weighted) = (0.0, 0.0);
        for z in row {
            let behind = z - most;
            let weight = (sharpness * behind).exp();
            sum += weight;
            // An infinite distance (the ends of f64 apart) has weight 0, and 0 · ∞ is NaN.
            if weight > 0.0 {
                weighted += weight * behind;
            }
        }
        let behind = row[*truth] - most;
        entropy += sum.ln() - sharpness * behind;
        slope += weighted / sum - behind;
    }
    let examples = truth.len() as f64;
    (entropy / examples, slope / examples)
}
