//! State dictionaries as `torch.save` writes them since PyTorch 1.6: a zip archive with a pickle of the
//! names and shapes, and one record of raw values for each storage.
use super::ImportError;
use super::error::{listed, shown};
use super::file::{ArrayInfo, Arrays, ReadArray};
use super::numbers::{Numbers, count};
use super::pickle::{Global, Id, Pickle, Value};
use super::zip::Archive;
use std::collections::HashMap;

/// Where a checkpoint keeps the state dictionary among other things.
const NESTED: [&str; 3] = ["state_dict", "model_state_dict", "model"];

/// The archive, and where each tensor stands in it.
#[derive(Debug)]
pub(super) struct TorchArchive {
    archive: Archive,
    /// Before the name of each record.
    folder: String,
    tensors: HashMap<String, View>,
}

/// A tensor as a view into a storage; everything counted in values.
#[derive(Debug)]
struct View {
    storage: String,
    offset: usize,
    shape: Vec<usize>,
    strides: Vec<usize>,
    size: usize,
}

impl TorchArchive {
    /// Reads the pickle named `record`.
    pub(super) fn read(archive: Archive, record: &str) -> Result<(Arrays, Self), ImportError> {
        let folder = record
            .strip_suffix("data.pkl")
            .unwrap_or_default()
            .to_owned();
        let byte_order = format!("{folder}byteorder");
        if archive.has(&byte_order) && archive.record(&byte_order)? != b"little" {
            return Err(ImportError::Unsupported(
                "its values are big-endian; save it on a little-endian machine".into(),
            ));
        }
        let pickle = Pickle::read(&archive.record(record)?)?;
        let mut arrays = Arrays::new();
        let mut tensors = HashMap::new();
        for (name, arguments) in state_dictionary(&pickle)? {
            let (numbers, view) = view(&pickle, arguments).ok_or_else(|| {
                ImportError::Damaged(format!(
                    "the tensor {} is described in a way that PyTorch does not write. Save it again",
                    shown(name)
                ))
            })?;
            let shape = view.shape.clone();
            arrays.insert(name.to_owned(), ArrayInfo { shape, numbers });
            tensors.insert(name.to_owned(), view);
        }
        let read = Self {
            archive,
            folder,
            tensors,
        };
        Ok((arrays, read))
    }
}

/// The tensors of a dictionary with their names.
fn tensors_of(pickle: &Pickle, dictionary: Id) -> Vec<(&str, &[Id])> {
    let Value::Dictionary(entries) = pickle.get(dictionary) else {
        return Vec::new();
    };
    let tensor = |&(key, value): &(Id, Id)| match pickle.get(value) {
        Value::Tensor(arguments) => Some((pickle.text(key)?, pickle.tuple(*arguments)?)),
        _ => None,
    };
    entries.iter().filter_map(tensor).collect()
}

/// The state dictionary: the pickle's own, or the one in a checkpoint.
fn state_dictionary(pickle: &Pickle) -> Result<Vec<(&str, &[Id])>, ImportError> {
    let Value::Dictionary(entries) = pickle.get(pickle.root()) else {
        return Err(ImportError::Unsupported(
            "it holds no dictionary of tensors. Save one: `torch.save(model.state_dict(), \"model.pt\")`".into(),
        ));
    };
    let keys: Vec<&str> = entries
        .iter()
        .filter_map(|&(key, _)| pickle.text(key))
        .collect();
    let inside = NESTED.into_iter().find_map(|name| {
        let entry = entries
            .iter()
            .find(|&&(key, _)| pickle.text(key) == Some(name));
        entry.map(|&(_, value)| tensors_of(pickle, value))
    });
    let tensors = match inside {
        Some(tensors) if !tensors.is_empty() => tensors,
        _ => tensors_of(pickle, pickle.root()),
    };
    if tensors.is_empty() {
        return Err(ImportError::Unsupported(format!(
            "no tensors in its dictionary, nor under {}: its keys are {}. Save the weights alone: `torch.save(model.state_dict(), \"model.pt\")`",
            listed(NESTED),
            if keys.is_empty() {
                "none".into()
            } else {
                listed(keys)
            }
        )));
    }
    Ok(tensors)
}

/// Reads the arguments of `_rebuild_tensor_v2`: storage, offset, size, stride, and what makes no
/// difference to the values.
fn view(pickle: &Pickle, arguments: &[Id]) -> Option<(Numbers, View)> {
    let [storage, offset, shape, strides, ..] = arguments else {
        return None;
    };
    let Value::Persistent(description) = pickle.get(*storage) else {
        return None;
    };
    // ("storage", type, key, device, values).
    let [kind, storage_type, key, ..] = pickle.tuple(*description)? else {
        return None;
    };
    if pickle.text(*kind) != Some("storage") {
        return None;
    }
    let Value::Global(Global::Storage(name)) = pickle.get(*storage_type) else {
        return None;
    };
    let numbers = match *name {
        "FloatStorage" => Numbers::F32,
        "DoubleStorage" => Numbers::F64,
        "HalfStorage" => Numbers::F16,
        "BFloat16Storage" => Numbers::Bf16,
        other => Numbers::Other(other.into()),
    };
    let view = View {
        storage: pickle.text(*key)?.to_owned(),
        offset: pickle.size(*offset)?,
        shape: pickle.sizes(*shape)?,
        strides: pickle.sizes(*strides)?,
        size: numbers.size().unwrap_or(1),
    };
    (view.shape.len() == view.strides.len()).then_some((numbers, view))
}

impl View {
    /// The values of this view, by place in a storage of `values` values; none where it reaches beyond
    /// the storage, or is larger than it.
    fn gather(&self, storage: &[u8]) -> Option<Vec<u8>> {
        let available = storage.len() / self.size;
        let wanted = count(&self.shape)?;
        if wanted == 0 {
            return Some(Vec::new());
        }
        let mut axes = self.shape.iter().zip(&self.strides);
        let last = axes.try_fold(self.offset, |place, (&size, &stride)| {
            place.checked_add((size - 1).checked_mul(stride)?)
        })?;
        if last >= available || wanted > available {
            return None;
        }
        let mut bytes = Vec::with_capacity(wanted * self.size);
        let mut index = vec![0; self.shape.len()];
        let mut place = self.offset;
        for _ in 0..wanted {
            bytes.extend_from_slice(&storage[place * self.size..][..self.size]);
            for axis in (0..index.len()).rev() {
                index[axis] += 1;
                // Wrapping: the stride of an axis of one value can be anything.
                place = place.wrapping_add(self.strides[axis]);
                if index[axis] < self.shape[axis] {
                    break;
                }
                place = place.wrapping_sub(self.shape[axis].wrapping_mul(self.strides[axis]));
                index[axis] = 0;
            }
        }
        Some(bytes)
    }
}

impl ReadArray for TorchArchive {
    fn bytes(&self, name: &str) -> Result<Vec<u8>, ImportError> {
        let view = &self.tensors[name];
        let storage = self
            .archive
            .record(&format!("{}data/{}", self.folder, view.storage))?;
        view.gather(&storage).ok_or_else(|| {
            ImportError::Damaged(format!(
                "the tensor {} reaches beyond its storage. Copy or save the file again",
                shown(name)
            ))
        })
    }
}
