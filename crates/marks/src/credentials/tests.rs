//! Statements: that they are read as written, that every change is seen, that no file makes a reader fail.

use proptest::prelude::*;
use ressac_data::picture::Colour;

use super::*;

fn signer() -> Signer {
    Signer::from_seed(&[7; 32])
}

fn image() -> Pixels {
    let levels = (0..9 * 5 * 3).map(|k| (k * 37 % 256) as u8).collect();
    Pixels::new(9, 5, Colour::Rgb, levels).unwrap()
}

fn found(bytes: &[u8]) -> Finding {
    verify("x.png".as_ref(), bytes).unwrap()
}

fn state(finding: &Finding) -> Option<State> {
    match finding {
        Finding::Signed { state, .. } => Some(*state),
        _ => None,
    }
}

#[test]
fn a_statement_is_read_as_it_was_written() {
    let name = "faces <\"v2\"> & 'co' &amp; \n é";
    let file = attach(&image().encode_png(), name, &signer()).unwrap();
    assert_eq!(Pixels::decode("x".as_ref(), &file).unwrap(), image());
    let Finding::Signed {
        statement,
        fingerprint,
        state,
    } = found(&file)
    else {
        panic!("no statement");
    };
    assert_eq!(state, State::Intact);
    assert_eq!(statement.model, name.replace('\n', " "));
    assert_eq!(statement.content, Content::of_pixels(&image()));
    assert_eq!(fingerprint, signer().fingerprint());
    // Attaching again takes the place of the first.
    let again = attach(&file, "other", &signer()).unwrap();
    assert!(
        found(&again)
            .to_string()
            .starts_with("made by the model \"other\"")
    );
    assert_eq!(
        again.len(),
        attach(&image().encode_png(), "other", &signer())
            .unwrap()
            .len()
    );
    assert_eq!(found(&image().encode_png()), Finding::Nothing);
}

#[test]
fn packing_the_file_anew_keeps_the_statement_and_changing_a_pixel_does_not() {
    let file = attach(&image().encode_png(), "m", &signer()).unwrap();
    let packet = container::packet(&file).unwrap();
    let mut levels = image().levels().to_vec();
    levels[31] ^= 1;
    let changed = Pixels::new(9, 5, Colour::Rgb, levels).unwrap().encode_png();
    let moved = container::with_packet(&changed, packet).unwrap();
    assert_eq!(state(&found(&moved)), Some(State::Changed));
    // The same levels in another shape are another image.
    let turned = Pixels::new(5, 9, Colour::Rgb, image().levels().to_vec()).unwrap();
    let moved = container::with_packet(&turned.encode_png(), packet).unwrap();
    assert_eq!(state(&found(&moved)), Some(State::Changed));
    let kept = container::with_packet(&image().encode_png(), packet).unwrap();
    assert_eq!(state(&found(&kept)), Some(State::Intact));
}

#[test]
fn every_altered_part_of_a_statement_is_seen() {
    let file = attach(&image().encode_png(), "model", &signer()).unwrap();
    let packet = container::packet(&file).unwrap();
    let key = hex_of(&signer().public_key());
    let other = hex_of(&Signer::from_seed(&[8; 32]).public_key());
    let program = statement::PROGRAM;
    for (from, to) in [
        ("\"model\"", "\"another\""),
        (program, "ressac 9"),
        (key.as_str(), other.as_str()),
        // A key of small order, under which a signature of zeros fits everything where it is let in.
        (key.as_str(), &format!("01{}", "0".repeat(62))),
    ] {
        let altered = container::with_packet(&file, &packet.replace(from, to)).unwrap();
        assert_eq!(state(&found(&altered)), Some(State::Forged), "{from}");
    }
    let unsigned = packet.replace("ressac:Signature", "ressac:Nothing");
    let altered = container::with_packet(&file, &unsigned).unwrap();
    assert_eq!(found(&altered), Finding::Unsigned);
    let silent = packet.replace("trainedAlgorithmicMedia", "digitalCapture");
    let altered = container::with_packet(&file, &silent).unwrap();
    assert_eq!(found(&altered), Finding::Nothing);
}

fn hex_of(bytes: &[u8]) -> String {
    crate::hex::encoded(bytes)
}

