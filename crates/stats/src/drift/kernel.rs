//! Two samples of rows: the kernel two-sample test.

use super::Test;
use crate::draw::Draws;
use crate::{pairs, shares};

/// Kernel test that two samples of rows, `values[row * width + column]`, come from one distribution. The statistic is the
/// squared maximum mean discrepancy, unbiased, with the kernel exp(−|x − y|² / 2σ²), where σ is the median distance of two
/// different rows of both samples together (of those that are apart at all). It can be below 0.
///
/// The p-value is (1 + the number of `permutations` with a statistic at least as large) / (1 + permutations): in each, the
/// rows are shared out at random, by `seed`. 200 see 0.05 well enough. Columns are taken as they are: bring them to one
/// scale before.
///
/// Takes time in proportion to (width + permutations / 4) · rows² and 8 · rows² bytes, on all cores; the same bits on any
/// number of them. Nothing without two rows on each side, whole rows of finite numbers below 1e150 in size, or a
/// permutation.
///
/// Gretton, Borgwardt, Rasch, Schölkopf, Smola, "A kernel two-sample test" (2012), Journal of Machine Learning Research 13.
pub fn kernel_test(
    reference: &[f64],
    current: &[f64],
    width: usize,
    permutations: usize,
    seed: u64,
) -> Option<Test> {
    let n = rows_of(reference, width)?;
    let m = rows_of(current, width)?;
    if n < 2 || m < 2 || permutations == 0 {
        return None;
    }
    let rows = [reference, current].concat();
    let mut lines = pairs::of_distances_before(&rows, width, |_, line| line.to_vec());
    let mut apart: Vec<f64> = lines
        .iter()
        .flatten()
        .copied()
        .filter(|d| *d > 0.0)
        .collect();
    let sigma = median(&mut apart).unwrap_or(1.0);
    for squared in lines.iter_mut().flatten() {
        *squared = (-*squared / (2.0 * sigma * sigma)).exp();
    }
    let all: f64 = lines.iter().map(|line| line.iter().sum::<f64>()).sum();
    let mut of_rows = vec![0.0; n + m];
    for (i, line) in lines.iter().enumerate() {
        of_rows[i] += line.iter().sum::<f64>();
        of_rows.iter_mut().zip(line).for_each(|(sum, k)| *sum += k);
    }
    let (a, b) = (n as f64, m as f64);
    // Of the rows with 1 in `first` against the others, each pair once.
    let statistic = |first: &[f64]| -> f64 {
        let (mut within, mut touching) = (0.0, 0.0);
        for ((line, own), chosen) in lines.iter().zip(&of_rows).zip(first) {
            if *chosen == 1.0 {
                within += sum_chosen(line, first);
                touching += own;
            }
        }
        let across = touching - 2.0 * within;
        let others = all - within - across;
        within / (a * (a - 1.0) / 2.0) + others / (b * (b - 1.0) / 2.0) - 2.0 * across / (a * b)
    };
    let first: Vec<f64> = (0..n + m).map(|i| f64::from(u8::from(i < n))).collect();
    let found = statistic(&first);
    // The same rows in another order are rounded otherwise.
    let least = found - 1e-12;
    let mut seeds = Draws::new(seed);
    let seeds: Vec<u64> = (0..permutations).map(|_| seeds.bits()).collect();
    let work = (permutations / 4).saturating_mul((n + m).saturating_mul(n + m));
    let reached = shares::in_order(permutations, work, |at| {
        let (mut draws, mut shuffled) = (Draws::new(seeds[at]), first.clone());
        for i in 0..n {
            let other = i + draws.below(n + m - i);
            shuffled.swap(i, other);
        }
        statistic(&shuffled) >= least
    });
    let reached = reached.into_iter().filter(|reached| *reached).count();
    Some(Test {
        statistic: found,
        p_value: (1 + reached) as f64 / (1 + permutations) as f64,
    })
}

/// The sum of the values that are chosen, with 1.
fn sum_chosen(values: &[f64], chosen: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (eights, rest) = values.as_chunks::<8>();
    let (chosen_eights, chosen_rest) = chosen[..values.len()].as_chunks::<8>();
    for (values, chosen) in eights.iter().zip(chosen_eights) {
        for ((sum, value), chosen) in sums.iter_mut().zip(values).zip(chosen) {
            *sum += value * chosen;
        }
    }
    let last: f64 = rest.iter().zip(chosen_rest).map(|(x, c)| x * c).sum();
    sums.iter().sum::<f64>() + last
}

/// The median distance, from squared ones.
fn median(squared: &mut [f64]) -> Option<f64> {
    let middle = squared.len() / 2;
    if squared.is_empty() {
        return None;
    }
    let upper = squared
        .select_nth_unstable_by(middle, f64::total_cmp)
        .1
        .sqrt();
    if !squared.len().is_multiple_of(2) {
        return Some(upper);
    }
    let lower = squared[..middle].iter().copied().fold(0.0, f64::max).sqrt();
    Some(0.5 * (lower + upper))
}

fn rows_of(rows: &[f64], width: usize) -> Option<usize> {
    let whole = width > 0 && !rows.is_empty() && rows.len().is_multiple_of(width);
    let usable = whole && rows.iter().all(|value| value.abs() <= 1e150);
    usable.then(|| rows.len() / width)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(draws: &mut Draws, count: usize, shift: f64) -> Vec<f64> {
        (0..count * 3).map(|_| draws.bell() + shift).collect()
    }

    #[test]
    fn p_values_are_even_where_both_are_drawn_alike_and_small_where_not() {
        let mut draws = Draws::new(3);
        let mut below = 0;
        for seed in 0..200 {
            let (a, b) = (rows(&mut draws, 11, 0.0), rows(&mut draws, 17, 0.0));
            below += usize::from(kernel_test(&a, &b, 3, 39, seed).unwrap().p_value <= 0.25);
        }
        // Four deviations of 200 times 0.25.
        assert!((26..=74).contains(&below), "{below}");
        let (a, b) = (rows(&mut draws, 40, 0.0), rows(&mut draws, 30, 1.5));
        let found = kernel_test(&a, &b, 3, 99, 1).unwrap();
        assert_eq!(found.p_value, 0.01);
        assert_eq!(kernel_test(&a, &b, 3, 99, 1), Some(found));
    }

    #[test]
    fn rows_that_are_all_equal_are_not_apart_and_what_is_no_sample_is_refused() {
        let same = kernel_test(&[1.0; 6], &[1.0; 8], 2, 9, 0).unwrap();
        assert_eq!((same.statistic, same.p_value), (0.0, 1.0));
        let good = [1.0, 2.0, 3.0, 4.0];
        for bad in [&[1.0][..], &[], &[1.0, f64::NAN], &[1.0, 2e150]] {
            assert_eq!(kernel_test(bad, &good, 1, 9, 0), None);
            assert_eq!(kernel_test(&good, bad, 1, 9, 0), None);
        }
        assert_eq!(kernel_test(&good, &good, 0, 9, 0), None);
        assert_eq!(kernel_test(&good, &good, 3, 9, 0), None);
        assert_eq!(kernel_test(&good, &good, 1, 0, 0), None);
    }
}
