//! Recurrent layers for Burn on the fused CPU kernels of `ressac-kernels`: Burn tensors and autodiff on one side, slices
//! on the other.
#![doc = include_str!("../README.md")]
//!
//! ## What is where
//!
//! - [`Recurrent`] runs any cell, stacked and in one or both directions, with one signature for all; made by
//!   [`RecurrentConfig`], from a [`CellChoice`] or from a [`Cell`] of your own;
//! - [`fan_out()`] steps a recurrent network from each of many states under several inputs each;
//! - [`Embedding`] turns words into vectors, [`pool`] sequences into one vector, [`Linear`] is the affine layer;
//! - [`image`] has convolutions, batch normalisation and pools for maps of pixels;
//! - [`attention`] lets a decoder look at every step of an encoder;
//! - [`embedding`] looks rows of a table up, [`loss`] is what a classifier and a language model are trained by;
//! - [`optim::AdamW`] is the fused optimiser, [`random`] the one generator behind every random number, [`weights`] the
//!   way of parameters to and from files, [`import`] that from PyTorch and Keras, [`onnx`] that to other runtimes.
pub mod attention;
mod dropout;
mod embed;
pub mod embedding;
mod error;
mod fan_out;
mod flex;
mod fused;
mod gradients;
pub mod image;
pub mod import;
mod lengths;
mod linear;
pub mod loss;
pub mod onnx;
pub mod optim;
mod over_time;
mod packed;
pub mod pool;
pub mod random;
mod recurrent;
pub mod weights;
mod words;

pub use dropout::drop_out;
pub use embed::{Embedding, EmbeddingConfig};
pub use error::NnError;
pub use fan_out::fan_out;
pub use lengths::Lengths;
pub use linear::{Linear, LinearConfig, PackedOnce, linear};
pub use over_time::{TimeConvolution, TimeConvolutionConfig};
pub use recurrent::choice::CellChoice;
pub use recurrent::{LayerDescription, Recurrent, RecurrentConfig, State, choice, init};
pub use ressac_kernels::algebra::Algebra;
/// Worth a call when a program starts that trains or serves: about a third of its time can hang on it.
///
#[doc(inline)]
pub use ressac_kernels::allocator::keep_freed_memory;
pub use ressac_kernels::cell::{self, Cell, Elman, Gru, GruBefore, Lstm, MinimalGru, MinimalLstm};
/// Applies to every layer and to the optimiser. Results have the same bits for any number of threads.
///
#[doc(inline)]
pub use ressac_kernels::context::set_threads;
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
