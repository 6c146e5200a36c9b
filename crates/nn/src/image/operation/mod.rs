//! The fused operations on images: their shapes. Maps are `[batch, height, width, channels]` here.
pub(super) mod convolution;
pub(super) mod norm;
pub(super) mod pool;
pub(super) mod resize;
