//! From files to pairs.

use std::path::Path;

use super::{PairPlace, Pairs, columns};
use crate::error::{DataError, Place};
use crate::read::{Assumption, Sheets, open_prose, read_lines};
use crate::table::ColumnRef;

/// What the user says about a table of pairs; everything else is inferred.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PairOptions {
    /// The column of the sources; `None` = found by its name, or the first of two.
    pub source: Option<ColumnRef>,
    /// The column of the targets; `None` = found by its name, or the second of two.
    pub target: Option<ColumnRef>,
    /// Whether the first row names the columns; `None` = only if two of its cells are usual names.
    pub header: Option<bool>,
}

/// Reads pairs from files of lines, each line of a file of sources with the same line of its file of targets.
/// Several files of each side are put together in the order given, as they go with one another. Each name stands
/// for its file in messages.
///
/// # Errors
/// Those of [`read_lines`]; numbers of lines, or of files, that are not the same.
pub fn read_parallel(
    sources: &[(&Path, &[u8])],
    targets: &[(&Path, &[u8])],
) -> Result<(Pairs, Vec<Assumption>), DataError> {
    let (Some((first, _)), Some(_)) = (sources.first(), targets.first()) else {
        return Err(DataError::NoFile);
    };
    if sources.len() != targets.len() {
        return Err(DataError::Unfit {
            file: first.to_path_buf(),
            problem: format!(
                "there are {} of sources and {} of targets",
                files(sources.len()),
                files(targets.len())
            ),
            advice: "Give a file of targets for each file of sources, in the same order.",
        });
    }
    let (mut pairs, mut told) = (Pairs::default(), Vec::new());
    for (source, target) in sources.iter().zip(targets) {
        let mut read = |(name, bytes): &(&Path, &[u8])| -> Result<Vec<String>, DataError> {
            let (read, of_file) = read_lines(name, bytes)?;
            tell(&mut told, of_file);
            Ok(read
                .lines
                .iter()
                .map(|line| line.trim().to_owned())
                .collect())
        };
        let (source_lines, target_lines) = (read(source)?, read(target)?);
        if source_lines.len() != target_lines.len() {
            return Err(unequal(
                source.0,
                source_lines.len(),
                target.0,
                target_lines.len(),
            ));
        }
        let file = pairs.files.len();
        let lines = 1..=source_lines.len();
        pairs.places.extend(lines.map(|line| PairPlace {
            source: (file, Place::Line(line)),
            target: (file + 1, Place::Line(line)),
        }));
        pairs.sources.extend(source_lines);
        pairs.targets.extend(target_lines);
        pairs
            .files
            .extend([source.0.to_owned(), target.0.to_owned()]);
    }
    Ok((pairs, told))
}

/// Reads pairs from tables: TSV, CSV, JSON lines, Parquet in builds with the feature `parquet`; gzip is undone.
/// Each name stands for its file in messages. Between tabs a quote is a character like any other, unless
/// the file shows that a program put it around a cell.
///
/// # Errors
/// A [`DataError`] that names the file and the line or column: a damaged file, rows of unequal length, a single
/// column, a column that is not there or cannot be told.
pub fn read_pairs(
    files: &[(&Path, &[u8])],
    options: &PairOptions,
) -> Result<(Pairs, Vec<Assumption>), DataError> {
    let mut told = Vec::new();
    let asked = [&options.source, &options.target];
    let asked = asked.into_iter().flatten().any(ColumnRef::is_of_header);
    let header = options.header.or(asked.then_some(true));
    let sheets = Sheets::open(
        files.iter().map(|(name, bytes)| Ok((*name, *bytes))),
        |name, bytes, told| open_prose(name, bytes, header, &columns::are_names, told),
        &mut told,
    )?;
    for sheet in sheets.all() {
        sheet.require_even()?;
    }
    let (source, target) = columns::choose(&sheets, options, &mut told)?;
    let rows = 0..sheets.rows();
    let cells = |column: usize| rows.clone().map(move |row| (row, column));
    let text = |(row, column): (usize, usize)| sheets.text(row, column).into_owned();
    let place = |row: usize| {
        let (sheet, own) = sheets.locate(row);
        let place = (sheets.file_of(row), sheet.place(own));
        PairPlace {
            source: place,
            target: place,
        }
    };
    let pairs = Pairs {
        sources: cells(source).map(text).collect(),
        targets: cells(target).map(text).collect(),
        places: rows.clone().map(place).collect(),
        files: sheets
            .all()
            .iter()
            .map(|sheet| sheet.file.clone())
            .collect(),
        columns: Some([source, target].map(|column| sheets.names()[column].clone())),
    };
    Ok((pairs, told))
}

/// What files let assume alike is told once.
pub(crate) fn tell(told: &mut Vec<Assumption>, of_file: Vec<Assumption>) {
    for assumption in of_file {
        if !told.contains(&assumption) {
            told.push(assumption);
        }
    }
}

fn files(count: usize) -> String {
    match count {
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    }
}

fn unequal(source: &Path, sources: usize, target: &Path, targets: usize) -> DataError {
    DataError::Unfit {
        file: source.to_owned(),
        problem: format!(
            "it has {sources} lines and {} has {targets}: expected a line of the second for each line of the first",
            target.display()
        ),
        advice: "Look for a line that is missing or cut in two in one of them, or give the pairs as a table.",
    }
}
