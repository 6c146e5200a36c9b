//! WAV files: RIFF chunks with samples as they are, read and written.
//!
//! A parser of our own: the formats are few, and what real files have (chunks of odd length, byte
//! rates that do not add up, headers of recorders that never learned how long they would record)
//! is refused or misread by the crate there is.

use std::io::{self, Write};
use std::path::Path;

use super::{
    CONVERT, COPY_AGAIN, MOST_SAMPLES, Sound, check_rate, no_samples, too_long, undecoded,
};
use crate::error::DataError;

/// The last 14 bytes of the subformats of an extensible header; the first two are the plain tag.
const SUBFORMAT: [u8; 14] = [
    0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71,
];

/// Declared lengths from here on are those of a stream whose writer did not know its length: 2³²−1
/// in most, somewhat below 2³¹ in some.
const STREAMED: usize = 0x7fff_0000;

/// The largest sample of a floating-point file: beyond it, it is no sound, whatever its scale.
const LOUDEST: f64 = 4_294_967_296.0;

/// Whether the bytes begin as those of a WAV file.
pub fn is_wav(bytes: &[u8]) -> bool {
    bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WAVE")
}

/// How one sample is written.
#[derive(Clone, Copy)]
enum Kind {
    /// Whole numbers in so many bytes; of one byte unsigned.
    Whole(usize),
    Float32,
    Float64,
}

struct Format {
    kind: Kind,
    channels: usize,
    rate: u32,
    /// Bytes of one sample of every channel.
    frame: usize,
}

