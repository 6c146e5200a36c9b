//! Maps at another size.
use super::operation::resize::Call;
use super::{channels_first, channels_last};
use crate::{NnError, is_fused};
use burn::tensor::Tensor;
use burn::tensor::module::interpolate;
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};
pub use ressac_kernels::resampling::Kind as Interpolation;

/// Maps at another (height, width): the nearest pixel (⌊i · in / out⌋), or bilinear interpolation without aligned corners and
/// without smoothing, as PyTorch's `interpolate`.
///
/// # Errors
/// A height or a width of nothing.
pub fn resize2d(map: Tensor<4>, to: [usize; 2], how: Interpolation) -> Result<Tensor<4>, NnError> {
    let [_, _, height, width] = map.dims();
    if [height, width, to[0], to[1]].contains(&0) {
        return Err(NnError::shape(
            "change of size",
            "at least one row and one column, before and after",
            format!("{height} × {width} to {} × {}", to[0], to[1]),
        ));
    }
    if is_fused(&map.device()) {
        return Ok(channels_first(Call(how, to).run(channels_last(map))));
    }
    let mode = match how {
        Interpolation::Nearest => InterpolateMode::Nearest,
        Interpolation::Bilinear => InterpolateMode::Bilinear,
    };
    let options = InterpolateOptions::new(mode)
        .with_output_size(to)
        .with_align_corners(false);
    Ok(interpolate(map, options))
}
