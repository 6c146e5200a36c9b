//! How fast a training converged, from what it wrote down at each validation.

use serde::Serialize;

use ressac_train::MetricsLine;

/// How fast the training loss fell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Convergence {
    /// Epochs done at each validation; one may come within an epoch.
    pub epochs: Vec<f64>,
    /// The mean training loss up to each, since the one before.
    pub train_loss: Vec<f64>,
    /// The validation loss of each, where there is a validation part.
    pub valid_loss: Vec<Option<f64>>,
    /// The slope of ln(training loss) over the last half of the validations, for each epoch: −0.1 means
    /// that it still falls by about 10 % an epoch. Nothing with fewer than four validations.
    pub slope_per_epoch: Option<f64>,
    /// The share of the whole fall of the training loss that came in the last quarter of the validations.
    pub last_quarter: Option<f64>,
    /// Whether the validation loss was lowest at the last one.
    pub best_at_end: bool,
    /// The largest gradient norm met, before clipping.
    pub largest_gradient: f64,
}

/// Validations from which a slope can be told.
const FEWEST: usize = 4;

/// Reads `lines`, one for each validation; nothing without any.
pub fn convergence(lines: &[MetricsLine]) -> Option<Convergence> {
    let (first, last) = (lines.first()?, lines.last()?);
    let enough = lines.len() >= FEWEST;
    let whole = first.train_loss - last.train_loss;
    let before_last_quarter = &lines[(lines.len() - 1) - lines.len() / 4];
    let last_quarter =
        (enough && whole > 0.0).then(|| (before_last_quarter.train_loss - last.train_loss) / whole);
    let best = lines
        .iter()
        .filter_map(|line| Some((line.valid_loss?, line.step)))
        .min_by(|a, b| a.0.total_cmp(&b.0));
    Some(Convergence {
        epochs: lines.iter().map(|line| line.epoch).collect(),
        train_loss: lines.iter().map(|line| line.train_loss).collect(),
        valid_loss: lines.iter().map(|line| line.valid_loss).collect(),
        slope_per_epoch: enough
            .then(|| slope(&lines[lines.len() / 2 - 1..]))
            .flatten(),
        last_quarter,
        best_at_end: best.is_none_or(|(_, step)| step == last.step),
        largest_gradient: lines
            .iter()
            .map(|line| line.gradient_norm)
            .fold(0.0, f64::max),
    })
}

/// The least-squares slope of ln(loss) by epoch; nothing if a loss is not above zero.
fn slope(lines: &[MetricsLine]) -> Option<f64> {
    let points: Vec<(f64, f64)> = lines
        .iter()
        .map(|line| (line.epoch, line.train_loss.ln()))
        .collect();
    let count = points.len() as f64;
    let mean = |get: fn(&(f64, f64)) -> f64| points.iter().map(get).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let above: f64 = points
        .iter()
        .map(|point| (point.0 - x) * (point.1 - y))
        .sum();
    let below: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    Some(above / below).filter(|slope| slope.is_finite())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// A validation after each `apart` of an epoch.
    fn lines(losses: &[f64], apart: f64) -> Vec<MetricsLine> {
        losses
            .iter()
            .enumerate()
            .map(|(place, loss)| MetricsLine {
                step: 10 * (place as u64 + 1),
                epoch: apart * (place as f64 + 1.0),
                train_loss: *loss,
                valid_loss: Some(*loss),
                learning_rate: 0.01,
                gradient_norm: 2.0,
                gradient_norm_mean: 1.0,
                seconds: 1.0,
                train: BTreeMap::new(),
                valid: BTreeMap::new(),
                notes: Vec::new(),
            })
            .collect()
    }

    #[test]
    fn a_loss_that_falls_by_a_tenth_has_that_slope() {
        let losses: Vec<f64> = (0..8)
            .map(|epoch| (-0.1 * f64::from(epoch)).exp())
            .collect();
        let found = convergence(&lines(&losses, 1.0)).unwrap();
        assert!((found.slope_per_epoch.unwrap() + 0.1).abs() < 1e-12);
        assert_eq!(found.epochs[7], 8.0);
        let wanted = (losses[5] - losses[7]) / (losses[0] - losses[7]);
        assert!((found.last_quarter.unwrap() - wanted).abs() < 1e-12);
        assert!(found.best_at_end);
    }

    #[test]
    fn validations_within_an_epoch_have_the_slope_of_an_epoch() {
        let losses: Vec<f64> = (0..8)
            .map(|place| (-0.1 * f64::from(place)).exp())
            .collect();
        let found = convergence(&lines(&losses, 0.25)).unwrap();
        assert!((found.slope_per_epoch.unwrap() + 0.4).abs() < 1e-12);
        assert_eq!(found.epochs[..3], [0.25, 0.5, 0.75]);
        assert!(found.best_at_end);
    }

    #[test]
    fn few_validations_or_a_loss_of_zero_give_no_slope_and_no_panic() {
        assert!(convergence(&[]).is_none());
        assert_eq!(
            convergence(&lines(&[1.0, 0.5], 1.0))
                .unwrap()
                .slope_per_epoch,
            None
        );
        let zero = convergence(&lines(&[1.0, 0.0, 0.0, 0.0, 0.0], 1.0)).unwrap();
        assert_eq!(zero.slope_per_epoch, None);
        let rising = convergence(&lines(&[1.0, 2.0, 3.0, 4.0], 1.0)).unwrap();
        assert_eq!(rising.last_quarter, None);
        assert!(!rising.best_at_end);
    }
}
