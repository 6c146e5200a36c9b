//! AdamW with clipping by the global norm, one fused pass over each parameter.
//!
//! Burn clips each tensor by itself; here the norm is taken over all parameters together, in `f64`, and
//! equals PyTorch's `clip_grad_norm_`. The moments live on the host, named like the parameters, so they
//! are saved and restored to the bit.
mod rows;
pub use rows::RowGradient;

use crate::NnError;
use crate::flex::fitting;
pub use crate::gradients::{GradientsParams, global_norm, global_norm_with_rows, gradients};
use crate::weights::{HostTensor, NamedTensors, Path, values};
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};
use ressac_kernels::context::Context;
use ressac_kernels::optimizer::{self, clip_scale};
use rows::Tables;
use std::collections::BTreeMap;

/// What stays the same from step to step (Loshchilov & Hutter 2019).
#[derive(Debug, Clone, PartialEq)]
pub struct AdamWConfig {
    /// Decay of the mean of the gradient.
    pub beta1: f64,
    /// Decay of the mean of its square.
    pub beta2: f64,
    /// Added to the root.
    pub epsilon: f64,
    /// Decoupled weight decay, for every parameter.
    pub weight_decay: f64,
    /// Largest global norm of the gradient; `None`: no clipping.
    pub clip: Option<f64>,
}

impl Default for AdamWConfig {
    /// 0.9, 0.999, 1e-8, no decay, no clipping.
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.0,
            clip: None,
        }
    }
}

/// Both moments of one parameter.
#[derive(Debug, Clone)]
struct Moments {
    shape: Vec<usize>,
    first: Vec<f32>,
    second: Vec<f32>,
}

/// The optimiser.
#[derive(Debug, Clone)]
pub struct AdamW {
    config: AdamWConfig,
    steps: u64,
    moments: BTreeMap<String, Moments>,
    /// Of the tables whose rows are moved alone.
    tables: Tables,
}

/// The name under which the number of steps is saved, as two 24-bit halves that `f32` holds exactly.
const STEPS: &str = "steps";

impl AdamW {
    /// An optimiser that has made no step.
    pub const fn new(config: AdamWConfig) -> Self {
        Self {
            config,
            steps: 0,
            moments: BTreeMap::new(),
            tables: Tables::new(),
        }
    }

    /// Moves every parameter that has a gradient, where it is. Returns the global norm of the gradient before
    /// clipping. A gradient that is not finite is applied as it is: whoever trains looks at the norm first if that
    /// matters, see [`global_norm`].
    ///
    /// # Errors
    /// No parameter has a gradient; or a restored state that is not this module's. Module and optimiser are then as
    /// they were.
    pub fn step<M: Module>(
        &mut self,
        learning_rate: f64,
        module: &mut M,
        mut gradients: GradientsParams,
    ) -> Result<f64, NnError> {
        let norm = global_norm(module, &mut gradients);
        self.step_of_norm(learning_rate, module, gradients, norm)?;
        Ok(norm)
    }

    /// As [`AdamW::step`], for who has looked at the global norm of the gradient already and says it
    /// ([`global_norm`]). Values that another copy of the module holds too are copied instead of changed in place.
    ///
    /// # Errors
    /// As [`AdamW::step`].
    pub fn step_of_norm<M: Module>(
        &mut self,
        learning_rate: f64,
        module: &mut M,
        gradients: GradientsParams,
        norm: f64,
    ) -> Result<(), NnError> {
        self.step_with_rows(learning_rate, module, gradients, Vec::new(), norm)
    }

    /// As [`AdamW::step_of_norm`], and for tables of which this step has read some rows
    /// ([`Embedding::read`](crate::Embedding::read)): those rows are moved by AdamW without momentum, as
    /// [`ressac_kernels::optimizer`] defines it, their weights decaying in this step alone; the others stay as they are.
    /// `norm` is that of [`global_norm_with_rows`].
    ///
    /// # Errors
    /// As [`AdamW::step`]; and a table with two gradients.
    pub fn step_with_rows<M: Module>(
        &mut self,
        learning_rate: f64,
        module: &mut M,
        gradients: GradientsParams,
        rows: Vec<RowGradient>,
        norm: f64,
    ) -> Result<(), NnError> {
        self.check(module, &gradients, &rows)?;
        self.steps += 1;
        let step = optimizer::AdamW {
            learning_rate,
            beta1: self.config.beta1,
            beta2: self.config.beta2,
            epsilon: self.config.epsilon,
            weight_decay: self.config.weight_decay,
            step: self.steps,
            gradient_scale: self
                .config
                .clip
                .map_or(1.0, |limit| clip_scale(norm, limit)),
        };
        let mut update = Update {
            path: Path::default(),
            context: Context::global(),
            step,
            gradients,
            rows,
            moments: &mut self.moments,
            tables: &mut self.tables,
        };
        // Burn maps a module by value. A copy would share the parameters, which then could not be changed in place: so
        // the module itself is taken out, and one without values stands in its place meanwhile.
        let stand_in = module.clone().map(&mut WithoutValues);
        *module = std::mem::replace(module, stand_in).map(&mut update);
        Ok(())
    }

    /// Errors unless a step can be made: so it fails before anything is moved.
    fn check<M: Module>(
        &self,
        module: &M,
        gradients: &GradientsParams,
        rows: &[RowGradient],
    ) -> Result<(), NnError> {
        let mut check = Check {
            path: Path::default(),
            gradients,
            rows,
            moments: &self.moments,
            tables: &self.tables,
            found: 0,
            wrong: None,
        };
        module.visit(&mut check);
        match check {
            Check {
                wrong: Some(error), ..
            } => Err(error),
            Check { found: 0, .. } => Err(NnError::Gradients(
                "no parameter of the module has one. Was the loss computed from this very module (a clone that was \
                 stepped or reloaded is another), and is the module on a device with gradients, such as \
                 `Device::default().autodiff()`?"
                    .into(),
            )),
            Check { .. } => Ok(()),
        }
    }

