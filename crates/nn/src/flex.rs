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
    // The gradient of a sum is one number repeated, which Flex would copy element by element.
    if let Some(value) = repeated(&tensor) {
        let shape = tensor.layout().shape().clone();
        return FlexTensor::from_data(TensorData::new(vec![value; shape.num_elements()], shape));
    }
    tensor.to_contiguous()
}

/// The one value of a tensor that repeats it by strides of zero.
fn repeated(tensor: &FlexTensor) -> Option<f32> {
    let layout = tensor.layout();
    let repeats = layout.num_elements() > 1 && layout.strides().iter().all(|&stride| stride == 0);
    repeats.then(|| tensor.storage::<f32>()[layout.start_offset()])
}

/// A tensor of the kernels' results.
pub(crate) fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}
