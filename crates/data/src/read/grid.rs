//! From text to rows of cells: the separator found, the widths compared.

use std::path::Path;

use csv::{ReaderBuilder, StringRecord};

use super::Assumption;
use super::quotes::{self, Quotes};
use crate::error::DataError;

/// What may stand between two cells, in the order in which a tie is decided: a tab or a semicolon
/// hardly ever stands in every row by chance, a comma does wherever it is the decimal mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Separator {
    Tab,
    Semicolon,
    Comma,
}

impl Separator {
    const ALL: [Separator; 3] = [Separator::Tab, Separator::Semicolon, Separator::Comma];
    /// Rows looked at to find the separator.
    const SAMPLE: usize = 100;

    pub(super) fn byte(self) -> u8 {
        match self {
            Separator::Tab => b'\t',
            Separator::Semicolon => b';',
            Separator::Comma => b',',
        }
    }

    fn name(self) -> &'static str {
        match self {
            Separator::Tab => "tab",
            Separator::Semicolon => "semicolon",
            Separator::Comma => "comma",
        }
    }

    /// The separator that cuts the most rows into the same number of cells, two at least; comma
    /// if none cuts anything (a file of one column).
    fn infer(text: &str) -> Separator {
        let mut best = (0, Separator::Comma);
        for separator in Separator::ALL {
            let mut widths: Vec<usize> = records(text, separator, quotes::judge(text, separator))
                .take(Self::SAMPLE)
                .map(|(record, _)| record.len())
                .filter(|width| *width > 1)
                .collect();
            widths.sort_unstable();
            let most = widths
                .chunk_by(|a, b| a == b)
                .map(<[usize]>::len)
                .max()
                .unwrap_or(0);
            if most > best.0 {
                best = (most, separator);
            }
        }
        best.1
    }
}

/// Records with the byte at which each starts. Cells of a text cannot fail to be UTF-8, and the
/// width is ours to check, so the reader has no error left to give.
fn records(
    text: &str,
    separator: Separator,
    quotes: Quotes,
) -> impl Iterator<Item = (StringRecord, usize)> {
    let mut reader = ReaderBuilder::new()
        .quoting(!matches!(quotes, Quotes::Characters { .. }))
        .has_headers(false)
        .flexible(true)
        .delimiter(separator.byte())
        .from_reader(text.as_bytes());
    std::iter::from_fn(move || {
        let mut record = StringRecord::new();
        let more = reader.read_record(&mut record).unwrap_or(false);
        let start = record.position().map_or(0, |position| position.byte());
        more.then(|| (record, usize::try_from(start).unwrap_or(usize::MAX)))
    })
}

/// Rows of cells with the line each started on.
pub(super) struct Grid {
    records: Vec<StringRecord>,
    lines: Vec<usize>,
    separator: Separator,
    /// Cells of the widest row.
    width: usize,
    /// Line and width of the first row, which is taken off when it is a header.
    first: (usize, usize),
    /// Line and width of the first row that is not as wide.
    uneven: Option<(usize, usize)>,
}

impl Grid {
    /// Cuts a text into cells, at the separator found in it if none is given.
    pub(super) fn parse(
        file: &Path,
        text: &str,
        separator: Option<Separator>,
        told: &mut Vec<Assumption>,
    ) -> Result<Grid, DataError> {
        let separator = separator.unwrap_or_else(|| Separator::infer(text));
        Self::cut(
            file,
            text,
            separator,
            quotes::judge(text, separator),
            "has one alone",
            told,
        )
    }

    /// As [`Grid::parse`], of cells of running text: between tabs most quotes are characters of it.
    pub(super) fn parse_prose(
        file: &Path,
        text: &str,
        separator: Option<Separator>,
        told: &mut Vec<Assumption>,
    ) -> Result<Grid, DataError> {
        let separator = separator.unwrap_or_else(|| Separator::infer(text));
        let quotes = match separator {
            Separator::Tab => quotes::judge_prose(text),
            _ => quotes::judge(text, separator),
        };
        Self::cut(file, text, separator, quotes, "has some", told)
    }

