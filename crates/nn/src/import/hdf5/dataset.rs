//! Datasets: their shape and type, and their values in one piece or in chunks.
use super::super::ImportError;
use super::super::numbers::{Numbers, count};
use super::super::zip::DEFLATE_RATIO;
use super::bytes::{Bytes, Cursor, UNDEFINED, damaged, unsupported};
use super::chunks;
use super::header::Message;
use std::ops::Range;

const DATASPACE: u16 = 0x01;
const DATATYPE: u16 = 0x03;
const LAYOUT: u16 = 0x08;
const FILTERS: u16 = 0x0b;
/// The most axes HDF5 allows.
const MOST_AXES: u8 = 32;

/// A dataset, without its values.
#[derive(Debug)]
pub(super) struct Dataset {
    pub(super) shape: Vec<usize>,
    pub(super) numbers: Numbers,
    layout: Layout,
    filters: Vec<Filter>,
}

/// Where the values are.
#[derive(Debug)]
enum Layout {
    /// In one piece.
    Plain(Range<usize>),
    /// Within the header.
    Inside(Vec<u8>),
    /// In pieces of one shape, found through a tree.
    Chunked { tree: u64, chunk: Vec<usize> },
    /// Never written.
    Nowhere,
    /// In a form that is not read; which one.
    Unread(&'static str),
}

/// What was done to each chunk as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    Deflate,
    Shuffle,
    Checksum,
    Unknown(u16),
}

impl Dataset {
    /// From the messages of an object; none where it is no dataset.
    pub(super) fn read<'a>(
        file: Bytes<'a>,
        messages: &[Message<'a>],
    ) -> Result<Option<Self>, ImportError> {
        let find = |kind: u16| messages.iter().find(|message| message.kind == kind);
        let (Some(space), Some(kind), Some(layout)) =
            (find(DATASPACE), find(DATATYPE), find(LAYOUT))
        else {
            return Ok(None);
        };
        if space.shared {
            return Err(unsupported("a dataspace shared by several datasets"));
        }
        Ok(Some(Self {
            shape: shape(file.over(space.data))?,
            numbers: if kind.shared {
                Numbers::Other("a type that is kept elsewhere".into())
            } else {
                numbers(file.over(kind.data))?
            },
            layout: self::layout(file, layout.data)?,
            filters: match find(FILTERS) {
                Some(filters) => self::filters(file.over(filters.data))?,
                None => Vec::new(),
            },
        }))
    }

    /// The bytes of the values, row-major.
    pub(super) fn bytes(&self, file: Bytes<'_>, size: usize) -> Result<Vec<u8>, ImportError> {
        let wanted = count(&self.shape).and_then(|count| count.checked_mul(size));
        // Chunks can be packed, and none can say more than packing allows.
        let wanted = wanted
            .filter(|&bytes| bytes <= file.all.len().saturating_mul(DEFLATE_RATIO))
            .ok_or_else(|| damaged("an array larger than the file can hold"))?;
        if wanted == 0 {
            return Ok(Vec::new());
        }
        match &self.layout {
            Layout::Plain(_) | Layout::Inside(_) if !self.filters.is_empty() => {
                Err(damaged("a filter without chunks"))
            }
            Layout::Inside(values) => Ok(values.clone()),
            Layout::Plain(place) => file
                .all
                .get(place.clone())
                .map(<[u8]>::to_vec)
                .ok_or_else(|| damaged("an array beyond its end")),
            Layout::Chunked { tree, chunk } => {
                let chunks = chunks::Chunks {
                    shape: &self.shape,
                    chunk,
                    size,
                    filters: &self.filters,
                };
                chunks.read(file, *tree, wanted)
            }
            Layout::Nowhere => Err(damaged("an array that was never written")),
            Layout::Unread(what) => Err(unsupported(what)),
        }
    }
}

fn shape(mut cursor: Cursor<'_>) -> Result<Vec<usize>, ImportError> {
    let (version, rank, _flags) = (cursor.byte()?, cursor.byte()?, cursor.byte()?);
    match version {
        1 => cursor.skip(5)?,
        2 if cursor.byte()? == 2 => return Ok(vec![0]),
        2 => {}
        _ => return Err(unsupported("an unknown version of dataspaces")),
    }
    if rank > MOST_AXES {
        return Err(damaged("an array of more than 32 axes"));
    }
    (0..rank)
        .map(|_| {
            let size = cursor.length()?;
            usize::try_from(size).map_err(|_| damaged("an axis longer than any memory"))
        })
        .collect()
}

