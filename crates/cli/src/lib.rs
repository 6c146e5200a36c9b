//! Ressac: neural networks that remember, trained and run on the CPU one has.
//!
//! This crate is the library and the command `ressac` in one package. As a library (with
//! `default-features = false`, so that the command's own dependencies stay out) it re-exports the
//! crates the project is made of:
//!
//! | module | holds |
//! |---|---|
//! | [`nn`] | recurrent and linear layers on Burn, optimiser, weights on disk |
//! | [`models`] | the model families |
//! | [`diagnose`] | looking into a recurrent model |
//! | [`train`] | the training loop |
//! | [`folder`] | the model folder on disk and in memory |
//! | [`data`] | readers, windows, splits, generators |
//! | [`stats`] | metrics: slices in, numbers out |
//! | [`chart`] | plots, drawings of networks, pages |
//! | [`kernels`] | the fused CPU mathematics below it all |

pub use ressac_chart as chart;
pub use ressac_data as data;
pub use ressac_diagnose as diagnose;
pub use ressac_folder as folder;
pub use ressac_kernels as kernels;
pub use ressac_models as models;
pub use ressac_nn as nn;
pub use ressac_stats as stats;
pub use ressac_train as train;
