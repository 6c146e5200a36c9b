//! How large a network will be, before any of it is made: sizes that no memory holds are to be told,
//! not tried.

use super::Widths;
use super::recurrent::STEP_SUMMARY;
use crate::forecast::choices::{Head, ModelKind};
use crate::forecast::config::ForecastConfig;

/// The number of weights of the network of `config`; the largest number there is where it has more.
pub(super) fn parameters(config: &ForecastConfig, widths: Widths) -> usize {
    let size = Size(config);
    let outputs = config.quantiles.len().max(1);
    let beside = times(usize::from(widths.masked), widths.targets);
    match config.model {
        ModelKind::Segment => {
            let (hidden, segment) = (config.recurrent.hidden, config.segment);
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
            let (hidden, horizon) = (config.recurrent.hidden, config.horizon);
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
        let (hidden, layers) = (self.0.recurrent.hidden, self.0.recurrent.layers);
        let cell = self.0.cell().size();
        let gains = if self.0.recurrent.layer_norm {
            cell.columns
        } else {
            0
        };
        let own = cell.columns + gains + cell.units;
        let layer = |input: usize| {
            let row = sum(&[times(cell.inputs, input), times(cell.states, hidden), own]);
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
