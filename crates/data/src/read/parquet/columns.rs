//! The columns of a Parquet file, decoded whole.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use bytes::Bytes;
use parquet::basic::Compression;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};

use super::kind::{Kind, push_old};
use crate::error::{DataError, shown};
use crate::read::Assumption;
use crate::read::sheet::{Sheet, Typed};
use crate::table::listed;

/// The columns of a Parquet file; those that are no column of cells are left out, and told.
pub(in crate::read) fn open(
    file: &Path,
    bytes: Vec<u8>,
    told: &mut Vec<Assumption>,
) -> Result<Sheet, DataError> {
    if bytes.starts_with(b"PARE") {
        return Err(unread(
            file,
            "the Parquet file is encrypted",
            "Write it without encryption.",
        ));
    }
    let mut of_file = Vec::new();
    // The decoder is another's, and meant for files that were written well: whatever a damaged one
    // makes it do is an error of the file.
    let decoded = catch_unwind(AssertUnwindSafe(|| decode(file, bytes, &mut of_file)));
    told.append(&mut of_file);
    decoded.unwrap_or_else(|_| Err(damaged(file, "its decoder stopped")))
}

fn decode(file: &Path, bytes: Vec<u8>, told: &mut Vec<Assumption>) -> Result<Sheet, DataError> {
    let fault = |error: ParquetError| damaged(file, &error.to_string());
    let reader = SerializedFileReader::new(Bytes::from(bytes)).map_err(fault)?;
    let metadata = reader.metadata();
    let schema = metadata.file_metadata().schema_descr();

    let (mut names, mut columns, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    let mut positions: HashMap<String, usize> = HashMap::new();
    for (at, column) in schema.columns().iter().enumerate() {
        let name = column.path().parts().join(".");
        let name = match name.trim() {
            "" => format!("column_{}", at + 1),
            name => name.replace(char::is_control, " "),
        };
        match Kind::of(column) {
            Ok(kind) => {
                if positions.insert(name.clone(), at).is_some() {
                    return Err(unread(
                        file,
                        &format!("two columns are named `{}`", shown(&name)),
                        "Rename one.",
                    ));
                }
                names.push(name);
                columns.push((at, column.max_def_level(), kind, kind.empty()));
            }
            Err(what) => left_out.push(format!("{name} ({what})")),
        }
    }
    if !left_out.is_empty() {
        told.push(Assumption::new("left out, no cells", listed(&left_out)));
    }
    let mut rows = 0_usize;
    for group in 0..reader.num_row_groups() {
        let of_group = reader.get_row_group(group).map_err(fault)?;
        let count = usize::try_from(of_group.metadata().num_rows())
            .map_err(|_| damaged(file, "a group has fewer than no rows"))?;
        for (name, (at, present, kind, cells)) in names.iter().zip(&mut columns) {
            let chunk = of_group.metadata().columns().get(*at);
            let Some(chunk) = chunk else {
                return Err(damaged(file, "a group has fewer columns than the file"));
            };
            if let Some(codec) = unread_codec(chunk.compression()) {
                return Err(unread(
                    file,
                    &format!(
                        "column `{}` is compressed with {codec}, which this program does not read",
                        shown(name)
                    ),
                    "Write the file with snappy or gzip, or without compression.",
                ));
            }
            // The decoder takes these for granted.
            let offsets = [
                chunk.compressed_size(),
                chunk.data_page_offset(),
                chunk.dictionary_page_offset().unwrap_or(0),
            ];
            if offsets.iter().any(|offset| *offset < 0) {
                return Err(damaged(file, "a column begins before the file"));
            }
            let mut column = of_group.get_column_reader(*at).map_err(fault)?;
            read_column(&mut column, count, *present, *kind, cells)
                .map_err(|error| damaged(file, &error.to_string()))?;
        }
        rows += count;
    }
    if rows == 0 {
        return Err(unread(
            file,
            "the Parquet file has no rows",
            "Write it again with rows of values.",
        ));
    }
    let columns = columns.into_iter().map(|(.., cells)| cells).collect();
    Ok(Sheet::of_columns(file, names, columns, rows))
}

fn damaged(file: &Path, reason: &str) -> DataError {
    DataError::DamagedParquet {
        file: file.to_owned(),
        reason: reason
            .chars()
            .take(200)
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect(),
    }
}

fn unread(file: &Path, problem: &str, advice: &'static str) -> DataError {
    DataError::UnreadParquet {
        file: file.to_owned(),
        problem: problem.to_owned(),
        advice,
    }
}

/// The name of a codec that is not built in: the usual libraries for them are not Rust alone.
fn unread_codec(codec: Compression) -> Option<&'static str> {
    match codec {
        Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::GZIP(_) => None,
        Compression::ZSTD(_) => Some("zstd"),
        Compression::BROTLI(_) => Some("brotli"),
        Compression::LZ4 | Compression::LZ4_RAW => Some("lz4"),
        Compression::LZO => Some("lzo"),
    }
}