    /// Steps made.
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// Moments and number of steps as named arrays.
    pub fn state(&self) -> NamedTensors {
        let mut state = NamedTensors::new();
        let halves = vec![(self.steps >> 24) as f32, (self.steps & 0xff_ffff) as f32];
        state.insert(
            STEPS.into(),
            HostTensor {
                shape: vec![2],
                values: halves,
            },
        );
        for (name, moments) in &self.moments {
            for (which, values) in [("first", &moments.first), ("second", &moments.second)] {
                state.insert(
                    format!("{which}.{name}"),
                    HostTensor {
                        shape: moments.shape.clone(),
                        values: values.clone(),
                    },
                );
            }
        }
        rows::save(&self.tables, &mut state);
        state
    }

    /// Takes up what [`AdamW::state`] gave.
    ///
    /// # Errors
    /// Arrays that are not such a state.
    pub fn restore(&mut self, state: &NamedTensors) -> Result<(), NnError> {
        let wrong = |what: &str| NnError::Weights(format!("optimiser state: {what}"));
        let steps = state
            .get(STEPS)
            .ok_or_else(|| wrong("the step count is missing"))?;
        let [high, low] = steps.values[..] else {
            return Err(wrong("the step count is not two numbers"));
        };
        let mut moments = BTreeMap::new();
        for (name, first) in state {
            if let Some(name) = name.strip_prefix("first.") {
                if !first.is_whole() {
                    return Err(wrong(&format!("the first moment of {name} is not whole")));
                }
                let second = state
                    .get(&format!("second.{name}"))
                    .filter(|second| second.shape == first.shape && second.is_whole())
                    .ok_or_else(|| wrong(&format!("the second moment of {name} is missing")))?;
                moments.insert(
                    name.to_owned(),
                    Moments {
                        shape: first.shape.clone(),
                        first: first.values.clone(),
                        second: second.values.clone(),
                    },
                );
            }
        }
        let steps = ((high as u64) << 24) | low as u64;
        let tables = rows::restored(state, steps).map_err(|what| wrong(&what))?;
        if (moments.len() + tables.len()) * 2 + 1 != state.len() {
            return Err(wrong("moments without a partner"));
        }
        self.steps = steps;
        self.moments = moments;
        self.tables = tables;
        Ok(())
    }
}

/// Looks for what would stop a step.
struct Check<'a> {
    path: Path,
    gradients: &'a GradientsParams,
    rows: &'a [RowGradient],
    moments: &'a BTreeMap<String, Moments>,
    tables: &'a Tables,
    found: usize,
    wrong: Option<NnError>,
}

impl ModuleVisitor for Check<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.enter(name);
    }
    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.leave();
    }
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let gradient = self.gradients.get::<D>(param.id);
        let rows = self.rows.iter().filter(|rows| rows.parameter == param.id);
        match rows::check(&self.path.name(), param, rows, gradient.is_some(), self) {
            Ok(rows) => self.found += rows,
            Err(error) => self.wrong = Some(error),
        }
        let Some(gradient) = gradient else {
            return;
        };
        self.found += 1;
        let (name, shape) = (self.path.name(), param.val().dims());
        if gradient.dims() != shape {
            self.wrong = Some(NnError::shape(
                format!("gradient of {name}"),
                format!("{shape:?}, as the parameter"),
                format!("{:?}", gradient.dims()),
            ));
        }
        if let Some(moments) = self.moments.get(&name)
            && moments.shape != shape
        {
            self.wrong = Some(NnError::Weights(format!(
                "optimiser state of {name}: it has shape {:?}, the parameter {shape:?}",
                moments.shape
            )));
        }
    }
}

/// Gives every parameter one value, so that nothing but the module that is changed holds the real ones.
struct WithoutValues;

impl ModuleMapper for WithoutValues {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| Tensor::zeros([1; D], &tensor.device()))
    }
}

struct Update<'a> {
    path: Path,
    context: Context,
    step: optimizer::AdamW,
    gradients: GradientsParams,
    rows: Vec<RowGradient>,
    moments: &'a mut BTreeMap<String, Moments>,
    tables: &'a mut Tables,
}

impl ModuleMapper for Update<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.enter(name);
    }
    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.leave();
    }
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if let Some(rows) = self.rows.iter().find(|rows| rows.parameter == param.id) {
            let name = self.path.name();
            return rows::step(self.tables, name, &self.context, &self.step, rows, param);
        }
        let Some(gradient) = self.gradients.remove::<D>(param.id) else {
            return param;
        };
        let gradient = values(gradient);
        let shape = param.val().dims();
        let moments = self
            .moments
            .entry(self.path.name())
            .or_insert_with(|| Moments {
                shape: shape.to_vec(),
                first: vec![0.0; gradient.len()],
                second: vec![0.0; gradient.len()],
            });
        let (step, context) = (self.step, self.context);
        // The parameter is given away, so that its values are changed where they are.
        param.map(|tensor| {
            let (device, tracked) = (tensor.device(), tensor.is_require_grad());
            let mut parameters = values(tensor.inner());
            let (first, second) = (&mut moments.first, &mut moments.second);
            // `AdamW::check` has seen every shape.
            fitting(step.step(&context, &mut parameters, &gradient, first, second));
            let data = TensorData::new(parameters, shape);
            Tensor::from_data(data, &device).set_require_grad(tracked)
        })
    }
}
