//! A layer run on given numbers, everything it computes by name, and the golden files of `fixtures/`.
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor, TensorData};
use ressac_nn::optim::GradientsParams;
use ressac_nn::random::Stream;
use ressac_nn::{Elman, Gru, Lengths, Lstm, Recurrent, RecurrentConfig, State};
use safetensors::tensor::{Dtype, SafeTensors};
use std::collections::{BTreeMap, HashMap};

/// The device of the fused kernels, with gradients.
pub(crate) fn fused() -> Device {
    Device::flex().autodiff()
}

/// A device without fused kernels, with gradients.
#[expect(
    deprecated,
    reason = "the one other device that needs neither a driver nor a library of the system"
)]
pub(crate) fn composed() -> Device {
    Device::ndarray().autodiff()
}

/// The four networks of every test, each with the name `fixtures/` gives it.
pub(crate) fn cells(input: usize, hidden: usize) -> [(&'static str, RecurrentConfig); 4] {
    [
        ("lstm", RecurrentConfig::new(Lstm, input, hidden)),
        ("gru", RecurrentConfig::new(Gru, input, hidden)),
        (
            "rnn-tanh",
            RecurrentConfig::new(Elman::tanh(), input, hidden),
        ),
        (
            "rnn-relu",
            RecurrentConfig::new(Elman::relu(), input, hidden),
        ),
    ]
}

/// Numbers on ±1, the same for the same name.
pub(crate) fn numbers(name: &str, count: usize) -> Vec<f32> {
    let mut generator = Stream::new(11, name).generator();
    (0..count)
        .map(|_| (2.0 * generator.uniform() - 1.0) as f32)
        .collect()
}

pub(crate) fn tensor<const D: usize>(
    values: &[f32],
    shape: [usize; D],
    device: &Device,
) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), device)
}

pub(crate) fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

/// Arrays by name.
pub(crate) type Found = BTreeMap<String, Vec<f32>>;

/// A batch, and what the loss is made of: Σ output·upstream + Σ state·upstream, over those given.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) batch: usize,
    pub(crate) time: usize,
    pub(crate) features: usize,
    /// `[batch, time, features]`.
    pub(crate) input: Vec<f32>,
    pub(crate) lengths: Option<Vec<usize>>,
    /// For each row, which steps are real; instead of lengths.
    pub(crate) mask: Option<Vec<Vec<bool>>>,
    /// Whether masks are drawn, as in training.
    pub(crate) trains: bool,
    /// For each layer and direction `[states, batch, hidden]`.
    pub(crate) initial: Option<Vec<Vec<f32>>>,
    /// `[batch, time, hidden · directions]`.
    pub(crate) output_upstream: Option<Vec<f32>>,
    /// For each layer and direction `[states, batch, hidden]`, or nothing.
    pub(crate) finals_upstream: Vec<Option<Vec<f32>>>,
}

impl Case {
    /// A batch for a network, without lengths and from zero, its loss over everything.
    pub(crate) fn new(layer: &Recurrent, batch: usize, time: usize, features: usize) -> Self {
        let parts = part_shapes(layer, batch).into_iter().enumerate();
        Self {
            batch,
            time,
            features,
            input: numbers("input", batch * time * features),
            lengths: None,
            mask: None,
            trains: false,
            initial: None,
            output_upstream: Some(numbers("output", batch * time * layer.output_size())),
            finals_upstream: parts
                .map(|(part, shape)| {
                    Some(numbers(&format!("finals {part}"), shape.iter().product()))
                })
                .collect(),
        }
    }

    pub(crate) fn with_lengths(mut self, lengths: &[usize]) -> Self {
        self.lengths = Some(lengths.to_vec());
        self
    }

    pub(crate) fn with_initial(mut self, layer: &Recurrent) -> Self {
        let parts = part_shapes(layer, self.batch).into_iter().enumerate();
        let part = |(part, shape): (usize, [usize; 3])| {
            numbers(&format!("initial {part}"), shape.iter().product())
        };
        self.initial = Some(parts.map(part).collect());
        self
    }

