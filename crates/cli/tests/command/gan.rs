//! GANs through the command: images in folders of every form, sheets, folders and animations made, what is refused.

use std::fs;
use std::path::Path;

use ressac::data::picture::{Colour, dimensions, encode_gif, encode_png};

use crate::harness::{Place, entries};

/// Twelve by twelve pixels of sixteen bits.
const SIXTEEN_BITS: &[u8] = &[
    137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 12, 0, 0, 0, 12, 16, 0,
    0, 0, 0, 35, 142, 223, 120, 0, 0, 0, 66, 73, 68, 65, 84, 120, 218, 99, 96, 96, 16, 13, 213, 90,
    101, 255, 63, 52, 36, 107, 101, 253, 191, 169, 193, 171, 86, 236, 255, 123, 53, 232, 213, 114,
    134, 1, 149, 248, 255, 255, 213, 170, 171, 161, 7, 24, 86, 173, 158, 26, 214, 192, 152, 181,
    38, 52, 220, 129, 73, 107, 173, 104, 196, 128, 74, 0, 0, 152, 3, 143, 113, 60, 186, 195, 89, 0,
    0, 0, 0, 73, 69, 78, 68, 174, 66, 96, 130,
];

/// The same size, of a palette of four.
const PALETTE: &[u8] = &[
    137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 12, 0, 0, 0, 12, 2, 3,
    0, 0, 0, 43, 27, 180, 116, 0, 0, 0, 12, 80, 76, 84, 69, 0, 0, 0, 80, 80, 80, 160, 160, 160,
    255, 255, 255, 21, 166, 221, 254, 0, 0, 0, 15, 73, 68, 65, 84, 120, 218, 99, 144, 150, 126,
    194, 64, 2, 6, 0, 52, 19, 13, 57, 242, 88, 248, 90, 0, 0, 0, 0, 73, 69, 78, 68, 174, 66, 96,
    130,
];

/// Pixels of an image with a bar across at `at`, brighter or darker by its number.
fn bar(number: usize, side: usize, channels: usize) -> Vec<f64> {
    let pixels = (0..side * side).flat_map(|place| {
        let bright = place / side == number % side;
        let value = if bright {
            0.9
        } else {
            0.1 + 0.02 * (number % 10) as f64
        };
        (0..channels).map(move |channel| value * (1.0 - 0.2 * channel as f64))
    });
    pixels.collect()
}

/// Folders of two classes with images of bars: PNG of eight and sixteen bits, of a palette, and GIF.
fn images(folder: &Path, count: usize, side: usize) {
    for class in ["dark", "light"] {
        fs::create_dir_all(folder.join(class)).unwrap();
    }
    for number in 0..count {
        let class = ["dark", "light"][number % 2];
        let png = encode_png(&bar(number, side, 1), side, side, Colour::Grey);
        fs::write(folder.join(class).join(format!("{number}.png")), png).unwrap();
    }
    let frame = bar(3, side, 1);
    let gif = encode_gif(&[&frame], side, side, Colour::Grey, 10);
    fs::write(folder.join("dark/one.gif"), gif).unwrap();
    fs::write(folder.join("light/deep.png"), SIXTEEN_BITS).unwrap();
    fs::write(folder.join("light/palette.png"), PALETTE).unwrap();
}

const SMALL: &str = "--steps 8 --validate-every 4 --widths 8,8 --latent 8 --batch 8";

