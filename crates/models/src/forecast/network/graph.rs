//! The network as nodes of an ONNX graph: [`ForecastNetwork::forward`] over again, without dropout.
//!
//! Each step here has its counterpart in `forward`; change them together. Context, horizon and columns are fixed
//! in the graph, the number of windows is not.

use ressac_nn::onnx::{Graph, OnnxError, Value};

use super::quantiles::median;
use super::{Body, ForecastNetwork};

/// What the network reads, on the network's scale: the values of a [`Batch`](super::Batch).
#[derive(Debug, Clone)]
pub(in crate::forecast) struct GraphBatch {
    /// `[batch, context, targets]`.
    pub(in crate::forecast) values: Value,
    /// `[batch, context, targets]`, 1 or 0.
    pub(in crate::forecast) observed: Option<Value>,
    /// `[batch, context, past]`, and how many columns that is.
    pub(in crate::forecast) past: Option<(Value, usize)>,
    /// `[batch, context + horizon, known]`, and how many columns that is.
    pub(in crate::forecast) known: Option<(Value, usize)>,
    /// Steps of the context.
    pub(in crate::forecast) context: usize,
}

/// A size as graphs write it; none is near the end of the range.
pub(super) fn size(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

impl ForecastNetwork {
    /// Writes the network into `graph`: `[batch, horizon, targets, quantiles]` on the network's scale.
    ///
    /// # Errors
    /// [`OnnxError::Refused`] where ONNX has no node for a layer.
    pub(in crate::forecast) fn write(
        &self,
        graph: &mut Graph,
        batch: GraphBatch,
    ) -> Result<Value, OnnxError> {
        let mut batch = batch;
        let level = self.subtract_last.then(|| {
            let last = graph.slice(&batch.values, 1, batch.context - 1, batch.context);
            batch.values = graph.sub(&batch.values, &last);
            last
        });
        let window = self.reversible.then(|| {
            let instance = graph.within("window", |graph| Instance::of(graph, &batch.values));
            batch.values = instance.scale(graph, &batch.values);
            instance
        });
        let (raw, carried) = match &self.body {
            Body::Recurrent(network) => network.write(graph, batch)?,
            Body::Segment(network) => (network.write(graph, batch)?, None),
        };
        let outputs = self.quantiles.len().max(1);
        let raw = graph.reshape(
            &raw,
            &[-1, size(self.horizon), size(self.targets), size(outputs)],
        );
        let mut forecast = graph.within("quantiles", |graph| spread(graph, &raw, &self.quantiles));
        if let Some(carried) = carried {
            let carried = graph.unsqueeze(&carried, &[3]);
            forecast = graph.add(&forecast, &carried);
        }
        if let Some(instance) = &window {
            forecast = instance.unscale(graph, &forecast);
        }
        if let Some(last) = &level {
            let last = graph.unsqueeze(last, &[3]);
            forecast = graph.add(&forecast, &last);
        }
        Ok(forecast)
    }
}

/// Mean and deviation of each window's context, `[batch, 1, targets]`.
struct Instance {
    mean: Value,
    deviation: Value,
}

impl Instance {
    fn of(graph: &mut Graph, values: &Value) -> Self {
        let mean = graph.mean(values, 1);
        let centred = graph.sub(values, &mean);
        let squares = graph.mul(&centred, &centred);
        let variance = graph.mean(&squares, 1);
        let least = graph.number("least_variance", 1e-5);
        let variance = graph.add(&variance, &least);
        let deviation = graph.node("Sqrt", &[&variance], &[]);
        Self { mean, deviation }
    }

    fn scale(&self, graph: &mut Graph, values: &Value) -> Value {
        let centred = graph.sub(values, &self.mean);
        graph.div(&centred, &self.deviation)
    }

    fn unscale(&self, graph: &mut Graph, values: &Value) -> Value {
        let deviation = graph.unsqueeze(&self.deviation, &[3]);
        let mean = graph.unsqueeze(&self.mean, &[3]);
        let scaled = graph.mul(values, &deviation);
        graph.add(&scaled, &mean)
    }
}

/// Free outputs to quantiles in rising order, as `quantiles::spread`.
fn spread(graph: &mut Graph, raw: &Value, levels: &[f64]) -> Value {
    let count = levels.len();
    if count < 2 {
        return raw.clone();
    }
    let median = median(levels);
    let mut quantiles = Vec::with_capacity(count);
    let middle = graph.slice(raw, 3, median, median + 1);
    let step = |graph: &mut Graph, place: usize| {
        let free = graph.slice(raw, 3, place, place + 1);
        graph.node("Softplus", &[&free], &[])
    };
    let mut below = middle.clone();
    for place in (0..median).rev() {
        let step = step(graph, place);
        below = graph.sub(&below, &step);
        quantiles.push(below.clone());
    }
    quantiles.reverse();
    quantiles.push(middle.clone());
    let mut above = middle;
    for place in median + 1..count {
        let step = step(graph, place);
        above = graph.add(&above, &step);
        quantiles.push(above.clone());
    }
    graph.concat(&quantiles, 3)
}
