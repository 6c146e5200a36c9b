//! Parameters as named arrays on the host, and as safetensors files.
use crate::NnError;
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{Tensor, TensorData};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::{BTreeMap, HashMap};

/// An array of `f32` with its shape, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct HostTensor {
    /// Sizes, outermost first.
    pub shape: Vec<usize>,
    /// The values.
    pub values: Vec<f32>,
}

impl HostTensor {
    /// Whether there are as many values as the shape says: the fields are anyone's to fill.
    pub(crate) fn is_whole(&self) -> bool {
        self.shape.iter().product::<usize>() == self.values.len()
    }
}

/// Arrays by name, in the order of their names.
pub type NamedTensors = BTreeMap<String, HostTensor>;

/// Follows the path of field names through a module.
#[derive(Default)]
pub(crate) struct Path(Vec<String>);

impl Path {
    pub(crate) fn enter(&mut self, name: &str) {
        self.0.push(name.to_owned());
    }
    pub(crate) fn leave(&mut self) {
        self.0.pop();
    }
    pub(crate) fn name(&self) -> String {
        self.0.join(".")
    }
}

/// The values of a tensor, on the host.
pub fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let data = tensor.into_data().convert::<f32>();
    match data.try_into_vec() {
        Ok(values) => values,
        // `convert` has just made them f32.
        Err(error) => unreachable!("a tensor of f32: {error:?}"),
    }
}

/// Every floating-point parameter of a module, by the path of its fields.
pub fn collect<M: Module>(module: &M) -> NamedTensors {
    collect_without(module, &[])
}

/// As [`collect`], without the parameters of these names.
pub fn collect_without<M: Module>(module: &M, names: &[&str]) -> NamedTensors {
    struct Collect<'a>(Path, &'a [&'a str], NamedTensors);
    impl ModuleVisitor for Collect<'_> {
        fn enter_module(&mut self, name: &str, _container: &str) {
            self.0.enter(name);
        }
        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.0.leave();
        }
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let name = self.0.name();
            if self.1.contains(&name.as_str()) {
                return;
            }
            let tensor = param.val();
            let shape = tensor.dims().to_vec();
            let values = values(tensor);
            self.2.insert(name, HostTensor { shape, values });
        }
    }
    let mut collect = Collect(Path::default(), names, NamedTensors::new());
    module.visit(&mut collect);
    collect.2
}

/// The name of a table, and some of its rows one after another. `None` where the module has no such table, or the table no
/// such row.
pub fn rows<M: Module>(module: &M, table: ParamId, rows: &[u32]) -> Option<(String, Vec<f32>)> {
    struct Find<'a> {
        path: Path,
        table: ParamId,
        rows: &'a [u32],
        found: Option<(String, Vec<f32>)>,
    }
    impl ModuleVisitor for Find<'_> {
        fn enter_module(&mut self, name: &str, _container: &str) {
            self.path.enter(name);
        }
        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.path.leave();
        }
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if param.id != self.table {
                return;
            }
            let tensor = param.val();
            let tensor: &dyn std::any::Any = &tensor;
            if let Some(table) = tensor.downcast_ref::<Tensor<2>>()
                && self
                    .rows
                    .iter()
                    .all(|row| (*row as usize) < table.dims()[0])
            {
                let rows = values(crate::embedding::read(table, self.rows, None));
                self.found = Some((self.path.name(), rows));
            }
        }
    }
    let mut find = Find {
        path: Path::default(),
        table,
        rows,
        found: None,
    };
    module.visit(&mut find);
    find.found
}

/// One parameter of a module, by the path of its fields as [`collect`] names it, with its place in the
/// graph: what is computed from it has a gradient with respect to it. `None` where there is no such
/// parameter of `D` dimensions.
pub fn parameter<M: Module, const D: usize>(module: &M, name: &str) -> Option<Tensor<D>> {
    struct Find<'a, const D: usize>(Path, &'a str, Option<Tensor<D>>);
    impl<const D: usize> ModuleVisitor for Find<'_, D> {
        fn enter_module(&mut self, name: &str, _container: &str) {
            self.0.enter(name);
        }
        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.0.leave();
        }
        fn visit_float<const E: usize>(&mut self, param: &Param<Tensor<E>>) {
            if self.0.name() == self.1 {
                let tensor = param.val();
                let tensor: &dyn std::any::Any = &tensor;
                self.2 = tensor.downcast_ref::<Tensor<D>>().cloned();
            }
        }
    }
    let mut find = Find(Path::default(), name, None);
    module.visit(&mut find);
    find.2
}