    /// The lengths as a layer takes them.
    pub(crate) fn layer_lengths(&self) -> Option<Lengths> {
        if let Some(mask) = &self.mask {
            return Some(Lengths::from_mask(mask).unwrap());
        }
        let lengths = self.lengths.as_ref()?;
        Some(Lengths::new(lengths.clone()).unwrap())
    }

    /// Runs a network forward and backward: `output`, `state.PART`, and `gradient.NAME` for the input,
    /// `initial.PART` and every parameter. A gradient that is not there is zero.
    pub(crate) fn run(&self, layer: &Recurrent, device: &Device) -> Found {
        let shape = [self.batch, self.time, self.features];
        let input = tensor(&self.input, shape, device).require_grad();
        let initial: Option<Vec<Tensor<3>>> = self.initial.as_ref().map(|parts| {
            let shapes = part_shapes(layer, self.batch);
            let part = |(part, shape): (&Vec<f32>, _)| tensor(part, shape, device).require_grad();
            parts.iter().zip(shapes).map(part).collect()
        });
        let lengths = self.layer_lengths();
        let state = initial.clone().map(State::new);
        let (output, last) = if self.trains {
            let draw = Stream::new(3, "a training step");
            layer.forward_train(input.clone(), lengths.as_ref(), state, &draw)
        } else {
            layer.forward(input.clone(), lengths.as_ref(), state)
        }
        .unwrap();
        let mut loss = Tensor::<1>::zeros([1], device);
        if let Some(upstream) = &self.output_upstream {
            loss = loss + (output.clone() * tensor(upstream, output.dims(), device)).sum();
        }
        for (part, upstream) in last.parts().iter().zip(&self.finals_upstream) {
            if let Some(upstream) = upstream {
                loss = loss + (part.clone() * tensor(upstream, part.dims(), device)).sum();
            }
        }
        let mut gradients = loss.backward();
        let mut found = Found::new();
        found.insert("output".into(), values(output));
        for (part, state) in last.parts().iter().enumerate() {
            found.insert(format!("state.{part}"), values(state.clone()));
        }
        let gradient = |leaf: &Tensor<3>| {
            let gradient = leaf.grad(&gradients);
            gradient.map_or_else(|| vec![0.0; leaf.shape().num_elements()], values)
        };
        found.insert("gradient.input".into(), gradient(&input));
        for (part, state) in initial.iter().flatten().enumerate() {
            found.insert(format!("gradient.initial.{part}"), gradient(state));
        }
        let gradients = GradientsParams::from_module(&mut gradients, layer);
        for (name, gradient) in by_name(layer, &gradients) {
            found.insert(format!("gradient.{name}"), gradient);
        }
        found
    }
}

/// The shape of each part of a network's state, `[states, batch, hidden]`. Only a run tells how many
/// states a cell carries.
fn part_shapes(layer: &Recurrent, batch: usize) -> Vec<[usize; 3]> {
    let features = ressac_nn::weights::collect(layer)["layers.0.input_weights"].shape[1];
    let input = Tensor::zeros([batch, 1, features], &layer.devices()[0]);
    let (_, state) = layer.forward(input, None, None).unwrap();
    state.parts().iter().map(Tensor::dims).collect()
}

/// The gradients of a module's parameters by their names; zeros where there is none.
pub(crate) fn by_name<M: Module>(module: &M, gradients: &GradientsParams) -> Found {
    struct Named<'a> {
        path: Vec<String>,
        gradients: &'a GradientsParams,
        found: Found,
    }
    impl ModuleVisitor for Named<'_> {
        fn enter_module(&mut self, name: &str, _container: &str) {
            self.path.push(name.to_owned());
        }
        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.path.pop();
        }
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let gradient = self.gradients.get::<D>(param.id);
            let count = param.val().shape().num_elements();
            let gradient = gradient.map_or_else(|| vec![0.0; count], values);
            self.found.insert(self.path.join("."), gradient);
        }
    }
    let mut named = Named {
        path: Vec::new(),
        gradients,
        found: Found::new(),
    };
    module.visit(&mut named);
    named.found
}

