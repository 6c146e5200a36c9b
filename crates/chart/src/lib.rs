//! Pictures of results as SVG, and the self-contained HTML page that holds them.
//!
//! Everything is a string made here: no font, script or image is fetched when it is looked at, so
//! a report can be sent by mail and opened in ten years. Light and dark follow the reader's
//! setting, and text stays readable on a phone.
//!
//! [`Plot`] draws lines and intervals, [`BarPlot`] compares methods by category, [`HeatMap`] shows
//! where in a table values are high; [`Histogram`] shows how values are spread, [`Scatter`] items as points; [`ConfusionMatrix`] and [`ReliabilityPlot`] show a classifier's
//! mistakes and how sure it is of itself; [`Notion`] draws a notion of the lecture and
//! [`network`](network::network) a real network; [`Page`] gathers headings, figures, tables and drawings.

pub mod bars;
mod calendar;
pub mod confusion;
mod embedded;
mod frame;
pub mod heat;
pub mod histogram;
mod markup;
pub mod network;
pub mod notion;
pub mod page;
pub mod picture;
pub mod plot;
pub mod reliability;
mod scale;
pub mod scatter;
mod sketch;
mod theme;

pub use bars::BarPlot;
pub use confusion::ConfusionMatrix;
pub use heat::HeatMap;
pub use histogram::Histogram;
pub use notion::Notion;
pub use page::Page;
pub use picture::{Drawing, Picture};
pub use plot::Plot;
pub use reliability::ReliabilityPlot;
pub use scatter::Scatter;
pub use sketch::{Language, Sketch};
