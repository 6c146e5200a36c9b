//! Whatever such a file holds: the pixels that were written, or a sentence.

use std::path::Path;

use proptest::prelude::*;
use ressac_data::examples::{Media, Sequence, read_examples_bytes};

use super::*;

/// What was read, as the bytes that were written: rows of pixels, the channels of a pixel side by side.
fn written(examples: &Examples) -> Vec<u8> {
    let sequences = sequences(examples);
    let (dims, items) = (0..sequences.dims.len(), &sequences.items);
    let rows = items.iter().flat_map(|item| {
        let dims = dims.clone();
        (0..item.steps).flat_map(move |y| dims.clone().map(move |dim| item.dim(dim)[y]))
    });
    rows.map(|value| (value * 255.0).round() as u8).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_as_idx_is_read_again(
        (count, height, width, in_colour, flat) in (1_u32..5, 1_u32..9, 1_u32..9, any::<bool>(), any::<bool>()),
        seed in prop::collection::vec(any::<u8>(), 1..50),
    ) {
        let channels = if in_colour { 3 } else { 1 };
        let length = (count * height * width * channels) as usize;
        let pixels: Vec<u8> = seed.iter().copied().cycle().take(length).collect();
        let dims = [count, height, width, channels];
        let dims = if flat && !in_colour { &dims[..3] } else { &dims[..] };
        let bytes = idx(dims, &pixels);
        let colour = if in_colour { Colour::Rgb } else { Colour::Grey };
        let options = ExampleOptions { colour: Some(colour), ..plain() };
        let files = [(Path::new("a-idx3-ubyte"), &bytes[..])];
        let (examples, _) = read_examples_bytes(&files, &options).unwrap();
        prop_assert_eq!(written(&examples), pixels);
        // Left to itself, it is of one form or the other, and of the same pixels.
        let (free, _) = read_examples_bytes(&files, &plain()).unwrap();
        let Some(Media::Image { colour, .. }) = free.media else { panic!("expected images") };
        let again = ExampleOptions { colour: Some(colour), ..plain() };
        prop_assert_eq!(read_examples_bytes(&files, &again).unwrap().0, free);
    }

    #[test]
    fn what_is_written_as_cifar_is_read_again(
        label: u8, seed in prop::collection::vec(any::<u8>(), 1..50),
    ) {
        let pixels: Vec<u8> = seed.iter().copied().cycle().take(3_072).collect();
        let at = |place: usize| 1_024 * (place % 3) + place / 3;
        let planes = (0..3_072).fold(vec![0; 3_072], |mut planes, place| {
            planes[at(place)] = pixels[place];
            planes
        });
        let bytes = [&[label][..], &planes].concat();
        let options = ExampleOptions { colour: Some(Colour::Rgb), ..plain() };
        let (examples, _) = read_examples_bytes(&[(Path::new("a.bin"), &bytes)], &options).unwrap();
        prop_assert_eq!(written(&examples), pixels);
        prop_assert_eq!(labels(&examples), [label.to_string()]);
    }

    #[test]
    fn anything_near_such_a_file_is_images_or_a_sentence(
        name in prop::sample::select(vec!["any-idx3-ubyte", "any.bin", "any", "any.idx.gz"]),
        dims in prop::collection::vec(prop::sample::select(vec![0, 1, 2, 3, 5, u32::MAX]), 1..6),
        tail in prop::collection::vec(any::<u8>(), 0..60),
        changes in prop::collection::vec((any::<usize>(), any::<u8>()), 0..3),
        zipped: bool, cut in 0_usize..3,
    ) {
        let mut bytes = match name {
            "any.bin" => [record(&[1]), record(&[2])].concat(),
            _ => idx(&dims, &tail),
        };
        if zipped {
            bytes = packed(&bytes);
        }
        for (at, value) in changes {
            let length = bytes.len();
            bytes[at % length] = value;
        }
        bytes.truncate(bytes.len() - cut);
        match read_examples_bytes(&[(Path::new(name), &bytes)], &plain()) {
            Ok((examples, _)) => {
                prop_assert!(!examples.is_empty());
                prop_assert_eq!(examples.origins.len(), examples.len());
                if let Inputs::Sequences(sequences) = &examples.inputs {
                    let length = sequences.dims.len();
                    let whole = |item: &Sequence| {
                        item.values.len() == length * item.steps
                    };
                    prop_assert!(sequences.items.iter().all(whole));
                }
            }
            Err(error) => {
                let message = error.to_string();
                prop_assert!(message.starts_with(name) && message.ends_with('.'), "{}", message);
                prop_assert!(!message.chars().any(char::is_control), "{:?}", message);
            }
        }
    }
}