/// Appends the `rows` cells of one group to its column.
fn read_column(
    reader: &mut ColumnReader,
    rows: usize,
    present: i16,
    kind: Kind,
    cells: &mut Typed,
) -> Result<(), ParquetError> {
    let number = |cells: &mut Typed, value: Option<f64>| {
        if let Typed::Numbers(values) = cells {
            values.push(value.unwrap_or(f64::NAN));
        }
    };
    match reader {
        ColumnReader::BoolColumnReader(reader) => each(reader, rows, present, |value| {
            number(cells, value.map(|truth| f64::from(u8::from(*truth))));
            Ok(())
        }),
        ColumnReader::FloatColumnReader(reader) => each(reader, rows, present, |value| {
            number(cells, value.map(|value| f64::from(*value)));
            Ok(())
        }),
        ColumnReader::DoubleColumnReader(reader) => each(reader, rows, present, |value| {
            number(cells, value.copied());
            Ok(())
        }),
        ColumnReader::Int32ColumnReader(reader) => each(reader, rows, present, |value| {
            let unsigned = value.map(|value| u64::from(value.cast_unsigned()));
            kind.push_whole(cells, value.map(|value| i64::from(*value)), unsigned);
            Ok(())
        }),
        ColumnReader::Int64ColumnReader(reader) => each(reader, rows, present, |value| {
            let unsigned = value.map(|value| value.cast_unsigned());
            kind.push_whole(cells, value.copied(), unsigned);
            Ok(())
        }),
        ColumnReader::Int96ColumnReader(reader) => each(reader, rows, present, |value| {
            push_old(cells, value);
            Ok(())
        }),
        ColumnReader::ByteArrayColumnReader(reader) => each(reader, rows, present, |value| {
            push_bytes(kind, cells, value.map(|value| value.data()))
        }),
        ColumnReader::FixedLenByteArrayColumnReader(reader) => {
            each(reader, rows, present, |value| {
                push_bytes(kind, cells, value.map(|value| value.data()))
            })
        }
    }
}

/// A text, or a decimal number in bytes: a whole number, highest byte first, in two's complement.
fn push_bytes(kind: Kind, cells: &mut Typed, value: Option<&[u8]>) -> Result<(), ParquetError> {
    match (kind, cells) {
        (Kind::Decimal { divisor }, Typed::Numbers(values)) => {
            values.push(value.map_or(f64::NAN, |bytes| {
                let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
                let start = if negative { -1.0 } else { 0.0 };
                let whole = bytes
                    .iter()
                    .fold(start, |whole, byte| whole * 256.0 + f64::from(*byte));
                whole / divisor
            }));
        }
        (_, Typed::Texts(texts)) => texts.push(match value.map(std::str::from_utf8) {
            None => None,
            Some(Ok(text)) => Some(text.to_owned()),
            Some(Err(_)) => {
                let reason = "a text is not UTF-8".to_owned();
                return Err(ParquetError::General(reason));
            }
        }),
        _ => {}
    }
    Ok(())
}

/// Cells decoded at once.
const CHUNK: usize = 1 << 14;

/// Calls `push` with every cell of one group, of which there must be `rows`.
fn each<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    rows: usize,
    present: i16,
    mut push: impl FnMut(Option<&T::T>) -> Result<(), ParquetError>,
) -> Result<(), ParquetError> {
    let (mut levels, mut values) = (Vec::<i16>::new(), Vec::<T::T>::new());
    let mut read = 0_usize;
    while read < rows {
        levels.clear();
        values.clear();
        let wanted = CHUNK.min(rows - read);
        let (records, ..) = reader.read_records(wanted, Some(&mut levels), None, &mut values)?;
        if records == 0 {
            let reason = format!("a column has {read} rows of {rows}");
            return Err(ParquetError::EOF(reason));
        }
        read += records;
        if present == 0 {
            for value in &values {
                push(Some(value))?;
            }
            continue;
        }
        let mut filled = values.iter();
        for level in &levels {
            push(if *level == present {
                filled.next()
            } else {
                None
            })?;
        }
    }
    Ok(())
}
