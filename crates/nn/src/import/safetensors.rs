//! Safetensors as weights by name: <https://huggingface.co/docs/safetensors>.
use super::ImportError;
use super::error::shown;
use super::file::{ArrayInfo, Arrays, ReadArray};
use super::numbers::Numbers;
use safetensors::tensor::{Dtype, SafeTensors};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// The file, and where each array stands in it.
#[derive(Debug)]
pub(super) struct Safetensors {
    bytes: Vec<u8>,
    places: HashMap<String, Range<usize>>,
}

impl Safetensors {
    /// The arrays and the file's own texts.
    pub(super) fn read(
        bytes: Vec<u8>,
    ) -> Result<(Arrays, Self, BTreeMap<String, String>), ImportError> {
        let damaged = |error: safetensors::SafeTensorError| {
            ImportError::Damaged(format!(
                "not a whole safetensors file ({}). Copy or save it again",
                error.to_string().escape_debug()
            ))
        };
        let (length, header) = SafeTensors::read_metadata(&bytes).map_err(damaged)?;
        // Deserialising also holds the offsets against the length of the file.
        SafeTensors::deserialize(&bytes).map_err(damaged)?;
        let start = length + 8;
        let mut arrays = Arrays::new();
        let mut places = HashMap::new();
        for (name, info) in header.tensors() {
            let numbers = match info.dtype {
                Dtype::F16 => Numbers::F16,
                Dtype::BF16 => Numbers::Bf16,
                Dtype::F32 => Numbers::F32,
                Dtype::F64 => Numbers::F64,
                other => Numbers::Other(format!("{other:?}")),
            };
            let shape = info.shape.clone();
            let (from, to) = info.data_offsets;
            places.insert(name.clone(), start + from..start + to);
            arrays.insert(name, ArrayInfo { shape, numbers });
        }
        let texts = header.metadata().clone().unwrap_or_default();
        Ok((arrays, Self { bytes, places }, texts.into_iter().collect()))
    }
}

impl ReadArray for Safetensors {
    fn bytes(&self, name: &str) -> Result<Vec<u8>, ImportError> {
        let place = self.places.get(name).cloned();
        let bytes = place.and_then(|place| self.bytes.get(place));
        bytes
            .map(<[u8]>::to_vec)
            .ok_or_else(|| ImportError::Damaged(format!("the array {} is not whole", shown(name))))
    }
}
