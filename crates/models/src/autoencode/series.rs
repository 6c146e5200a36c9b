//! Long series: a table whose rows follow one another in time, read through windows of so many rows. A window is an example like any
//! other; what differs is how the parts are cut, in the order of time and without a row in two of them.

use std::ops::Range;

use ressac_data::Assumption;
use ressac_data::Step;
use ressac_data::examples::{Examples, Inputs, window_ends, windows};

use super::config::AutoencodeOptions;
use super::error::AutoencodeError;
use super::parts::{AutoencodeParts, Cutting, USUAL, unusual};
use crate::error::option_error;
use crate::examples::{Material, named};
use crate::part::{Part, Parts, shares};
use crate::{ModelError, ranges};

/// Seconds of a day.
const DAY: i64 = 86_400;
/// Rows of a window where nobody says how many and a day has not about so many.
const USUAL_WINDOW: usize = 48;
/// Windows that are learnt from at the most, evenly spaced.
const MOST: usize = 20_000;

/// Whether these are rows, which windows can be cut of.
fn are_rows(examples: &Examples) -> bool {
    let Inputs::Sequences(sequences) = &examples.inputs else {
        return false;
    };
    examples.media.is_none() && sequences.items.iter().all(|item| item.steps == 1)
}

/// Rows of a window: as asked for, or where the table has evenly spaced times a day of rows; nothing where each row is an example.
///
/// # Errors
/// [`ModelError::Options`] for a window out of its range, or of something else than rows.
pub(super) fn window(
    options: &AutoencodeOptions,
    material: &Material,
    cutting: &Cutting<'_>,
) -> Result<(Option<usize>, Option<Assumption>), ModelError> {
    let time = material.columns.time.as_ref();
    if let Some(asked) = options.window {
        ranges::whole("window", asked, 1..=10_000)?;
        return match (asked, are_rows(&material.data)) {
            (1, _) => Ok((None, None)),
            (_, true) => Ok((Some(asked), None)),
            (_, false) => Err(option_error(
                "window",
                &format!(
                    "is {asked}, and only rows of a table have windows: the examples of `{}` are whole ones",
                    named(&material.data)
                ),
            )),
        };
    }
    let Some(every) = time.and_then(|time| time.every) else {
        return Ok((None, None));
    };
    let rows = match are_rows(&material.data) {
        true => longest(&material.data),
        false => return Ok((None, None)),
    };
    let a_day = usize::try_from(DAY / every).unwrap_or(0);
    let usual = match a_day {
        12..=288 => a_day,
        _ => USUAL_WINDOW,
    };
    // The smallest part that a window has to lie in holds three of them.
    let own = [material.valid.is_some(), material.test.is_some()];
    let shares = rows_of_parts(cutting, own)?;
    let smallest = shares.into_iter().filter(|share| *share > 0.0);
    let smallest = smallest.fold(1.0, f64::min) * rows as f64;
    let window = usual.min(smallest as usize / 3).max(4);
    let found = format!(
        "windows of {window} rows, {}; another number with `window`, 1 for each row by itself",
        Step::Seconds(every.saturating_mul(window as i64))
    );
    let told = Assumption {
        what: "a series".into(),
        found,
    };
    Ok((Some(window), Some(told)))
}

/// Rows of each file, in order.
fn files(examples: &Examples) -> Vec<Range<usize>> {
    let mut files: Vec<Range<usize>> = Vec::new();
    for (at, origin) in examples.origins.iter().enumerate() {
        match files.last_mut() {
            Some(last) if examples.origins[last.start].file == origin.file => last.end = at + 1,
            _ => files.push(at..at + 1),
        }
    }
    files
}

fn longest(examples: &Examples) -> usize {
    files(examples).iter().map(Range::len).max().unwrap_or(0)
}

/// Every window of these rows.
///
/// # Errors
/// [`AutoencodeError::TooFewRows`] where there is none.
pub(super) fn all(rows: &Examples, window: usize) -> Result<Examples, ModelError> {
    ends(rows, window).map(|ends| windows(rows, &ends, window))
}

/// The rows at which a window ends.
///
/// # Errors
/// [`AutoencodeError::TooFewRows`] where there is none.
pub(super) fn ends(rows: &Examples, window: usize) -> Result<Vec<usize>, ModelError> {
    let ends = window_ends(rows, window);
    match ends.is_empty() {
        false => Ok(ends),
        true => Err(AutoencodeError::TooFewRows {
            file: named(rows),
            rows: longest(rows),
            window,
        }
        .into()),
    }
}

/// Windows of normal rows alone, and how many are not of those.
struct Normal<'a> {
    rows: &'a Examples,
    /// Unusual rows before each.
    before: Option<Vec<usize>>,
    window: usize,
}

