//! Tests of sounds: golden values of torchaudio, every form of WAV that is read, and whatever else a file
//! may hold.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::golden_file;

fn refusal(bytes: &[u8]) -> String {
    decode(Path::new("a.wav"), bytes).unwrap_err().to_string()
}

fn read(bytes: &[u8]) -> Sound {
    match decode(Path::new("a.wav"), bytes) {
        Ok(sound) => sound,
        Err(error) => panic!("{error}"),
    }
}

/// A WAV file of such a tag, channels, bits and samples, at 8 kHz.
fn wav(tag: u16, channels: u16, bits: u16, data: &[u8]) -> Vec<u8> {
    let frame = channels * bits.div_ceil(8);
    let mut format = Vec::new();
    format.extend(tag.to_le_bytes());
    format.extend(channels.to_le_bytes());
    format.extend(8_000_u32.to_le_bytes());
    format.extend((8_000 * u32::from(frame)).to_le_bytes());
    format.extend(frame.to_le_bytes());
    format.extend(bits.to_le_bytes());
    chunks(&[(b"fmt ", &format), (b"data", data)])
}

fn chunks(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut bytes = b"RIFF\0\0\0\0WAVE".to_vec();
    for (name, body) in chunks {
        bytes.extend(*name);
        bytes.extend((body.len() as u32).to_le_bytes());
        bytes.extend(*body);
        if body.len() % 2 == 1 {
            bytes.push(0);
        }
    }
    bytes
}

fn flac() -> Vec<u8> {
    std::fs::read(golden_file::path("sound/tone.flac")).unwrap()
}

#[test]
fn log_mel_frames_are_those_of_torchaudio() {
    for golden in golden_file::folder("sound", "mel") {
        let samples: Vec<f32> = golden.tensor("samples").iter().map(|x| *x as f32).collect();
        let bands = golden.number("bands") as usize;
        let mel = LogMel::new(golden.number("rate"), bands).unwrap();
        let made = mel.sequence(&samples);
        let wanted = golden.tensor("log_mel");
        assert_eq!(made.values.len(), wanted.len(), "{}", golden.name);
        assert_eq!(made.steps * bands, wanted.len(), "{}", golden.name);
        for (made, wanted) in made.values.iter().zip(wanted) {
            assert!(
                (made - wanted).abs() < 1e-9,
                "{}: {made} {wanted}",
                golden.name
            );
        }
    }
}

#[test]
fn resampled_sounds_are_those_of_torchaudio() {
    for golden in golden_file::folder("sound", "resample") {
        let samples: Vec<f32> = golden.tensor("samples").iter().map(|x| *x as f32).collect();
        let made = resample(&samples, golden.number("from"), golden.number("to"));
        let wanted = golden.tensor("resampled");
        assert_eq!(made.len(), wanted.len(), "{}", golden.name);
        for (made, wanted) in made.iter().zip(wanted) {
            // The result is rounded to f32.
            let apart = (f64::from(*made) - wanted).abs();
            assert!(apart < 1e-7, "{}: {made} {wanted}", golden.name);
        }
    }
}

#[test]
fn levels_relative_to_the_loudest_band_do_not_depend_on_the_recording_and_end_in_silence() {
    let mel = LogMel::new(8_000, 40).unwrap().with_range(60);
    let tone = |loud: f32| -> Vec<f32> {
        (0..4_000)
            .map(|at| loud * (at as f32 * 0.7).sin())
            .collect()
    };
    let (loud, quiet) = (mel.sequence(&tone(0.9)), mel.sequence(&tone(0.09)));
    for (loud, quiet) in loud.values.iter().zip(&quiet.values) {
        assert!((loud - quiet).abs() < 0.05, "{loud} {quiet}");
    }
    let (least, most) = (loud.values.iter()).fold((0.0_f64, -99.0_f64), |(least, most), x| {
        (least.min(*x), most.max(*x))
    });
    assert!(
        most.abs() < 1e-5 && least >= (1e-6_f64).ln(),
        "{least} {most}"
    );
    let silent = mel.sequence(&[0.0; 4_000]);
    assert!(silent.values.iter().all(|value| *value < -9.0));
}

