//! One step of a recurrent network from each of many states under several inputs each: what a decoder
//! does that forecasts all parts of a horizon at once.
mod operation;
#[cfg(test)]
mod tests;

use crate::linear::product;
use crate::random::Stream;
use crate::weights::parameter;
use crate::{Gru, NnError, Recurrent, State, is_fused};
use burn::tensor::Tensor;
use std::any::TypeId;

/// Steps each of the rows `[groups · members]` of `state` once under every input of `shared
/// [members, branches, features]`, to which the row's group adds its `own [groups, branches,
/// features]`: the output `[groups · members, branches, hidden · directions]`. With `draw`, values are
/// dropped between the layers as in training.
///
/// On the fused path one layer of [`crate::Gru`] multiplies only what is distinct: h·U once for a row
/// instead of once for a branch, x·W once for an input instead of once for a row. Sums are then joined
/// in another order than in [`Recurrent::forward`], so the results agree to rounding. Everything else is
/// run as a step of the recurrence over copies of the states.
///
/// # Errors
/// Features, members, groups or a state that do not fit.
pub fn fan_out(
    network: &Recurrent,
    state: State,
    shared: Tensor<3>,
    own: Option<Tensor<3>>,
    draw: Option<&Stream>,
) -> Result<Tensor<3>, NnError> {
    let [members, branches, features] = shared.dims();
    let rows = state.parts().first().map_or(0, |part| part.dims()[1]);
    if let Some(part) = state.parts().iter().find(|part| part.dims()[1] != rows) {
        return Err(NnError::shape(
            "fan out: state",
            format!("{rows} rows in every part"),
            format!("{:?}", part.dims()),
        ));
    }
    if members == 0 || rows == 0 || !rows.is_multiple_of(members) {
        return Err(NnError::shape(
            "fan out: state",
            format!("rows in groups of {members} members"),
            format!("{rows} rows"),
        ));
    }
    let groups = rows / members;
    if let Some(own) = &own
        && own.dims() != [groups, branches, features]
    {
        return Err(NnError::shape(
            "fan out: the groups' own inputs",
            format!(
                "[groups, branches, features] = {:?}",
                [groups, branches, features]
            ),
            format!("{:?}", own.dims()),
        ));
    }
    if is_fused(&shared.device())
        && let Some(layer) = Layer::of(network, features, draw.is_some())
    {
        return layer.step(state, shared, own);
    }
    copied(network, state, shared, own, draw)
}

/// The parameters of a network that is one layer of the GRU, reset after: W `[3·hidden, features]`,
/// U `[3·hidden, hidden]`, bias `[4·hidden]`.
struct Layer {
    input: Tensor<2>,
    recurrent: Tensor<2>,
    bias: Tensor<1>,
}

impl Layer {
    /// If that is what the network is, with nothing around the cell; `training`: not even what acts in training alone.
    fn of(network: &Recurrent, features: usize, training: bool) -> Option<Self> {
        let layers = network.describe();
        let [only] = layers.as_slice() else {
            return None;
        };
        let dropped = training && only.recurrent_dropout;
        let plain = !(only.normalised || only.zoneout || only.residual || dropped);
        if only.cell_type != TypeId::of::<Gru>() || network.directions() > 1 || !plain {
            return None;
        }
        let layer = Self {
            input: parameter(network, "layers.0.input_weights")?,
            recurrent: parameter(network, "layers.0.recurrent_weights")?,
            bias: parameter(network, "layers.0.bias")?,
        };
        let hidden = network.output_size();
        let fits = layer.input.dims() == [3 * hidden, features]
            && layer.recurrent.dims() == [3 * hidden, hidden]
            && layer.bias.dims() == [4 * hidden];
        fits.then_some(layer)
    }

    fn step(
        self,
        state: State,
        shared: Tensor<3>,
        own: Option<Tensor<3>>,
    ) -> Result<Tensor<3>, NnError> {
        let [_, hidden] = self.recurrent.dims();
        let state = match state.parts() {
            [part] if part.dims()[0] == 1 && part.dims()[2] == hidden => {
                let [_, rows, _] = part.dims();
                part.clone().reshape([rows, hidden])
            }
            parts => {
                return Err(NnError::shape(
                    "fan out: state",
                    format!("one part of [1, rows, {hidden}]"),
                    format!("{:?}", parts.iter().map(Tensor::dims).collect::<Vec<_>>()),
                ));
            }
        };
        let times_input = |input: Tensor<3>| {
            let [first, second, features] = input.dims();
            product(
                input.reshape([first * second, features]),
                self.input.clone(),
            )
            .reshape([first, second, 3 * hidden])
        };
        let shared = times_input(shared);
        let own = own.map(times_input);
        let sums = product(state.clone(), self.recurrent);
        Ok(operation::step(self.bias, shared, own, sums, state))
    }
}

/// The step over copies of the states, one for each branch.
fn copied(
    network: &Recurrent,
    state: State,
    shared: Tensor<3>,
    own: Option<Tensor<3>>,
    draw: Option<&Stream>,
) -> Result<Tensor<3>, NnError> {
    let [members, branches, features] = shared.dims();
    let rows = state.parts().first().map_or(0, |part| part.dims()[1]);
    let groups = rows / members;
    let mut input = shared
        .unsqueeze_dim::<4>(0)
        .expand([groups, members, branches, features]);
    if let Some(own) = own {
        input = input + own.unsqueeze_dim::<4>(1);
    }
    let states = state
        .parts()
        .iter()
        .map(|part| {
            let [count, _, hidden] = part.dims();
            part.clone()
                .reshape([count, rows, 1, hidden])
                .expand([count, rows, branches, hidden])
                .reshape([count, rows * branches, hidden])
        })
        .collect();
    let input = input.reshape([rows * branches, 1, features]);
    let state = Some(State::new(states));
    let (output, _) = match draw {
        Some(draw) => network.forward_train(input, None, state, draw)?,
        None => network.forward(input, None, state)?,
    };
    let [_, _, width] = output.dims();
    Ok(output.reshape([rows, branches, width]))
}
