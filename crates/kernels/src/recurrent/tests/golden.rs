//! Golden values from PyTorch.
