//! Forecasting as a family.

use std::path::PathBuf;

use burn::tensor::Device;

use ressac_data::Assumption;
use ressac_data::panel::Panel;
use ressac_data::split::Split;
use ressac_folder::ModelFiles;

use super::ask::ForecastAsk;
use super::config::{ForecastConfig, ForecastOptions};
use super::evaluate::Scored;
use super::forecaster::Forecaster;
use super::learner::{self, ForecastLearner};
use super::pipeline::ForecastPipeline;
use super::{check, demo, remarks, resolve, source, told};
use crate::family::{Ask, Capability, Demo, Family, Inspection, Remark, Resolved};
use crate::options::{Files, Key, Options, TrainingConfig};
use crate::part::Part;
use crate::{Evaluated, ModelError};

/// The word of this task.
pub(super) const TASK: &str = "forecast";

/// Time series continued: `horizon` steps from the last `context` steps.
#[derive(Debug)]
pub struct Forecasting;

impl Family for Forecasting {
    const TASK: &'static str = TASK;
    const ABOUT: &'static str =
        "Continue time series: `horizon` steps from the last `context` steps";
    type Options = ForecastOptions;
    type Config = ForecastConfig;
    type Data = Panel;
    type Parts = Vec<Split>;
    type Pipeline = ForecastPipeline;
    type Model = Forecaster;
    type Learner = ForecastLearner;
    const CAN: &'static [Capability] = &[
        Capability::Export,
        Capability::Recurrence,
        Capability::Import,
    ];

    fn training(config: &ForecastConfig) -> &TrainingConfig {
        &config.training
    }

    fn files(options: &ForecastOptions) -> Vec<PathBuf> {
        options.data.as_ref().map(Files::paths).unwrap_or_default()
    }

    fn read(options: &ForecastOptions) -> Result<(Panel, Vec<Assumption>), ModelError> {
        source::for_training(options)
    }

    fn summary(panel: &Panel) -> String {
        let rows = panel.rows();
        match panel.series.len() {
            1 => format!("{rows} rows"),
            count => format!("{rows} rows in {count} series"),
        }
    }

    fn resolve(
        options: &ForecastOptions,
        panel: &Panel,
    ) -> Result<Resolved<ForecastConfig, Vec<Split>>, ModelError> {
        let resolved = resolve::resolve(options, panel)?;
        ForecastPipeline::check_holidays(&resolved.config, panel)?;
        Ok(resolved)
    }

    fn outline(resolved: &Resolved<ForecastConfig, Vec<Split>>) -> String {
        let config = &resolved.config;
        let columns = config.target.0.len();
        format!(
            "{} · context {} → horizon {} · {columns} column{}",
            config.model,
            config.context,
            config.horizon,
            if columns == 1 { "" } else { "s" }
        )
    }

    fn remarks(
        options: &ForecastOptions,
        panel: &Panel,
        resolved: &Resolved<ForecastConfig, Vec<Split>>,
    ) -> Vec<Remark> {
        remarks::of(panel, resolved, options.split.as_deref())
    }

    fn assume_for_check(options: &mut ForecastOptions, panel: &Panel) -> Vec<Assumption> {
        if options.horizon.is_some() {
            return Vec::new();
        }
        let horizon = check::horizon(panel);
        options.horizon = Some(horizon);
        vec![Assumption {
            what: "horizon".into(),
            found: format!("{horizon} steps, for this check"),
        }]
    }

    fn inspect(
        options: &ForecastOptions,
        panel: &Panel,
        resolved: Option<&Resolved<ForecastConfig, Vec<Split>>>,
    ) -> Inspection {
        check::inspect(options, panel, resolved)
    }

    fn learner(
        resolved: &Resolved<ForecastConfig, Vec<Split>>,
        panel: &Panel,
        device: &Device,
    ) -> Result<(ForecastLearner, ForecastPipeline), ModelError> {
        learner::learner(resolved, panel, device)
    }

    fn open(files: &ModelFiles, device: &Device) -> Result<Forecaster, ModelError> {
        Forecaster::open(files, device)
    }

    fn finish(
        model: Forecaster,
        panel: &Panel,
        resolved: &Resolved<ForecastConfig, Vec<Split>>,
    ) -> Result<Forecaster, ModelError> {
        model.calibrated(panel, &resolved.parts)
    }

    fn score(
        model: &Forecaster,
        panel: &Panel,
        resolved: &Resolved<ForecastConfig, Vec<Split>>,
    ) -> Result<Option<Evaluated>, ModelError> {
        let parts = resolved.parts.iter();
        let rows: Vec<_> = parts.map(|split| split.test.clone()).collect();
        let horizon = resolved.config.horizon;
        if rows.iter().all(|rows| rows.len() < horizon) {
            return Ok(None);
        }
        let scored = Scored {
            rows,
            stride: 1,
            clock: None,
            slices: None,
        };
        let evaluation = model.score(panel, &scored)?;
        let part = Part::Test.to_string();
        let files = resolved.config.data.0.join(", ");
        Ok(Some(told::evaluated(
            model,
            &evaluation,
            &scored,
            (&part, &files),
        )))
    }

    fn demo() -> Option<Demo> {
        Some(demo::demo())
    }

    fn asks(ask: Ask) -> Vec<Key> {
        match ask {
            Ask::Evaluate => ForecastAsk::keys(),
            Ask::Predict | Ask::Sample => Vec::new(),
        }
    }
}
