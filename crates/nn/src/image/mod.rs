//! Layers for images: convolutions and their transposes, batch normalisation, pools, changes of size.
//!
//! Maps are `[batch, channels, height, width]`, as everywhere in Burn. In memory they are channels last: a result is a view
//! of `[batch, height, width, channels]` with its axes exchanged, which the next of these layers reads as it is. So a chain of
//! them copies nothing; an operation of Burn between two of them may cost a copy. On devices that are not fused the same is
//! composed of Burn's operations.
mod convolution;
mod norm;
mod operation;
mod pool;
mod resize;

pub use convolution::{Conv2d, Conv2dConfig};
pub use norm::{BatchNorm2d, BatchNorm2dConfig, Running};
pub use pool::{avg_pool2d, global_avg_pool2d, max_pool2d};
pub use resize::{Interpolation, resize2d};
pub use ressac_kernels::image_pooling::Window;

use burn::tensor::Tensor;

/// A map with its channels last.
fn channels_last(map: Tensor<4>) -> Tensor<4> {
    map.permute([0, 2, 3, 1])
}

/// A map with its channels behind the batch.
fn channels_first(map: Tensor<4>) -> Tensor<4> {
    map.permute([0, 3, 1, 2])
}
