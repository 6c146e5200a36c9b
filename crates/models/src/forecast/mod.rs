//! Forecasting: time series of one or more columns, continued for `horizon` steps from their last
//! `context` steps; one model for one series or for many.
//!
//! The road of the data: panel → [`ForecastPipeline`] (scales fitted on the training part, the
//! calendar) → [`ScaledPanel`] (windows cut from it) → [`ForecastNetwork`] → quantiles on the
//! network's scale → the user's units → [`Calibration`].

mod calibration;
mod choices;
mod config;
mod dataset;
mod evaluate;
mod evaluation;
mod export;
mod figures;
mod forecaster;
mod network;
mod parts;
mod pipeline;
mod ranges;
mod resolve;
mod scale;
mod skill;
mod slices;
mod sound;
mod structure;

pub use calibration::Calibration;
pub use choices::{FileLayout, Head, Loss, ModelKind, Names, Scale, Start, TimeLimit};
pub use config::{ForecastConfig, ForecastOptions};
pub use dataset::{Batch, ScaledPanel, Truth, Window};
pub use evaluate::Scored;
pub use evaluation::{Coverage, Evaluation, MethodFigures, Period, Sample, Skill, StepErrors};
pub use export::OnnxFile;
pub use figures::Figures;
pub use forecaster::{Forecaster, WindowForecast};
pub use network::{ForecastNetwork, Widths};
pub use parts::parts;
pub use pipeline::ForecastPipeline;
pub use resolve::{Resolved, fewest_rows, resolve};
pub use scale::{ColumnScale, StaticScale};
pub use slices::{Slice, SliceBy, Slices};
