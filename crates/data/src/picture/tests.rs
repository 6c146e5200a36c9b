//! Tests of images: golden values of Pillow, every form of pixel, and whatever else a file may hold.

use std::path::Path;

use ::gif::{Encoder as GifEncoder, Frame};
use ::png::{BitDepth, ColorType, Encoder};
use proptest::prelude::*;

use super::*;
use crate::golden_file;

fn read(bytes: &[u8]) -> Picture {
    match decode(Path::new("a.png"), bytes) {
        Ok(picture) => picture,
        Err(error) => panic!("{error}"),
    }
}

fn refusal(bytes: &[u8]) -> String {
    decode(Path::new("a.png"), bytes).unwrap_err().to_string()
}

fn png(width: u32, height: u32, colour: ColorType, depth: BitDepth, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    if colour == ColorType::Indexed {
        encoder.set_palette(vec![0, 0, 0, 255, 0, 0]);
        encoder.set_trns(vec![255, 0]);
    }
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(data).unwrap();
    writer.finish().unwrap();
    bytes
}

fn gif(width: u16, height: u16, frame: &Frame<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes, width, height, &[0, 0, 0, 255, 0, 0]).unwrap();
    encoder.write_frame(frame).unwrap();
    drop(encoder);
    bytes
}

fn jpeg(name: &str) -> Vec<u8> {
    std::fs::read(golden_file::path("picture").join(name)).unwrap()
}

#[test]
fn images_at_another_size_are_those_of_pillow() {
    for golden in golden_file::folder("picture", "resize") {
        let size = |key: &str| {
            let (width, height) = golden.text(key).split_once('x').unwrap();
            (width.parse().unwrap(), height.parse().unwrap())
        };
        let pixels: Vec<u8> = golden.tensor("pixels").iter().map(|v| *v as u8).collect();
        let made = resize::resized(&pixels, size("from"), size("to"));
        let wanted = golden.tensor("resized");
        assert_eq!(made.len(), wanted.len(), "{}", golden.name);
        for (made, wanted) in made.iter().zip(wanted) {
            // Pillow computes these in f32.
            let apart = (made - wanted / 255.0).abs();
            assert!(apart < 1e-6, "{}: {made} {wanted}", golden.name);
        }
    }
}

#[test]
fn every_form_of_png_gives_its_pixels() {
    let wide = [255, 255, 0, 0, 0, 0];
    for (colour, depth, data, wanted) in [
        (
            ColorType::Grayscale,
            BitDepth::Eight,
            &[255, 0][..],
            [255, 255, 255, 0, 0, 0],
        ),
        (
            ColorType::Grayscale,
            BitDepth::One,
            &[0b1000_0000],
            [255, 255, 255, 0, 0, 0],
        ),
        (
            ColorType::Grayscale,
            BitDepth::Sixteen,
            &wide[1..5],
            [255, 255, 255, 0, 0, 0],
        ),
        (
            ColorType::Rgb,
            BitDepth::Eight,
            &[1, 2, 3, 4, 5, 6],
            [1, 2, 3, 4, 5, 6],
        ),
        // Of the second pixel there is nothing, so that it is white.
        (
            ColorType::GrayscaleAlpha,
            BitDepth::Eight,
            &[7, 255, 7, 0],
            [7, 7, 7, 255, 255, 255],
        ),
        (
            ColorType::Rgba,
            BitDepth::Eight,
            &[1, 2, 3, 255, 1, 2, 3, 0],
            [1, 2, 3, 255, 255, 255],
        ),
        (
            ColorType::Indexed,
            BitDepth::Eight,
            &[0, 1],
            [0, 0, 0, 255, 255, 255],
        ),
    ] {
        let data = match (colour, depth) {
            (ColorType::Grayscale, BitDepth::Sixteen) => &[255, 255, 0, 0][..],
            _ => data,
        };
        let bytes = png(2, 1, colour, depth, data);
        let picture = read(&bytes);
        assert_eq!(picture.rgb, wanted, "{colour:?} {depth:?}");
        assert_eq!(dimensions(Path::new("a.png"), &bytes).unwrap(), (2, 1));
    }
    assert_eq!(over_white(0, 128), 127);
}