    fn cut(
        file: &Path,
        text: &str,
        separator: Separator,
        quotes: Quotes,
        shown: &str,
        told: &mut Vec<Assumption>,
    ) -> Result<Grid, DataError> {
        match quotes {
            Quotes::Marks => {}
            Quotes::Characters { line } => {
                let found = format!("characters like any other (line {line} {shown})");
                told.push(Assumption::new("quotes", found));
            }
            Quotes::Unclosed { line } => {
                return Err(DataError::UnclosedQuote {
                    file: file.to_owned(),
                    line,
                });
            }
        }
        let mut grid = Grid {
            records: Vec::new(),
            lines: Vec::new(),
            separator,
            width: 0,
            first: (1, 0),
            uneven: None,
        };
        let mut lines = LineCounter {
            text: text.as_bytes(),
            at: 0,
            line: 1,
        };
        // Line after the last row kept, to see where blank lines were skipped.
        let (mut blank, mut first_blank, mut expected_line) = (0, 0, 1);
        for (record, start) in records(text, separator, quotes) {
            let line = lines.of(start);
            if record.iter().all(|cell| cell.trim().is_empty()) && record.len() <= 1 {
                continue;
            }
            if let (true, Some(skipped)) =
                (!grid.records.is_empty(), line.checked_sub(expected_line))
                && skipped > 0
            {
                first_blank = if blank == 0 {
                    expected_line
                } else {
                    first_blank
                };
                blank += skipped;
            }
            expected_line = line + 1 + record.iter().map(breaks).sum::<usize>();
            grid.width = grid.width.max(record.len());
            if grid.records.is_empty() {
                grid.first = (line, record.len());
            }
            if grid.uneven.is_none() && grid.first.1 != record.len() {
                grid.uneven = Some((line, record.len()));
            }
            grid.records.push(record);
            grid.lines.push(line);
        }
        if grid.records.is_empty() {
            return Err(DataError::Empty {
                file: file.to_owned(),
            });
        }
        if grid.width > 1 {
            told.push(Assumption::new("separator", separator.name()));
        }
        if blank > 0 {
            let found = format!("{blank} skipped, the first at line {first_blank}");
            told.push(Assumption::new("blank lines", found));
        }
        Ok(grid)
    }

    pub(super) fn rows(&self) -> usize {
        self.records.len()
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Refuses rows of unequal width.
    pub(super) fn require_even(&self, file: &Path) -> Result<(), DataError> {
        match self.uneven {
            None => Ok(()),
            Some((line, found)) => Err(DataError::Ragged {
                file: file.to_owned(),
                line,
                first_line: self.first.0,
                expected: self.first.1,
                found,
                separator: self.separator.name(),
            }),
        }
    }

    /// Line of the file, from 1, on which a row starts.
    pub(super) fn line(&self, row: usize) -> usize {
        self.lines.get(row).copied().unwrap_or(0)
    }

    pub(super) fn cell(&self, row: usize, column: usize) -> &str {
        self.spelled(row, column).trim()
    }

    /// A cell with the spaces around it.
    pub(super) fn spelled(&self, row: usize, column: usize) -> &str {
        self.records
            .get(row)
            .and_then(|record| record.get(column))
            .unwrap_or("")
    }

    /// Every cell there is, row by row.
    pub(super) fn cells(&self) -> impl Iterator<Item = &str> {
        self.records.iter().flatten().map(str::trim)
    }

    /// Cells of one row.
    pub(super) fn width_of(&self, row: usize) -> usize {
        self.records.get(row).map_or(0, StringRecord::len)
    }

    /// Whether a comma can be a decimal mark.
    pub(super) fn comma_is_free(&self) -> bool {
        self.separator != Separator::Comma
    }

    /// Takes the first row off, with its line.
    pub(super) fn take_first(&mut self) -> (StringRecord, usize) {
        (self.records.remove(0), self.lines.remove(0))
    }
}

/// Line breaks within a (quoted) cell.
fn breaks(cell: &str) -> usize {
    cell.bytes().filter(|byte| *byte == b'\n').count()
}

/// The line of a byte, for bytes that come in ascending order. The csv crate's own count is of
/// the end of the record before, which blank lines make wrong.
struct LineCounter<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl LineCounter<'_> {
    /// Line of the first character at or after `start` that is not a line break.
    fn of(&mut self, start: usize) -> usize {
        while let Some(byte) = self.text.get(self.at) {
            let is_break = matches!(byte, b'\n' | b'\r');
            if self.at >= start && !is_break {
                break;
            }
            let pair = *byte == b'\r' && self.text.get(self.at + 1) == Some(&b'\n');
            self.line += usize::from(is_break && !pair);
            self.at += 1;
        }
        self.line
    }
}
