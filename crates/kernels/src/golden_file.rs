//! Reads the golden files of `fixtures/`, so that the tests hold this crate to what PyTorch computed.
//!
//! A file is safetensors: eight bytes of header length, a JSON header, little-endian data. Every value is
//! handed out as `f64`, which holds the `f32` inputs and the lengths exactly.
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// One golden file.
pub(crate) struct GoldenFile {
    /// The file's name without its extension.
    pub(crate) name: String,
    about: Value,
    tensors: BTreeMap<String, Vec<f64>>,
}

/// The files of a folder of `fixtures/`, by name. There must be some.
pub(crate) fn folder(name: &str) -> Vec<GoldenFile> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures")
        .join(name);
    let entries =
        std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "safetensors"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no golden file in {}", folder.display());
    paths.iter().map(|path| GoldenFile::read(path)).collect()
}

impl GoldenFile {
    fn read(path: &Path) -> Self {
        let bytes =
            std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (length, rest) = bytes.split_first_chunk().unwrap();
        let (header, data) = rest.split_at(usize::try_from(u64::from_le_bytes(*length)).unwrap());
        let mut header: BTreeMap<String, Value> = serde_json::from_slice(header).unwrap();
        let about = header.remove("__metadata__").unwrap();
        let tensors = header
            .into_iter()
            .map(|(name, entry)| {
                let values = values(&entry, data);
                let shape: Vec<usize> = serde_json::from_value(entry["shape"].clone()).unwrap();
                assert_eq!(values.len(), shape.iter().product::<usize>(), "{name}");
                (name, values)
            })
            .collect();
        Self {
            name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
            about,
            tensors,
        }
    }

    /// A text of the file's description.
    pub(crate) fn text(&self, key: &str) -> &str {
        let text = self.about[key].as_str();
        text.unwrap_or_else(|| panic!("{}: no text {key}", self.name))
    }

    /// A number of the file's description.
    pub(crate) fn number<T: std::str::FromStr>(&self, key: &str) -> T {
        let number = self.text(key).parse();
        number.unwrap_or_else(|_| panic!("{}: {key} is no such number", self.name))
    }

    /// A tensor, if it is there.
    pub(crate) fn find(&self, name: &str) -> Option<&[f64]> {
        self.tensors.get(name).map(Vec::as_slice)
    }

    /// A tensor that must be there.
    pub(crate) fn values(&self, name: &str) -> &[f64] {
        self.find(name)
            .unwrap_or_else(|| panic!("{}: no tensor {name}", self.name))
    }

    /// A tensor that was given to PyTorch as `f32`.
    pub(crate) fn singles(&self, name: &str) -> Vec<f32> {
        self.values(name)
            .iter()
            .map(|&value| {
                let single = value as f32;
                assert_eq!(f64::from(single), value, "{}: {name} is no f32", self.name);
                single
            })
            .collect()
    }
}

fn values(entry: &Value, data: &[u8]) -> Vec<f64> {
    let offset = |index: usize| entry["data_offsets"][index].as_u64().unwrap() as usize;
    let data = &data[offset(0)..offset(1)];
    let eight = || data.as_chunks::<8>().0.iter().copied();
    match entry["dtype"].as_str().unwrap() {
        "F32" => data
            .as_chunks::<4>()
            .0
            .iter()
            .map(|bytes| f64::from(f32::from_le_bytes(*bytes)))
            .collect(),
        "F64" => eight().map(f64::from_le_bytes).collect(),
        "I64" => eight()
            .map(|bytes| i64::from_le_bytes(bytes) as f64)
            .collect(),
        kind => panic!("unexpected type {kind}"),
    }
}
