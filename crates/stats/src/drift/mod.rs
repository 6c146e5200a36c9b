//! Whether what comes in now is still what a model learned from.
//!
//! Two samples, a reference one and a current one. Of numbers: [`kolmogorov_smirnov`] is a test, [`wasserstein`] says how
//! far apart they are in their own unit, [`population_stability`] is the index that credit scoring made usual. Of
//! categories: [`chi_squared`] is a test, [`jensen_shannon`] a distance. Of rows: [`kernel_test`]. With many columns some
//! p-values are small by chance: [`benjamini_hochberg`] corrects them. A test on much data finds differences that do not
//! matter, so read a distance beside each p-value.
//!
//! Streams, one value at a time: [`Adwin`] keeps a window as long as the mean in it does not change, [`PageHinkley`] sums
//! what lies above or below the mean. They watch the mean of what they are given: errors of a model, say.
//!
//! Values that are not finite are refused, by a stream left out: count them on their own.
//!
//! ```
//! use ressac_stats::drift::{PageHinkley, kolmogorov_smirnov, wasserstein};
//!
//! let (reference, current) = ([1.0, 2.0, 3.0, 4.0], [3.0, 4.0, 5.0, 6.0]);
//! let found = kolmogorov_smirnov(&reference, &current).unwrap();
//! assert_eq!(found.statistic, 0.5);
//! assert!(found.p_value > 0.7);
//! assert_eq!(wasserstein(&reference, &current), Some(2.0));
//!
//! let mut stream = PageHinkley::new(0.005, 5.0).unwrap();
//! let drifts = (0..200).filter(|at| stream.next(if *at < 100 { 0.0 } else { 1.0 })).count();
//! assert_eq!(drifts, 1);
//! ```

mod adwin;
mod categories;
#[cfg(test)]
mod golden;
mod kernel;
mod kolmogorov;
mod many;
mod page_hinkley;
mod samples;
mod special;

pub use adwin::Adwin;
pub use categories::{chi_squared, jensen_shannon};
pub use kernel::kernel_test;
pub use many::benjamini_hochberg;
pub use page_hinkley::PageHinkley;
pub use samples::{kolmogorov_smirnov, population_stability, wasserstein};

/// What a test found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Test {
    /// How far apart the samples are, in the measure of the test: 0 where they are alike.
    pub statistic: f64,
    /// The chance of a statistic at least as large if both were drawn alike, 0 to 1.
    pub p_value: f64,
}
