//! The segment forecaster as nodes of an ONNX graph: [`SegmentForecaster::forward`] over again.

use ressac_nn::onnx::{Graph, LayerState, OnnxError, Stack, Value, Values};

use super::SegmentForecaster;
use crate::forecast::network::graph::{GraphBatch, size};

impl SegmentForecaster {
    /// `[batch, horizon, targets, outputs]`.
    pub(in crate::forecast::network) fn write(
        &self,
        graph: &mut Graph,
        batch: GraphBatch,
    ) -> Result<Value, OnnxError> {
        let context = batch.context;
        let (segment, read) = (self.segment, context / self.segment);
        let skipped = context - read * segment;
        let [segments, half] = self.position.val().dims();
        let [targets, other] = self.column.val().dims();
        let hidden = half + other;

        // `[batch, steps, columns]` → `[batch · columns, segments, segment]`.
        let by_column = |graph: &mut Graph, values: &Value| {
            let values = graph.slice(values, 1, skipped, context);
            let values = graph.transpose(&values, &[0, 2, 1]);
            graph.reshape(&values, &[-1, size(read), size(segment)])
        };
        let mut parts = vec![by_column(graph, &batch.values)];
        if let Some(observed) = &batch.observed {
            parts.push(by_column(graph, observed));
        }
        let known = batch.known.as_ref();
        for (beside, width) in batch.past.iter().chain(known) {
            let shape = [read, segment * width];
            let values = graph.slice(beside, 1, skipped, context);
            let values = graph.reshape(&values, &[-1, size(shape[0]), size(shape[1])]);
            parts.push(repeated(graph, &values, targets, shape));
        }
        let input = graph.concat(&parts, 2);
        let embedded = graph.linear("embed", &self.embed, &input);
        let (stack, states) = graph.within("recurrent", |graph| {
            let stack = Stack::new(graph, &self.recurrent)?;
            let states = stack.run(graph, &embedded, None, None).states;
            Ok::<_, OnnxError>((stack, states))
        })?;

        // Each segment of the horizon is one step from the same state.
        let place = self.place(graph);
        let query = match (&self.ahead, known) {
            (Some(ahead), Some((known, width))) => {
                let short = segments * segment - self.horizon;
                let mut future = graph.slice(known, 1, context, context + self.horizon);
                if short > 0 {
                    let pads = graph.whole_numbers(&[0, 0, 0, 0, size(short), 0]);
                    future = graph.node("Pad", &[&future, &pads], &[]);
                }
                let shape = [-1, size(segments), size(segment * width)];
                let future = graph.reshape(&future, &shape);
                let future = graph.linear("ahead", ahead, &future);
                let future = graph.unsqueeze(&future, &[1]);
                graph.add(&future, &place)
            }
            _ => {
                // The same for every window: as many times as there are windows.
                let shape = graph.node("Shape", &[&batch.values], &[]);
                let windows = graph.slice(&shape, 0, 0, 1);
                let once = graph.whole_numbers(&[1, 1, 1]);
                let shape = graph.concat(&[windows, once], 0);
                graph.node("Expand", &[&place, &shape], &[])
            }
        };
        let query = graph.reshape(&query, &[-1, 1, size(hidden)]);
        let spread = |graph: &mut Graph, state: &Value| {
            let state = graph.unsqueeze(state, &[2]);
            let state = graph.expand(&state, &[1, 1, size(segments), 1]);
            graph.reshape(&state, &[1, -1, size(hidden)])
        };
        let states: Vec<LayerState> = states
            .iter()
            .map(|state| LayerState {
                h: spread(graph, &state.h),
                c: state.c.as_ref().map(|c| spread(graph, c)),
            })
            .collect();
        let decoded = graph.within("decode", |graph| {
            stack.run(graph, &query, None, Some(&states)).output
        });
        let outputs = graph.linear("predict", &self.predict, &decoded);
        let steps = segments * segment;
        // `[batch · columns · segments, 1, segment · outputs]`: the outputs of a step beside one another.
        let outputs = graph.reshape(
            &outputs,
            &[-1, size(targets), size(steps), size(self.outputs())],
        );
        let outputs = graph.slice(&outputs, 2, 0, self.horizon);
        Ok(graph.transpose(&outputs, &[0, 2, 1, 3]))
    }

    /// Outputs of one step: the rows of the last layer are those of a whole segment.
    fn outputs(&self) -> usize {
        self.predict.output_size() / self.segment
    }

    /// The vectors of position and column side by side, `[1, targets, segments, hidden]`.
    fn place(&self, graph: &mut Graph) -> Value {
        let [segments, half] = self.position.val().dims();
        let [targets, other] = self.column.val().dims();
        let position: Vec<f32> = self.position.val().into_data().iter::<f32>().collect();
        let column: Vec<f32> = self.column.val().into_data().iter::<f32>().collect();
        let mut values = Vec::with_capacity(targets * segments * (half + other));
        for target in 0..targets {
            for segment in 0..segments {
                values.extend_from_slice(&position[segment * half..(segment + 1) * half]);
                values.extend_from_slice(&column[target * other..(target + 1) * other]);
            }
        }
        let shape = [1, targets, segments, half + other];
        graph.constant("position_and_column", &shape, &Values::F32(values))
    }
}

/// `[batch, steps, width]` → `[batch · times, steps, width]`, each window's rows one after another.
fn repeated(graph: &mut Graph, values: &Value, times: usize, [steps, width]: [usize; 2]) -> Value {
    let values = graph.unsqueeze(values, &[1]);
    let values = graph.expand(&values, &[1, size(times), 1, 1]);
    graph.reshape(&values, &[-1, size(steps), size(width)])
}
