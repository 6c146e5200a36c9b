//! Tract, as a runtime that reads the file's bytes and nothing else.
use std::io::Cursor;
use tract_onnx::prelude::*;

/// A loaded model, batch and time still open.
pub(crate) fn load(file: &[u8]) -> Arc<TypedSimplePlan> {
    tract_onnx::onnx()
        .model_for_read(&mut Cursor::new(file))
        .and_then(|model| model.into_optimized())
        .and_then(|model| model.into_runnable())
        .unwrap()
}

pub(crate) fn outputs(
    plan: &Arc<TypedSimplePlan>,
    inputs: &[Tensor],
) -> Vec<(Vec<usize>, Vec<f32>)> {
    let inputs = inputs
        .iter()
        .map(|input| input.clone().into_tvalue())
        .collect();
    plan.run(inputs)
        .unwrap()
        .into_iter()
        .map(|output| {
            let view = output.to_plain_array_view::<f32>().unwrap();
            (view.shape().to_vec(), view.iter().copied().collect())
        })
        .collect()
}

pub(crate) fn tensor(shape: &[usize], values: &[f32]) -> Tensor {
    Tensor::from_shape(shape, values).unwrap()
}
