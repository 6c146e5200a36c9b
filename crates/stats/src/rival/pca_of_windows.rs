//! Distances to the principal components of windows: what leads the published comparison of detectors of unusual stretches
//! in single series, before every network in it.

use serde::{Deserialize, Serialize};

use super::Pca;
use crate::covariance::means;
use crate::pairs;

/// Detector of unusual windows of a series (or other rows of numbers) by all of their principal components.
///
/// Columns are brought to mean 0 and deviation 1, as they are in the training rows; of a row x it then takes
/// Σₖ |x − vₖ| / shareₖ over the components vₖ, vectors of length 1 with their largest entry positive, each divided by the
/// share of the variance that it explains. So directions in which training rows hardly vary decide.
///
/// It is the detector `PCA` of the package PyOD with its defaults, and with windows of a series as rows the `Sub_PCA` of
/// TSB-AD, where it is fitted to the very series that it scores and windows are one period long; the score of a window is
/// there the score of the point in its middle. (A score that depends on the sign of a component is odd, but it is theirs;
/// scikit-learn before version 1.5 took another sign.) Components that explain no more than rounding does are left out:
/// the packages divide by their share of 0, or of what rounding left.
///
/// Shyu, Chen, Sarinnapakorn, Chang, "A novel anomaly detection scheme based on principal component classifier" (2003),
/// ICDM workshop; Aggarwal, "Outlier analysis" (2017), Springer, chapter 3; Liu, Paparrizos, "The elephant in the room:
/// towards a reliable time-series anomaly detection benchmark" (2024), NeurIPS 37.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct PcaOfWindows(Parts);

/// What is saved of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Parts {
    /// Of each column.
    mean: Vec<f64>,
    deviation: Vec<f64>,
    /// \[components × width\], and of each component the share of the variance.
    components: Vec<f64>,
    shares: Vec<f64>,
}

impl PcaOfWindows {
    /// Fits `rows` \[count × width\]. Takes time in proportion to count · width² + width³. Nothing if there is no row, no
    /// width, a length that is not a number of rows, a value that is not finite (or its square), or if all rows are alike.
    pub fn fit(rows: &[f64], width: usize) -> Option<Self> {
        if width == 0 || rows.is_empty() || !rows.len().is_multiple_of(width) {
            return None;
        }
        let count = (rows.len() / width) as f64;
        let mean = means(rows, width);
        let mut variances = vec![0.0; width];
        for row in rows.chunks_exact(width) {
            for ((sum, value), mean) in variances.iter_mut().zip(row).zip(&mean) {
                *sum += (value - mean) * (value - mean);
            }
        }
        variances.iter_mut().for_each(|sum| *sum /= count);
        if !variances.iter().all(|variance| variance.is_finite()) {
            return None;
        }
        // What rounding alone makes of a constant column, as in scikit-learn; its unit stays.
        let deviation = |(variance, mean): (&f64, &f64)| {
            let rounding = count * f64::EPSILON;
            let constant = *variance <= rounding * variance + (rounding * mean).powi(2);
            if constant { 1.0 } else { variance.sqrt() }
        };
        let deviation: Vec<f64> = variances.iter().zip(&mean).map(deviation).collect();
        let scaled = scaled(rows, &mean, &deviation);
        let pca = Pca::fit(&scaled, width, width)?;
        let all: f64 = pca.variances().iter().sum();
        let found = Parts {
            mean,
            deviation,
            components: pca.components().to_vec(),
            shares: pca.variances().iter().map(|value| value / all).collect(),
        };
        found.try_into().ok()
    }

    /// Values of a row.
    pub fn width(&self) -> usize {
        self.0.mean.len()
    }

    /// Share of the variance that each component explains, above 0, the largest first; their sum is 1.
    pub fn shares(&self) -> &[f64] {
        &self.0.shares
    }

    /// How unusual a row is, above 0, without a unit. Nothing if it has another width or a value that is not finite.
    pub fn score(&self, row: &[f64]) -> Option<f64> {
        match self.scores(row)?[..] {
            [score] => Some(score),
            _ => None,
        }
    }

    /// The score of each of some rows \[count × width\], the same bits as one by one, on all cores. Nothing if these are
    /// not whole rows or a value is not finite.
    pub fn scores(&self, rows: &[f64]) -> Option<Vec<f64>> {
        let Parts {
            mean,
            deviation,
            components,
            shares,
        } = &self.0;
        if !rows.len().is_multiple_of(mean.len()) || rows.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let rows = scaled(rows, mean, deviation);
        let scores = pairs::of_distances(&rows, components, mean.len(), |_, distances| {
            let each = distances.iter().zip(shares);
            each.map(|(squared, share)| squared.sqrt() / share).sum()
        });
        Some(scores)
    }
}

impl TryFrom<Parts> for PcaOfWindows {
    type Error = &'static str;

    fn try_from(parts: Parts) -> Result<Self, Self::Error> {
        let width = parts.mean.len();
        let fits = width > 0
            && parts.deviation.len() == width
            && !parts.shares.is_empty()
            && Some(parts.components.len()) == width.checked_mul(parts.shares.len());
        let finite = [&parts.mean, &parts.components]
            .into_iter()
            .flatten()
            .all(|value| value.is_finite());
        let divisors = parts.deviation.iter().chain(&parts.shares);
        if fits && finite && divisors.copied().all(|x| x.is_finite() && x > 0.0) {
            Ok(PcaOfWindows(parts))
        } else {
            Err(
                "components of windows have a finite mean and a deviation for each column, and a share each above 0",
            )
        }
    }
}

