//! From files to examples, by what each file is.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::kind::{Kind, kind};
use super::{
    Columns, ExampleOptions, Examples, Feature, Inputs, Labels, columns, features, folder,
    sequences, texts, ts,
};
use crate::error::DataError;
use crate::read::{Assumption, Lists, Sheets, ending, open, open_texts, text_of, unpack};
use crate::table::ColumnRef;

/// Reads labelled texts or sequences from files of one kind, and says what was assumed.
///
/// - `.ts` files, as the UCR/UEA archive has them: sequences;
/// - with [`ExampleOptions::sequence`], tables of any format: sequences, a row a step;
/// - otherwise tables with a column of texts: CSV, TSV, JSON lines, Parquet (in builds with the
///   feature `parquet`); a `.txt` file without tabs has a text a line;
/// - or, where no column holds texts, or with [`ExampleOptions::dims`] alone, rows of features:
///   numbers, and a dimension for each value of a column of categories.
/// - sounds (`.wav`, `.flac`) or images (`.png`, `.jpg`, `.jpeg`, `.gif`), in folders by class
///   ([`Labels::FromFolder`], or [`Labels::Inferred`] where there are sub-folders), in one folder, alone, or
///   named in a table ([`ExampleOptions::file`]): sequences, one a file, in the order of their names; see
///   [`Media`](super::Media);
/// - several images in a file: IDX, as MNIST has them, with the labels in the file beside it that has
///   `labels` in its name for `images` and `idx1` for `idx3`; or the binary files of CIFAR-10 and CIFAR-100
///   (`.bin`), with the label in front of each image, of CIFAR-100 the fine one. Names of the classes, one a
///   line, are read from `classes.txt` beside either, or the file of names that comes with CIFAR; without
///   them a class is its number. The image at place 17 of `a.bin`, from 0, is called `a.bin#17`.
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
    let (examples, _, told) = read_examples_with_columns(files, options)?;
    Ok((examples, told))
}

/// As [`read_examples`], with the columns that were named or found, for [`read_examples_like`].
///
/// # Errors
/// As [`read_examples`].
pub fn read_examples_with_columns(
    files: &[PathBuf],
    options: &ExampleOptions,
) -> Result<(Examples, Columns, Vec<Assumption>), DataError> {
    if let Some((examples, told)) = folder::of_paths(files, options)? {
        return Ok((examples, Columns::default(), told));
    }
    let bytes = files.iter().map(|file| match std::fs::read(file) {
        Ok(bytes) => Ok((file.as_path(), Cow::Owned(bytes))),
        Err(source) => Err(DataError::Unreadable {
            file: file.clone(),
            source,
        }),
    });
    read(bytes.collect::<Result<_, _>>()?, options, &[])
}

/// As [`read_examples`], from bytes in memory; each name stands for its file in messages. Tables that
/// name other files, and folders, cannot be read so; of several images in a file, nothing beside it is
/// read: IDX has no labels, and the classes of CIFAR are numbers.
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
    let (examples, _, told) = read(files.collect(), options, &[])?;
    Ok((examples, told))
}

