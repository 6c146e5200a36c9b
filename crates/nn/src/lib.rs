//! ressac-nn
