//! FLAC files (RFC 9639), decoded by claxon.

use std::io::Cursor;
use std::path::Path;

use claxon::{FlacReader, FlacReaderOptions};

use super::{
    CONVERT, COPY_AGAIN, MOST_SAMPLES, Sound, check_rate, no_samples, too_long, undecoded,
};
use crate::error::DataError;

pub(super) fn decode(file: &Path, bytes: &[u8]) -> Result<Sound, DataError> {
    let refused = |error: claxon::Error| match error {
        claxon::Error::Unsupported(what) => undecoded(
            file,
            format!("the FLAC file is of a form that is not read ({what})"),
            CONVERT,
        ),
        // An error of reading bytes in memory is that they end too early.
        claxon::Error::IoError(_) => undecoded(file, "the FLAC file is cut short", COPY_AGAIN),
        claxon::Error::FormatError(what) => undecoded(
            file,
            format!("the FLAC file is damaged ({what})"),
            COPY_AGAIN,
        ),
    };
    let options = FlacReaderOptions {
        metadata_only: false,
        read_vorbis_comment: false,
    };
    let mut reader = FlacReader::new_ext(Cursor::new(bytes), options).map_err(refused)?;
    let info = reader.streaminfo();
    check_rate(file, info.sample_rate)?;
    if !(1..=32).contains(&info.bits_per_sample) || info.channels == 0 {
        return Err(undecoded(
            file,
            "the FLAC file has a damaged header",
            COPY_AGAIN,
        ));
    }
    let full = 2.0_f64.powi(info.bits_per_sample as i32 - 1);
    let mut samples: Vec<f32> = Vec::new();
    let mut blocks = reader.blocks();
    let mut buffer = Vec::new();
    while let Some(block) = blocks.read_next_or_eof(buffer).map_err(refused)? {
        let (channels, steps) = (block.channels(), block.duration());
        if channels != info.channels {
            return Err(undecoded(
                file,
                "the FLAC file is damaged (the number of channels changes)",
                COPY_AGAIN,
            ));
        }
        if samples.len() + steps as usize > MOST_SAMPLES {
            return Err(too_long(file));
        }
        samples.extend((0..steps).map(|step| {
            let sum: f64 = (0..channels)
                .map(|channel| f64::from(block.sample(channel, step)))
                .sum();
            (sum / f64::from(channels) / full) as f32
        }));
        buffer = block.into_buffer();
    }
    // claxon reports a stream that ends between two frames as its end.
    if let Some(declared) = info
        .samples
        .filter(|declared| *declared != samples.len() as u64)
    {
        return Err(undecoded(
            file,
            format!(
                "the FLAC file says that it has {declared} samples, and {} are there",
                samples.len()
            ),
            COPY_AGAIN,
        ));
    }
    if samples.is_empty() {
        return Err(no_samples(file));
    }
    Ok(Sound {
        samples,
        rate: info.sample_rate,
        channels: info.channels as usize,
    })
}
