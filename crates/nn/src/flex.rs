//! Tensors of the Flex device as slices, and back.
use burn::backend::flex::FlexTensor;
use burn::tensor::{DType, TensorData};

/// The layer has checked every shape, so the kernels do not refuse.
pub(crate) fn fitting<T>(result: Result<T, ressac_kernels::error::ShapeError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => unreachable!("shapes were checked by the layer: {error}"),
    }
}

/// The values of a contiguous tensor of `f32`.
pub(crate) fn floats(tensor: &FlexTensor) -> &[f32] {
    match tensor.as_slice::<f32>() {
        Some(values) => values,
        None => unreachable!("a contiguous tensor of f32"),
    }
}

/// A tensor as the kernels read it: contiguous, `f32`.
pub(crate) fn plain(tensor: &FlexTensor) -> FlexTensor {
    let tensor = if tensor.dtype() == DType::F32 {
        tensor.clone()
    } else {
        FlexTensor::from_data(tensor.clone().into_data().convert::<f32>())
    };
    tensor.to_contiguous()
}

/// A tensor of the kernels' results.
pub(crate) fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}
