//! What `ressac-nn` promises, held against PyTorch, against the composed path and against itself.
//!
//! One test program rather than one a file: each would link all of Burn anew.
mod bits;
mod dropout;
mod embedding;
mod fallback;
mod golden;
mod gradients;
mod image;
mod import_bytes;
mod import_golden;
mod import_refusals;
mod inference;
mod init;
mod inputs;
mod optimizer;
mod options;
mod over_time;
mod pool;
mod reading;
mod refusals;
mod support;
mod weights;
