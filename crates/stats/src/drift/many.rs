//! Many tests at once.

/// P-values corrected for their number: those at most `rate` belong to tests of which, on average, a share of at most
/// `rate` finds a difference where there is none (the false discovery rate), if the tests are independent or depend
/// on one another positively. Each is the least of p · count / rank over its own rank and those above, at most 1; in the
/// order in which they came.
///
/// Nothing if there is none, or one is not a number from 0 to 1.
///
/// Benjamini, Hochberg, "Controlling the false discovery rate" (1995), Journal of the Royal Statistical Society B 57.
pub fn benjamini_hochberg(p_values: &[f64]) -> Option<Vec<f64>> {
    if p_values.is_empty() || !p_values.iter().all(|p| (0.0..=1.0).contains(p)) {
        return None;
    }
    let count = p_values.len();
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_unstable_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut corrected = vec![0.0; count];
    let mut least = 1.0_f64;
    for (rank, at) in order.into_iter().enumerate().rev() {
        least = least.min(p_values[at] * count as f64 / (rank + 1) as f64);
        corrected[at] = least;
    }
    Some(corrected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_correct_and_order_stays() {
        assert_eq!(
            benjamini_hochberg(&[0.5, 0.01, 0.02]).unwrap(),
            [0.5, 0.03, 0.03]
        );
        assert_eq!(benjamini_hochberg(&[1.0, 0.9]).unwrap(), [1.0, 1.0]);
        for bad in [&[][..], &[0.1, f64::NAN], &[1.1], &[-0.1]] {
            assert_eq!(benjamini_hochberg(bad), None);
        }
    }
}
