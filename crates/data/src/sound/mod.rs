//! Sounds: from the bytes of a WAV or FLAC file to the sequence of numbers that a network reads.
//!
//! [`decode`] gives samples, [`resample`] brings them to another rate, [`LogMel`] makes log-mel frames of
//! them. Files of sound come from everywhere and their headers lie, so that nothing is allocated
//! for what a header declares: only for what is there.

mod flac;
mod fourier;
mod mel;
mod resample;
mod wav;

use std::path::Path;

pub use mel::{LogMel, UnfitBands};
pub use resample::resample;
pub use wav::{is_wav, write_wav};

use crate::error::DataError;

/// Samples of one channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Sound {
    /// The samples in order, full scale from -1 to 1; files of floating-point numbers may go beyond.
    /// Never empty, always finite.
    pub samples: Vec<f32>,
    /// Samples a second, within [`RATES`].
    pub rate: u32,
    /// How many channels the file had; `samples` is their mean.
    pub channels: usize,
}

/// The rates (Hz) that are read and can be asked for.
pub const RATES: std::ops::RangeInclusive<u32> = 1_000..=768_000;

/// The most samples of a sound, more than an hour at 16 kHz. A FLAC file of some kilobytes can
/// decode to more than any memory.
pub const MOST_SAMPLES: usize = 1 << 26;

/// Decodes a WAV or FLAC file, recognised by its first bytes; several channels become their mean.
///
/// WAV: whole numbers of 8 to 32 bits, floating-point numbers of 32 and 64, plain and extensible
/// headers. FLAC: what claxon decodes, checksums of the frames included.
///
/// # Errors
/// A [`DataError`] that names the file: neither format, a form that is not read, a header that the
/// bytes contradict, no samples or more than [`MOST_SAMPLES`], a rate outside [`RATES`], a sample
/// that is not a number.
pub fn decode(file: &Path, bytes: &[u8]) -> Result<Sound, DataError> {
    if bytes.starts_with(b"fLaC") {
        flac::decode(file, bytes)
    } else {
        wav::decode(file, bytes)
    }
}

/// The error of a file that cannot be decoded.
fn undecoded(file: &Path, problem: impl Into<String>, advice: &'static str) -> DataError {
    DataError::Undecoded {
        file: file.to_owned(),
        problem: problem.into(),
        advice,
    }
}

/// What to do about a file that is not whole.
const COPY_AGAIN: &str = "Copy or download it again.";

/// What to do about a form that is not read.
const CONVERT: &str = "Convert it to WAV of 16 bits, or leave it out.";

fn check_rate(file: &Path, rate: u32) -> Result<(), DataError> {
    if RATES.contains(&rate) {
        return Ok(());
    }
    Err(undecoded(
        file,
        format!(
            "its header says {rate} samples a second: expected {} to {}",
            RATES.start(),
            RATES.end()
        ),
        CONVERT,
    ))
}

fn too_long(file: &Path) -> DataError {
    undecoded(
        file,
        format!("the sound has more than {MOST_SAMPLES} samples"),
        "Cut the recording into examples.",
    )
}

fn no_samples(file: &Path) -> DataError {
    undecoded(file, "the sound has no samples", "Leave the file out.")
}

#[cfg(test)]
mod tests;