/// Puts named arrays in the place of a module's parameters.
///
/// # Errors
/// A name, a shape or a number of values that differs; the module is then dropped and should be made anew.
pub fn apply<M: Module>(module: M, tensors: &NamedTensors) -> Result<M, NnError> {
    struct Apply<'a> {
        path: Path,
        tensors: &'a NamedTensors,
        used: usize,
        wrong: Vec<String>,
    }
    impl ModuleMapper for Apply<'_> {
        fn enter_module(&mut self, name: &str, _container: &str) {
            self.path.enter(name);
        }
        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.path.leave();
        }
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let name = self.path.name();
            let shape = param.val().dims();
            match self.tensors.get(&name) {
                Some(tensor) if tensor.shape == shape && tensor.is_whole() => {
                    self.used += 1;
                    let values = tensor.values.clone();
                    param.map(|old| replace(&old, values))
                }
                Some(tensor) if tensor.shape == shape => {
                    self.wrong.push(format!(
                        "{name} has {} values, its shape {shape:?} wants {}",
                        tensor.values.len(),
                        shape.iter().product::<usize>()
                    ));
                    param
                }
                Some(tensor) => {
                    self.wrong.push(format!(
                        "{name} has shape {:?}, the model wants {shape:?}",
                        tensor.shape
                    ));
                    param
                }
                None => {
                    self.wrong.push(format!("{name} is missing"));
                    param
                }
            }
        }
    }
    let mut apply = Apply {
        path: Path::default(),
        tensors,
        used: 0,
        wrong: Vec::new(),
    };
    let module = module.map(&mut apply);
    if apply.wrong.is_empty() && apply.used < tensors.len() {
        let known = collect(&module);
        let extra = tensors.keys().filter(|name| !known.contains_key(*name));
        apply
            .wrong
            .extend(extra.map(|name| format!("{name} is not in the model")));
    }
    if apply.wrong.is_empty() {
        Ok(module)
    } else {
        Err(NnError::Weights(apply.wrong.join("; ")))
    }
}

/// Puts values in the place of some of a module's parameters, each as many as the parameter has; a parameter that the module
/// has not is left out.
pub fn set<M: Module>(module: M, values: Vec<(ParamId, Vec<f32>)>) -> M {
    struct Set(Vec<(ParamId, Vec<f32>)>);
    impl ModuleMapper for Set {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let own = self.0.iter().position(|(id, _)| *id == param.id);
            match own.map(|place| self.0.swap_remove(place)) {
                Some((_, values)) => param.map(|old| replace(&old, values)),
                None => param,
            }
        }
    }
    module.map(&mut Set(values))
}

/// A tensor like `old`, on its device and asking for a gradient if it did, with other values.
pub(crate) fn replace<const D: usize>(old: &Tensor<D>, values: Vec<f32>) -> Tensor<D> {
    let new = Tensor::from_data(TensorData::new(values, old.shape()), &old.device());
    new.set_require_grad(old.is_require_grad())
}

/// A safetensors file, as bytes.
///
/// # Errors
/// The library's own, for arrays whose values do not fit their shape.
pub fn to_bytes(tensors: &NamedTensors) -> Result<Vec<u8>, NnError> {
    serialize(tensors, None)
}

/// As [`to_bytes`], with a text of this name about the file. Only one: the library writes several in an
/// order of chance.
///
/// # Errors
/// As [`to_bytes`].
pub fn to_bytes_with(tensors: &NamedTensors, key: &str, text: &str) -> Result<Vec<u8>, NnError> {
    serialize(tensors, Some(HashMap::from([(key.into(), text.into())])))
}

fn serialize(
    tensors: &NamedTensors,
    texts: Option<HashMap<String, String>>,
) -> Result<Vec<u8>, NnError> {
    let bytes: Vec<(&String, &Vec<usize>, Vec<u8>)> = tensors
        .iter()
        .map(|(name, tensor)| {
            let bytes = tensor.values.iter().flat_map(|value| value.to_le_bytes());
            (name, &tensor.shape, bytes.collect())
        })
        .collect();
    let views = bytes
        .iter()
        .map(|(name, shape, bytes)| {
            TensorView::new(Dtype::F32, (*shape).clone(), bytes)
                .map(|view| (*name, view))
                .map_err(|error| NnError::File(format!("{name}: {error}")))
        })
        .collect::<Result<Vec<_>, _>>()?;
    safetensors::serialize(views, texts).map_err(|error| NnError::File(error.to_string()))
}

/// Reads what [`to_bytes`] wrote.
///
/// # Errors
/// Bytes that are cut short or not safetensors, or arrays of another type than `f32`.
pub fn from_bytes(bytes: &[u8]) -> Result<NamedTensors, NnError> {
    let file = SafeTensors::deserialize(bytes)
        .map_err(|error| NnError::File(format!("not a whole safetensors file ({error})")))?;
    file.tensors()
        .into_iter()
        .map(|(name, view)| {
            if view.dtype() != Dtype::F32 {
                return Err(NnError::File(format!(
                    "{name}: expected values of type F32, found {:?}",
                    view.dtype()
                )));
            }
            let values = view
                .data()
                .chunks_exact(4)
                .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
                .collect();
            let shape = view.shape().to_vec();
            Ok((name, HostTensor { shape, values }))
        })
        .collect()
}
