//! Reads the golden files of `fixtures/`, so that the tests hold this crate to what others computed.
//!
//! A file is safetensors: eight bytes of header length, a JSON header, little-endian data. Every value is
//! handed out as `f64`, which holds the inputs exactly. The kernels have such a reader too; neither crate
//! depends on the other.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// One golden file.
pub(crate) struct GoldenFile {
    /// The file's name without its extension.
    pub(crate) name: String,
    about: Value,
    tensors: BTreeMap<String, Vec<f64>>,
}

/// A path inside `fixtures`.
pub(crate) fn path(inside: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures")
        .join(inside)
}

/// The files of a folder of `fixtures` whose names begin so, by name. There must be some.
pub(crate) fn folder(name: &str, begin: &str) -> Vec<GoldenFile> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(path(name))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|ending| ending == "safetensors")
        })
        .filter(|path| {
            path.file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with(begin)
        })
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no golden file {name}/{begin}");
    paths.iter().map(|path| GoldenFile::read(path)).collect()
}

impl GoldenFile {
    fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let (length, rest) = bytes.split_first_chunk().unwrap();
        let (header, data) = rest.split_at(u64::from_le_bytes(*length) as usize);
        let mut header: BTreeMap<String, Value> = serde_json::from_slice(header).unwrap();
        let about = header.remove("__metadata__").unwrap();
        let of = |(name, entry): (String, Value)| (name, values(&entry, data));
        GoldenFile {
            name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
            about,
            tensors: header.into_iter().map(of).collect(),
        }
    }

    /// A text of the file's description.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.about[key].as_str().unwrap()
    }

    /// A number of the file's description.
    pub(crate) fn number(&self, key: &str) -> u32 {
        self.text(key).parse().unwrap()
    }

    /// The values of a tensor, row after row.
    pub(crate) fn tensor(&self, name: &str) -> &[f64] {
        &self.tensors[name]
    }
}

fn values(entry: &Value, data: &[u8]) -> Vec<f64> {
    let [start, end]: [usize; 2] = serde_json::from_value(entry["data_offsets"].clone()).unwrap();
    let data = &data[start..end];
    match entry["dtype"].as_str().unwrap() {
        "F32" => {
            let words = data.chunks_exact(4);
            words
                .map(|b| f64::from(f32::from_le_bytes(b.try_into().unwrap())))
                .collect()
        }
        "F64" => {
            let words = data.chunks_exact(8);
            words
                .map(|b| f64::from_le_bytes(b.try_into().unwrap()))
                .collect()
        }
        "I64" => {
            let words = data.chunks_exact(8);
            words
                .map(|b| i64::from_le_bytes(b.try_into().unwrap()) as f64)
                .collect()
        }
        other => panic!("{other}"),
    }
}
