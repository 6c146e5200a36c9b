//! ressac-models
