//! Where a value first stopped being finite: a training that blows up should say in which layer.

use std::fmt;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;
use ressac_nn::optim::GradientsParams;

use ressac_nn::optim::RowGradient;
use ressac_nn::weights::NamedTensors;

use crate::LearnerState;

/// Where a value that is infinite or not a number was found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// In the learner's state: the name of a weight or of one of the optimiser's moments.
    State(String),
    /// In the gradient of the parameter of this name; every weight is finite.
    Gradient(String),
    /// In what a part of the network gives, its name; every weight is finite.
    Output(&'static str),
    /// In no weight, so somewhere between the input and the loss.
    ForwardPass,
    /// In no weight and not in the loss, so between the loss and the gradients.
    BackwardPass,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::State(name) => write!(f, "in `{name}`"),
            Place::Gradient(name) => {
                write!(
                    f,
                    "in the gradient of `{name}`, while every weight is finite"
                )
            }
            Place::Output(part) => {
                write!(f, "in the output of {part}, while every weight is finite")
            }
            Place::ForwardPass => f.write_str("in the forward pass, while every weight is finite"),
            Place::BackwardPass => {
                f.write_str("in the backward pass, while every weight is finite")
            }
        }
    }
}

/// The first array, in the order of the names, with a value that is not finite, and that value.
pub(crate) fn first_non_finite(tensors: &NamedTensors) -> Option<(&str, f32)> {
    tensors.iter().find_map(|(name, tensor)| {
        let value = tensor.values.iter().find(|value| !value.is_finite())?;
        Some((name.as_str(), *value))
    })
}

/// The first tensor of a learner's state with a value that is not finite.
pub fn non_finite_state(state: &LearnerState) -> Option<Place> {
    first_non_finite(&state.tensors).map(|(name, _)| Place::State(name.to_owned()))
}

/// The first parameter of `module`, in the order of its fields, whose gradient is not finite; its name
/// is the one its weights are saved under.
///
/// `rows` are the gradients of tables of which rows were read.
///
/// For [`crate::Learner::find_non_finite`]: a learner calls it when the global norm is not finite,
/// which costs a pass over the gradients, once.
pub fn non_finite_gradient<M: Module>(
    module: &M,
    gradients: &GradientsParams,
    rows: &[RowGradient],
) -> Option<Place> {
    struct Find<'a> {
        path: Vec<String>,
        gradients: &'a GradientsParams,
        rows: &'a [RowGradient],
        found: Option<String>,
    }
    impl ModuleVisitor for Find<'_> {
        fn enter_module(&mut self, name: &str, _container: &str) {
            self.path.push(name.to_owned());
        }
        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.path.pop();
        }
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if self.found.is_some() {
                return;
            }
            let finite = self.gradients.get::<D>(param.id).is_none_or(|gradient| {
                let data = gradient.into_data();
                data.iter::<f32>().all(f32::is_finite)
            });
            let mut rows = (self.rows.iter()).filter(|rows| rows.parameter() == param.id);
            let rows_finite = rows.all(|rows| rows.values().iter().all(|value| value.is_finite()));
            if !finite || !rows_finite {
                self.found = Some(self.path.join("."));
            }
        }
    }
    let mut find = Find {
        path: Vec::new(),
        gradients,
        rows,
        found: None,
    };
    module.visit(&mut find);
    find.found.map(Place::Gradient)
}
