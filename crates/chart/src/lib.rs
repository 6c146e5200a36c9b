//! ressac-chart
