//! From files to a panel: times, series, roles and even steps, telling every assumption.
//!
//! The stages, one file each: [`crate::read::Sheets`] (several files as one run of rows), [`super::clock`]
//! (the time of each row), [`super::groups`] (which series it belongs to), [`super::order`] (rows
//! in time, clocks that jump), [`super::grid`] (even steps), [`super::wide`] (a series per row),
//! and here the roles of the columns and the whole.

use std::path::{Path, PathBuf};

use super::clock::{self, Times};
use super::grid::{Filled, fill, keep_every, thin, value_steps};
use super::groups::{self, Group, Sorted};
use super::order::{Ordered, Slot};
use super::{Layout, Panel, PanelOptions, Roles, Series, tell, wide};
use crate::error::{DataError, shown};
use crate::read::Sheets;
use crate::read::{Assumption, Counts, numeric_of, open, wanted_columns};
use crate::table::ColumnRef;
use crate::time::{Step, TimeAxis};

/// Reads series from files of separated values (CSV, plain or gzip) or Parquet, and says what was
/// assumed.
///
/// Several files must have the same columns, in any order; the rows of each series are joined in
/// the order of time. Rows are put on even steps where at least half of them is there: a missing
/// step has missing values. Local times without a zone may have the two jumps of daylight saving.
///
/// # Errors
/// A [`DataError`] that names the file and the line or column: an unreadable, empty or damaged
/// file, columns that are missing or differ between files, text in a column of numbers, times that
/// repeat or go back, a static column that changes, a target without any value.
pub fn read_panel(
    files: &[PathBuf],
    options: &PanelOptions,
) -> Result<(Panel, Vec<Assumption>), DataError> {
    let bytes = files
        .iter()
        .map(|file| Ok((file.as_path(), crate::read_file(file)?)));
    read(bytes, options)
}

/// As [`read_panel`], from bytes in memory; each name stands for its file in messages.
///
/// # Errors
/// As [`read_panel`].
pub fn read_panel_bytes(
    files: &[(&Path, &[u8])],
    options: &PanelOptions,
) -> Result<(Panel, Vec<Assumption>), DataError> {
    read(files.iter().map(|file| Ok(*file)), options)
}

fn read<'a, B: AsRef<[u8]>>(
    files: impl Iterator<Item = Result<(&'a Path, B), DataError>>,
    options: &PanelOptions,
) -> Result<(Panel, Vec<Assumption>), DataError> {
    if let Some(Step::Seconds(..=0) | Step::Months(..=0)) = options.every {
        return Err(DataError::BadStep {
            text: "0".to_owned(),
        });
    }
    let mut told = Vec::new();
    let sheets = Sheets::open(
        files,
        |name, bytes, told| open(name, bytes, options.header, told),
        &mut told,
    )?;
    let panel = match wide::read(&sheets, options, &mut told)? {
        Some(panel) => panel,
        None => long(&sheets, options, &mut told)?,
    };
    tell::missing(&panel, &mut told);
    Ok((panel, told))
}

/// Columns with the roles that the user gave, by number from 0.
struct Given {
    targets: Option<Vec<usize>>,
    known: Vec<usize>,
    past: Vec<usize>,
    statics: Vec<usize>,
    series: Option<usize>,
}

impl Given {
    fn find(sheets: &Sheets, options: &PanelOptions) -> Result<Given, DataError> {
        let sheet = sheets.first();
        let find = |columns: &[ColumnRef]| -> Result<Vec<usize>, DataError> {
            columns
                .iter()
                .map(|column| column.find(&sheet.names, &sheet.file))
                .collect()
        };
        let targets = options.target.as_deref();
        let given = Given {
            targets: targets
                .map(|targets| wanted_columns(sheet, targets))
                .transpose()?,
            known: find(&options.known)?,
            past: find(&options.past)?,
            statics: find(&options.statics)?,
            series: find(options.series.as_slice())?.first().copied(),
        };
        let mut all = given.all();
        all.extend(find(&options.time)?);
        all.sort_unstable();
        match all.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(DataError::AskedTwice {
                file: sheet.file.clone(),
                name: sheet.shown(pair[0]),
            }),
            None => Ok(given),
        }
    }

    fn all(&self) -> Vec<usize> {
        let targets = self.targets.iter().flatten();
        targets
            .chain(&self.known)
            .chain(&self.past)
            .chain(&self.statics)
            .chain(&self.series)
            .copied()
            .collect()
    }
}

