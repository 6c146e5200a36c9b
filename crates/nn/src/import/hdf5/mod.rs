//! As much of HDF5 as Keras and h5py write weights with.
//!
//! Read from the format's specification, version 3
//! (<https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html>): superblocks 0 to 3, object
//! headers of both versions, groups as trees of names or as link messages, values in one piece, inside
//! the header, or in chunks (deflate, shuffle), floating-point numbers little-endian. What else there is
//! is refused by name. A library would read more, and be a hundred times the code; here every offset is
//! checked and no array can be larger than the file can hold.
mod bytes;
mod chunks;
mod dataset;
mod header;
mod links;

use super::ImportError;
use super::error::shown;
use super::file::{ArrayInfo, Arrays, ReadArray};
use bytes::{Bytes, damaged, unsupported};
use dataset::Dataset;
use std::collections::{HashMap, HashSet};

const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";
/// The deepest nesting of groups, and so the longest name, that is believed.
const DEEPEST: usize = 64;

/// Whether a file begins as HDF5 does.
pub(super) fn is_hdf5(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

/// The file, and its datasets by their path.
#[derive(Debug)]
pub(super) struct Hdf5 {
    all: Vec<u8>,
    widths: [usize; 2],
    datasets: HashMap<String, Dataset>,
}

impl Hdf5 {
    /// Lists every dataset, by its path without the first `/`.
    pub(super) fn read(all: Vec<u8>) -> Result<(Arrays, Self), ImportError> {
        let (file, root) = superblock(&all)?;
        let mut arrays = Arrays::new();
        let mut datasets = HashMap::new();
        let mut seen = HashSet::new();
        let mut left = vec![(String::new(), root, 0)];
        while let Some((path, object, depth)) = left.pop() {
            // An object with several names keeps one: so groups that hold themselves end.
            if !seen.insert(object) {
                continue;
            }
            let messages = header::messages(file, object)?;
            if let Some(links) = links::links(file, &messages)? {
                if depth == DEEPEST {
                    return Err(damaged("groups within groups without end"));
                }
                for (name, object) in links {
                    let path = match path.is_empty() {
                        true => name.to_owned(),
                        false => format!("{path}/{name}"),
                    };
                    left.push((path, object, depth + 1));
                }
            } else if let Some(dataset) = Dataset::read(file, &messages)? {
                let (shape, numbers) = (dataset.shape.clone(), dataset.numbers.clone());
                arrays.insert(path.clone(), ArrayInfo { shape, numbers });
                datasets.insert(path, dataset);
            }
        }
        let widths = [file.address, file.length];
        Ok((
            arrays,
            Self {
                all,
                widths,
                datasets,
            },
        ))
    }
}

impl ReadArray for Hdf5 {
    fn bytes(&self, name: &str) -> Result<Vec<u8>, ImportError> {
        let [address, length] = self.widths;
        let file = Bytes {
            all: &self.all,
            address,
            length,
        };
        let dataset = &self.datasets[name];
        let size = dataset.numbers.size_of(name)?;
        dataset.bytes(file, size).map_err(|error| match error {
            ImportError::Damaged(reason) => {
                ImportError::Damaged(format!("the array {}: {reason}", shown(name)))
            }
            ImportError::Unsupported(reason) => {
                ImportError::Unsupported(format!("the array {}: {reason}", shown(name)))
            }
            other => other,
        })
    }
}

/// The widths and the address of the root group.
fn superblock(all: &[u8]) -> Result<(Bytes<'_>, u64), ImportError> {
    let mut file = Bytes {
        all,
        address: 8,
        length: 8,
    };
    let mut cursor = file.cursor(SIGNATURE.len() as u64)?;
    let version = cursor.byte()?;
    match version {
        0 | 1 => cursor.skip(4)?,
        2 | 3 => {}
        _ => return Err(unsupported("an unknown version of HDF5 itself")),
    }
    file.address = cursor.byte()?.into();
    file.length = cursor.byte()?.into();
    let width = |width: usize| matches!(width, 2 | 4 | 8);
    if !width(file.address) || !width(file.length) {
        return Err(unsupported("addresses or lengths of an unknown width"));
    }
    let start = match version {
        0 => 24,
        1 => 28,
        _ => 12,
    };
    let mut cursor = file.cursor(start)?;
    let base = cursor.address()?;
    if base != 0 {
        return Err(unsupported("a block of the user's before the file"));
    }
    let _extension = cursor.address()?;
    let end = cursor.address()?;
    if end > all.len() as u64 {
        return Err(damaged(format!(
            "it should have {end} bytes and has {}",
            all.len()
        )));
    }
    let root = match version {
        0 | 1 => {
            let _driver = cursor.address()?;
            let _name = cursor.address()?;
            cursor.address()?
        }
        _ => cursor.address()?,
    };
    Ok((file, root))
}