impl From<PcaOfWindows> for Parts {
    fn from(of: PcaOfWindows) -> Self {
        of.0
    }
}

/// Rows of columns with mean 0 and deviation 1.
fn scaled(rows: &[f64], mean: &[f64], deviation: &[f64]) -> Vec<f64> {
    let of_row = |row: &[f64]| {
        let each = row.iter().zip(mean).zip(deviation);
        each.map(|((value, mean), deviation)| (value - mean) / deviation)
            .collect::<Vec<f64>>()
    };
    rows.chunks_exact(mean.len()).flat_map(of_row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draws;

    const GOLDEN: &str = include_str!("../../../../fixtures/pca_of_windows/scores.tsv");

    /// The rows that `make.py` draws.
    fn rows(kind: &str, count: usize, width: usize, seed: u64) -> Vec<f64> {
        let mut draws = Draws::new(seed);
        if kind == "table" {
            let scale = |column: usize| (column + 1) as f64;
            let value = |at: usize| match at % width {
                1 => 7.25,
                column => draws.uniform() * scale(column) + 3.0,
            };
            return (0..count * width).map(value).collect();
        }
        let mut before = 0.0;
        let series: Vec<f64> = (0..count + width - 1)
            .map(|_| {
                before = 0.5 * before + (draws.uniform() - 0.5);
                before
            })
            .collect();
        series.windows(width).flatten().copied().collect()
    }

    #[test]
    fn scores_are_those_of_pyod() {
        let mut cases = 0;
        for line in GOLDEN.lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<&str> = line.split('\t').collect();
            let whole = |at: usize| fields[at].parse::<usize>().unwrap();
            let (count, others, width, seed) = (whole(1), whole(2), whole(3), whole(4) as u64);
            let training = rows(fields[0], count, width, 1_000 + seed);
            let found = PcaOfWindows::fit(&training, width).unwrap();
            let other = rows(fields[0], others, width, 2_000 + seed);
            for (at, rows) in [(5, &training), (6, &other)] {
                let scores = found.scores(rows).unwrap();
                for (k, expected) in fields[at].split(' ').enumerate() {
                    let expected: f64 = expected.parse().unwrap();
                    let score = found.score(&rows[k * width..(k + 1) * width]).unwrap();
                    assert_eq!(score.to_bits(), scores[k].to_bits());
                    assert!(
                        (score / expected - 1.0).abs() < 1e-9,
                        "{line}: {score} {expected}"
                    );
                }
                let expected: f64 = fields[at + 2].parse().unwrap();
                let sum: f64 = scores.iter().sum();
                assert!(
                    (sum / expected - 1.0).abs() < 1e-9,
                    "{line}: {sum} {expected}"
                );
            }
            cases += 1;
        }
        assert_eq!(cases, 5);
    }

    #[test]
    fn a_window_of_another_shape_is_more_unusual_and_what_is_saved_scores_the_same() {
        let training = rows("series", 307, 11, 3);
        let found = PcaOfWindows::fit(&training, 11).unwrap();
        let usual = found.scores(&training).unwrap();
        let mut other = training[11..22].to_vec();
        other[5] += 4.0;
        let score = found.score(&other).unwrap();
        assert!(usual.iter().all(|usual| *usual < score));
        let text = serde_json::to_string(&found).unwrap();
        let back: PcaOfWindows = serde_json::from_str(&text).unwrap();
        assert_eq!(back, found);
        assert!(
            serde_json::from_str::<PcaOfWindows>(&text.replacen(
                "\"shares\":[",
                "\"shares\":[0.0,",
                1
            ))
            .is_err()
        );
        assert!(
            serde_json::from_str::<PcaOfWindows>(
                r#"{"mean":[],"deviation":[],"components":[],"shares":[]}"#
            )
            .is_err()
        );
    }

    #[test]
    fn directions_that_rows_do_not_have_are_left_out() {
        // The second column is twice the first, the third is constant.
        let rows: Vec<f64> = (0..7)
            .flat_map(|i| [f64::from(i), f64::from(2 * i), 5.0])
            .collect();
        let found = PcaOfWindows::fit(&rows, 3).unwrap();
        assert_eq!(found.shares(), [1.0]);
        let (a, b) = (
            found.score(&[3.0, 6.0, 5.0]).unwrap(),
            found.score(&[3.0, 6.0, 9.0]).unwrap(),
        );
        assert!(
            (a - 1.0).abs() < 1e-12 && (b - 17.0_f64.sqrt()).abs() < 1e-12,
            "{a} {b}"
        );
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for (rows, width) in [
            (&[1.0][..], 0),
            (&[], 2),
            (&[1.0, 2.0, 3.0], 2),
            (&[1.0, f64::NAN], 1),
            (&[1e200, -1e200], 1),
            (&[3.0, 3.0], 1),
            (&[3.0], 1),
        ] {
            assert_eq!(PcaOfWindows::fit(rows, width), None, "{rows:?}");
        }
        let found = PcaOfWindows::fit(&[1.0, 5.0, 2.0, 9.0, 4.0, 4.0], 2).unwrap();
        assert_eq!(found.width(), 2);
        assert_eq!(found.score(&[1.0]), None);
        assert_eq!(found.score(&[1.0; 4]), None);
        assert_eq!(found.score(&[]), None);
        assert_eq!(found.scores(&[]), Some(Vec::new()));
        assert_eq!(found.score(&[1.0, f64::INFINITY]), None);
    }
}
