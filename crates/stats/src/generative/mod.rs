//! What a generator is worth: rows that it made beside real ones, as two clouds of points.
//!
//! Rows are `values[row * width + column]`, real ones and made ones of the same width, in no order; their numbers may differ.
//! What a row holds decides what is measured: pixels compare images point by point, the features of a classifier trained on
//! the same data compare what they show. Figures of different features, or of different numbers of rows, are not comparable.
//!
//! [`frechet_distance`] compares means and covariances, and is too large for few rows; [`kernel_distance`] compares more
//! than these and is right on average for any number. [`manifold`] tells apart what they mix: whether made rows look real
//! (precision, density) and whether all that is real is made (recall, coverage). [`mean_pairwise_distance`] shows a
//! generator that makes the same again and again, [`nearest_distances`] one that repeats its training rows.
//!
//! A value that is not finite, or above 1e150 in size so that squares overflow, is refused by all: there is no figure then.
//!
//! ```
//! use ressac_stats::generative::{frechet_distance, manifold};
//!
//! let real = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
//! let made = [1.2, 1.3, 1.1, 1.4];
//! // Means 2.5 and 1.25, variances 3.5 and 1/60.
//! let apart: f64 = 1.25_f64.powi(2) + (3.5_f64.sqrt() - (1.0_f64 / 60.0).sqrt()).powi(2);
//! assert!((frechet_distance(&real, &made, 1).unwrap() - apart).abs() < 1e-12);
//! let found = manifold(&real, &made, 1, 1).unwrap();
//! // All that is made looks real, and little of what is real is made.
//! assert_eq!((found.precision, found.coverage), (1.0, 2.0 / 6.0));
//! ```

mod frechet;
#[cfg(test)]
mod golden;
mod kernel;
mod manifold;
mod pairs;

pub use frechet::frechet_distance;
pub use kernel::kernel_distance;
pub use manifold::{Manifold, manifold, mean_pairwise_distance, nearest_distances};

/// Values beyond this size have squares that overflow in sums.
const LARGEST: f64 = 1e150;

/// How many rows there are; nothing if none, or if they are no rows of numbers that can be squared.
fn rows_of(rows: &[f64], width: usize) -> Option<usize> {
    if width == 0 || rows.is_empty() || !rows.len().is_multiple_of(width) {
        return None;
    }
    // Not a comparison with NaN, which would be let through.
    let usable = rows.iter().all(|value| value.abs() <= LARGEST);
    usable.then_some(rows.len() / width)
}
