//! What `ressac_nn::onnx` writes, run by another program and held against the layers.
mod cases;
mod forms;
mod layers;
mod refusals;
mod runtime;
