//! `weights.safetensors` of a model folder.

use ressac_folder::{FolderError, ModelFiles, ModelFolder};
use ressac_nn::weights::{self, NamedTensors};

const FILE: &str = "weights.safetensors";

/// Reads the weights of a model.
///
/// # Errors
/// [`FolderError::Missing`] before the first validation, [`FolderError::Damaged`] otherwise.
pub fn read_weights(files: &ModelFiles) -> Result<NamedTensors, FolderError> {
    weights::from_bytes(&files.read_bytes(FILE)?)
        .map_err(|error| FolderError::damaged(&files.file(FILE), error))
}

/// Writes the weights of a model.
///
/// # Errors
/// When the file system refuses, or a tensor's shape and values disagree.
pub fn write_weights(folder: &ModelFolder, tensors: &NamedTensors) -> Result<(), FolderError> {
    let bytes = weights::to_bytes(tensors)
        .map_err(|error| FolderError::damaged(&folder.file(FILE), error))?;
    folder.write(FILE, &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ressac_nn::weights::HostTensor;

    #[test]
    fn weights_cut_at_any_byte_are_damaged_and_never_panic() {
        let place = tempfile::tempdir().unwrap();
        let folder = ModelFolder::create(&place.path().join("model")).unwrap();
        let tensor = HostTensor {
            shape: vec![2],
            values: vec![1.0, -2.5],
        };
        let tensors = NamedTensors::from([("head.bias".to_owned(), tensor)]);
        write_weights(&folder, &tensors).unwrap();
        assert_eq!(read_weights(&folder).unwrap(), tensors);
        let whole = folder.read_bytes(FILE).unwrap();
        for length in 0..whole.len() {
            folder.write(FILE, &whole[..length]).unwrap();
            let error = read_weights(&folder).unwrap_err();
            assert!(
                matches!(error, FolderError::Damaged { .. }),
                "{length} bytes: {error}"
            );
        }
    }
}