#[test]
fn silence_is_at_the_floor_and_bands_that_hold_nothing_are_refused() {
    let mel = LogMel::new(8_000, 40).unwrap();
    let silence = mel.sequence(&[0.0; 1_000]);
    assert_eq!(silence.steps, 11);
    assert!(silence.values.iter().all(|value| *value == libm::log(1e-8)));
    assert_eq!(mel.sequence(&[]).steps, 1);
    let unfit = LogMel::new(8_000, 100).unwrap_err();
    assert!((40..100).contains(&unfit.most), "{unfit}");
    assert!(LogMel::new(8_000, unfit.most).is_ok());
    assert!(LogMel::new(8_000, 0).is_err() && LogMel::new(8_000, usize::MAX).is_err());
    assert!(LogMel::new(0, 1).is_err() && LogMel::new(1_000, 40).is_err());
}

#[test]
fn a_flac_file_of_two_channels_is_their_mean() {
    let sound = read(&flac());
    assert_eq!(
        (sound.rate, sound.channels, sound.samples.len()),
        (11_025, 2, 2_000)
    );
    for (n, sample) in sound.samples.iter().enumerate() {
        let (left, right) = ((3 * n) % 200, (7 * n) % 500);
        let wanted = (left as f32 - 100.0 + right as f32 - 250.0) / 2.0 / 32_768.0;
        assert_eq!(*sample, wanted, "{n}");
    }
}

#[test]
fn every_form_of_wav_gives_the_same_samples() {
    // A quarter, minus a half, and the lowest.
    let wanted = [0.25, -0.5, -1.0];
    let whole = |bytes: usize| -> Vec<u8> {
        let full = 2_f64.powi(8 * bytes as i32 - 1);
        let values = wanted.iter().map(|x| (x * full) as i32);
        values
            .flat_map(|x| x.to_le_bytes()[..bytes].to_vec())
            .collect()
    };
    let float: Vec<u8> = wanted
        .iter()
        .flat_map(|x| (*x as f32).to_le_bytes())
        .collect();
    let double: Vec<u8> = wanted.iter().flat_map(|x: &f64| x.to_le_bytes()).collect();
    for (tag, bits, data) in [
        (1, 8, vec![160, 64, 0]),
        (1, 16, whole(2)),
        (1, 24, whole(3)),
        (1, 32, whole(4)),
        (3, 32, float),
        (3, 64, double),
    ] {
        let plain = wav(tag, 1, bits, &data);
        assert_eq!(
            read(&plain).samples,
            wanted.map(|x| x as f32),
            "{tag} {bits}"
        );
        // The same under an extensible header, after a chunk of odd length.
        let mut format = plain[20..36].to_vec();
        format[..2].copy_from_slice(&0xfffe_u16.to_le_bytes());
        format.extend(22_u16.to_le_bytes());
        format.extend(bits.to_le_bytes());
        format.extend([0; 4]);
        format.extend(u16::to_le_bytes(tag));
        format.extend([0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71]);
        let whole = chunks(&[(b"LIST", b"odd"), (b"fmt ", &format), (b"data", &data)]);
        assert_eq!(
            read(&whole).samples,
            wanted.map(|x| x as f32),
            "{tag} {bits}"
        );
    }
    let stereo = read(&wav(1, 2, 16, &[0, 64, 0, 32, 0, 0, 0, 128]));
    assert_eq!((stereo.channels, stereo.samples), (2, vec![0.375, -0.5]));
}

#[test]
fn what_this_crate_writes_it_reads() {
    let mut bytes = Vec::new();
    write_wav(&[0, 16_384, -32_768], 22_050, &mut bytes).unwrap();
    let sound = read(&bytes);
    assert_eq!((sound.rate, sound.channels), (22_050, 1));
    assert_eq!(sound.samples, [0.0, 0.5, -1.0]);
    assert!(is_wav(&bytes));
    assert!(write_wav(&[], u32::MAX, &mut bytes).is_err());
}

