//! From a peer's layout to ours: rows, the order of gates, biases.
use super::error::shown;
use super::network::{CellKind, Convention, FoundNetwork, Part};
use super::{ImportError, WeightFile};
use crate::weights::{HostTensor, NamedTensors};

/// Our arrays of every layer and direction of `network`.
pub(super) fn parameters(
    file: &WeightFile,
    network: &FoundNetwork,
) -> Result<NamedTensors, ImportError> {
    let mut parameters = NamedTensors::new();
    for (place, part) in network.parts.iter().enumerate() {
        let mut put = |name: &str, shape: Vec<usize>, values: Vec<f32>| {
            let name = format!("layers.{place}.{name}");
            parameters.insert(name, HostTensor { shape, values });
        };
        let layer = Layer {
            file,
            network,
            part,
        };
        let (hidden, output) = (network.hidden, network.output);
        let columns = gates(network.cell) * hidden;
        put(
            "input_weights",
            vec![columns, part.input],
            layer.matrix(&part.input_weights, part.input)?,
        );
        put(
            "recurrent_weights",
            vec![columns, output],
            layer.matrix(&part.recurrent_weights, output)?,
        );
        let bias = layer.bias()?;
        put("bias", vec![bias.len()], bias);
        if let Some(projection) = &part.projection {
            let values = layer.finite(projection)?;
            put("projection_weights", vec![output, hidden], values);
        }
    }
    Ok(parameters)
}

/// Columns that a cell's weights have for each unit.
pub(super) const fn gates(cell: CellKind) -> usize {
    match cell {
        CellKind::Rnn => 1,
        CellKind::Lstm => 4,
        CellKind::Gru | CellKind::GruBefore => 3,
    }
}

/// One layer in one direction.
struct Layer<'a> {
    file: &'a WeightFile,
    network: &'a FoundNetwork,
    part: &'a Part,
}

impl Layer<'_> {
    /// The values of an array, none of them infinite or not a number: a network would answer nothing else.
    fn finite(&self, name: &str) -> Result<Vec<f32>, ImportError> {
        let values = self.file.values(name)?;
        match values.iter().position(|value| !value.is_finite()) {
            None => Ok(values),
            Some(place) => Err(ImportError::Unfit(format!(
                "the array {} holds {} at place {place} (as f32); weights must be finite numbers",
                shown(name),
                values[place]
            ))),
        }
    }

    /// Whether the file has the update gate before the reset gate.
    fn swapped(&self) -> bool {
        self.network.convention == Convention::Keras
            && matches!(self.network.cell, CellKind::Gru | CellKind::GruBefore)
    }

    /// `[columns · hidden, reads]`, gates in our order.
    fn matrix(&self, name: &str, reads: usize) -> Result<Vec<f32>, ImportError> {
        let mut values = self.finite(name)?;
        if self.network.convention == Convention::Keras {
            values = transposed(&values, reads);
        }
        if self.swapped() {
            swap_first_two(&mut values, self.network.hidden * reads);
        }
        Ok(values)
    }

    /// `[columns · hidden]`, gates in our order: four of them for the GRU that resets after the product.
    fn bias(&self) -> Result<Vec<f32>, ImportError> {
        let (cell, hidden) = (self.network.cell, self.network.hidden);
        let columns = gates(cell) * hidden;
        let (mut input, mut recurrent) = match self.part.biases.as_slice() {
            [] => (vec![0.0; columns], vec![0.0; columns]),
            [one] => {
                let mut values = self.finite(one)?;
                if self.network.convention == Convention::Ressac {
                    return Ok(values);
                }
                // Keras' GRU that resets after the product has its two biases as two rows.
                if values.len() == columns {
                    values.resize(2 * columns, 0.0);
                }
                let recurrent = values.split_off(columns);
                (values, recurrent)
            }
            [input, recurrent, ..] => (self.finite(input)?, self.finite(recurrent)?),
        };
        if self.swapped() {
            swap_first_two(&mut input, hidden);
            swap_first_two(&mut recurrent, hidden);
        }
        if cell != CellKind::Gru {
            return Ok(sums(&input, &recurrent));
        }
        let (gates, inside) = (2 * hidden, &input[2 * hidden..]);
        let mut bias = sums(&input[..gates], &recurrent[..gates]);
        bias.extend_from_slice(inside);
        bias.extend_from_slice(&recurrent[gates..]);
        Ok(bias)
    }
}

fn sums(one: &[f32], other: &[f32]) -> Vec<f32> {
    one.iter().zip(other).map(|(a, b)| a + b).collect()
}

/// `[rows, columns]` to `[columns, rows]`.
fn transposed(values: &[f32], rows: usize) -> Vec<f32> {
    let columns = values.len() / rows.max(1);
    let column = |column: usize| (0..rows).map(move |row| values[row * columns + column]);
    (0..columns).flat_map(column).collect()
}

/// z, r, … to r, z, …, in blocks of `length`.
fn swap_first_two(values: &mut [f32], length: usize) {
    let (first, rest) = values.split_at_mut(length);
    first.swap_with_slice(&mut rest[..length]);
}

/// What was done, for the user: one sentence without its full stop each.
pub(super) fn told(file: &WeightFile, network: &FoundNetwork) -> Vec<String> {
    let mut told = Vec::new();
    let names = network.parts.iter().flat_map(|part| {
        let weights = [&part.input_weights, &part.recurrent_weights];
        weights
            .into_iter()
            .chain(&part.biases)
            .chain(&part.projection)
    });
    let mut conversions: Vec<&str> = names
        .filter_map(|name| file.info(name)?.numbers.conversion())
        .collect();
    conversions.sort_unstable();
    conversions.dedup();
    told.extend(
        conversions
            .iter()
            .map(|conversion| format!("values: {conversion}")),
    );
    let (keras, cell) = (network.convention == Convention::Keras, network.cell);
    if network.convention == Convention::Ressac {
        told.push("layout: Ressac's own, taken as it is".into());
        return told;
    }
    if keras {
        told.push("layout: Keras' [features, gates · hidden], transposed".into());
    } else {
        told.push("layout: PyTorch's [gates · hidden, features], as here".into());
    }
    match (cell, keras) {
        (CellKind::Rnn, _) => {}
        (CellKind::Lstm, false) => told.push("gates: i, f, g, o, as here".into()),
        (CellKind::Lstm, true) => told.push("gates: i, f, c, o, c being g here".into()),
        (_, false) => told.push("gates: r, z, n, as here".into()),
        (_, true) => told.push("gates: z, r, h put in the order r, z, n".into()),
    }
    told.push(match (network.has_bias(), cell, keras) {
        (false, ..) => "bias: none in the file, so zeros".into(),
        (true, CellKind::Gru, _) => {
            "bias: the input's and the recurrent one added for r and z, kept apart for n (the recurrent one is inside the reset)".into()
        }
        (true, _, false) => "bias: b_ih and b_hh added, as they act only as their sum".into(),
        (true, _, true) => "bias: one, as here".into(),
    });
    if network.is_projected() {
        told.push("projection: weight_hr, as here".into());
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transposing_and_swapping_move_every_value_once() {
        assert_eq!(
            transposed(&[1., 2., 3., 4., 5., 6.], 2),
            [1., 4., 2., 5., 3., 6.]
        );
        let mut values = [1., 2., 3., 4., 5., 6.];
        swap_first_two(&mut values, 2);
        assert_eq!(values, [3., 4., 1., 2., 5., 6.]);
    }
}
