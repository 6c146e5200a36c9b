//! Pictures of results as SVG, and the self-contained HTML page that holds them.
//!
//! Everything is a string made here: no font, script or image is fetched when it is looked at, so
//! a report can be sent by mail and opened in ten years. Light and dark follow the reader's
//! setting, and text stays readable on a phone.
//!
//! [`plot::Plot`] draws lines; [`page::Page`] gathers headings, tables and plots.

mod calendar;
mod frame;
mod markup;
pub mod page;
pub mod plot;
mod scale;
mod theme;

pub use page::Page;
pub use plot::Plot;
