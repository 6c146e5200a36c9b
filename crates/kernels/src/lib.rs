//! Fused CPU mathematics for networks that remember, on plain slices.
//!
//! This crate knows nothing of Burn: slices in, slices out, `f32` throughout. It is the only crate of
//! the project with unsafe code. What it offers:
//!
//! - [`recurrent`]: one engine that runs any [`cell::Cell`] over time, forward and backward;
//! - [`linear`]: affine layers over the same products;
//! - [`convolution`]: convolutions of images and their transposes;
//! - [`fan_out`]: one step of a cell from each of many states under several inputs each;
//! - [`embedding`]: the rows of a table, by number;
//! - [`pooling`]: one vector from the real steps of a sequence;
//! - [`image_pooling`]: the largest value or the mean of each window of an image, or of the whole image;
//! - [`resampling`]: images brought to another size;
//! - [`attention`]: of the steps of one sequence to those of another;
//! - [`batch_norm`]: normalisation of channels over the rows of a batch, with the activation that follows;
//! - [`cross_entropy`]: the loss of a classifier, with its softmax;
//! - [`binary_cross_entropy`]: that of a classifier of several classes at once;
//! - [`output_loss`]: an output layer over many classes, with its loss and in little memory;
//! - [`optimizer`]: one fused AdamW step and the global norm of a gradient.
//!
//! # Promises about bits
//!
//! Every result is the same, to the bit, for any number of threads, and a row of a batch does not
//! depend on the rows beside it, on padding, or on whether a sequence is run at once or step by step:
//! work is cut by rows or by blocks of the output, and every sum runs in ascending order of its index
//! with fused multiply-add, starting from the bias, then the input product, then the recurrent one.
//! The activations use the same arithmetic on every instruction set, so portable, AVX2 and AVX-512
//! give the same bits too; the tests hold them to it.
pub mod algebra;
pub mod allocator;
pub mod attention;
pub mod batch_norm;
pub mod binary_cross_entropy;
pub mod cell;
pub mod context;
pub mod convolution;
pub mod cross_entropy;
pub mod embedding;
pub mod error;
pub mod fan_out;
pub mod image_pooling;
pub mod linear;
pub mod optimizer;
pub mod output_loss;
pub mod pooling;
pub mod recurrent;
pub mod resampling;

mod activation;
#[cfg(test)]
mod check;
mod float_mode;
#[cfg(test)]
mod golden_file;
mod lanes;
mod memory;
mod pool;
mod product;
mod shares;
