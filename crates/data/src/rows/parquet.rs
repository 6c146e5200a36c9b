//! Rows as Parquet, through the column writers of the `parquet` crate, without arrow.

use std::io::Write;
use std::sync::Arc;

use ::parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use ::parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::types::{Type, TypePtr};

use super::schema::Schema;
use super::{Cell, Column, Kind, Sink};
use crate::error::DataError;

/// A Parquet file, compressed with snappy.
///
/// Every column may have missing values. Times are timestamps in milliseconds, in UTC if they are
/// written with a Z; lists have the three levels that the format prescribes.
pub struct ParquetRows<W: Write + Send> {
    schema: Schema,
    /// The stream, until the columns are known.
    out: Option<W>,
    writer: Option<SerializedFileWriter<W>>,
    /// Rows that are not written yet, column by column.
    buffers: Vec<Buffer>,
    /// Rows in them.
    rows: usize,
    /// Bytes in them, about.
    bytes: usize,
}

/// Rows of a group at the most; all of them lie in memory until it is written.
const GROUP_ROWS: usize = 1 << 16;
/// Bytes of a group, after which it is written.
const GROUP_BYTES: usize = 1 << 26;

impl<W: Write + Send> ParquetRows<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        ParquetRows {
            schema: Schema::default(),
            out: Some(out),
            writer: None,
            buffers: Vec::new(),
            rows: 0,
            bytes: 0,
        }
    }

    /// Writes the rows at hand as one group.
    fn flush(&mut self) -> Result<(), DataError> {
        let Some(writer) = self.writer.as_mut().filter(|_| self.rows > 0) else {
            return Ok(());
        };
        let mut group = writer.next_row_group().map_err(unwritable)?;
        for buffer in &mut self.buffers {
            buffer.write(&mut group).map_err(unwritable)?;
        }
        group.close().map_err(unwritable)?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

impl<W: Write + Send> Sink for ParquetRows<W> {
    fn begin(&mut self, columns: &[Column]) -> Result<(), DataError> {
        self.schema.begin(columns)?;
        self.schema.require_names()?;
        let Some(out) = self.out.take() else {
            return Ok(());
        };
        let fields = columns
            .iter()
            .map(field)
            .collect::<Result<_, ParquetError>>();
        let root = fields.and_then(|fields| {
            Type::group_type_builder("schema")
                .with_fields(fields)
                .build()
        });
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by("ressac".to_owned())
            .build();
        let writer = root
            .and_then(|root| SerializedFileWriter::new(out, Arc::new(root), Arc::new(properties)));
        self.writer = Some(writer.map_err(unwritable)?);
        self.buffers = columns.iter().map(|c| Buffer::of(c.kind)).collect();
        Ok(())
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), DataError> {
        self.schema.admit(cells)?;
        for (buffer, cell) in self.buffers.iter_mut().zip(cells) {
            self.bytes += buffer.push(cell);
        }
        self.rows += 1;
        if self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), DataError> {
        self.schema.finish()?;
        self.flush()?;
        if let Some(writer) = &mut self.writer {
            writer.finish().map_err(unwritable)?;
            writer
                .inner_mut()
                .flush()
                .map_err(|source| DataError::Unwritable { source })?;
        }
        Ok(())
    }
}

/// The column as the format describes it.
fn field(column: &Column) -> Result<TypePtr, ParquetError> {
    let primitive = |name: &str, physical, logical| {
        Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()
            .map(Arc::new)
    };
    let name = &column.name;
    match column.kind {
        Kind::Number => primitive(name, Physical::DOUBLE, None),
        Kind::Integer => primitive(name, Physical::INT64, None),
        Kind::Text => primitive(name, Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Time(format) => {
            let logical = LogicalType::timestamp(format.zulu, TimeUnit::MILLIS);
            primitive(name, Physical::INT64, Some(logical))
        }
        Kind::Numbers => {
            let element = primitive("element", Physical::DOUBLE, None)?;
            let list = Type::group_type_builder("list")
                .with_repetition(Repetition::REPEATED)
                .with_fields(vec![element])
                .build()?;
            let outer = Type::group_type_builder(name)
                .with_repetition(Repetition::OPTIONAL)
                .with_logical_type(Some(LogicalType::List))
                .with_fields(vec![Arc::new(list)])
                .build()?;
            Ok(Arc::new(outer))
        }
    }
}

/// The cells of one column that are not written yet: the values there are, and the level of each
/// cell (0 is missing), as Dremel writes them (Melnik et al. 2010).
enum Buffer {
    Numbers(Vec<f64>, Vec<i16>),
    Integers(Vec<i64>, Vec<i16>),
    Texts(Vec<ByteArray>, Vec<i16>),
    /// Elements, with the level of each, and whether it continues the list before it.
    Lists(Vec<f64>, Vec<i16>, Vec<i16>),
}

/// Levels of a list: missing, without elements, a missing element, an element.
const NO_LIST: i16 = 0;
const EMPTY_LIST: i16 = 1;
const NO_ELEMENT: i16 = 2;
const ELEMENT: i16 = 3;

impl Buffer {
    fn of(kind: Kind) -> Buffer {
        match kind {
            Kind::Number => Buffer::Numbers(Vec::new(), Vec::new()),
            Kind::Integer | Kind::Time(_) => Buffer::Integers(Vec::new(), Vec::new()),
            Kind::Text => Buffer::Texts(Vec::new(), Vec::new()),
            Kind::Numbers => Buffer::Lists(Vec::new(), Vec::new(), Vec::new()),
        }
    }

    /// Takes a cell that fits, and says how many bytes it has.
    fn push(&mut self, cell: &Cell<'_>) -> usize {
        match (self, cell) {
            (Buffer::Numbers(values, levels), cell) => {
                let value = match cell {
                    Cell::Number(value) => Some(*value).filter(|value| !value.is_nan()),
                    _ => None,
                };
                push(values, levels, value);
                8
            }
            (Buffer::Integers(values, levels), cell) => {
                let value = match cell {
                    Cell::Integer(value) => Some(*value),
                    // The schema lets no stamp through for which this would overflow.
                    Cell::Time(stamp) => Some(stamp.saturating_mul(1_000)),
                    _ => None,
                };
                push(values, levels, value);
                8
            }
            (Buffer::Texts(values, levels), cell) => {
                let value = match cell {
                    Cell::Text(text) => Some(text.as_ref()),
                    _ => None,
                };
                push(values, levels, value.map(ByteArray::from));
                value.map_or(0, str::len) + size_of::<ByteArray>()
            }
            (Buffer::Lists(values, levels, repeats), Cell::Numbers(list)) => {
                if list.is_empty() {
                    levels.push(EMPTY_LIST);
                    repeats.push(0);
                }
                for (at, value) in list.iter().enumerate() {
                    repeats.push(i16::from(at > 0));
                    if value.is_nan() {
                        levels.push(NO_ELEMENT);
                    } else {
                        levels.push(ELEMENT);
                        values.push(*value);
                    }
                }
                12 * list.len()
            }
            (Buffer::Lists(_, levels, repeats), _) => {
                levels.push(NO_LIST);
                repeats.push(0);
                4
            }
        }
    }

    /// Writes the cells as the next column of the group, and forgets them.
    fn write<W: Write + Send>(
        &mut self,
        group: &mut SerializedRowGroupWriter<'_, W>,
    ) -> Result<(), ParquetError> {
        match self {
            Buffer::Numbers(values, levels) => write::<DoubleType, W>(group, values, levels, None),
            Buffer::Integers(values, levels) => write::<Int64Type, W>(group, values, levels, None),
            Buffer::Texts(values, levels) => write::<ByteArrayType, W>(group, values, levels, None),
            Buffer::Lists(values, levels, repeats) => {
                write::<DoubleType, W>(group, values, levels, Some(repeats))
            }
        }
    }
}

fn push<T>(values: &mut Vec<T>, levels: &mut Vec<i16>, value: Option<T>) {
    levels.push(i16::from(value.is_some()));
    values.extend(value);
}

fn write<T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &mut Vec<T::T>,
    levels: &mut Vec<i16>,
    repeats: Option<&mut Vec<i16>>,
) -> Result<(), ParquetError> {
    let column = group.next_column()?;
    let mut column = column.ok_or_else(|| ParquetError::General("no column left".to_owned()))?;
    let typed = column.typed::<T>();
    typed.write_batch(values, Some(levels), repeats.as_deref().map(Vec::as_slice))?;
    column.close()?;
    values.clear();
    levels.clear();
    if let Some(repeats) = repeats {
        repeats.clear();
    }
    Ok(())
}

fn unwritable(error: ParquetError) -> DataError {
    DataError::Unwritable {
        source: match error {
            ParquetError::External(source) => match source.downcast::<std::io::Error>() {
                Ok(source) => *source,
                Err(other) => std::io::Error::other(other),
            },
            other => std::io::Error::other(other),
        },
    }
}