pub(super) fn decode(file: &Path, bytes: &[u8]) -> Result<Sound, DataError> {
    if !is_wav(bytes) {
        let problem = match bytes {
            [] => "the file is empty: expected a WAV or FLAC file",
            [b'R', b'F', b'6', b'4', ..] => "a WAV file of more than 4 GiB (RF64) is not read",
            [b'I', b'D', b'3', ..] | [0xff, 0xe0..=0xff, ..] => {
                "expected a WAV or FLAC file, found what looks like MP3"
            }
            _ => "expected a WAV or FLAC file, found neither",
        };
        return Err(undecoded(file, problem, CONVERT));
    }
    let (mut at, mut format) = (12_usize, None);
    loop {
        let Some(header) = bytes.get(at..at.saturating_add(8)) else {
            let missing = match format {
                None => "the WAV file ends before its format",
                Some(_) => "the WAV file ends before its samples",
            };
            return Err(undecoded(file, missing, COPY_AGAIN));
        };
        let declared = u32_at(header, 4) as usize;
        let there = bytes.get(at + 8..).unwrap_or_default();
        match (&header[..4], &format) {
            (b"fmt ", _) => {
                let body = there.get(..declared).ok_or_else(|| {
                    undecoded(file, "the WAV file ends in its format", COPY_AGAIN)
                })?;
                format = Some(parse(file, body)?);
            }
            (b"data", Some(format)) => return samples(file, format, declared, there),
            (b"data", None) => {
                let problem = "the WAV file has its samples before their format";
                return Err(undecoded(file, problem, CONVERT));
            }
            _ => {}
        }
        // A chunk of odd length is followed by a byte that does not count.
        at = at
            .saturating_add(8)
            .saturating_add(declared)
            .saturating_add(declared % 2);
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    let of = |at: usize| bytes.get(at).copied().unwrap_or(0);
    u16::from_le_bytes([of(at), of(at + 1)])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

/// The chunk `fmt `. The byte rate is redundant and often wrong, and not looked at.
fn parse(file: &Path, body: &[u8]) -> Result<Format, DataError> {
    let damaged = |what: String| {
        undecoded(
            file,
            format!("the WAV file has a damaged header: {what}"),
            COPY_AGAIN,
        )
    };
    if body.len() < 16 {
        return Err(damaged(format!(
            "its format has {} bytes instead of 16",
            body.len()
        )));
    }
    let (mut tag, channels) = (u16_at(body, 0), usize::from(u16_at(body, 2)));
    let (rate, frame) = (u32_at(body, 4), usize::from(u16_at(body, 12)));
    let bits = usize::from(u16_at(body, 14));
    if tag == 0xfffe {
        // Extensible: the plain tag begins a GUID.
        match body.get(24..40) {
            Some(subformat) if subformat[2..] == SUBFORMAT => tag = u16_at(subformat, 0),
            Some(_) => tag = 0,
            None => return Err(damaged("its extension is missing".to_owned())),
        }
    }
    if channels == 0 {
        return Err(damaged("it has 0 channels".to_owned()));
    }
    check_rate(file, rate)?;
    let bytes = frame / channels;
    let fits = frame % channels == 0 && bytes > 0 && (1..=bytes * 8).contains(&bits);
    let kind = match (tag, bytes) {
        (1 | 3, _) if !fits => {
            return Err(damaged(format!(
                "{channels} channels of {bits} bits do not make {frame} bytes"
            )));
        }
        (1, 1..=4) => Kind::Whole(bytes),
        (3, 4) => Kind::Float32,
        (3, 8) => Kind::Float64,
        _ => {
            let name = match tag {
                1 => "whole numbers",
                2 | 0x11 => "ADPCM",
                3 => "floating-point numbers",
                6 => "A-law",
                7 => "µ-law",
                0x55 => "MP3",
                _ => "an unknown coding",
            };
            let problem = format!("a WAV file of {name} in {bits} bits is not read");
            return Err(undecoded(file, problem, CONVERT));
        }
    };
    Ok(Format {
        kind,
        channels,
        rate,
        frame,
    })
}

fn samples(
    file: &Path,
    format: &Format,
    declared: usize,
    there: &[u8],
) -> Result<Sound, DataError> {
    let bytes = match there.get(..declared) {
        Some(bytes) if bytes.len() % format.frame == 0 => bytes,
        Some(_) => {
            let problem = format!(
                "the WAV file has a damaged header: {declared} bytes of samples are no whole number of {}",
                format.frame
            );
            return Err(undecoded(file, problem, COPY_AGAIN));
        }
        None if declared >= STREAMED => &there[..there.len() - there.len() % format.frame],
        None => {
            let problem = format!(
                "the WAV file is cut short: it says that it has {declared} bytes of samples, and {} are there",
                there.len()
            );
            return Err(undecoded(file, problem, COPY_AGAIN));
        }
    };
    if bytes.is_empty() {
        return Err(no_samples(file));
    }
    if bytes.len() / format.frame > MOST_SAMPLES {
        return Err(too_long(file));
    }
    let width = format.frame / format.channels;
    let mut samples = Vec::with_capacity(bytes.len() / format.frame);
    for frame in bytes.chunks_exact(format.frame) {
        let channels = frame
            .chunks_exact(width)
            .map(|sample| value(format.kind, sample));
        let mean = channels.sum::<f64>() / format.channels as f64;
        // NaN is not within either.
        if !(-LOUDEST..=LOUDEST).contains(&mean) {
            return Err(undecoded(
                file,
                format!(
                    "sample {} is not a number that a sound can have",
                    samples.len() + 1
                ),
                CONVERT,
            ));
        }
        samples.push(mean as f32);
    }
    Ok(Sound {
        samples,
        rate: format.rate,
        channels: format.channels,
    })
}

/// One sample, full scale from -1 to 1. Samples of fewer bits than their bytes lie at the top of
/// these, as the format says.
fn value(kind: Kind, sample: &[u8]) -> f64 {
    let mut wide = [0; 8];
    for (to, from) in wide.iter_mut().zip(sample) {
        *to = *from;
    }
    let word = u64::from_le_bytes(wide);
    match kind {
        Kind::Whole(1) => (word as f64 - 128.0) / 128.0,
        Kind::Whole(bytes) => {
            let unused = 64 - 8 * bytes as u32;
            ((word << unused) as i64) as f64 / 9_223_372_036_854_775_808.0
        }
        Kind::Float32 => f64::from(f32::from_bits(word as u32)),
        Kind::Float64 => f64::from_bits(word),
    }
}

/// Writes samples of one channel as a WAV file of 16 bits.
///
/// # Errors
/// What the writer says; [`io::ErrorKind::InvalidInput`] where the samples do not fit in 4 GiB.
pub fn write_wav(samples: &[i16], rate: u32, to: &mut dyn Write) -> io::Result<()> {
    let length = samples
        .len()
        .checked_mul(2)
        .and_then(|bytes| u32::try_from(bytes).ok());
    let length = length.filter(|length| *length < u32::MAX - 36);
    let (Some(length), Some(byte_rate)) = (length, rate.checked_mul(2)) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let mut bytes = Vec::with_capacity(44 + 2 * samples.len());
    bytes.extend(b"RIFF");
    bytes.extend((36 + length).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    bytes.extend([1, 0, 1, 0]);
    bytes.extend(rate.to_le_bytes());
    bytes.extend(byte_rate.to_le_bytes());
    bytes.extend([2, 0, 16, 0]);
    bytes.extend(b"data");
    bytes.extend(length.to_le_bytes());
    bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    to.write_all(&bytes)
}
