//! How large a network will be, before any of it is made: sizes that no memory holds are to be told,
//! not tried.

use super::Widths;
use super::recurrent::STEP_SUMMARY;
use crate::forecast::choices::{Gates, Head, ModelKind, Reset};
use crate::forecast::config::ForecastConfig;

/// The number of weights of the network of `config`; the largest number there is where it has more.
pub(super) fn parameters(config: &ForecastConfig, widths: Widths) -> usize {
    let size = Size(config);
    let outputs = config.quantiles.len().max(1);
    let beside = times(usize::from(widths.masked), widths.targets);
    match config.model {
        ModelKind::Segment => {
            let (hidden, segment) = (config.hidden, config.segment);
            // Masks and what is not of one column stand beside each column.
            let read = 1 + usize::from(widths.masked) + widths.past + widths.known;
            let ahead = match widths.known {
                0 => 0,
                known => linear(times(segment, known), hidden),
            };
            let segments = config.horizon.div_ceil(segment.max(1));
            sum(&[
                linear(times(segment, read), hidden),
                size.recurrent(hidden),
                times(segments, hidden / 2),
                times(widths.targets, hidden - hidden / 2),
                ahead,
                linear(hidden, times(segment, outputs)),
            ])
        }
        _ => {
            let (hidden, horizon) = (config.hidden, config.horizon);
            let outputs = times(widths.targets, outputs);
            let ahead = sum(&[widths.known, times(widths.targets, config.lags.len())]);
            let input = sum(&[widths.targets, beside, widths.past, widths.known]);
            let head = match (ahead, config.head) {
                (0, _) => linear(hidden, times(horizon, outputs)),
                (_, Head::Direct) => sum(&[
                    linear(hidden, times(horizon, STEP_SUMMARY)),
                    linear(sum(&[STEP_SUMMARY, ahead]), hidden),
                    linear(hidden, outputs),
                ]),
                (_, Head::Decoder) => sum(&[size.recurrent(ahead), linear(hidden, outputs)]),
            };
            sum(&[size.recurrent(input), head, config.lags.len()])
        }
    }
}

struct Size<'a>(&'a ForecastConfig);

impl Size<'_> {
    /// All layers of the recurrence over `input` features.
    fn recurrent(&self, input: usize) -> usize {
        let ForecastConfig { hidden, layers, .. } = *self.0;
        // Columns that read the input, columns that read the state, biases; with normalisation as many gains.
        let (inputs, states, biases) = match self.0.model {
            ModelKind::Rnn => (1, 1, 1),
            ModelKind::Gru if self.0.reset == Some(Reset::Before) => (3, 3, 3),
            ModelKind::Gru | ModelKind::Segment => (3, 3, 4),
            ModelKind::Lstm => (4, 4, 4),
            ModelKind::MinimalGru => (2, 0, 2),
            ModelKind::MinimalLstm => (3, 0, 3),
        };
        let gains = if self.0.layer_norm { biases } else { 0 };
        let peepholes = match self.0.gates {
            Some(Gates::Peephole) => 3,
            _ => 0,
        };
        let biases = biases + gains + peepholes;
        let layer = |input: usize| {
            let row = sum(&[times(inputs, input), times(states, hidden), biases]);
            times(hidden, row)
        };
        sum(&[layer(input), times(layers.saturating_sub(1), layer(hidden))])
    }
}

fn linear(input: usize, output: usize) -> usize {
    times(output, input.saturating_add(1))
}

fn times(first: usize, second: usize) -> usize {
    first.saturating_mul(second)
}

fn sum(parts: &[usize]) -> usize {
    parts.iter().fold(0, |sum, part| sum.saturating_add(*part))
}
