//! A file of weights of any form: its arrays by name, their values read when asked for.
//!
//! Only names and shapes are read at first. So a file cannot make us hold more than it does: an array is
//! read alone, and each reader bounds what one may take.
use super::error::shown;
use super::hdf5::Hdf5;
use super::numbers::{Numbers, count};
use super::safetensors::Safetensors;
use super::torch::TorchArchive;
use super::zip::Archive;
use super::{ImportError, hdf5, keras};
use std::collections::BTreeMap;
use std::fmt;

/// The form of a file, told by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// A zip archive by `torch.save`.
    Torch,
    /// Safetensors, whoever wrote it.
    Safetensors,
    /// HDF5: `.weights.h5` by Keras 3, or an older `.h5`.
    Hdf5,
    /// A `.keras` archive by Keras 3.
    KerasArchive,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Torch => "a PyTorch archive (torch.save)",
            Self::Safetensors => "safetensors",
            Self::Hdf5 => "Keras weights (HDF5)",
            Self::KerasArchive => "a Keras archive",
        })
    }
}

/// What is known of an array before its values are read.
#[derive(Debug, Clone)]
pub(super) struct ArrayInfo {
    /// Sizes, outermost first.
    pub(super) shape: Vec<usize>,
    pub(super) numbers: Numbers,
}

/// Arrays by name.
pub(super) type Arrays = BTreeMap<String, ArrayInfo>;

/// Reads the values of one array of a file.
pub(super) trait ReadArray: fmt::Debug + Send + Sync {
    /// The bytes of the values of `name`, row-major and little-endian.
    fn bytes(&self, name: &str) -> Result<Vec<u8>, ImportError>;
}

/// A file of weights.
#[derive(Debug)]
pub struct WeightFile {
    format: Format,
    arrays: Arrays,
    reader: Box<dyn ReadArray>,
    /// The texts a safetensors file carries.
    pub(super) metadata: BTreeMap<String, String>,
    /// The `config.json` of a Keras archive.
    pub(super) keras: Option<serde_json::Value>,
}

impl WeightFile {
    /// Looks at a file's bytes and lists its arrays. The form is told by the content: a PyTorch archive
    /// (`torch.save`), safetensors, HDF5 (`.weights.h5`), or a `.keras` archive.
    ///
    /// # Errors
    /// [`ImportError::Damaged`] for bytes that are cut short or contradict themselves,
    /// [`ImportError::Unsupported`] for another form or a part of one that is not read.
    pub fn read(bytes: Vec<u8>) -> Result<Self, ImportError> {
        if bytes.starts_with(b"PK\x03\x04") {
            let archive = Archive::new(bytes)?;
            return match archive.find("/data.pkl") {
                Some(pickle) => {
                    let (arrays, reader) = TorchArchive::read(archive, &pickle)?;
                    Ok(Self::new(Format::Torch, arrays, reader))
                }
                None => keras_archive(&archive),
            };
        }
        if hdf5::is_hdf5(&bytes) {
            let (arrays, reader) = Hdf5::read(bytes)?;
            return Ok(Self::new(Format::Hdf5, arrays, reader));
        }
        if bytes.starts_with(b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19") {
            return Err(ImportError::Unsupported(
                "it is in the form of PyTorch before 1.6. Save it again in Python: `torch.save(torch.load(\"old.pt\"), \"new.pt\")`".into(),
            ));
        }
        if bytes.get(8) == Some(&b'{') {
            let (arrays, reader, metadata) = Safetensors::read(bytes)?;
            let mut file = Self::new(Format::Safetensors, arrays, reader);
            file.metadata = metadata;
            return Ok(file);
        }
        Err(ImportError::Unsupported(if bytes.is_empty() {
            "the file is empty".into()
        } else {
            "it is none of the files read here: a PyTorch archive (`torch.save(model.state_dict(), \"model.pt\")`), safetensors, Keras weights (`model.save_weights(\"model.weights.h5\")`) or a `.keras` archive".into()
        }))
    }

    fn new(format: Format, arrays: Arrays, reader: impl ReadArray + 'static) -> Self {
        Self {
            format,
            arrays,
            reader: Box::new(reader),
            metadata: BTreeMap::new(),
            keras: None,
        }
    }

    /// The form of the file.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// The names and shapes of every array in the file, in the order of their names; arrays of other
    /// types than floating-point numbers too.
    pub fn shapes(&self) -> impl Iterator<Item = (&str, &[usize])> {
        self.arrays
            .iter()
            .map(|(name, info)| (name.as_str(), info.shape.as_slice()))
    }

    pub(super) fn info(&self, name: &str) -> Option<&ArrayInfo> {
        self.arrays.get(name)
    }

    /// The values of an array, row-major, as `f32`: f16 and bf16 are widened, f64 is rounded.
    ///
    /// # Errors
    /// A name that is not in the file, a type that is not read, or damage.
    pub fn values(&self, name: &str) -> Result<Vec<f32>, ImportError> {
        let info = self.arrays.get(name).ok_or_else(|| {
            ImportError::Choose(format!("there is no array {} in the file", shown(name)))
        })?;
        let size = info.numbers.size_of(name)?;
        let bytes = self.reader.bytes(name)?;
        let expected = count(&info.shape).and_then(|count| count.checked_mul(size));
        if expected != Some(bytes.len()) {
            return Err(ImportError::Damaged(format!(
                "the array {} has {} bytes, its shape {:?} wants {}",
                shown(name),
                bytes.len(),
                info.shape,
                expected.map_or("more than any memory".into(), |bytes| bytes.to_string()),
            )));
        }
        Ok(info.numbers.decode(&bytes))
    }
}

/// The weights inside a `.keras` archive.
fn keras_archive(archive: &Archive) -> Result<WeightFile, ImportError> {
    const WEIGHTS: &str = "model.weights.h5";
    if !archive.has(WEIGHTS) {
        return Err(ImportError::Unsupported(
            "it is a zip archive, but neither PyTorch's (no `data.pkl` in it) nor Keras' (no `model.weights.h5` in it)".into(),
        ));
    }
    let (arrays, reader) = Hdf5::read(archive.record(WEIGHTS)?)?;
    let mut file = WeightFile::new(Format::KerasArchive, arrays, reader);
    file.keras = keras::configuration(archive)?;
    Ok(file)
}
