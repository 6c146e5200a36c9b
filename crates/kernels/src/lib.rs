//! ressac-kernels
