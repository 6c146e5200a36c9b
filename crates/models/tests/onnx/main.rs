//! Forecasters as ONNX files, run by another program, beside what they predict themselves.
mod cases;
mod families;
mod file;
mod made;
mod reader;
