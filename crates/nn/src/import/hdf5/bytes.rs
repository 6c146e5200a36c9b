//! A file's bytes behind checked offsets.
use super::super::ImportError;

/// What HDF5 writes for "no address", in every width.
pub(super) const UNDEFINED: u64 = u64::MAX;

/// An error for bytes that are not as the format says.
pub(super) fn damaged(reason: impl AsRef<str>) -> ImportError {
    ImportError::Damaged(format!(
        "not a whole HDF5 file ({}). Copy or save it again",
        reason.as_ref()
    ))
}

/// An error for what the format knows and this reader does not.
pub(super) fn unsupported(what: impl AsRef<str>) -> ImportError {
    ImportError::Unsupported(format!(
        "it uses {}, which is not read here. Save the weights anew with Keras' `model.save_weights(\"model.weights.h5\")`, or as safetensors",
        what.as_ref()
    ))
}

/// The whole file, and the widths its superblock states.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bytes<'a> {
    pub(super) all: &'a [u8],
    /// Bytes of an address.
    pub(super) address: usize,
    /// Bytes of a length.
    pub(super) length: usize,
}

impl<'a> Bytes<'a> {
    /// `length` bytes at `at`.
    pub(super) fn slice(self, at: u64, length: u64) -> Result<&'a [u8], ImportError> {
        let range = usize::try_from(at).ok().zip(usize::try_from(length).ok());
        range
            .and_then(|(at, length)| self.all.get(at..at.checked_add(length)?))
            .ok_or_else(|| damaged("a part of it lies beyond its end"))
    }

    /// A cursor from `at` to the end of the file.
    pub(super) fn cursor(self, at: u64) -> Result<Cursor<'a>, ImportError> {
        let rest = usize::try_from(at).ok().and_then(|at| self.all.get(at..));
        let rest = rest.ok_or_else(|| damaged("an address lies beyond its end"))?;
        Ok(self.over(rest))
    }

    /// A cursor over a part of the file.
    pub(super) fn over(self, rest: &'a [u8]) -> Cursor<'a> {
        Cursor { rest, file: self }
    }

    /// A cursor past the four letters that a structure begins with.
    pub(super) fn signed(self, at: u64, signature: &[u8; 4]) -> Result<Cursor<'a>, ImportError> {
        let mut cursor = self.cursor(at)?;
        if cursor.take(4)? != signature {
            return Err(damaged(format!(
                "no {} where one should be",
                String::from_utf8_lossy(signature)
            )));
        }
        Ok(cursor)
    }
}

/// Reads a structure field by field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
    file: Bytes<'a>,
}

impl<'a> Cursor<'a> {
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], ImportError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or_else(|| damaged("a part of it is cut short"))?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn skip(&mut self, length: usize) -> Result<(), ImportError> {
        self.take(length).map(drop)
    }

    /// A number of 1 to 8 bytes; all ones are [`UNDEFINED`] where it is an address.
    pub(super) fn number(&mut self, width: usize) -> Result<u64, ImportError> {
        let mut bytes = [0; 8];
        let taken = self.take(width)?;
        bytes
            .get_mut(..width)
            .ok_or_else(|| damaged("a number of more than eight bytes"))?
            .copy_from_slice(taken);
        Ok(u64::from_le_bytes(bytes))
    }

    pub(super) fn byte(&mut self) -> Result<u8, ImportError> {
        Ok(self.take(1)?[0])
    }

    pub(super) fn two(&mut self) -> Result<u16, ImportError> {
        self.number(2).map(|number| number as u16)
    }

    pub(super) fn four(&mut self) -> Result<u32, ImportError> {
        self.number(4).map(|number| number as u32)
    }

    pub(super) fn address(&mut self) -> Result<u64, ImportError> {
        let width = self.file.address;
        let address = self.number(width)?;
        let all_ones = UNDEFINED >> (64 - 8 * width);
        Ok(if address == all_ones {
            UNDEFINED
        } else {
            address
        })
    }

    pub(super) fn length(&mut self) -> Result<u64, ImportError> {
        self.number(self.file.length)
    }
}