#[test]
fn rows_are_steps_and_the_pixels_of_a_row_dimensions() {
    let picture = read(&png(
        2,
        3,
        ColorType::Grayscale,
        BitDepth::Eight,
        &[0, 51, 102, 153, 204, 255],
    ));
    assert!(!picture.has_colour());
    let rows = picture.rows(2, 3, Colour::Grey);
    assert_eq!(rows.steps, 3);
    assert_eq!(rows.dim(0), [0.0, 0.4, 0.8]);
    assert_eq!(rows.dim(1), [0.2, 0.6, 1.0]);
    let picture = read(&png(
        1,
        2,
        ColorType::Rgb,
        BitDepth::Eight,
        &[255, 0, 0, 0, 0, 255],
    ));
    assert!(picture.has_colour());
    let rows = picture.rows(1, 2, Colour::Rgb);
    assert_eq!(
        (rows.dim(0), rows.dim(1), rows.dim(2)),
        (&[1.0, 0.0][..], &[0.0, 0.0][..], &[0.0, 1.0][..])
    );
    assert_eq!(picture.rows(1, 2, Colour::Grey).values, [0.299, 0.114]);
    assert_eq!(picture.rows(0, 0, Colour::Grey).steps, 1);
    assert_eq!(Colour::Rgb.channels(), 3);
}

#[test]
fn the_first_image_of_a_gif_lies_on_white() {
    let mut frame = Frame::from_indexed_pixels(1, 1, vec![1], None);
    (frame.left, frame.top) = (1, 0);
    let bytes = gif(2, 2, &frame);
    assert_eq!(dimensions(Path::new("a.gif"), &bytes).unwrap(), (2, 2));
    let white = [255; 3];
    let wanted = [white, [255, 0, 0], white, white].concat();
    assert_eq!(read(&bytes).rgb, wanted);
}

#[test]
fn jpeg_files_of_every_kind_are_upright_and_in_colour() {
    let colours = |picture: &Picture, x: usize, y: usize| {
        let at = 3 * (y * picture.width + x);
        [picture.rgb[at], picture.rgb[at + 1], picture.rgb[at + 2]]
    };
    let near = |found: [u8; 3], wanted: [u8; 3]| {
        let apart = found.iter().zip(wanted).map(|(a, b)| a.abs_diff(b)).max();
        assert!(apart.unwrap() < 12, "{found:?} {wanted:?}");
    };
    let (red, blue) = ([220, 20, 20], [20, 20, 220]);
    for name in ["red.jpg", "progressive.jpg", "cmyk.jpg"] {
        let picture = read(&jpeg(name));
        assert_eq!(picture.dimensions(), (24, 16), "{name}");
        near(colours(&picture, 3, 3), red);
        near(colours(&picture, 20, 12), blue);
    }
    // Turned right, the upper left is at the upper right.
    let bytes = jpeg("turned.jpg");
    let turned = read(&bytes);
    assert_eq!(turned.dimensions(), (16, 24));
    assert_eq!(dimensions(Path::new("a.jpg"), &bytes).unwrap(), (16, 24));
    near(colours(&turned, 12, 3), red);
    near(colours(&turned, 3, 3), blue);
    let grey = read(&jpeg("grey.jpg"));
    assert!(!grey.has_colour());
    near(colours(&grey, 3, 3), [200; 3]);
    near(colours(&grey, 20, 3), [50; 3]);
}

#[test]
fn each_orientation_brings_the_corner_to_its_place() {
    // Two columns and one row: 1 then 2.
    let picture = || Picture {
        width: 2,
        height: 1,
        rgb: vec![1, 1, 1, 2, 2, 2],
    };
    for (orientation, size, first) in [
        (1, (2, 1), 1),
        (2, (2, 1), 2),
        (3, (2, 1), 2),
        (4, (2, 1), 1),
        (5, (1, 2), 1),
        (6, (1, 2), 1),
        (7, (1, 2), 2),
        (8, (1, 2), 2),
        (9, (2, 1), 1),
    ] {
        let turned = turn::turned(picture(), orientation);
        assert_eq!(
            (turned.dimensions(), turned.rgb[0]),
            (size, first),
            "{orientation}"
        );
    }
}