/// A row for each time.
fn long(
    sheets: &Sheets,
    options: &PanelOptions,
    told: &mut Vec<Assumption>,
) -> Result<Panel, DataError> {
    for sheet in sheets.all() {
        sheet.require_even()?;
    }
    let given = Given::find(sheets, options)?;
    let taken = given.all();
    let times = clock::find(sheets, &options.time, &taken, told)?;
    let times = times.as_ref();
    let Sorted {
        column: series,
        groups,
        mut ordered,
    } = groups::find(sheets, times, given.series, &taken, told)?;
    let targets = match &given.targets {
        Some(targets) => targets.clone(),
        None => {
            let has_role = |column: usize| {
                let is_time = times.is_some_and(|times| times.columns.contains(&column));
                is_time || taken.contains(&column) || series == Some(column)
            };
            let columns = 0..sheets.names().len();
            let counts: Vec<Counts> = columns
                .map(|column| match has_role(column) {
                    true => Counts::default(),
                    false => sheets.count(column),
                })
                .collect();
            numeric_of(sheets.first(), &counts, &has_role, told)?
        }
    };
    let columns = Columns {
        targets: numbers(sheets, &targets)?,
        known: numbers(sheets, &given.known)?,
        past: numbers(sheets, &given.past)?,
    };
    for (column, values) in targets.iter().zip(&columns.targets) {
        if values.iter().all(|value| value.is_nan()) {
            return Err(sheets.first().all_missing(*column));
        }
    }
    let statics = statics(sheets, &given.statics, &groups)?;
    let fillings = even_out(
        sheets,
        options,
        times,
        &groups,
        &columns,
        &mut ordered,
        told,
    )?;

    if times.is_none() && sheets.all().len() > 1 {
        let found = "joined in the order given, for want of times";
        told.push(Assumption::new("rows of several files", found));
    }
    let mut panel = Panel {
        roles: Roles {
            targets: names(sheets, &targets),
            known: names(sheets, &given.known),
            past: names(sheets, &given.past),
            statics: names(sheets, &given.statics),
        },
        layout: Layout::Long,
        series_column: series.map(|column| sheets.names()[column].clone()),
        series: Vec::with_capacity(groups.len()),
    };
    let mut repairs = Vec::with_capacity(groups.len());
    for ((group, ordered), statics) in groups.into_iter().zip(ordered).zip(statics) {
        let of = |columns: &[Vec<f64>]| -> Vec<Vec<f64>> {
            columns
                .iter()
                .map(|values| {
                    ordered
                        .slots
                        .iter()
                        .map(|slot| value(values, *slot))
                        .collect()
                })
                .collect()
        };
        panel.series.push(Series {
            name: group.name,
            targets: of(&columns.targets),
            known: of(&columns.known),
            past: of(&columns.past),
            statics,
            time: times
                .map(|times| TimeAxis::new(times.name.as_str(), ordered.stamps, times.format)),
        });
        repairs.push(ordered.repairs);
    }
    tell::steps(&panel, told);
    if let Some(times) = times {
        tell::jumps(times, &repairs, &fillings, told);
        tell::holes(&panel, &fillings, told);
    }
    tell::short(&panel, told);
    Ok(panel)
}

/// The numbers of the columns with roles, over the rows of all files.
struct Columns {
    targets: Vec<Vec<f64>>,
    known: Vec<Vec<f64>>,
    past: Vec<Vec<f64>>,
}

fn numbers(sheets: &Sheets, columns: &[usize]) -> Result<Vec<Vec<f64>>, DataError> {
    columns
        .iter()
        .map(|column| sheets.numbers(*column))
        .collect()
}

