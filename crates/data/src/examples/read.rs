//! From files to examples, by what each file is.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::{ExampleOptions, Examples, Inputs, Labels, columns, folder, sequences, texts, ts};
use crate::error::DataError;
use crate::read::{Assumption, Sheets, ending, open, open_texts, text_of, unpack};

/// Reads labelled texts or sequences from files of one kind, and says what was assumed.
///
/// - `.ts` files, as the UCR/UEA archive has them: sequences;
/// - with [`ExampleOptions::sequence`], tables of any format: sequences, a row a step;
/// - otherwise tables with a column of texts: CSV, TSV, JSON lines, Parquet (in builds with the
///   feature `parquet`); a `.txt` file without tabs has a text a line;
/// - sounds (`.wav`, `.flac`) or images (`.png`, `.jpg`, `.jpeg`, `.gif`), in folders by class
///   ([`Labels::FromFolder`], or [`Labels::Inferred`] where there are sub-folders), in one folder, alone, or
///   named in a table ([`ExampleOptions::file`]): sequences, one a file, in the order of their names; see
///   [`Media`](super::Media).
///
/// gzip is undone. Several files are put together in the order given; they must have the same
/// columns, or the same dimensions.
///
/// # Errors
/// A [`DataError`] that names the file and the line or column: an unreadable, empty or damaged
/// file, a header that its rows contradict, a column that cannot be found, a class that is missing.
pub fn read_examples(
    files: &[PathBuf],
    options: &ExampleOptions,
) -> Result<(Examples, Vec<Assumption>), DataError> {
    if let Some(read) = folder::of_paths(files, options)? {
        return Ok(read);
    }
    let bytes = files.iter().map(|file| match std::fs::read(file) {
        Ok(bytes) => Ok((file.as_path(), Cow::Owned(bytes))),
        Err(source) => Err(DataError::Unreadable {
            file: file.clone(),
            source,
        }),
    });
    read(bytes.collect::<Result<_, _>>()?, options)
}

/// As [`read_examples`], from bytes in memory; each name stands for its file in messages. Tables that
/// name other files, and folders, cannot be read so.
///
/// # Errors
/// As [`read_examples`].
pub fn read_examples_bytes(
    files: &[(&Path, &[u8])],
    options: &ExampleOptions,
) -> Result<(Examples, Vec<Assumption>), DataError> {
    if let Some(read) = folder::of_bytes(files, options)? {
        return Ok(read);
    }
    let files = files.iter().map(|(n, bytes)| (*n, Cow::Borrowed(*bytes)));
    read(files.collect(), options)
}

fn read(
    files: Vec<(&Path, Cow<'_, [u8]>)>,
    options: &ExampleOptions,
) -> Result<(Examples, Vec<Assumption>), DataError> {
    let Some((first, bytes)) = files.first() else {
        return Err(DataError::NoFile);
    };
    folder::refuse_options(first, options)?;
    let mut told = Vec::new();
    let is_ts = is_archive(first, bytes)?;
    for (file, bytes) in &files {
        if is_archive(file, bytes)? != is_ts {
            return Err(DataError::Unfit {
                file: (*file).to_owned(),
                problem: format!(
                    "of this file and {}, only one is a .ts file",
                    first.display()
                ),
                advice: "Give files of one format.",
            });
        }
    }
    let examples = if is_ts {
        archive(&files, options, &mut told)?
    } else {
        table(files, options, &mut told)?
    };
    Ok((examples, told))
}

fn table(
    files: Vec<(&Path, Cow<'_, [u8]>)>,
    options: &ExampleOptions,
    told: &mut Vec<Assumption>,
) -> Result<Examples, DataError> {
    let header = options.header;
    let is_sequence = options.sequence.is_some();
    let files = files.into_iter().map(Ok);
    let sheets = Sheets::open(
        files,
        |name, bytes, told| match is_sequence {
            // Sequences are numbers: their header is found as that of any table.
            true if !matches!(ending(name).as_str(), "jsonl" | "ndjson" | "json") => {
                open(name, bytes, header, told)
            }
            _ => open_texts(name, bytes, header, &columns::is_known, told),
        },
        told,
    )?;
    for sheet in sheets.all() {
        sheet.require_even()?;
    }
    match &options.sequence {
        Some(id) => sequences::read(&sheets, id, options, told),
        None => texts::read(&sheets, options, told),
    }
}

/// Whether a file has the format of the archive: by the ending of its name, or by its first tag.
fn is_archive(file: &Path, bytes: &[u8]) -> Result<bool, DataError> {
    if ending(file) == "ts" {
        return Ok(true);
    }
    let bytes = unpack(file, bytes)?;
    let mut lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with(b"#"));
    Ok(first.is_some_and(|line| {
        let tag = line.get(..12).unwrap_or(line);
        tag.eq_ignore_ascii_case(b"@problemName")
    }))
}

fn archive(
    files: &[(&Path, Cow<'_, [u8]>)],
    options: &ExampleOptions,
    told: &mut Vec<Assumption>,
) -> Result<Examples, DataError> {
    let mut all: Option<Examples> = None;
    for (at, (file, bytes)) in files.iter().enumerate() {
        let named = options.text.is_some()
            || options.sequence.is_some()
            || options.dims.is_some()
            || options.header.is_some()
            || matches!(options.label, Labels::Column(_));
        if named {
            return Err(DataError::Unfit {
                file: (*file).to_owned(),
                problem: "columns were named, and a .ts file has none".to_owned(),
                advice: "Leave the options about columns out: the file says itself what it holds.",
            });
        }
        let text = text_of(file, bytes, told)?;
        let mut examples = ts::read(file, &text, options.label != Labels::Absent)?;
        for origin in &mut examples.origins {
            origin.file = at;
        }
        all = Some(match all {
            None => examples,
            Some(before) => joined(before, examples)?,
        });
    }
    all.ok_or(DataError::NoFile)
}

/// The examples of two files of the archive.
fn joined(mut first: Examples, next: Examples) -> Result<Examples, DataError> {
    let other = |difference: String| DataError::OtherColumns {
        file: next.files.first().cloned().unwrap_or_default(),
        first: first.files.first().cloned().unwrap_or_default(),
        difference,
    };
    let (Inputs::Sequences(all), Inputs::Sequences(more)) = (&mut first.inputs, next.inputs) else {
        return Ok(first);
    };
    if all.dims.len() != more.dims.len() {
        return Err(other(format!(
            "{} dimensions against {}",
            more.dims.len(),
            all.dims.len()
        )));
    }
    match (&mut first.labels, next.labels) {
        (Some(labels), Some(more)) => labels.extend(more),
        (None, None) => {}
        _ => return Err(other("only one of the two has classes".to_owned())),
    }
    all.items.extend(more.items);
    first.origins.extend(next.origins);
    first.files.extend(next.files);
    Ok(first)
}
