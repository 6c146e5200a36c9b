//! The recurrent forecaster as nodes of an ONNX graph: [`RecurrentForecaster::forward`] over again.

use ressac_nn::onnx::{Graph, LayerState, OnnxError, Stack, Value};

use super::{HeadLayers, RecurrentForecaster, STEP_SUMMARY};
use crate::forecast::network::graph::{GraphBatch, size};

impl RecurrentForecaster {
    /// The head's outputs `[batch, horizon, targets · outputs]`, and what the lags carry to all outputs of a step
    /// alike, `[batch, horizon, targets]`.
    pub(in crate::forecast::network) fn write(
        &self,
        graph: &mut Graph,
        batch: GraphBatch,
    ) -> Result<(Value, Option<Value>), OnnxError> {
        let context = batch.context;
        let lagged: Vec<Value> = self
            .lags
            .iter()
            .map(|lag| {
                graph.slice(
                    &batch.values,
                    1,
                    context - lag,
                    context - lag + self.horizon,
                )
            })
            .collect();
        let mut inputs = vec![batch.values];
        inputs.extend(batch.observed);
        inputs.extend(batch.past.map(|(past, _)| past));
        let mut ahead = lagged.clone();
        if let Some((known, _)) = batch.known {
            inputs.push(graph.slice(&known, 1, 0, context));
            ahead.push(graph.slice(&known, 1, context, context + self.horizon));
        }
        let input = graph.concat(&inputs, 2);
        let states = graph.within("encoder", |graph| {
            let encoder = Stack::new(graph, &self.encoder)?;
            Ok::<_, OnnxError>(encoder.run(graph, &input, None, None).states)
        })?;
        let outputs = match &self.head {
            HeadLayers::Plain(head) => {
                let summary = summary(graph, &states)?;
                let forecast = graph.linear("head", head, &summary);
                graph.reshape(&forecast, &[0, size(self.horizon), -1])
            }
            HeadLayers::Direct(head) => {
                let summary = summary(graph, &states)?;
                let steps = graph.linear("summary", &head.summary, &summary);
                let shape = [0, size(self.horizon), size(STEP_SUMMARY)];
                let steps = graph.reshape(&steps, &shape);
                ahead.insert(0, steps);
                let steps = graph.concat(&ahead, 2);
                let steps = graph.linear("step", &head.step, &steps);
                graph.linear("head", &head.output, &steps)
            }
            HeadLayers::Decoder(head) => {
                let ahead = graph.concat(&ahead, 2);
                let steps = graph.within("decoder", |graph| {
                    let decoder = Stack::new(graph, &head.decoder)?;
                    Ok::<_, OnnxError>(decoder.run(graph, &ahead, None, Some(&states)).output)
                })?;
                graph.linear("head", &head.output, &steps)
            }
        };
        let carried = self.highway.as_ref().and_then(|highway| {
            let shares: Vec<f32> = highway.val().into_data().iter::<f32>().collect();
            graph.within("lags", |graph| {
                let parts: Vec<Value> = lagged
                    .iter()
                    .zip(shares)
                    .map(|(lagged, share)| {
                        let share = graph.number("share", share);
                        graph.mul(lagged, &share)
                    })
                    .collect();
                let mut parts = parts.into_iter();
                let first = parts.next()?;
                Some(parts.fold(first, |sum, part| graph.add(&sum, &part)))
            })
        });
        Ok((outputs, carried))
    }
}

/// The encoder's last output, `[batch, hidden]`.
fn summary(graph: &mut Graph, states: &[LayerState]) -> Result<Value, OnnxError> {
    let last = states
        .last()
        .ok_or_else(|| OnnxError::Parameters("the encoder has no layers".into()))?;
    Ok(graph.squeeze(&last.h, &[0]))
}