/// Reads other files by the columns of a first reading, nothing being looked for: the same texts or
/// dimensions in the same order, and of categories those of the first. A category that is not among
/// them is none of them, and told. Each name stands for its file in messages.
///
/// Texts are looked for again where their column is not there: a model of texts reads plain lines too.
///
/// Of `options`, `header` counts, and `label`: where it is to be found, it is the column of the first
/// reading. Files without columns (`.ts`) are read as by [`read_examples_bytes`].
///
/// # Errors
/// As [`read_examples`]; a column of the first reading that these files have not.
pub fn read_examples_like(
    files: &[(&Path, &[u8])],
    columns: &Columns,
    options: &ExampleOptions,
) -> Result<(Examples, Vec<Assumption>), DataError> {
    if let Some(read) = folder::of_bytes(files, options)? {
        return Ok(read);
    }
    let name = |name: &String| ColumnRef::Name(name.clone());
    let label = match (&options.label, columns.label.as_ref().map(name)) {
        (Labels::Inferred, Some(column)) => Labels::Column(column),
        (
            Labels::Several {
                column: None,
                separator,
            },
            column,
        ) => Labels::Several {
            column,
            separator: separator.clone(),
        },
        (given, _) => given.clone(),
    };
    let dims = columns.features.iter().map(|feature| name(&feature.name));
    let dims: Vec<ColumnRef> = dims.collect();
    let wanted = ExampleOptions {
        header: options.header,
        text: columns.text.as_ref().map(name),
        label,
        sequence: columns.sequence.as_ref().map(name),
        time: columns.time.as_ref().map(|time| name(&time.name)),
        dims: (!dims.is_empty()).then_some(dims),
        ..ExampleOptions::default()
    };
    let files = || files.iter().map(|(n, bytes)| (*n, Cow::Borrowed(*bytes)));
    let read = match read(files().collect(), &wanted, &columns.features) {
        Err(DataError::MissingColumn { .. }) if columns.text.is_some() => {
            let wanted = ExampleOptions {
                header: options.header,
                label: options.label.clone(),
                ..ExampleOptions::default()
            };
            read(files().collect(), &wanted, &[])
        }
        read => read,
    };
    read.map(|(examples, _, told)| (examples, told))
}

fn read(
    files: Vec<(&Path, Cow<'_, [u8]>)>,
    options: &ExampleOptions,
    known: &[Feature],
) -> Result<(Examples, Columns, Vec<Assumption>), DataError> {
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
    let (examples, columns) = if is_ts {
        (archive(&files, options, &mut told)?, Columns::default())
    } else {
        table(files, options, known, &mut told)?
    };
    Ok((examples, columns, told))
}

fn table(
    files: Vec<(&Path, Cow<'_, [u8]>)>,
    options: &ExampleOptions,
    known: &[Feature],
    told: &mut Vec<Assumption>,
) -> Result<(Examples, Columns), DataError> {
    let header = options.header;
    let is_sequence = options.sequence.is_some();
    let files = files.into_iter().map(Ok);
    let names = named(options);
    let is_name = |name: &str| columns::is_known(name) || names.contains(&name);
    let is_column = |name: &str| columns::is_of_labels(name, options);
    let lists = lists(options, &is_column);
    let sheets = Sheets::open(
        files,
        |name, bytes, told| match is_sequence {
            // Sequences are numbers: their header is found as that of any table.
            true if !matches!(ending(name).as_str(), "jsonl" | "ndjson" | "json") => {
                open(name, bytes, header, told)
            }
            _ => open_texts(name, bytes, header, &is_name, lists, told),
        },
        told,
    )?;
    for sheet in sheets.all() {
        sheet.require_even()?;
    }
    match &options.sequence {
        Some(id) => sequences::read(&sheets, id, options, told),
        None => match kind(&sheets, options)? {
            Kind::Texts => texts::read(&sheets, options, told),
            Kind::Rows => features::read(&sheets, options, known, told),
        },
    }
}

/// Of JSON lines, the lists that are several classes of an example.
pub(super) fn lists<'a>(
    options: &'a ExampleOptions,
    is_column: &'a dyn Fn(&str) -> bool,
) -> Option<Lists<'a>> {
    match &options.label {
        Labels::Several { separator, .. } => Some(Lists {
            separator,
            is_column,
        }),
        _ => None,
    }
}

/// The columns that the options give a name.
fn named(options: &ExampleOptions) -> Vec<&str> {
    let dims = options.dims.iter().flatten();
    let others = [&options.text, &options.sequence, &options.time];
    let others = others.into_iter().flatten();
    let all = dims.chain(others).chain(options.label.column());
    all.filter_map(|column| match column {
        ColumnRef::Name(name) => Some(name.as_str()),
        ColumnRef::Number(_) => None,
    })
    .collect()
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
            || options.time.is_some()
            || options.header.is_some()
            || options.label.column().is_some();
        if matches!(options.label, Labels::Several { .. }) {
            return Err(DataError::Unfit {
                file: (*file).to_owned(),
                problem: "several classes were asked for, and a .ts file has one for each example"
                    .to_owned(),
                advice: "Leave the separator of classes out.",
            });
        }
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
