//! The gradients of a module's parameters, by the parameter's number.
use crate::NnError;
use crate::optim::RowGradient;
use crate::weights::values;
use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::tensor::container::TensorContainer;
use burn::tensor::{Gradients, Tensor, TensorData};
use ressac_kernels::optimizer::sum_of_squares;

/// The gradients of parameters: what Burn's type of that name is, without Burn's optimisers.
#[derive(Debug, Default)]
pub struct GradientsParams {
    container: TensorContainer<ParamId>,
}

impl GradientsParams {
    /// No gradient.
    pub fn new() -> Self {
        Self::default()
    }

    /// Those of the parameters of a module; others are dropped.
    pub fn from_grads<M: Module>(mut gradients: Gradients, module: &M) -> Self {
        Self::from_module(&mut gradients, module)
    }

    /// Takes those of the parameters of a module; others stay.
    pub fn from_module<M: Module>(gradients: &mut Gradients, module: &M) -> Self {
        struct Take<'a>(&'a mut Gradients, GradientsParams);
        impl ModuleVisitor for Take<'_> {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                if param.is_require_grad()
                    && let Some(gradient) = param.val().grad_remove(self.0)
                {
                    self.1.register(param.id, gradient);
                }
            }
        }
        let mut take = Take(gradients, Self::new());
        module.visit(&mut take);
        take.1
    }

    /// That of one parameter.
    pub fn get<const D: usize>(&self, id: ParamId) -> Option<Tensor<D>> {
        self.container.get(&id)
    }

    /// Takes that of one parameter.
    pub fn remove<const D: usize>(&mut self, id: ParamId) -> Option<Tensor<D>> {
        self.container.remove(&id)
    }

    /// Puts that of one parameter in, in place of another.
    pub fn register<const D: usize>(&mut self, id: ParamId, gradient: Tensor<D>) {
        self.container.register(id, gradient);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.container.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The gradients of a loss with respect to the parameters of a module: Burn's `backward`, with an error where that
/// panics. The graph is used up: one call for a loss.
///
/// # Errors
/// A loss whose computation was not recorded, usually because the module was not made on a device with gradients
/// (`Device::default().autodiff()`); or one that was not computed from this module.
pub fn gradients<M: Module>(loss: &Tensor<1>, module: &M) -> Result<GradientsParams, NnError> {
    if !loss.is_tracked() {
        return Err(NnError::Gradients(
            "the computation of the loss was not recorded. Make the module on a device with gradients, such as \
             `Device::default().autodiff()`, and do not detach what the loss is computed from"
                .into(),
        ));
    }
    let gradients = GradientsParams::from_grads(loss.backward(), module);
    if gradients.is_empty() {
        return Err(NnError::Gradients(
            "the loss does not depend on any parameter of the module that asks for gradients. Was it computed from \
             another module?"
                .into(),
        ));
    }
    Ok(gradients)
}

/// The norm of the gradients of all parameters of a module together, summed in `f64`. Gradients that nobody else holds
/// are not copied for it.
pub fn global_norm<M: Module>(module: &M, gradients: &mut GradientsParams) -> f64 {
    global_norm_with_rows(module, gradients, &[])
}

/// As [`global_norm`], of the gradients of rows too: the norm of the whole gradient, which is zero in all other rows.
pub fn global_norm_with_rows<M: Module>(
    module: &M,
    gradients: &mut GradientsParams,
    rows: &[RowGradient],
) -> f64 {
    struct Sum<'a>(&'a mut GradientsParams, f64);
    impl ModuleVisitor for Sum<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.0.remove::<D>(param.id) {
                let (shape, device) = (gradient.shape(), gradient.device());
                let values = values(gradient);
                self.1 += sum_of_squares(&values);
                let data = TensorData::new(values, shape);
                self.0
                    .register(param.id, Tensor::<D>::from_data(data, &device));
            }
        }
    }
    let mut sum = Sum(gradients, 0.0);
    module.visit(&mut sum);
    let of_rows = rows.iter().map(|rows| sum_of_squares(&rows.values));
    of_rows.fold(sum.1, |sum, squares| sum + squares).sqrt()
}
