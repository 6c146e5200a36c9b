//! Whether scores put the unusual items first, whatever the threshold.

use crate::classification;

/// Area under the ROC curve of scores, higher for what is more unusual: the chance that an unusual item has a higher score
/// than a normal one, ties counting half; 0.5 for scores that say nothing. [`classification::auroc`] without its NaN.
///
/// Nothing if all items are of one kind, a score is NaN, or there is not one score for each item.
pub fn auroc(scores: &[f64], unusual: &[bool]) -> Option<f64> {
    comparable(scores, unusual).then(|| classification::auroc(scores, unusual))
}

/// Average precision of scores, higher for what is more unusual: the mean over the unusual items of the precision
/// at the threshold that just finds each, a step function without interpolation, items of equal scores taken together, as
/// scikit-learn's `average_precision_score`. Scores that say nothing have the share of unusual items.
///
/// Nothing if all items are of one kind, a score is NaN, or there is not one score for each item.
pub fn average_precision(scores: &[f64], unusual: &[bool]) -> Option<f64> {
    if !comparable(scores, unusual) {
        return None;
    }
    let mut ranked: Vec<(f64, bool)> = scores
        .iter()
        .copied()
        .zip(unusual.iter().copied())
        .collect();
    ranked.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let (mut found, mut taken, mut sum) = (0_usize, 0_usize, 0.0);
    for tied in ranked.chunk_by(|a, b| a.0 == b.0) {
        let hits = tied.iter().filter(|(_, unusual)| *unusual).count();
        found += hits;
        taken += tied.len();
        sum += hits as f64 * (found as f64 / taken as f64);
    }
    Some(sum / found as f64)
}

/// That there is one score for each item, none is NaN, and both kinds are there.
pub(super) fn comparable(scores: &[f64], unusual: &[bool]) -> bool {
    scores.len() == unusual.len()
        && !scores.iter().any(|score| score.is_nan())
        && unusual.contains(&true)
        && unusual.contains(&false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draws;
    use proptest::prelude::*;

    #[test]
    fn areas_and_precisions_are_those_of_scikit_learn() {
        // scikit-learn 1.9.1:
        // i = np.arange(n)
        // s = (i * 37 % 101) // step / 7; y = (i * i % 11 < 3)
        // roc_auc_score(y, s), average_precision_score(y, s)
        for (n, step, area, precision) in GOLDEN {
            let scores: Vec<f64> = (0..*n)
                .map(|i| (i * 37 % 101 / step) as f64 / 7.0)
                .collect();
            let unusual: Vec<bool> = (0..*n).map(|i| i * i % 11 < 3).collect();
            let (a, p) = (
                auroc(&scores, &unusual),
                average_precision(&scores, &unusual),
            );
            assert!((a.unwrap() - area).abs() < 1e-14, "{n} {a:?} {area}");
            assert!(
                (p.unwrap() - precision).abs() < 1e-14,
                "{n} {p:?} {precision}"
            );
        }
    }

    const GOLDEN: &[(usize, usize, f64, f64)] = &[
        (5, 1, 0.166_666_666_666_666_69, 0.366_666_666_666_666_7),
        (23, 1, 0.285_714_285_714_285_7, 0.246_358_713_750_018_08),
        (101, 1, 0.452_586_206_896_551_7, 0.260_129_189_671_065_46),
        (101, 5, 0.453_544_061_302_681_93, 0.258_131_952_987_123_94),
        (997, 1, 0.498_362_068_965_517_27, 0.273_469_240_194_240_6),
        (997, 13, 0.499_186_105_476_673_4, 0.273_108_181_632_749_64),
        (1_511, 40, 0.497_800_314_902_287_6, 0.272_025_720_990_148_43),
    ];

    #[test]
    fn one_kind_alone_or_a_score_that_is_no_number_has_no_figure() {
        for (scores, unusual) in [
            (&[1.0, 2.0][..], &[true, true][..]),
            (&[1.0, 2.0], &[false, false]),
            (&[1.0, f64::NAN], &[false, true]),
            (&[1.0], &[false, true]),
            (&[], &[]),
        ] {
            assert_eq!(auroc(scores, unusual), None);
            assert_eq!(average_precision(scores, unusual), None);
        }
        let (infinite, unusual) = ([f64::INFINITY, 0.0, -f64::INFINITY], [true, false, false]);
        assert_eq!(auroc(&infinite, &unusual), Some(1.0));
        assert_eq!(average_precision(&infinite, &unusual), Some(1.0));
    }

    proptest! {
        #[test]
        fn the_order_of_the_items_does_not_matter_and_equal_scores_say_nothing(
            count in 2_usize..97, seed in 0_u64..1_000,
        ) {
            let mut draws = Draws::new(seed);
            let mut items: Vec<(f64, bool)> = (0..count)
                .map(|at| (draws.below(7) as f64, at == 0 || at > 1 && draws.one_in(5)))
                .collect();
            let figures = |items: &[(f64, bool)]| {
                let (scores, unusual): (Vec<f64>, Vec<bool>) = items.iter().copied().unzip();
                (auroc(&scores, &unusual).unwrap(), average_precision(&scores, &unusual).unwrap())
            };
            let (area, precision) = figures(&items);
            items.reverse();
            prop_assert_eq!(figures(&items), (area, precision));
            prop_assert!((0.0..=1.0).contains(&area) && (0.0..=1.0).contains(&precision));
            items.iter_mut().for_each(|item| item.0 = 3.0);
            let share = items.iter().filter(|item| item.1).count() as f64 / count as f64;
            let (area, precision) = figures(&items);
            prop_assert!(area == 0.5 && (precision - share).abs() < 1e-15);
        }
    }
}
