//! Forecasting: time series of one or more columns, continued for `horizon` steps from their last
//! `context` steps; one model for one series or for many.
//!
//! The data goes this way: panel → [`ForecastPipeline`] (scales fitted on the training part, the
//! calendar) → [`ScaledPanel`] (windows cut from it) → [`ForecastNetwork`] → quantiles on the
//! network's scale → the user's units → [`Calibration`].

mod ask;
mod calibration;
mod check;
mod choices;
mod config;
mod dataset;
mod demo;
mod error;
mod evaluate;
mod evaluation;
mod export;
mod family;
mod figures;
mod forecaster;
mod intact;
mod learner;
mod loss;
mod model;
mod network;
mod parts;
mod pipeline;
mod ranges;
mod recurrence;
mod remarks;
mod report;
mod resolve;
mod scale;
mod skill;
mod slices;
mod source;
mod structure;
mod told;

pub use ask::{Clock, ForecastAsk, ForecastAsked};
pub use calibration::Calibration;
pub use choices::{FileLayout, Head, Loss, ModelKind, Scale};
pub use config::{ForecastConfig, ForecastOptions};
pub use dataset::{Batch, ScaledPanel, Truth, Window};
pub use error::ForecastError;
pub use evaluate::Scored;
pub use evaluation::{Coverage, Evaluation, MethodFigures, Period, Sample, Skill, StepErrors};
pub use family::Forecasting;
pub use figures::Figures;
pub use forecaster::{Forecaster, WindowForecast};
pub use learner::ForecastLearner;
pub use network::{ForecastNetwork, Widths};
pub use parts::parts;
pub use pipeline::ForecastPipeline;
pub use resolve::{Resolved, fewest_rows, resolve};
pub use scale::{ColumnScale, StaticScale};
pub use slices::{Slice, SliceBy, Slices};
