//! Areas and volumes for points of a series, where a detection a little early or late is worth something too.

use super::ranking::comparable;

/// Thresholds at which each surface is cut, as in the authors' program.
const THRESHOLDS: usize = 250;

/// Volume under the surface of precision and recall: the mean over all buffer lengths from 0 to `largest_buffer` points
/// (half of a buffer before each unusual stretch and half behind it) of the range-based area under the curve of precision
/// and recall, 0 to 1. `scores` and `unusual` are of the points of a series in order.
///
/// In a buffer of w points a point at distance d from the stretch counts √(1 − d / w) as unusual; recall is multiplied by
/// the share of the stretches of which a threshold finds any point. 250 thresholds, at equal steps of the ranks. The area is
/// a step function, precision at the right end of each step, as in the authors' package `vus` 0.0.6 and in TSB-AD
/// (`RangeAUC_volume_opt`; the paper's first program took trapezoids). TSB-AD takes the length of a period for
/// `largest_buffer`.
///
/// Nothing if all points are of one kind, a score is NaN, or there is not one score for each point.
/// Takes time in proportion to points times buffers.
///
/// Paparrizos, Boniol, Palpanas, Tsay, Elmore, Franklin, "Volume under the surface: a new accuracy evaluation measure for
/// time-series anomaly detection" (2022), PVLDB 15.
pub fn vus_pr(scores: &[f64], unusual: &[bool], largest_buffer: usize) -> Option<f64> {
    volumes(scores, unusual, largest_buffer).map(|(_, precision)| precision)
}

/// Volume under the surface of the ROC curve, as [`vus_pr`], trapezoids between the thresholds.
pub fn vus_roc(scores: &[f64], unusual: &[bool], largest_buffer: usize) -> Option<f64> {
    volumes(scores, unusual, largest_buffer).map(|(area, _)| area)
}

/// The volumes of ROC and of precision and recall.
fn volumes(scores: &[f64], unusual: &[bool], largest_buffer: usize) -> Option<(f64, f64)> {
    if !comparable(scores, unusual) {
        return None;
    }
    let n = scores.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_unstable_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    // For each threshold how many points reach it.
    let reached: Vec<(f64, usize)> = (0..THRESHOLDS)
        .map(|cut| {
            let rank = (cut as f64 * ((n - 1) as f64 / (THRESHOLDS - 1) as f64)) as usize;
            let least = scores[order[rank.min(n - 1)]];
            (least, order.partition_point(|at| scores[*at] >= least))
        })
        .collect();
    let stretches = stretches(unusual);
    let (mut area, mut precision) = (0.0, 0.0);
    for buffer in 0..=largest_buffer {
        let soft = softened(unusual, &stretches, buffer);
        let ranges = widened(&stretches, buffer / 2, n);
        let peaks: Vec<f64> = ranges
            .iter()
            .map(|(start, end)| {
                scores[*start..*end]
                    .iter()
                    .copied()
                    .fold(f64::NEG_INFINITY, f64::max)
            })
            .collect();
        let found = areas(&reached, &order, &soft, unusual, &peaks);
        area += found.0;
        precision += found.1;
    }
    let buffers = largest_buffer as f64 + 1.0;
    Some((area / buffers, precision / buffers))
}

/// The areas for one buffer length, from the points in falling order of their scores.
fn areas(
    reached: &[(f64, usize)],
    order: &[usize],
    soft: &[f64],
    unusual: &[bool],
    peaks: &[f64],
) -> (f64, f64) {
    let all = unusual.iter().filter(|point| **point).count() as f64;
    let (mut area, mut precision_area) = (0.0, 0.0);
    let (mut before, mut taken, mut hits, mut beside) = ((0.0, 0.0), 0, 0.0, 0.0);
    for (least, points) in reached {
        for at in &order[taken..(*points).max(taken)] {
            hits += soft[*at];
            beside += if unusual[*at] { 0.0 } else { soft[*at] };
        }
        taken = taken.max(*points);
        let positives = all + 0.5 * beside;
        let seen = peaks.iter().filter(|peak| **peak >= *least).count() as f64;
        let rate = (hits / positives).min(1.0) * (seen / peaks.len() as f64);
        let alarms = (taken as f64 - hits) / (order.len() as f64 - positives);
        area += (alarms - before.1) * (rate + before.0) / 2.0;
        precision_area += (rate - before.0) * (hits / taken as f64);
        before = (rate, alarms);
    }
    area += (1.0 - before.1) * (1.0 + before.0) / 2.0;
    (area, precision_area)
}

/// The unusual stretches, as start and end (not included).
fn stretches(unusual: &[bool]) -> Vec<(usize, usize)> {
    let (mut found, mut at) = (Vec::new(), 0);
    for alike in unusual.chunk_by(|a, b| a == b) {
        if alike[0] {
            found.push((at, at + alike.len()));
        }
        at += alike.len();
    }
    found
}