#[test]
fn a_packet_of_elements_is_read_too() {
    let file = attach(&image().encode_png(), "model", &signer()).unwrap();
    let mut packet = container::packet(&file).unwrap().to_owned();
    for name in ["Iptc4xmpExt:DigitalSourceType", "Iptc4xmpExt:AISystemUsed"] {
        let (before, rest) = packet.split_once(&format!("{name}=\"")).unwrap();
        let (value, after) = rest.split_once('"').unwrap();
        packet = format!("{before}{after}<{name}>{value}</{name}>");
    }
    let altered = container::with_packet(&file, &packet).unwrap();
    assert_eq!(state(&found(&altered)), Some(State::Intact));
}

#[test]
fn signatures_are_the_same_everywhere() {
    // Ed25519 draws nothing. Computed by the formulas of RFC 8032 in Python, over the parts each after its length in eight bytes.
    let statement = Statement {
        program: "ressac 0.1.0".to_owned(),
        ..Statement::new("m", Content::of_bytes(b"golden"))
    };
    let signed = Signed::new(statement, &signer());
    assert_eq!(
        &hex_of(&signed.signature)[..32],
        "f557af02f01b64e62d7705b513c4696a"
    );
    assert_eq!(signer().fingerprint(), "fe81 2c12 f3ab 4ce6");
}

#[test]
fn a_sidecar_holds_for_its_bytes_alone() {
    let sidecar = sidecar::written(b"Once upon a time\n", "tales", &signer());
    let check = |bytes: &[u8]| sidecar::verify(bytes, &sidecar).unwrap();
    assert_eq!(state(&check(b"Once upon a time\n")), Some(State::Intact));
    assert_eq!(state(&check(b"Once upon a time\r\n")), Some(State::Changed));
    let altered = sidecar.replace("tales", "facts");
    let finding = sidecar::verify(b"Once upon a time\n", &altered).unwrap();
    assert_eq!(state(&finding), Some(State::Forged));
    assert!(finding.to_string().contains("altered"));
    // What is signed as pixels is not signed as bytes.
    for wrong in [
        "",
        "{}",
        "[1]",
        &sidecar[..40],
        &sidecar.replace("sha256", "sha1"),
    ] {
        assert!(sidecar::verify(b"", wrong).is_err(), "{wrong}");
    }
    assert_eq!(
        sidecar::path("a/b.txt".as_ref()),
        Path::new("a/b.txt.mark.json")
    );
}

#[test]
fn a_key_is_made_once_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    let made = Signer::open_or_create(&file).unwrap();
    let read = Signer::open_or_create(&file).unwrap();
    assert_eq!(made.public_key(), read.public_key());
    assert_ne!(made.public_key(), signer().public_key());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
    std::fs::write(&file, "no key").unwrap();
    assert!(
        Signer::open_or_create(&file)
            .unwrap_err()
            .to_string()
            .contains("64 digits")
    );
    assert!(Signer::open_or_create(&folder.path().join("no/key")).is_err());
}

#[test]
fn a_statement_goes_into_png_files_alone() {
    let gif =
        b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
    assert!(matches!(
        attach(gif, "m", &signer()),
        Err(MarkError::NotPng)
    ));
    assert!(matches!(
        attach(b"text", "m", &signer()),
        Err(MarkError::Data(_))
    ));
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_fail(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(found(&bytes), Finding::Nothing);
        for start in [&b"\x89PNG\r\n\x1a\n"[..], b"\xff\xd8\xff\xe1"] {
            let _ = verify("x".as_ref(), &[start, &bytes].concat());
        }
        prop_assert!(attach(&bytes, "m", &signer()).is_err());
        let text = String::from_utf8_lossy(&bytes);
        prop_assert!(sidecar::verify(&bytes, &text).is_err());
        let _ = xmp::read(&format!("<{} Iptc4xmpExt:DigitalSourceType={text}", statement::SOURCE_TYPE));
    }

    #[test]
    fn a_damaged_file_is_never_intact_with_other_pixels(at in 0_usize..900, to in any::<u8>(), cut in 0_usize..900) {
        let file = attach(&image().encode_png(), "m", &signer()).unwrap();
        let mut damaged = file.clone();
        let at = at % damaged.len();
        damaged[at] = to;
        let cut_short = &file[..cut % file.len()];
        for bytes in [damaged.as_slice(), cut_short] {
            if let Ok(finding) = verify("x".as_ref(), bytes)
                && state(&finding) == Some(State::Intact)
            {
                prop_assert_eq!(Pixels::decode("x".as_ref(), bytes).unwrap(), image());
            }
        }
    }
}
