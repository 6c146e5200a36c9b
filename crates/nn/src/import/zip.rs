//! The records of a zip archive, each read when asked for and held against its checksum.
use super::ImportError;
use super::error::shown;
use rawzip::{CompressionMethod, ZipArchive, ZipArchiveEntryWayfinder, ZipSliceArchive};
use std::collections::HashMap;
use std::fmt;

/// Deflate makes at most 1032 bytes of one: what says more is a trap for our memory.
pub(super) const DEFLATE_RATIO: usize = 1032;

/// An archive in memory.
pub(super) struct Archive {
    archive: ZipSliceArchive<Vec<u8>>,
    records: HashMap<String, Record>,
}

#[derive(Clone, Copy)]
struct Record {
    place: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<&String> = self.records.keys().collect();
        names.sort();
        f.debug_tuple("Archive").field(&names).finish()
    }
}

fn damaged(reason: impl fmt::Display) -> ImportError {
    ImportError::Damaged(format!(
        "not a whole zip archive ({}). Copy or save the file again",
        reason.to_string().escape_debug()
    ))
}

impl Archive {
    /// Reads the list of records.
    pub(super) fn new(bytes: Vec<u8>) -> Result<Self, ImportError> {
        let archive = ZipArchive::from_slice(bytes).map_err(damaged)?;
        let mut records = HashMap::new();
        let mut entries = archive.entries();
        while let Some(entry) = entries.next_entry().map_err(damaged)? {
            let name = std::str::from_utf8(entry.file_path().as_ref())
                .map_err(|_| damaged("the name of a record is not UTF-8"))?
                .to_owned();
            let record = Record {
                place: entry.wayfinder(),
                method: entry.compression_method(),
            };
            if records.insert(name.clone(), record).is_some() {
                return Err(damaged(format!("two records are named {name}")));
            }
        }
        Ok(Self { archive, records })
    }

    /// Whether there is a record of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.records.contains_key(name)
    }

    /// The name of a record that ends so, the first in the order of names where there are several.
    pub(super) fn find(&self, ending: &str) -> Option<String> {
        let found = self.records.keys().filter(|name| name.ends_with(ending));
        found.min().cloned()
    }

    /// The content of a record.
    pub(super) fn record(&self, name: &str) -> Result<Vec<u8>, ImportError> {
        let record = self
            .records
            .get(name)
            .ok_or_else(|| damaged(format!("there is no record {name}")))?;
        let entry = self.archive.get_entry(record.place).map_err(damaged)?;
        let data = entry.data();
        let verification = entry.claim_verifier();
        let content = match record.method {
            CompressionMethod::STORE => data.to_vec(),
            CompressionMethod::DEFLATE => {
                let size = usize::try_from(verification.uncompressed_size)
                    .ok()
                    .filter(|&size| size <= data.len().saturating_mul(DEFLATE_RATIO))
                    .ok_or_else(|| damaged(format!("the size of {name} cannot be")))?;
                miniz_oxide::inflate::decompress_to_vec_with_limit(data, size)
                    .map_err(|error| damaged(format!("{name}: {error}")))?
            }
            other => {
                return Err(ImportError::Unsupported(format!(
                    "the record {} is packed with {other:?}; stored and deflated records are read",
                    shown(name)
                )));
            }
        };
        if content.len() as u64 != verification.uncompressed_size
            || rawzip::crc32(&content) != verification.crc
        {
            return Err(damaged(format!(
                "the checksum of {name} does not fit its content"
            )));
        }
        Ok(content)
    }
}