fn numbers(mut cursor: Cursor<'_>) -> Result<Numbers, ImportError> {
    const CLASSES: [&str; 11] = [
        "integers",
        "numbers",
        "times",
        "texts",
        "bit fields",
        "opaque bytes",
        "compounds",
        "references",
        "enumerations",
        "lists",
        "arrays",
    ];
    let class = usize::from(cursor.byte()? & 0x0f);
    let order = cursor.byte()?;
    cursor.skip(2)?;
    let size = cursor.four()?;
    if class != 1 {
        let name = CLASSES.get(class).copied().unwrap_or("of an unknown class");
        return Ok(Numbers::Other(name.into()));
    }
    let (_offset, _precision) = (cursor.two()?, cursor.two()?);
    let (_, exponent, _, mantissa) = (
        cursor.byte()?,
        cursor.byte()?,
        cursor.byte()?,
        cursor.byte()?,
    );
    if order & 0x41 != 0 {
        return Ok(Numbers::Other("big-endian numbers".into()));
    }
    Ok(match (size, exponent, mantissa) {
        (2, 5, 10) => Numbers::F16,
        (2, 8, 7) => Numbers::Bf16,
        (4, 8, 23) => Numbers::F32,
        (8, 11, 52) => Numbers::F64,
        _ => Numbers::Other(format!("numbers of {size} bytes")),
    })
}

fn layout(file: Bytes<'_>, data: &[u8]) -> Result<Layout, ImportError> {
    let mut cursor = file.over(data);
    let (version, class) = (cursor.byte()?, cursor.byte()?);
    match (version, class) {
        (3 | 4, 0) => {
            let size = usize::from(cursor.two()?);
            Ok(Layout::Inside(cursor.take(size)?.to_vec()))
        }
        (3 | 4, 1) => {
            let (at, size) = (cursor.address()?, cursor.length()?);
            if at == UNDEFINED {
                return Ok(Layout::Nowhere);
            }
            file.slice(at, size)?;
            let at = at as usize;
            Ok(Layout::Plain(at..at + size as usize))
        }
        (3, 2) => {
            let axes = cursor.byte()?;
            let tree = cursor.address()?;
            if axes == 0 || axes > MOST_AXES + 1 {
                return Err(damaged("chunks of no shape"));
            }
            // The last size is that of a value.
            let chunk = (1..axes).map(|_| cursor.four().map(|size| size as usize));
            let chunk = chunk.collect::<Result<Vec<_>, _>>()?;
            if tree == UNDEFINED {
                return Ok(Layout::Nowhere);
            }
            Ok(Layout::Chunked { tree, chunk })
        }
        (4, 2) => Ok(Layout::Unread("chunks in the form of HDF5 1.10")),
        (4, 3) => Ok(Layout::Unread("a virtual dataset")),
        _ => Ok(Layout::Unread("a layout of values from before HDF5 1.6")),
    }
}

fn filters(mut cursor: Cursor<'_>) -> Result<Vec<Filter>, ImportError> {
    let (version, number) = (cursor.byte()?, cursor.byte()?);
    match version {
        1 => cursor.skip(6)?,
        2 => {}
        _ => return Err(unsupported("an unknown version of filters")),
    }
    let mut filters = Vec::new();
    for _ in 0..number {
        let id = cursor.two()?;
        let name = if version == 1 || id >= 256 {
            usize::from(cursor.two()?)
        } else {
            0
        };
        let _flags = cursor.two()?;
        let values = usize::from(cursor.two()?);
        let (name, values) = match version {
            1 => (name.next_multiple_of(8), values.next_multiple_of(2)),
            _ => (name, values),
        };
        cursor.skip(name)?;
        cursor.skip(4 * values)?;
        filters.push(match id {
            1 => Filter::Deflate,
            2 => Filter::Shuffle,
            3 => Filter::Checksum,
            other => Filter::Unknown(other),
        });
    }
    Ok(filters)
}