#[test]
fn a_recorder_that_never_learned_its_length_is_believed_to_have_written_what_is_there() {
    let mut bytes = wav(1, 1, 16, &[0, 64, 0, 32, 7]);
    // The data ends with a byte too many, and a byte of padding.
    bytes[40..44].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(read(&bytes).samples, [0.5, 0.25, 7.0 / 32_768.0]);
}

#[test]
fn a_wav_file_that_lies_is_refused_with_what_is_wrong() {
    let good = wav(1, 1, 16, &[0, 64, 0, 32]);
    let with = |at: usize, value: &[u8]| {
        let mut bytes = good.clone();
        bytes[at..at + value.len()].copy_from_slice(value);
        refusal(&bytes)
    };
    for (said, part) in [
        (refusal(b""), "the file is empty"),
        (refusal(b"hello"), "found neither"),
        (refusal(b"ID3 tagged"), "MP3"),
        (refusal(&good[..20]), "ends in its format"),
        (refusal(&good[..16]), "ends before its format"),
        (refusal(&good[..38]), "ends before its samples"),
        (
            refusal(&good[..46]),
            "says that it has 4 bytes of samples, and 2 are there",
        ),
        (
            with(40, &1_000_000_000_u32.to_le_bytes()),
            "1000000000 bytes",
        ),
        (with(40, &[3]), "no whole number of 2"),
        (with(40, &[0]), "no samples"),
        (with(22, &[0]), "0 channels"),
        (with(22, &[3]), "3 channels of 16 bits do not make 2 bytes"),
        (with(24, &[0, 0]), "0 samples a second"),
        (with(24, &[255; 4]), "4294967295 samples a second"),
        (with(32, &[0]), "do not make 0 bytes"),
        (with(34, &[0]), "1 channels of 0 bits"),
        (with(34, &[17]), "1 channels of 17 bits"),
        (with(20, &[7]), "µ-law"),
        (with(20, &[99]), "an unknown coding"),
        (with(20, &[3]), "floating-point numbers in 16 bits"),
        (
            with(20, &0xfffe_u16.to_le_bytes()),
            "its extension is missing",
        ),
        (with(16, &u32::MAX.to_le_bytes()), "ends in its format"),
        (
            refusal(&chunks(&[(b"data", b"1234")])),
            "samples before their format",
        ),
        (
            refusal(&chunks(&[(b"fmt ", b"1234")])),
            "4 bytes instead of 16",
        ),
        (
            refusal(&wav(3, 1, 32, &f32::NAN.to_le_bytes())),
            "sample 1 is not a number",
        ),
        (
            refusal(&wav(3, 1, 32, &f32::MAX.to_le_bytes())),
            "sample 1 is not a number",
        ),
        (
            refusal(&wav(3, 1, 64, &f64::INFINITY.to_le_bytes())),
            "sample 1 is not a number",
        ),
    ] {
        assert!(said.starts_with("a.wav: "), "{said}");
        assert!(said.contains(part), "{said} / {part}");
    }
}

#[test]
fn a_flac_file_cut_anywhere_is_refused() {
    let whole = flac();
    for length in 0..whole.len() {
        let said = refusal(&whole[..length]);
        assert!(said.starts_with("a.wav: ") && said.ends_with('.'), "{said}");
    }
    let mut damaged = whole.clone();
    let middle = whole.len() / 2;
    damaged[middle] ^= 1;
    assert!(refusal(&damaged).contains("damaged"));
}

/// FLAC frames carry checksums: without them right, no change would reach the decoder behind.
fn with_checksums(mut flac: Vec<u8>, frame: usize) -> Vec<u8> {
    if let Some((body, sum)) = flac.split_last_chunk_mut::<2>()
        && let Some(frame) = body.get(frame..)
    {
        let mut crc = 0_u16;
        for byte in frame {
            crc ^= u16::from(*byte) << 8;
            for _ in 0..8 {
                crc = crc << 1 ^ if crc & 0x8000 == 0 { 0 } else { 0x8005 };
            }
        }
        *sum = crc.to_be_bytes();
    }
    flac
}

fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    match decode(Path::new("any.wav"), bytes) {
        Ok(sound) => {
            prop_assert!(!sound.samples.is_empty() && sound.samples.len() <= MOST_SAMPLES);
            prop_assert!(sound.samples.iter().all(|sample| sample.is_finite()));
            prop_assert!(RATES.contains(&sound.rate) && sound.channels > 0);
            let mel = LogMel::new(sound.rate, 3).unwrap();
            let short = &sound.samples[..sound.samples.len().min(5_000)];
            let sequence = mel.sequence(short);
            prop_assert!(sequence.values.iter().all(|value| value.is_finite()));
        }
        Err(error) => {
            let message = error.to_string();
            prop_assert!(message.starts_with("any.wav: "), "{}", message);
            prop_assert!(message.ends_with('.'), "{}", message);
        }
    }
    Ok(())
}

/// Some bytes exchanged, and the end cut off.
fn changed(mut bytes: Vec<u8>, changes: &[(usize, u8)], cut: usize) -> Vec<u8> {
    for (at, value) in changes {
        let length = bytes.len();
        bytes[at % length] = *value;
    }
    bytes.truncate(bytes.len().saturating_sub(cut));
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_a_sound_or_a_sentence(
        start in prop::sample::select(vec![&b""[..], b"RIFF\0\0\0\0WAVE", b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0", b"fLaC", b"fLaC\0\0\0\x22"]),
        bytes in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        check(&[start, &bytes].concat())?;
    }

    #[test]
    fn a_changed_wav_file_is_a_sound_or_a_sentence(
        tag in prop::sample::select(vec![1_u16, 3, 0xfffe]),
        channels in 1_u16..4, bits in prop::sample::select(vec![8_u16, 16, 24, 32, 64]),
        data in prop::collection::vec(any::<u8>(), 0..60),
        changes in prop::collection::vec((0_usize..60, any::<u8>()), 0..4), cut in 0_usize..4,
    ) {
        check(&changed(wav(tag, channels, bits, &data), &changes, cut))?;
    }

    #[test]
    fn a_changed_flac_file_is_a_sound_or_a_sentence(
        changes in prop::collection::vec((any::<usize>(), any::<u8>()), 1..5), early: bool, cut in 0_usize..3,
    ) {
        let whole = flac();
        let (length, start) = (whole.len(), frames(&whole));
        // Often near the headers, where a change means most.
        let near = |at: usize| if early { start + at % 40 } else { at % length };
        let changes: Vec<_> = changes.into_iter().map(|(at, value)| (near(at), value)).collect();
        check(&changed(whole.clone(), &changes, cut))?;
        // One frame alone, with its checksum made right again.
        let frame = one_frame(&whole);
        let changes: Vec<_> = changes.into_iter().map(|(at, v)| (start.max(at + 5), v)).collect();
        check(&with_checksums(changed(frame, &changes, 0), start))?;
    }
}

/// Where the first frame begins: after the blocks of metadata.
fn frames(flac: &[u8]) -> usize {
    let mut at = 4;
    loop {
        let length = usize::from(flac[at + 1]) << 16 | usize::from(flac[at + 2]) << 8;
        let length = length | usize::from(flac[at + 3]);
        let is_last = flac[at] & 0x80 != 0;
        at += 4 + length;
        if is_last {
            return at;
        }
    }
}

/// The file with its first frame alone, and no number of samples declared.
fn one_frame(flac: &[u8]) -> Vec<u8> {
    let start = frames(flac);
    let next = flac[start + 2..]
        .windows(2)
        .position(|pair| pair == [flac[start], flac[start + 1]]);
    let mut bytes = flac[..next.map_or(flac.len(), |next| start + 2 + next)].to_vec();
    // The last 36 bits before the sum of the sound.
    bytes[4 + 4 + 13] &= 0xf0;
    bytes[4 + 4 + 14..4 + 4 + 18].fill(0);
    bytes
}
