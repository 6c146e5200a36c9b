//! Tables and series in memory, and the ways in and out of them.
//!
//! This crate turns a file nobody prepared into columns of numbers with a time axis, and says
//! what it assumed on the way. It knows nothing of networks: it stops at plain slices.
//!
//! The road: [`read_panel`] gives one or many series with the roles of their columns, a [`Panel`],
//! and its [`Assumption`]s; [`read_table`] gives a plain [`Table`] where there are no roles;
//! [`examples::read_examples`] gives texts or sequences with their classes; a [`sound`] becomes a
//! sequence of log-mel frames, a [`picture`] one of its rows; [`read_text_rows`] gives cells as
//! written; [`pairs`] are texts with their translations, a [`corpus`] is a running text.
//! [`split::Split`] cuts rows into train, valid and test parts, [`split::stratified`] examples;
//! [`window::Windows`] tells where forecasts may start. [`rows`] takes what a model predicts to a
//! file of any format. [`generate`] makes data of our own, and [`fingerprint`] recognises a file met
//! before.
//!
//! ```
//! use ressac_data::{ReadOptions, read_bytes, split::Split, window::Windows};
//!
//! let csv = "hour,load\n2016-07-01 00:00,3.5\n2016-07-01 01:00,\n2016-07-01 02:00,4\n";
//! let (table, assumptions) = read_bytes("load.csv".as_ref(), csv.as_bytes(), &ReadOptions::default())?;
//! assert!(table.column("load").is_some_and(|load| load[1].is_nan()));
//! assert!(assumptions.iter().any(|told| told.what == "time step" && told.found == "1 hour"));
//!
//! let split = Split::parse("2,0,1", table.rows())?;
//! assert_eq!(Windows::new(2, 1).require(split.test, "test")?, [2]);
//!
//! // The rows of two shops, told apart by the column of text; the hour that is skipped is missing.
//! let csv = "hour,shop,sales\n2016-07-01 00:00,A,1\n2016-07-01 00:00,B,5\n2016-07-01 01:00,A,2\n\
//!            2016-07-01 01:00,B,6\n2016-07-01 03:00,A,4\n";
//! let files = [("shops.csv".as_ref(), csv.as_bytes())];
//! let (panel, assumptions) = ressac_data::read_panel_bytes(&files, &Default::default())?;
//! assert_eq!(panel.series_column.as_deref(), Some("shop"));
//! assert_eq!(panel.series[0].rows(), 4);
//! assert!(panel.series[0].targets[0][2].is_nan());
//! assert!(assumptions.iter().any(|told| told.what == "times"));
//! # Ok::<(), ressac_data::DataError>(())
//! ```
//!
//! The feature `parquet` reads Parquet files too.

pub mod calendar;
pub mod civil;
pub mod corpus;
mod draws;
mod error;
pub mod examples;
pub mod fingerprint;
pub mod generate;
#[cfg(test)]
mod golden_file;
pub mod holidays;
mod nearest;
pub mod pairs;
pub mod panel;
pub mod picture;
mod read;
pub mod rows;
pub mod sound;
pub mod split;
pub mod stamp;
mod table;
mod text_rows;
mod time;
pub mod window;
mod write;

pub use error::{DataError, Place};
pub use nearest::nearest;
pub use panel::{Layout, Panel, PanelOptions, Roles, Series, read_panel, read_panel_bytes};
pub use read::{
    Assumption, Lines, ReadOptions, TextLines, is_plain, read_bytes, read_file, read_lines,
    read_table,
};
pub use stamp::StampFormat;
pub use table::{ColumnRef, Table, listed};
pub use text_rows::{TextRows, read_text_rows};
pub use time::{Step, TimeAxis};
pub use write::{write_csv, write_long_csv, write_long_rows};