fn names(sheets: &Sheets, columns: &[usize]) -> Vec<String> {
    columns
        .iter()
        .map(|column| sheets.names()[*column].clone())
        .collect()
}

/// The value of a step: of its row, of its two rows, or missing.
fn value(values: &[f64], slot: Slot) -> f64 {
    match slot {
        Slot::Row(row) => values[row],
        Slot::Hole => f64::NAN,
        Slot::Mean(first, second) => match (values[first], values[second]) {
            (first, second) if first.is_nan() => second,
            (first, second) if second.is_nan() => first,
            // Halves first: the sum of two large numbers may be infinite.
            (first, second) => 0.5 * first + 0.5 * second,
        },
    }
}

/// The static cells of each series, which are the same in all its rows.
fn statics(
    sheets: &Sheets,
    columns: &[usize],
    groups: &[Group],
) -> Result<Vec<Vec<String>>, DataError> {
    let of_series = |group: &Group| -> Result<Vec<String>, DataError> {
        let mut cells = Vec::with_capacity(columns.len());
        for column in columns {
            let mut rows = group.rows.iter();
            let first = rows.next().map(|row| sheets.text(*row, *column));
            let first = first.unwrap_or_default();
            if let Some(row) = rows.find(|row| sheets.text(**row, *column) != first) {
                let (sheet, own) = sheets.locate(*row);
                return Err(DataError::NotStatic {
                    file: sheet.file.clone(),
                    place: sheet.place(own),
                    column: sheet.shown(*column).into(),
                    series: shown(&group.name).into(),
                    first: shown(&first).into(),
                    found: shown(&sheet.text(own, *column)).into(),
                });
            }
            cells.push(first.into_owned());
        }
        Ok(cells)
    };
    groups.iter().map(of_series).collect()
}

/// Puts every series on even steps, and says what was put in.
fn even_out(
    sheets: &Sheets,
    options: &PanelOptions,
    times: Option<&Times>,
    groups: &[Group],
    columns: &Columns,
    ordered: &mut [Ordered],
    told: &mut Vec<Assumption>,
) -> Result<Vec<Filled>, DataError> {
    if times.is_none() {
        return match options.every {
            None => Ok(Vec::new()),
            Some(every) => Err(sheets.unfit(
                format!("rows every {every} were asked for, but no column of times was found"),
                "Name the time column, or ask for all rows.",
            )),
        };
    }
    if let Some(every) = options.every {
        let before: usize = ordered.iter().map(|o| o.slots.len()).sum();
        for (series, group) in ordered.iter_mut().zip(groups) {
            keep_every(series, every).map_err(|step| {
                let series = match group.name.as_str() {
                    "" => String::new(),
                    name => format!(" of series `{}`", shown(name)),
                };
                sheets.unfit(
                    format!(
                        "rows every {every} were asked for, but the rows{series} are every {step}"
                    ),
                    "Ask for the same step or a multiple of it.",
                )
            })?;
        }
        let after: usize = ordered.iter().map(|o| o.slots.len()).sum();
        let found = format!("every {every}: {after} of {before}");
        told.push(Assumption::new("rows kept", found));
    }
    let fillings = ordered
        .iter_mut()
        .map(|series| fill(series, options.every))
        .collect();
    if options.every.is_none() {
        let observed = |slot: &Slot| {
            columns
                .targets
                .iter()
                .any(|values| !value(values, *slot).is_nan())
        };
        if let Some((steps, phases)) = value_steps(ordered, observed) {
            let step = |ordered: &[Ordered]| {
                let steps = ordered.iter().filter_map(|series| Step::of(&series.stamps));
                steps
                    .map(|step| step.to_string())
                    .next()
                    .unwrap_or_default()
            };
            let rows = step(ordered);
            for (series, phase) in ordered.iter_mut().zip(phases) {
                thin(series, steps, phase);
            }
            let values = step(ordered);
            let found =
                format!("every {rows}, values: every {values}; the rows between are left out");
            told.push(Assumption::new("rows", found));
        }
    }
    Ok(fillings)
}
