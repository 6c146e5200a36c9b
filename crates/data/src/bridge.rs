//! TEMPORARY
use crate::panel::{Panel, Roles, Series};
use crate::*;
use std::path::PathBuf;
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout { Long, WideRows }
#[derive(Clone, Debug, Default)]
pub struct PanelOptions {
    pub header: Option<bool>, pub time: Vec<ColumnRef>, pub target: Option<Vec<ColumnRef>>, pub series: Option<ColumnRef>,
    pub known: Vec<ColumnRef>, pub past: Vec<ColumnRef>, pub statics: Vec<ColumnRef>, pub every: Option<Step>, pub layout: Option<Layout>,
}
impl std::str::FromStr for Step { type Err = String; fn from_str(_: &str) -> Result<Self, String> { Ok(Step::Seconds(3600)) } }
pub fn read_panel(files: &[PathBuf], o: &PanelOptions) -> Result<(Panel, Vec<Assumption>), DataError> {
    let (t, told) = read_table(&files[0], &ReadOptions { time: o.time.first().cloned(), columns: o.target.clone(), header: o.header })?;
    Ok((Panel { roles: Roles { targets: t.names, ..Default::default() }, series_column: None, series: vec![Series { name: String::new(), time: t.time, targets: t.columns, known: vec![], past: vec![], statics: vec![] }] }, told))
}
impl Panel { pub fn append(_h: Panel, l: Panel) -> Result<Panel, DataError> { Ok(l) } }
pub fn write_long_csv(w: &mut impl std::io::Write, _s: Option<&str>, t: &[(String, Table)]) -> Result<(), DataError> { write_csv(&t[0].1, w) }
