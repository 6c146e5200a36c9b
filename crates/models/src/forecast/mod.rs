//! Forecasting: a time series of one or more columns, continued for `horizon` steps from its last
//! `context` steps.
//!
//! The road of the data: table → [`ForecastPipeline`] (z-scores fitted on the training part) →
//! [`ScaledSeries`] (windows cut from it) → [`ForecastNetwork`] → z-scores → the user's units.

mod config;
mod evaluate;
mod forecaster;
mod network;
mod pipeline;
mod resolve;
mod series;

pub use config::{CellKind, ForecastConfig, ForecastOptions, Loss, TimeLimit};
pub use evaluate::{Evaluation, Figures, MethodFigures};
pub use forecaster::Forecaster;
pub use network::ForecastNetwork;
pub use pipeline::{ColumnScale, ForecastPipeline};
pub use resolve::{Resolved, resolve};
pub use series::ScaledSeries;