/// The largest difference, relative to the largest exact value of the array; an array that is all but
/// zero counts as if its largest value were `floor`.
pub(crate) fn largest_error(found: &[f32], exact: &[f64], floor: f64) -> f64 {
    assert_eq!(found.len(), exact.len(), "lengths");
    let largest = exact
        .iter()
        .fold(floor, |most, value| most.max(value.abs()));
    let errors = found.iter().zip(exact).map(|(&found, &exact)| {
        assert!(found.is_finite(), "{found} is no result");
        (f64::from(found) - exact).abs() / largest
    });
    errors.fold(0.0, f64::max)
}

/// Two runs within a tolerance, every array of them.
pub(crate) fn assert_close(what: &str, found: &Found, expected: &Found, tolerance: f64) {
    let names = |found: &Found| found.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(found), names(expected), "{what}");
    for (name, values) in found {
        let exact: Vec<f64> = expected[name].iter().map(|&x| f64::from(x)).collect();
        let error = largest_error(values, &exact, 1e-2);
        assert!(error <= tolerance, "{what}: {name} is off by {error:.1e}");
    }
}

/// The bits of floating-point numbers: `==` holds 0 and −0 for equal.
pub(crate) fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Two runs with the same bits, every array of them.
pub(crate) fn assert_same_bits(what: &str, found: &Found, expected: &Found) {
    let names = |found: &Found| found.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(found), names(expected), "{what}");
    for (name, values) in found {
        assert!(
            bits(values) == bits(&expected[name]),
            "{what}: the bits of {name} differ"
        );
    }
}

/// One golden file: its description, and its arrays as `f64`, which holds the `f32` inputs exactly.
pub(crate) struct Golden {
    pub(crate) name: String,
    about: HashMap<String, String>,
    arrays: HashMap<String, Vec<f64>>,
}

impl Golden {
    /// The files of a folder of `fixtures/`, by name. There must be some.
    pub(crate) fn folder(name: &str) -> Vec<Self> {
        let folder = format!("{}/../../fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
        let entries =
            std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder}: {error}"));
        let mut paths: Vec<_> = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ext| ext == "safetensors"))
            .collect();
        paths.sort();
        assert!(!paths.is_empty(), "no golden file in {folder}");
        paths.iter().map(|path| Self::read(path)).collect()
    }

    fn read(path: &std::path::Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let eight = |data: &[u8]| data.as_chunks::<8>().0.to_vec();
        let arrays = file.tensors().into_iter().map(|(name, view)| {
            let data = view.data();
            let values: Vec<f64> = match view.dtype() {
                Dtype::F32 => {
                    let four = data.as_chunks::<4>().0.iter();
                    four.map(|&bytes| f64::from(f32::from_le_bytes(bytes)))
                        .collect()
                }
                Dtype::F64 => eight(data).into_iter().map(f64::from_le_bytes).collect(),
                Dtype::I64 => {
                    let whole = eight(data).into_iter().map(i64::from_le_bytes);
                    whole.map(|value| value as f64).collect()
                }
                other => panic!("{name} is of type {other:?}"),
            };
            (name, values)
        });
        Self {
            name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
            about: header.metadata().clone().unwrap(),
            arrays: arrays.collect(),
        }
    }

    pub(crate) fn text(&self, key: &str) -> &str {
        self.about
            .get(key)
            .unwrap_or_else(|| panic!("{}: no {key}", self.name))
    }

    pub(crate) fn number<T: std::str::FromStr>(&self, key: &str) -> T {
        let number = self.text(key).parse();
        number.unwrap_or_else(|_| panic!("{}: {key} is no such number", self.name))
    }

    pub(crate) fn exact(&self, name: &str) -> &[f64] {
        let array = self.arrays.get(name);
        array.unwrap_or_else(|| panic!("{}: no array {name}", self.name))
    }

    /// An array that was given to PyTorch as `f32`.
    pub(crate) fn given(&self, name: &str) -> Vec<f32> {
        self.exact(name).iter().map(|&value| value as f32).collect()
    }
}
