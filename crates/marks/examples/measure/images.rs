//! How often the mark of images is found after each attack, and how visible it is.

use std::path::{Path, PathBuf};

use ressac_data::examples::{ExampleOptions, Inputs, Sequence, read_examples};
use ressac_data::picture::{self, Colour};
use ressac_marks::{Key, Pixels, image};

use crate::attacks::{as_jpeg, cropped, halved, scaled};

const SHARED: &str = "../shared/data";

/// Where the data is: beside the repository, as issues name it, or beside a worktree of it.
pub(crate) fn data(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.join(SHARED).join(name)
}

/// Every `step`th of the photographs of Flickr8k (a subset of 800), stretched to a square of `side` pixels.
pub(crate) fn photographs(side: usize, step: usize) -> Vec<Pixels> {
    let folder = data("flickr8k_small/images");
    let files = std::fs::read_dir(&folder).expect("photographs").flatten();
    let mut files: Vec<PathBuf> = files.map(|file| file.path()).collect();
    files.sort();
    let read = |file: &PathBuf| {
        let photograph = picture::decode(file, &std::fs::read(file).ok()?).ok()?;
        let rows = photograph.rows(side, side, Colour::Rgb);
        Pixels::decode(file, &picture::encode_rows(&rows, Colour::Rgb)).ok()
    };
    files.iter().step_by(step).filter_map(read).collect()
}

/// CIFAR's images of 32 × 32 (a subset of 5,000), the first `count`, scaled to 64 × 64.
pub(crate) fn cifar(count: usize) -> Vec<Pixels> {
    let bytes = std::fs::read(data("cifar10_small/train_5000.bin")).expect("CIFAR");
    let image = |record: &[u8]| {
        let planes = &record[1..];
        let levels = (0..32 * 32 * 3)
            .map(|k| planes[k % 3 * 1024 + k / 3])
            .collect();
        scaled(
            &Pixels::new(32, 32, Colour::Rgb, levels).expect("32 × 32"),
            64,
            64,
        )
    };
    bytes.chunks_exact(3073).take(count).map(image).collect()
}

/// Sheets of 4 × 4 images of Fashion-MNIST (28 × 28), side by side.
pub(crate) fn sheets(count: usize) -> Vec<Pixels> {
    let file = data("fashion_mnist/t10k-images-idx3-ubyte.gz");
    let read = read_examples(&[file], &ExampleOptions::default()).expect("Fashion-MNIST");
    let Inputs::Sequences(sequences) = read.0.inputs else {
        panic!("images are sequences of rows");
    };
    let sheet = |tiles: &[Sequence]| {
        let level = |k: usize| {
            let (x, y) = (k % 112, k / 112);
            let tile = &tiles[y / 28 * 4 + x / 28];
            (255.0 * tile.values[x % 28 * tile.steps + y % 28]).round() as u8
        };
        let levels = (0..112 * 112).map(level).collect();
        Pixels::new(112, 112, Colour::Grey, levels).expect("a sheet")
    };
    sequences
        .items
        .chunks_exact(16)
        .take(count)
        .map(sheet)
        .collect()
}

type Attack = (&'static str, fn(&Pixels, usize) -> Pixels);

/// The attacks of the issue, then each with another.
const ATTACKS: [Attack; 9] = [
    ("none", |p, _| p.clone()),
    ("JPEG 75", |p, _| as_jpeg(p, 75)),
    ("half and back", |p, _| halved(p)),
    ("crop of 80 %", cropped),
    ("JPEG 50", |p, _| as_jpeg(p, 50)),
    ("half and back, JPEG 75", |p, _| as_jpeg(&halved(p), 75)),
    ("crop, JPEG 75", |p, at| as_jpeg(&cropped(p, at), 75)),
    ("JPEG 75, crop", |p, at| cropped(&as_jpeg(p, 75), at)),
    ("crop, half and back", |p, at| halved(&cropped(p, at))),
];

/// Prints a table in Markdown.
pub(crate) fn table(name: &str, images: &[Pixels]) {
    let key = Key::project();
    let start = std::time::Instant::now();
    let marked: Vec<_> = images
        .iter()
        .map(|p| image::embed(p, &key).expect("large enough"))
        .collect();
    let embedding = start.elapsed().as_secs_f64() / images.len() as f64;
    let mut psnr: Vec<f64> = marked.iter().map(|m| m.psnr).collect();
    psnr.sort_by(f64::total_cmp);
    let log10 = |p: &Pixels| {
        image::detect(p, &key)
            .expect("large enough")
            .log10_false_positive
    };
    let falsely = images
        .iter()
        .filter(|p| log10(p) < image::THRESHOLD)
        .count();
    let (width, height) = images[0].dimensions();
    println!(
        "\n### {name}: {} images of {width} × {height}\n",
        images.len()
    );
    println!(
        "PSNR {:.2} dB at the least, {:.2} in the median; {:.1} ms to mark one; {falsely} found before marking.\n",
        psnr[0],
        psnr[psnr.len() / 2],
        1e3 * embedding
    );
    println!("| attack | found | median log10 p | worst 1 % |\n|---|---:|---:|---:|");
    for (attack, change) in ATTACKS {
        let of = |(at, m): (usize, &image::Marked)| log10(&change(&m.pixels, at));
        let mut logs: Vec<f64> = marked.iter().enumerate().map(of).collect();
        logs.sort_by(f64::total_cmp);
        let found = logs.iter().filter(|p| **p < image::THRESHOLD).count();
        println!(
            "| {attack} | {found} of {} ({:.1} %) | {:.1} | {:.1} |",
            logs.len(),
            100.0 * found as f64 / logs.len() as f64,
            logs[logs.len() / 2],
            logs[logs.len() * 99 / 100]
        );
    }
}
