//! ressac-stats