impl<'a> Normal<'a> {
    fn new(rows: &'a Examples, cutting: &Cutting<'_>, window: usize) -> Self {
        let unusual = unusual(rows, cutting.normal);
        let before = unusual.map(|unusual| {
            let mut sum = 0;
            let counted = unusual.iter().map(|unusual| {
                sum += usize::from(*unusual);
                sum
            });
            [0].into_iter().chain(counted).collect()
        });
        Self {
            rows,
            before,
            window,
        }
    }

    /// Windows that lie within `range` and hold normal rows alone, and how many do not.
    fn within(&self, range: Range<usize>) -> (Vec<usize>, usize) {
        let first = range.start + self.window - 1;
        let ends = first.min(range.end)..range.end;
        let count = ends.len();
        let normal: Vec<usize> = match &self.before {
            None => ends.collect(),
            Some(before) => ends
                .filter(|end| before[end + 1] == before[end + 1 - self.window])
                .collect(),
        };
        let others = count - normal.len();
        (normal, others)
    }

    fn windows(&self, ends: &[usize]) -> Examples {
        windows(self.rows, ends, self.window)
    }
}

/// The shares of a file's rows that are learnt from, validated on and held back.
fn rows_of_parts(cutting: &Cutting<'_>, own: [bool; 2]) -> Result<[f64; 3], ModelError> {
    let [train, valid, test] = shares(cutting.split.unwrap_or(USUAL), USUAL, own)?;
    let whole = (train + valid + test).max(f64::MIN_POSITIVE);
    let held_back = train * cutting.held_back;
    Ok([train - held_back, valid, held_back].map(|share| share / whole))
}

/// Cuts each file in the order of time: rows to learn from, then those to validate on, those held back, those to test on. Windows to
/// learn from, to validate on and held back lie within their part; one to test on ends in its part, and its first rows may be of the
/// part before.
///
/// # Errors
/// Shares that are none; a training part without a window.
pub(super) fn cut(
    material: &Material,
    cutting: &Cutting<'_>,
    window: usize,
) -> Result<(AutoencodeParts, Vec<Assumption>), ModelError> {
    let own = [material.valid.is_some(), material.test.is_some()];
    let shares = rows_of_parts(cutting, own)?;
    let rows = &material.data;
    let normal = Normal::new(rows, cutting, window);
    let mut parts: [Vec<usize>; 4] = Default::default();
    let (mut aside, possible) = (0, window_ends(rows, window));
    for file in files(rows) {
        let (mut start, mut share) = (file.start, 0.0);
        for (part, own) in parts.iter_mut().zip(shares) {
            share += own;
            let end = file.start + (share * file.len() as f64).round() as usize;
            let end = end.clamp(start, file.end);
            let (ends, others) = normal.within(start..end);
            part.extend(ends);
            aside += others;
            start = end;
        }
        if material.test.is_none() {
            let from = possible.partition_point(|end| *end < start);
            let to = possible.partition_point(|end| *end < file.end);
            parts[3].extend(&possible[from..to]);
        }
    }
    let [learnt, valid, held_back, test] = &parts;
    let kept = learnt.len().min(MOST);
    let learnt: Vec<usize> = (0..kept)
        .map(|at| learnt[at * learnt.len() / kept])
        .collect();
    let mut told = Vec::new();
    if kept == MOST {
        told.push(Assumption {
            what: "windows".into(),
            found: format!("{MOST} of the training part are learnt from, evenly spaced"),
        });
    }
    let of_file = |part: &Examples| all(part, window);
    let cut = AutoencodeParts {
        parts: Parts {
            train: normal.windows(&learnt),
            valid: match &material.valid {
                None => normal.windows(valid),
                Some(rows) => {
                    let normal = Normal::new(rows, cutting, window);
                    let within = files(rows).into_iter().flat_map(|file| {
                        let (ends, others) = normal.within(file);
                        aside += others;
                        ends
                    });
                    let ends: Vec<usize> = within.collect();
                    normal.windows(&ends)
                }
            },
            test: match &material.test {
                None => normal.windows(test),
                Some(rows) => of_file(rows)?,
            },
        },
        held_back: normal.windows(held_back),
        columns: material.columns.clone(),
        aside,
    };
    match (cut.parts.train.is_empty(), possible.is_empty()) {
        (false, _) => Ok((cut, told)),
        (true, true) => all(rows, window).map(|_| (cut, told)),
        (true, false) => Err(ModelError::EmptyPart {
            part: Part::Train,
            item: "window",
            advice: "Give more rows, a smaller `window`, or the part a larger share with `split`",
        }),
    }
}
