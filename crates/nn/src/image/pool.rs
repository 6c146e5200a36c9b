//! Pools of maps.
use super::operation::pool::{Call, Global};
use super::{channels_first, channels_last};
use crate::{NnError, is_fused};
use burn::tensor::Tensor;
use burn::tensor::module::{avg_pool2d as burn_average, max_pool2d as burn_largest};
use burn::tensor::ops::{AvgPoolOptions, MaxPoolOptions};
use ressac_kernels::image_pooling::{ImagePooling, Images, Kind, Window};

fn check(map: &Tensor<4>, kind: Kind, window: Window) -> Result<(), NnError> {
    let [batch, channels, height, width] = map.dims();
    let images = Images {
        batch,
        height,
        width,
        channels,
    };
    ImagePooling {
        kind,
        images,
        window,
    }
    .output()?;
    Ok(())
}

/// The largest value of each channel in each window; the gradient goes to the first of equal ones.
///
/// # Errors
/// A window of nothing, larger than the padded map, or with a padding of more than half of it.
pub fn max_pool2d(map: Tensor<4>, window: Window) -> Result<Tensor<4>, NnError> {
    check(&map, Kind::Max, window)?;
    if is_fused(&map.device()) {
        return Ok(channels_first(
            Call(Kind::Max, window).run(channels_last(map)),
        ));
    }
    let Window {
        kernel,
        stride,
        padding,
    } = window;
    let options = MaxPoolOptions {
        stride,
        padding: padding.map(|side| (side, side)),
        ..MaxPoolOptions::new(kernel)
    };
    Ok(burn_largest(map, options))
}

/// The mean of each channel in each window; the zeros of the padding count, as PyTorch has it by default.
///
/// # Errors
/// As [`max_pool2d`].
pub fn avg_pool2d(map: Tensor<4>, window: Window) -> Result<Tensor<4>, NnError> {
    let kind = Kind::Average {
        count_padding: true,
    };
    check(&map, kind, window)?;
    if is_fused(&map.device()) {
        return Ok(channels_first(Call(kind, window).run(channels_last(map))));
    }
    let Window {
        kernel,
        stride,
        padding,
    } = window;
    let options = AvgPoolOptions {
        stride,
        padding: padding.map(|side| (side, side)),
        count_include_pad: true,
        ..AvgPoolOptions::new(kernel)
    };
    Ok(burn_average(map, options))
}

/// The mean of each channel over the whole map: `[batch, channels]`.
///
/// # Errors
/// A map without a pixel.
pub fn global_avg_pool2d(map: Tensor<4>) -> Result<Tensor<2>, NnError> {
    let [batch, channels, height, width] = map.dims();
    if height * width == 0 {
        return Err(NnError::shape("mean of a map: pixels", "at least 1", "0"));
    }
    if is_fused(&map.device()) {
        return Ok(Global.run(channels_last(map)));
    }
    let by_pixel: Tensor<3> = map.reshape([batch, channels, height * width]);
    Ok(by_pixel.mean_dim(2).squeeze_dim(2))
}
