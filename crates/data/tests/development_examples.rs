//! Examples from the public data sets the project is developed with, where they are laid beside the
//! repository: see `development/mod.rs`.

mod development;

use development::folder;
use ressac_data::examples::{
    ExampleOptions, Examples, Inputs, LabelRemark, Media, label_counts, read_examples, remarks,
};
use ressac_data::picture::Colour;

fn read(names: &[&str]) -> Option<(Examples, Vec<String>)> {
    let folder = folder()?;
    let files: Vec<_> = names.iter().map(|name| folder.join(name)).collect();
    match read_examples(&files, &ExampleOptions::default()) {
        Ok((examples, told)) => {
            let told = told.iter().map(|a| format!("{}: {}", a.what, a.found));
            Some((examples, told.collect()))
        }
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn the_sentiment_treebank_is_read_whole_without_being_told_anything() {
    for (name, rows, positive) in [
        ("sst2/train.tsv", 6_920, 3_610),
        ("sst2/dev.tsv", 872, 444),
        ("sst2/test.tsv", 1_821, 909),
    ] {
        let Some((examples, told)) = read(&[name]) else {
            return;
        };
        assert_eq!(examples.len(), rows, "{told:?}");
        assert_eq!(
            label_counts(&examples),
            [
                ("0".to_owned(), rows - positive),
                ("1".to_owned(), positive)
            ]
        );
    }
    let Some((examples, _)) = read(&["sst2/train.tsv"]) else {
        return;
    };
    let Inputs::Texts(texts) = &examples.inputs else {
        panic!("expected texts")
    };
    assert!(texts[0].starts_with("a stirring , funny and finally transporting"));
    for remark in remarks(&examples) {
        assert!(
            matches!(
                remark,
                LabelRemark::Repeated { .. } | LabelRemark::Contradictory { .. }
            ),
            "{remark:?}"
        );
    }
}

#[test]
fn the_archives_sequences_are_read_with_their_dimensions_and_lengths() {
    for (name, examples_, dims, classes, shortest, longest) in [
        ("GunPoint_TRAIN", 50, 1, 2, 150, 150),
        ("GunPoint_TEST", 150, 1, 2, 150, 150),
        ("ItalyPowerDemand_TRAIN", 67, 1, 2, 24, 24),
        ("ItalyPowerDemand_TEST", 1_029, 1, 2, 24, 24),
        ("JapaneseVowels_TRAIN", 270, 12, 9, 7, 26),
        ("JapaneseVowels_TEST", 370, 12, 9, 7, 29),
    ] {
        let Some((examples, told)) = read(&[&format!("ucr/{name}.ts")]) else {
            return;
        };
        assert!(told.is_empty(), "{told:?}");
        let Inputs::Sequences(sequences) = &examples.inputs else {
            panic!("expected sequences")
        };
        let steps = || sequences.items.iter().map(|item| item.steps);
        assert_eq!(
            (
                examples.len(),
                sequences.dims.len(),
                examples.classes().len()
            ),
            (examples_, dims, classes),
            "{name}"
        );
        assert_eq!(
            (steps().min(), steps().max()),
            (Some(shortest), Some(longest)),
            "{name}"
        );
    }
    let Some((both, _)) = read(&["ucr/GunPoint_TRAIN.ts", "ucr/GunPoint_TEST.ts"]) else {
        return;
    };
    assert_eq!((both.len(), both.origins[199].file), (200, 1));
}

#[test]
fn captions_of_photographs_are_texts() {
    let Some((examples, told)) = read(&["flickr8k_small/captions.csv"]) else {
        return;
    };
    assert_eq!(examples.len(), 4_000);
    assert!(
        told.contains(&"text column: caption".to_owned()),
        "{told:?}"
    );
}

#[test]
fn half_hours_of_a_market_are_rows_of_features() {
    let Some((examples, told)) = read(&["elec2/elec.csv"]) else {
        return;
    };
    let Inputs::Sequences(sequences) = &examples.inputs else {
        panic!("expected rows")
    };
    assert_eq!((examples.len(), sequences.dims.len()), (45_312, 6));
    assert!(sequences.items.iter().all(|item| item.steps == 1));
    assert_eq!(examples.classes(), ["0", "1"]);
    assert!(told.contains(&"label column: class".to_owned()), "{told:?}");
}

#[test]
fn every_photograph_is_an_image_with_colours() {
    let Some((examples, told)) = read(&["flickr8k_small/images"]) else {
        return;
    };
    assert_eq!(examples.len(), 800, "{told:?}");
    let image = Media::Image {
        size: (28, 28),
        colour: Colour::Rgb,
    };
    assert_eq!((examples.media, &examples.labels), (Some(image), &None));
}

#[test]
fn articles_of_clothing_are_images_with_the_classes_beside_them() {
    for (part, count, of_each) in [("train", 40_000, None), ("t10k", 9_680, Some(968))] {
        let name = format!("{part}-images-idx3-ubyte.gz");
        let Some((examples, told)) = read(&[&format!("fashion_mnist/{name}")]) else {
            return;
        };
        let image = Media::Image {
            size: (28, 28),
            colour: Colour::Grey,
        };
        assert_eq!((examples.len(), examples.media), (count, Some(image)));
        assert_eq!(
            told[0],
            format!("classes: {name}: the labels in {part}-labels-idx1-ubyte.gz")
        );
        let counts = label_counts(&examples);
        assert_eq!(counts.len(), 10);
        if let Some(of_each) = of_each {
            assert!(counts.iter().all(|(_, count)| *count == of_each));
        }
    }
}

#[test]
fn small_photographs_have_the_names_of_their_classes() {
    let Some((examples, told)) = read(&["cifar10_small/train_5000.bin"]) else {
        return;
    };
    let image = Media::Image {
        size: (32, 32),
        colour: Colour::Rgb,
    };
    assert_eq!((examples.len(), examples.media), (5_000, Some(image)));
    assert!(
        told[0].ends_with("with the names in classes.txt"),
        "{told:?}"
    );
    let counts = label_counts(&examples);
    assert_eq!(counts.len(), 10);
    assert!(counts.iter().all(|(_, count)| *count == 500));
    assert_eq!(
        (counts[0].0.as_str(), counts[9].0.as_str()),
        ("airplane", "truck")
    );
}
