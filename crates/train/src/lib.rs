//! ressac-train
