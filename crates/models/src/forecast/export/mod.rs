//! A forecaster as one ONNX graph, from the user's units to the user's units.
//!
//! What [`Forecaster::forecast`] does to one window stands in the graph: scaling, filling what is missing, the
//! calendar, the network, the scale back, the calibration. So the graph gives what `predict` gives, up to the
//! rounding of 32-bit arithmetic in another order. Values in the user's units are 64-bit, as they are here: a load
//! of 65 432.1 has no room in 32 bits for the 5 digits behind it that its z-score needs.
//!
//! | input | | when |
//! |---|---|---|
//! | `values` | float64 `[batch, context, targets]` | always; NaN is missing |
//! | `observed` | bool `[batch, context, targets]` | training met missing values: false where `values` holds a stand-in |
//! | `past` | float64 `[batch, context, past]` | columns whose future is not known; NaN is missing |
//! | `known` | float64 `[batch, context + horizon, known]` | columns whose future is known; NaN is missing |
//! | `time` | int64 `[batch, context + horizon]` | the network reads the calendar: seconds since 1970-01-01 in the data's own clock |
//! | `statics` | float64 `[batch, …]` | static columns: a number as it is, a word as 1 in its place among the words |
//! | `series` | int64 `[batch]` | several series, each with a scale of its own: its place in the property `series` |
//!
//! | output | |
//! |---|---|
//! | `forecast` | float64 `[batch, horizon, targets, quantiles]` |
//!
//! # Missing values
//! A missing value takes the value before it, and where the context has none before it, the mean. `predict` has the
//! whole series and takes the value before the context: for the same forecast put that value there, with `observed`
//! false.

mod calendar;
mod input;
mod output;
mod properties;

use ressac_nn::onnx::Graph;

use self::input::Inputs;
use super::forecaster::Forecaster;
use crate::ModelError;
use crate::model::OnnxFile;

impl Forecaster {
    /// The forecaster as an ONNX file; the number of windows in a call is open.
    ///
    /// # Errors
    /// [`ModelError::Onnx`] where ONNX has no node for a layer, [`ModelError::Mismatch`] for a calendar that this
    /// build does not know.
    pub fn to_onnx(&self) -> Result<OnnxFile, ModelError> {
        let mut graph = Graph::new();
        let (inputs, batch) = Inputs::new(&mut graph, self.config(), self.pipeline())?;
        let forecast = graph.within("network", |graph| self.layers().write(graph, batch))?;
        self.write_output(&mut graph, &forecast, &inputs);
        let properties = self.properties(&inputs)?;
        for (name, value) in &properties {
            graph.property(name, value.clone());
        }
        let (inputs, outputs) = (graph.inputs().to_vec(), graph.outputs().to_vec());
        let version = env!("CARGO_PKG_VERSION");
        let about = "A forecaster: values in the units of the columns, times in the clock of the data. \
                     The metadata name columns, series and quantiles in order.";
        Ok(OnnxFile {
            inputs,
            outputs,
            properties,
            bytes: graph.into_bytes("forecast", ("ressac", version), about),
        })
    }
}
