//! ressac-data
