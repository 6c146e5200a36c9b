//! Files of several images: IDX with the labels beside it, CIFAR, and what is wrong with either.

mod any;
mod bad_input;
mod classes;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::{Compression, write::GzEncoder};
use ressac_data::examples::{
    ExampleOptions, Examples, Inputs, Labels, Media, Sequences, read_examples,
};
use ressac_data::picture::Colour;

/// An IDX file of bytes.
fn idx(dims: &[u32], values: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, dims.len() as u8];
    bytes.extend(dims.iter().flat_map(|dim| dim.to_be_bytes()));
    bytes.extend(values);
    bytes
}

/// So many bytes that differ.
fn values(count: usize) -> Vec<u8> {
    (0..count).map(|at| (at * 37 % 251) as u8).collect()
}

/// A record of CIFAR with these labels; every pixel is red.
fn record(labels: &[u8]) -> Vec<u8> {
    [labels, &[255; 1_024], &[0; 2_048]].concat()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn put(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let file = folder.join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, bytes).unwrap();
    file
}

/// As [`put`], packed if the name says so.
fn put_as_named(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    match name.ends_with(".gz") {
        true => put(folder, name, &packed(bytes)),
        false => put(folder, name, bytes),
    }
}

fn read(paths: &[&Path], options: &ExampleOptions) -> (Examples, Vec<String>) {
    let paths: Vec<PathBuf> = paths.iter().map(|path| path.to_path_buf()).collect();
    match read_examples(&paths, options) {
        Ok((examples, told)) => {
            let told = told
                .iter()
                .map(|told| format!("{}: {}", told.what, told.found));
            (examples, told.collect())
        }
        Err(error) => panic!("{error}"),
    }
}

fn refusal(paths: &[&Path], options: &ExampleOptions) -> String {
    let paths: Vec<PathBuf> = paths.iter().map(|path| path.to_path_buf()).collect();
    let said = read_examples(&paths, options).unwrap_err().to_string();
    assert!(said.ends_with('.'), "{said}");
    said
}

fn plain() -> ExampleOptions {
    ExampleOptions::default()
}

fn label(label: Labels) -> ExampleOptions {
    ExampleOptions { label, ..plain() }
}

fn sequences(examples: &Examples) -> &Sequences {
    match &examples.inputs {
        Inputs::Sequences(sequences) => sequences,
        Inputs::Texts(_) => panic!("expected sequences"),
    }
}

fn ids(examples: &Examples) -> Vec<&str> {
    let origins = examples.origins.iter();
    origins.filter_map(|origin| origin.id.as_deref()).collect()
}

fn labels(examples: &Examples) -> Vec<&str> {
    let labels = examples.labels.iter().flatten();
    labels.map(String::as_str).collect()
}

fn image(size: (usize, usize), colour: Colour) -> Option<Media> {
    Some(Media::Image { size, colour })
}
