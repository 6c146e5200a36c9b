//! Recurrent and linear layers for Burn, on the fused kernels of `ressac-kernels`.
//!
//! This crate is the boundary: Burn tensors and autodiff on one side, slices on the other.
//!
//! - [`Recurrent`] runs any cell — [`Lstm`], [`Gru`], [`Elman`], or one of your own — stacked and in one
//!   or both directions, with one signature for all;
//! - [`fan_out`] steps a recurrent network from each of many states under several inputs each;
//! - [`Linear`] is the affine layer over the same products;
//! - [`optim::AdamW`] the fused optimiser, [`random`] the one generator behind every random number,
//!   [`weights`] the way of parameters to and from files.
//!
//! # Which path runs
//!
//! On Burn's Flex device (the CPU) the fused kernels run, forward and backward, in `f32`. On any other
//! device a layer is composed of Burn operations from the very same cell formula, and Burn differentiates
//! it. [`is_fused`] tells which, and the choice is logged at debug level when a layer is made.
//!
//! # Conventions
//!
//! Batch first: `[batch, time, features]`. Parameters are laid out as in PyTorch, `[gates · hidden,
//! input]`, gate order i, f, g, o for the LSTM and r, z, n for the GRU (reset after the product), with one
//! bias where PyTorch has two that only act as their sum. Lengths live on the host; outputs and gradients
//! at padding are zero, and a row's final state is that of its last real step.
mod dropout;
mod error;
mod fan_out;
mod flex;
mod lengths;
mod linear;
pub mod optim;
pub mod random;
mod recurrent;
pub mod weights;

pub use dropout::drop_out;
pub use error::NnError;
pub use fan_out::fan_out;
pub use lengths::Lengths;
pub use linear::{Linear, LinearConfig};
pub use recurrent::{Recurrent, RecurrentConfig, State};
pub use ressac_kernels::algebra::Algebra;
pub use ressac_kernels::cell::{self, Cell, Elman, Gru, Lstm};
pub use ressac_kernels::linear::Activation;

use burn::backend::DispatchDevice;
use burn::tensor::Device;

/// Whether layers on this device run on the fused kernels; otherwise they are composed of Burn
/// operations.
pub fn is_fused(device: &Device) -> bool {
    matches!(
        device.clone().inner().as_dispatch(),
        DispatchDevice::Flex(_)
    )
}

/// The README's example is compiled with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