#[test]
fn images_in_folders_are_learnt_from_and_others_made_of_them() {
    let place = Place::new();
    images(&place.path("photos"), 64, 12);
    let checked = place.run("check gan --data photos --json").json();
    assert_eq!(checked["images"], 67);
    assert_eq!(checked["classes"]["dark"], 33);
    let trained = place
        .run(&format!("train gan --data photos {SMALL} --out model"))
        .succeeded();
    for told in ["conditional", "augment", "images to learn from"] {
        assert!(trained.err.contains(told), "{told}: {}", trained.err);
    }
    assert_eq!(
        entries(&place.path("model/samples")),
        ["0000004.png", "0000008.png"]
    );
    let evaluated = place
        .run("evaluate model --part train --made 30 --json")
        .succeeded()
        .json();
    for key in ["kid", "precision", "recall", "density", "coverage"] {
        assert!(evaluated[key].is_f64(), "{key}: {evaluated}");
    }
    assert!(evaluated["copies"]["near_share"].is_f64(), "{evaluated}");

    let sheet = |out: &str, more: &str| {
        place
            .run(&format!("sample model --count 6 --out {out} {more}"))
            .succeeded();
        fs::read(place.path(out)).unwrap()
    };
    let first = sheet("a.png", "--seed 5");
    assert_eq!(first, sheet("b.png", "--seed 5"));
    assert_ne!(first, sheet("c.png", "--seed 6"));
    let size = dimensions("a.png".as_ref(), &first).unwrap();
    assert_eq!(size, (3 * 14 + 2, 2 * 14 + 2));
    let gif = sheet("way.gif", "--interpolate 3");
    assert_eq!(dimensions("way.gif".as_ref(), &gif).unwrap(), (12, 12));
    let record = fs::read_to_string(place.path("way.gif.json")).unwrap();
    for said in [
        "\"synthetic\": true",
        "\"interpolate\": 3",
        "weights_sha256",
    ] {
        assert!(record.contains(said), "{record}");
    }
    place
        .run("sample model --count 3 --label light --out made")
        .succeeded();
    assert_eq!(
        entries(&place.path("made")),
        ["1-light.png", "2-light.png", "3-light.png", "made.json"]
    );
    place
        .run("sample model --count 3 --out made")
        .refused(2, &["made", "another"]);
    place.run("sample model").refused(2, &["--out", ".png"]);
    place
        .run("sample model --label middle --out x.png")
        .refused(2, &["middle", "dark, light"]);
    place
        .run("sample model --truncation 0 --out x.png")
        .refused(2, &["--truncation"]);
    place
        .run("sample model --count 2 --out made.csv")
        .succeeded();
    let rows = fs::read_to_string(place.path("made.csv")).unwrap();
    assert!(rows.starts_with("id,class,y1_x1,y1_x2,") && rows.lines().count() == 3);
    place
        .run("predict model --data photos")
        .refused(2, &["sample"]);
    let shown = place.run("show model").succeeded();
    assert!(shown.out.contains("not comparable"), "{}", shown.out);
    place.run("draw model --out model.svg").succeeded();
    place
        .run("evaluate model --part train --report report.html")
        .succeeded();
}

#[test]
fn images_that_cannot_be_learnt_from_are_named() {
    let place = Place::new();
    let train = |data: &str, more: &str| {
        place.run(&format!(
            "train gan --data {data} {SMALL} {more} --out none"
        ))
    };
    images(&place.path("photos"), 64, 12);
    fs::create_dir(place.path("one")).unwrap();
    fs::write(place.path("one/one.png"), SIXTEEN_BITS).unwrap();
    train("one", "").refused(1, &["1 images", "16"]);
    fs::create_dir(place.path("same")).unwrap();
    for number in 0..30 {
        fs::write(place.path(&format!("same/{number}.png")), PALETTE).unwrap();
    }
    train("same", "").refused(1, &["the same, pixel for pixel"]);
    place.write("rows.csv", "x,y\n1,2\n3,4\n5,6\n");
    train("rows.csv", "").refused(1, &["rows.csv", "images"]);
    fs::create_dir_all(place.path("empty/deeper")).unwrap();
    train("empty", "").refused(1, &["empty"]);
    fs::create_dir(place.path("broken")).unwrap();
    fs::write(place.path("broken/a.png"), &PALETTE[..60]).unwrap();
    train("broken", "").refused(1, &["a.png"]);
    train("photos", "--loss lsgan").refused(2, &["least-squares"]);
    train("photos", "--widths 8,8,8,8").refused(2, &["--widths"]);
    train("photos", "--size 200x200").refused(1, &["200x200", "--size"]);

    // Images of several sizes are brought to one, and that is told.
    let png = encode_png(&bar(1, 20, 1), 20, 20, Colour::Grey);
    fs::write(place.path("photos/dark/large.png"), png).unwrap();
    let told = place.run("check gan --data photos");
    assert!(
        told.err.contains("28") || told.out.contains("28"),
        "{}",
        told.err
    );
}
