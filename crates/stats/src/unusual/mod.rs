//! Unusual items: what a detector's scores are worth, and where its threshold lies.
//!
//! A detector gives each item (a row, an image, a point of a series) a score, higher where the item is more unusual.
//! [`auroc`] and [`average_precision`] measure scores of items in no order, [`vus_pr`] and [`vus_roc`] those of the points of a
//! series, where a detection a few points early or late is worth something too, and [`nab_score`] how early detections come.
//! [`Conformal`] turns scores of held-back normal items into p-values and thresholds of a known rate of false alarms,
//! [`false_alarm_interval`] says how many false alarms are then to be expected, and [`AdaptiveThreshold`] follows a stream.
//!
//! ```
//! use ressac_stats::unusual::{Conformal, auroc};
//!
//! let held_back = Conformal::new((0..99).map(f64::from).collect()).unwrap();
//! let threshold = held_back.threshold(0.05).unwrap();
//! assert!(held_back.p_value(threshold) > 0.05 && held_back.p_value(threshold + 0.5) <= 0.05);
//! assert_eq!(auroc(&[0.1, 0.9, 0.3], &[false, true, false]), Some(1.0));
//! ```

mod adaptive;
mod conformal;
mod false_alarms;
mod nab;
mod ranking;
mod volume;

pub use adaptive::{AdaptiveThreshold, Verdict};
pub use conformal::Conformal;
pub use false_alarms::false_alarm_interval;
pub use nab::nab_score;
pub use ranking::{auroc, average_precision};
pub use volume::{vus_pr, vus_roc};

/// How many of `held_back + 1` ranks a rate allows: the largest `k` with `k / (held_back + 1) <= rate`, at most
/// `held_back + 1`; 0 for a rate that is no number. Compared as [`Conformal::p_value`] divides, so that a p-value that is
/// rounded is on the same side of the rate as its rank.
fn ranks(held_back: usize, rate: f64) -> usize {
    let all = held_back as f64 + 1.0;
    let near = (rate * all) as usize;
    let tried = (near.saturating_sub(1)..=near.saturating_add(1)).rev();
    let fits = |k: &usize| *k as f64 <= all && *k as f64 / all <= rate;
    let found = tried.into_iter().find(fits);
    // Far above 1 nothing near is a rank.
    found.unwrap_or(if rate >= 1.0 {
        held_back.saturating_add(1)
    } else {
        0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_allows_the_ranks_whose_share_it_reaches() {
        assert_eq!(
            [ranks(99, 0.05), ranks(99, 0.049), ranks(9, 0.3)],
            [5, 4, 3]
        );
        assert_eq!([ranks(9, 0.09), ranks(9, 0.1), ranks(9, 1.0)], [0, 1, 10]);
        assert_eq!(
            [ranks(9, f64::NAN), ranks(9, -1.0), ranks(9, 7.0)],
            [0, 0, 10]
        );
        assert_eq!(
            [ranks(0, 0.99), ranks(0, 1.0), ranks(0, f64::INFINITY)],
            [0, 1, 1]
        );
        // Every share of a rank allows just that rank, however it is rounded.
        for held_back in [1, 2, 6, 48, 99, 1_000, 4_095] {
            for k in 0..=held_back + 1 {
                assert_eq!(ranks(held_back, k as f64 / (held_back as f64 + 1.0)), k);
            }
        }
    }
}
