//! How a number is stored, and its way to `f32`.
use super::ImportError;
use super::error::shown;

/// The type of an array's values, little-endian.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Numbers {
    F16,
    Bf16,
    F32,
    F64,
    /// What a weight is never stored as: integers, texts, eight-bit floats. Its name.
    Other(String),
}

impl Numbers {
    /// Bytes of one value; none for what is not read.
    pub(super) fn size(&self) -> Option<usize> {
        match self {
            Self::F16 | Self::Bf16 => Some(2),
            Self::F32 => Some(4),
            Self::F64 => Some(8),
            Self::Other(_) => None,
        }
    }

    /// What to tell of a conversion to `f32`, where there is one.
    pub(super) fn conversion(&self) -> Option<&'static str> {
        match self {
            Self::F16 => Some("half precision (f16), widened to f32 without loss"),
            Self::Bf16 => Some("bfloat16, widened to f32 without loss"),
            Self::F64 => Some("double precision (f64), rounded to f32"),
            Self::F32 | Self::Other(_) => None,
        }
    }

    /// The size of one value of the array `name`.
    ///
    /// # Errors
    /// A type that is not read.
    pub(super) fn size_of(&self, name: &str) -> Result<usize, ImportError> {
        self.size().ok_or_else(|| {
            let Self::Other(kind) = self else {
                unreachable!("every other type has a size")
            };
            ImportError::Unsupported(format!(
                "the array {} holds values of type {kind}; a weight is read as f16, bf16, f32 or f64",
                shown(name)
            ))
        })
    }

    /// Values from their bytes, as many as there are whole ones.
    pub(super) fn decode(&self, bytes: &[u8]) -> Vec<f32> {
        match self {
            Self::F16 => {
                let halves = bytes.as_chunks::<2>().0.iter();
                halves
                    .map(|&b| half::f16::from_le_bytes(b).to_f32())
                    .collect()
            }
            Self::Bf16 => {
                let halves = bytes.as_chunks::<2>().0.iter();
                halves
                    .map(|&b| half::bf16::from_le_bytes(b).to_f32())
                    .collect()
            }
            Self::F32 => bytes
                .as_chunks::<4>()
                .0
                .iter()
                .map(|&b| f32::from_le_bytes(b))
                .collect(),
            Self::F64 => {
                let doubles = bytes.as_chunks::<8>().0.iter();
                doubles.map(|&b| f64::from_le_bytes(b) as f32).collect()
            }
            Self::Other(_) => Vec::new(),
        }
    }
}

/// The number of values of a shape; none where it is beyond any memory.
pub(super) fn count(shape: &[usize]) -> Option<usize> {
    // Zeros first: [0, 2^60, 2^60] is an empty array.
    if shape.contains(&0) {
        return Some(0);
    }
    shape
        .iter()
        .try_fold(1usize, |count, &size| count.checked_mul(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_gives_its_values() {
        assert_eq!(
            Numbers::F16.decode(&[0x00, 0x3c, 0x01, 0x00]),
            [1.0, 5.960_464_5e-8]
        );
        assert_eq!(
            Numbers::Bf16.decode(&[0x80, 0x3f, 0x20, 0xc1]),
            [1.0, -10.0]
        );
        assert_eq!(Numbers::F32.decode(&1.5f32.to_le_bytes()), [1.5]);
        assert_eq!(Numbers::F64.decode(&(-0.1f64).to_le_bytes()), [-0.1]);
        assert!(Numbers::Other("I64".into()).size_of("a").is_err());
    }

    #[test]
    fn a_shape_beyond_any_memory_has_no_count() {
        assert_eq!(count(&[3, 4]), Some(12));
        assert_eq!(count(&[]), Some(1));
        assert_eq!(count(&[usize::MAX, 2]), None);
        assert_eq!(count(&[0, usize::MAX, usize::MAX]), Some(0));
    }
}
