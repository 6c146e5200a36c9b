//! What the file tells its reader beside the graph: metadata properties, lists as JSON.

use serde_json::json;

use super::input::Inputs;
use crate::ModelError;
use crate::forecast::forecaster::Forecaster;
use crate::model::Model;

impl Forecaster {
    /// The properties, by name.
    pub(super) fn properties(&self, inputs: &Inputs) -> Result<Vec<(String, String)>, ModelError> {
        let (config, pipeline) = (self.config(), self.pipeline());
        let names = |columns: &[(String, crate::forecast::ColumnScale)]| {
            json!(columns.iter().map(|(name, _)| name).collect::<Vec<_>>()).to_string()
        };
        let mut properties = vec![
            ("ressac", env!("CARGO_PKG_VERSION").to_owned()),
            ("task", self.task().to_string()),
            ("network", self.network()),
            ("context", config.context.to_string()),
            ("horizon", config.horizon.to_string()),
            ("step", pipeline.step.clone().unwrap_or_default()),
            ("targets", json!(pipeline.targets).to_string()),
            ("quantiles", json!(self.levels()).to_string()),
            (
                "units",
                "all values are in the units of the columns trained on; the scaling is inside"
                    .into(),
            ),
        ];
        if !pipeline.past.is_empty() {
            properties.push(("past", names(&pipeline.past)));
        }
        if !pipeline.known.is_empty() {
            properties.push(("known", names(&pipeline.known)));
        }
        if !pipeline.calendar.is_empty() {
            properties.push(("calendar", json!(pipeline.calendar).to_string()));
        }
        if !inputs.statics.is_empty() {
            properties.push(("statics", json!(inputs.statics).to_string()));
        }
        let scaled_alone = pipeline.series_column.is_some() && pipeline.own.len() == 1;
        if let Some(series) = &inputs.series {
            properties.push(("series", json!(series).to_string()));
        } else if scaled_alone {
            // The scales are this series' own, as constants.
            let series: Vec<&String> = pipeline.own.keys().collect();
            properties.push(("series", json!(series).to_string()));
        }
        Ok(properties
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect())
    }
}
