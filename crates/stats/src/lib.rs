//! Statistics on slices: what a forecast is worth, and what costs nothing to beat it with.
//!
//! Slices go in, numbers come out; nothing here knows of files, networks or charts, so every
//! figure of a report can be recomputed from the numbers beside it.

pub mod forecast;
pub mod naive;
pub mod season;
