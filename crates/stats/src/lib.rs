//! Statistics on slices: what a forecast or a classifier is worth, and the simple methods to beat.
//!
//! [`forecast`] scores values and [`quantile`] intervals, [`naive`] is the least to beat,
//! [`bootstrap`] tells skill from luck, [`conformal`] makes intervals cover what they say.
//! [`classification`] scores classes and probabilities, [`translation`] texts, [`rival`] has the
//! simple methods to beat, [`learning_curve`] the subsets that show what more data would bring.
//! [`unusual`] scores detectors of unusual items and sets their thresholds, [`generative`] compares what a model makes with
//! what it learned from, [`drift`] what comes in now with what came before.
//!
//! Slices go in, numbers come out; nothing here knows of files, networks or charts, so every
//! figure of a report can be recomputed from the numbers beside it.
//!
//! ```
//! use ressac_stats::forecast::{mae, seasonal_naive, skill};
//!
//! let (context, truth) = ([3.0, 9.0, 4.0, 8.0], [3.0, 9.0]);
//! let naive = seasonal_naive(&context, 2, 2);
//! assert_eq!(naive, [4.0, 8.0]);
//! assert_eq!(skill(mae(&[3.5, 8.5], &truth), mae(&naive, &truth)), 0.5);
//! ```

pub mod bootstrap;
pub mod classification;
pub mod conformal;
mod covariance;
mod draw;
pub mod drift;
mod eigen;
pub mod forecast;
pub mod generative;
pub mod learning_curve;
pub mod naive;
mod pairs;
pub mod quantile;
pub mod rival;
pub mod season;
mod shares;
mod singular;
pub mod translation;
pub mod unusual;
