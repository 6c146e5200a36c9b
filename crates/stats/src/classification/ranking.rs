//! Whether scores put the examples of a class before the others, whatever the threshold.

/// Area under the ROC curve: the chance that an example of the class has a higher score than one of
/// another class, ties counting half. From mean ranks (the Mann-Whitney statistic), so equal scores
/// do not depend on the order of the examples. NaN without an example on either side, or with a NaN
/// among the scores; of slices of unequal length the shorter counts.
///
/// Hanley, McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC)
/// curve" (1982), Radiology 143.
pub fn auroc(scores: &[f64], positive: &[bool]) -> f64 {
    let mut ranked: Vec<(f64, bool)> = scores
        .iter()
        .copied()
        .zip(positive.iter().copied())
        .collect();
    if ranked.iter().any(|(score, _)| score.is_nan()) {
        return f64::NAN;
    }
    ranked.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    // Twice the sum of mean ranks: whole numbers, so nothing is rounded.
    let (mut below, mut positives, mut ranks) = (0_u128, 0_u128, 0_u128);
    for tied in ranked.chunk_by(|a, b| a.0 == b.0) {
        let hits = tied.iter().filter(|(_, positive)| *positive).count() as u128;
        ranks += hits * (2 * below + tied.len() as u128 + 1);
        below += tied.len() as u128;
        positives += hits;
    }
    let negatives = below - positives;
    (ranks - positives * (positives + 1)) as f64 / (2 * positives * negatives) as f64
}
