//! A graph with inputs and what must come out: held against tract here, and kept for `fixtures/onnx/check.py`,
//! which holds the same files against ONNX Runtime, if `RESSAC_ONNX_CASES` names a folder to keep them in.
use crate::runtime;
use ressac_nn::onnx::{Graph, Values, tensor_file};
use ressac_nn::random::Stream;
use std::fs;
use std::path::PathBuf;

/// Largest difference from the layer, relative to values of about one.
const TOLERANCE: f32 = 1e-5;

/// An array with its name.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) name: &'static str,
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Values,
}

pub(crate) fn named(name: &'static str, shape: &[usize], values: Vec<f32>) -> Named {
    Named {
        name,
        shape: shape.to_vec(),
        values: Values::F32(values),
    }
}

/// One call: inputs in the graph's order, and the outputs they must give.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) inputs: Vec<Named>,
    pub(crate) outputs: Vec<Named>,
}

/// Numbers on ±1, the same for the same name.
pub(crate) fn numbers(name: &str, count: usize) -> Vec<f32> {
    let mut generator = Stream::new(17, name).generator();
    (0..count)
        .map(|_| (2.0 * generator.uniform() - 1.0) as f32)
        .collect()
}

/// Keeps a case in the layout of ONNX's own test data, if a folder for it is named.
pub(crate) fn keep(name: &str, graph: Graph, calls: &[Call]) -> Vec<u8> {
    let names: Vec<&str> = graph
        .inputs()
        .iter()
        .map(|port| port.name.as_str())
        .collect();
    for call in calls {
        let given: Vec<&str> = call.inputs.iter().map(|input| input.name).collect();
        assert_eq!(given, names, "{name}");
    }
    let file = graph.into_bytes(name, ("ressac tests", "0"), "");
    if let Some(folder) = std::env::var_os("RESSAC_ONNX_CASES") {
        let folder = PathBuf::from(folder).join(name);
        for (index, call) in calls.iter().enumerate() {
            let data = folder.join(format!("test_data_set_{index}"));
            fs::create_dir_all(&data).unwrap();
            for (kind, arrays) in [("input", &call.inputs), ("output", &call.outputs)] {
                for (place, array) in arrays.iter().enumerate() {
                    let bytes = tensor_file(array.name, &array.shape, &array.values);
                    fs::write(data.join(format!("{kind}_{place}.pb")), bytes).unwrap();
                }
            }
        }
        fs::write(folder.join("model.onnx"), &file).unwrap();
    }
    file
}

/// Tract must give the outputs of every call, from one load: batch and time stay open.
#[track_caller]
pub(crate) fn agrees_with_tract(name: &str, file: &[u8], calls: &[Call]) {
    let plan = runtime::load(file);
    for call in calls {
        let inputs: Vec<_> = call
            .inputs
            .iter()
            .map(|input| floats(name, input))
            .collect();
        let found = runtime::outputs(&plan, &inputs);
        assert_eq!(found.len(), call.outputs.len(), "{name}");
        for ((shape, values), wanted) in found.iter().zip(&call.outputs) {
            let Values::F32(expected) = &wanted.values else {
                panic!("{name}: {} is no array of f32", wanted.name)
            };
            assert_eq!(*shape, wanted.shape, "{name}: {}", wanted.name);
            for (place, (found, expected)) in values.iter().zip(expected).enumerate() {
                assert!(
                    (found - expected).abs() <= TOLERANCE,
                    "{name}: {}[{place}] is {found}, the layer gives {expected}",
                    wanted.name
                );
            }
        }
    }
}

#[track_caller]
fn floats(name: &str, array: &Named) -> tract_onnx::prelude::Tensor {
    match &array.values {
        Values::F32(values) => runtime::tensor(&array.shape, values),
        other => panic!("{name}: {} holds {:?}", array.name, other.element()),
    }
}