#[test]
fn what_is_no_image_or_a_damaged_one_is_refused() {
    let good = png(2, 1, ColorType::Grayscale, BitDepth::Eight, &[255, 0]);
    let mut huge = good.clone();
    huge[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
    let mut sized = jpeg("red.jpg");
    let frame = sized
        .windows(2)
        .position(|pair| pair == [0xff, 0xc0])
        .unwrap();
    sized[frame + 5..frame + 9].fill(0xff);
    let cut = jpeg("red.jpg");
    for (bytes, part) in [
        (&b""[..], "the file is empty"),
        (b"hello", "found none of them"),
        (&good[..30], "damaged, cut short"),
        (&good[..good.len() - 20], "damaged, cut short"),
        (&huge, "the image "),
        (&sized, "more than 67108864 pixels"),
        (&cut[..cut.len() - 2], "no end mark"),
        (&cut[..30], "damaged, cut short"),
        (b"GIF89a\0\0\0\0\0\0\0;", "no pixels"),
        (b"GIF89a\x01\0\x01\0\0\0\0;", "damaged, cut short"),
    ] {
        let said = refusal(bytes);
        assert!(said.starts_with("a.png: ") && said.ends_with('.'), "{said}");
        assert!(said.contains(part), "{said} / {part}");
    }
}

fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    let file = Path::new("any.png");
    match decode(file, bytes) {
        Ok(picture) => {
            let (width, height) = picture.dimensions();
            prop_assert_eq!(dimensions(file, bytes).unwrap(), (width, height));
            let rows = picture.rows(5, 4, Colour::Rgb);
            prop_assert_eq!((rows.steps, rows.values.len()), (4, 60));
            let within = -1e-9..=1.0 + 1e-9;
            prop_assert!(rows.values.iter().all(|value| within.contains(value)));
        }
        Err(error) => {
            let message = error.to_string();
            prop_assert!(message.starts_with("any.png: "), "{}", message);
            prop_assert!(message.ends_with('.'), "{}", message);
            prop_assert!(!message.chars().any(char::is_control), "{:?}", message);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_an_image_or_a_sentence(
        start in prop::sample::select(vec![&b""[..], b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a"]),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        check(&[start, &bytes].concat())?;
    }

    #[test]
    fn a_changed_image_is_an_image_or_a_sentence(
        which in 0_usize..6, cut in 0_usize..3,
        changes in prop::collection::vec((any::<usize>(), any::<u8>()), 1..5),
    ) {
        let mut bytes = match which {
            0 => png(3, 2, ColorType::Rgba, BitDepth::Eight, &[9; 24]),
            1 => gif(3, 2, &Frame::from_indexed_pixels(2, 2, vec![1, 0, 1, 0], Some(0))),
            _ => jpeg(["red.jpg", "progressive.jpg", "turned.jpg", "cmyk.jpg"][which - 2]),
        };
        for (at, value) in changes {
            let length = bytes.len();
            bytes[at % length] = value;
        }
        bytes.truncate(bytes.len() - cut);
        // A size that a change made large is decoded, and costs time alone.
        let size = dimensions(Path::new("any.png"), &bytes);
        if size.is_err() || size.is_ok_and(|(width, height)| width * height < 1_000_000) {
            check(&bytes)?;
        }
    }
}

#[test]
fn values_are_written_as_an_image_and_read_again() {
    let grey = [0.0, 1.0, 0.2, f64::NAN, -3.0, f64::INFINITY];
    let picture = read(&encode_png(&grey, 3, 2, Colour::Grey));
    assert_eq!(picture.dimensions(), (3, 2));
    let levels = [0, 255, 51, 0, 0, 255];
    assert_eq!(picture.rgb, levels.map(|level| [level; 3]).concat());
    let rgb: Vec<f64> = (0..18).map(|k| f64::from(14 * k) / 255.0).collect();
    let picture = read(&encode_png(&rgb, 2, 3, Colour::Rgb));
    let levels: Vec<u8> = (0..18).map(|k| 14 * k).collect();
    assert_eq!((picture.dimensions(), picture.rgb), ((2, 3), levels));
}

#[test]
fn the_rows_of_an_image_give_it_again() {
    let rgb: Vec<u8> = (0..5 * 3 * 3).map(|k| 5 * k).collect();
    let colours = read(&png(5, 3, ColorType::Rgb, BitDepth::Eight, &rgb));
    let rows = colours.rows(5, 3, Colour::Rgb);
    assert_eq!(read(&encode_rows(&rows, Colour::Rgb)), colours);
    let shades = read(&png(5, 9, ColorType::Grayscale, BitDepth::Eight, &rgb));
    let rows = shades.rows(5, 9, Colour::Grey);
    assert_eq!(read(&encode_rows(&rows, Colour::Grey)), shades);
}

#[test]
fn too_few_values_are_black_and_a_size_without_an_image_gives_nothing() {
    let picture = read(&encode_png(&[1.0], 2, 1, Colour::Grey));
    assert_eq!(picture.rgb, [255, 255, 255, 0, 0, 0]);
    let empty = Sequence {
        values: Vec::new(),
        steps: 0,
    };
    for bytes in [
        encode_png(&[1.0], 0, 1, Colour::Grey),
        encode_png(&[1.0], usize::MAX, usize::MAX, Colour::Rgb),
        encode_png(&[1.0], MOST_PIXELS + 1, 1, Colour::Grey),
        encode_rows(&empty, Colour::Rgb),
    ] {
        assert_eq!(bytes, Vec::<u8>::new());
    }
}