/// How unusual each point counts, 0 to 1.
fn softened(unusual: &[bool], stretches: &[(usize, usize)], buffer: usize) -> Vec<f64> {
    let mut soft: Vec<f64> = unusual
        .iter()
        .map(|point| f64::from(u8::from(*point)))
        .collect();
    for (start, end) in stretches {
        for apart in 1..=buffer / 2 {
            let weight = (1.0 - apart as f64 / buffer as f64).sqrt();
            if let Some(before) = start.checked_sub(apart) {
                soft[before] += weight;
            }
            match soft.get_mut(end - 1 + apart) {
                Some(behind) => *behind += weight,
                None => continue,
            }
        }
    }
    soft.iter_mut().for_each(|weight| *weight = weight.min(1.0));
    soft
}

/// The stretches with their buffers, joined where these overlap or share a point.
fn widened(stretches: &[(usize, usize)], by: usize, n: usize) -> Vec<(usize, usize)> {
    let mut ranges: Vec<(usize, usize)> = Vec::with_capacity(stretches.len());
    for (start, end) in stretches {
        let (start, end) = (start.saturating_sub(by), end.saturating_add(by).min(n));
        match ranges.last_mut() {
            Some(last) if start < last.1 => last.1 = end,
            _ => ranges.push((start, end)),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draws;
    use proptest::prelude::*;

    /// Points, largest buffer, start and length of the unusual stretches, VUS-ROC, VUS-PR.
    type Golden = (usize, usize, &'static [(usize, usize)], f64, f64);

    fn series(n: usize, marked: &[(usize, usize)]) -> (Vec<f64>, Vec<bool>) {
        let mut unusual = vec![false; n];
        for (start, length) in marked {
            unusual[*start..start + length].fill(true);
        }
        let scores = (0..n).map(|i| {
            let before = unusual[(i + n - 2) % n];
            (i * 37 % 101) as f64 / 101.0 + 0.5 * f64::from(u8::from(before))
        });
        (scores.collect(), unusual)
    }

    #[test]
    fn volumes_are_those_of_the_authors_package() {
        // vus 0.0.6: i = np.arange(n); y[s:s + l] = 1 for each stretch
        // sc = (i * 37 % 101) / 101 + 0.5 * np.roll(y, 2)
        // metricor().RangeAUC_volume_opt(y, sc, w)[4:]
        for (n, buffer, marked, roc, pr) in GOLDEN {
            let (scores, unusual) = series(*n, marked);
            let found = vus_roc(&scores, &unusual, *buffer).unwrap();
            assert!((found - roc).abs() < 1e-12, "{n}: {found} {roc}");
            let found = vus_pr(&scores, &unusual, *buffer).unwrap();
            assert!((found - pr).abs() < 1e-12, "{n}: {found} {pr}");
        }
    }

    #[rustfmt::skip]
    const GOLDEN: &[Golden] = &[
        (97, 5, &[(10, 3), (40, 8), (60, 1)], 0.794_931_567_879_88, 0.460_953_383_213_681_8),
        (311, 20, &[(0, 4), (100, 11), (125, 9), (290, 21)], 0.882_697_641_474_057_4, 0.690_082_145_266_179_6),
        (1_201, 37, &[(300, 30), (333, 2), (900, 100)], 0.888_406_702_929_935_6, 0.675_019_026_598_098_2),
        (2_503, 100, &[(1_500, 200)], 0.886_525_527_591_931_9, 0.629_841_806_130_356_3),
        (53, 10, &[(5, 1)], 0.908_006_756_264_718_4, 0.415_954_604_347_618_3),
    ];

    #[test]
    fn points_of_one_kind_have_no_volume() {
        assert_eq!(vus_pr(&[1.0, 2.0], &[true, true], 3), None);
        assert_eq!(vus_roc(&[1.0, 2.0], &[false, false], 3), None);
        assert_eq!(vus_pr(&[1.0, f64::NAN], &[true, false], 3), None);
        assert_eq!(vus_pr(&[1.0], &[true, false], 3), None);
        assert_eq!(vus_pr(&[1.0, 0.0], &[true, false], 0), Some(1.0));
    }

    proptest! {
        #[test]
        fn a_volume_is_a_share_and_a_score_that_knows_the_truth_beats_its_opposite(
            n in 3_usize..211, buffer in 0_usize..41, seed in 0_u64..1_000,
        ) {
            let mut draws = Draws::new(seed);
            let unusual: Vec<bool> = (0..n).map(|at| at == n / 2 || at > 0 && draws.one_in(9)).collect();
            let right: Vec<f64> = unusual.iter().map(|point| f64::from(u8::from(*point))).collect();
            let wrong: Vec<f64> = right.iter().map(|score| -score).collect();
            let (best, worst) = (vus_pr(&right, &unusual, buffer).unwrap(), vus_pr(&wrong, &unusual, buffer).unwrap());
            prop_assert!(best <= 1.0 + 1e-12 && worst >= 0.0 && best > worst, "{} {}", best, worst);
        }
    }
}
