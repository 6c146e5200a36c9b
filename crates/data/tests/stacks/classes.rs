//! What is read of whole files: pixels, classes and names of classes, and what is told of them.

use std::path::Path;

use ressac_data::Place;
use ressac_data::examples::{ExampleOptions, Labels, read_examples_bytes};
use ressac_data::picture::Colour;

use super::*;

#[test]
fn images_of_idx_have_the_classes_of_the_labels_beside_them() {
    let images = idx(&[3, 2, 5], &values(30));
    let of_labels = idx(&[3], &[7, 0, 7]);
    for (of_images, beside) in [
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
        ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
        ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte"),
        ("train-images.idx3-ubyte", "train-labels.idx1-ubyte.gz"),
        ("IMAGES-images.IDX", "IMAGES-labels.IDX"),
        // Neither has a known name: it is recognised by its first bytes.
        ("images", "labels"),
        ("images.data.gz", "labels.data"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = put_as_named(folder.path(), of_images, &images);
        let (bare, told) = read(&[&file], &plain());
        assert_eq!(bare.labels, None);
        assert_eq!(
            told[0],
            format!("classes: {of_images}: none: no file of labels lies beside it")
        );
        put_as_named(folder.path(), beside, &of_labels);
        let (examples, told) = read(&[&file], &plain());
        assert_eq!(labels(&examples), ["7", "0", "7"]);
        assert_eq!(
            told,
            [
                format!("classes: {of_images}: the labels in {beside}"),
                "image size: 5x2: that of every image".to_owned(),
                "colour: grey: no image has any".to_owned(),
            ]
        );
        assert_eq!(
            ids(&examples),
            [0, 1, 2].map(|at| format!("{of_images}#{at}"))
        );
        assert_eq!(examples.media, image((5, 2), Colour::Grey));
        assert_eq!(examples.files, std::slice::from_ref(&file));
        let last = &examples.origins[2];
        assert_eq!((last.file, last.place), (0, Place::Row(3)));
        // The second image, a step a row.
        let wanted = [10, 15, 11, 16, 12, 17, 13, 18, 14, 19];
        let wanted = wanted.map(|at| f64::from(values(30)[at]) / 255.0);
        assert_eq!(sequences(&examples).items[1].values, wanted);
        assert_eq!(sequences(&examples).items[1].steps, 2);

        let (unread, told) = read(&[&file], &label(Labels::Absent));
        assert_eq!((unread.labels, told.len()), (None, 2));
        assert_eq!(unread.inputs, examples.inputs);
    }
}

#[test]
fn names_beside_the_images_are_those_of_the_classes() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let file = put(root, "images-idx3-ubyte", &idx(&[2, 1, 1], &[0, 255]));
    put(root, "labels-idx1-ubyte", &idx(&[2], &[1, 0]));
    put(root, "classes.txt", b"T-shirt/top\r\n Sandal \r\n\n");
    let (examples, told) = read(&[&file], &plain());
    assert_eq!(labels(&examples), ["Sandal", "T-shirt/top"]);
    assert_eq!(
        told[0],
        "classes: images-idx3-ubyte: the labels in labels-idx1-ubyte, with the names in classes.txt"
    );
    for (written, part) in [
        (
            &b"one\n"[..],
            "labels-idx1-ubyte, row 1: expected a label less than 1, the number of names in ",
        ),
        (b"", "expected a label less than 0"),
        (
            b"a\n\nb\n",
            "classes.txt, line 2: expected the name of a class, another in each line, found an empty line.",
        ),
        (
            b"a\nb\na\n",
            "classes.txt, line 3: expected the name of a class, another in each line, found `a`, as in line 1.",
        ),
        (b"a\0b\n", "classes.txt: "),
    ] {
        put(root, "classes.txt", written);
        let said = refusal(&[&file], &plain());
        assert!(said.contains(part), "{said} / {part}");
        assert_eq!(read(&[&file], &label(Labels::Absent)).0.labels, None);
    }
}

#[test]
fn channels_stand_last_and_grey_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let pixels = [1, 2, 3, 4, 5, 6];
    let file = put(root, "a-idx4-ubyte", &idx(&[1, 1, 2, 3], &pixels));
    let (examples, _) = read(&[&file], &plain());
    assert_eq!(examples.media, image((2, 1), Colour::Rgb));
    let wanted = pixels.map(|value| f64::from(value) / 255.0);
    assert_eq!(sequences(&examples).items[0].values, wanted);
    // The first images have no colour; they are as those after them.
    let pixels = [7, 7, 7, 9, 9, 9, 1, 2, 3, 4, 5, 6];
    let file = put(root, "b-idx4-ubyte", &idx(&[2, 2, 1, 3], &pixels));
    let (examples, told) = read(&[&file], &plain());
    assert!(told.contains(&"colour: rgb: 1 of 2 images have some".to_owned()));
    let first = [7, 9, 7, 9, 7, 9].map(|value| f64::from(value) / 255.0);
    assert_eq!(sequences(&examples).items[0].values, first);
    let dims = ["red_1", "green_1", "blue_1"];
    assert_eq!(sequences(&examples).dims, dims);

    let file = put(root, "c-idx4-ubyte", &idx(&[2, 2, 1, 3], &[8; 12]));
    let one = put(root, "d-idx4-ubyte", &idx(&[2, 2, 1, 1], &[8; 4]));
    let (grey, _) = read(&[&file], &plain());
    assert_eq!(grey.media, image((1, 2), Colour::Grey));
    assert_eq!(grey.inputs, read(&[&one], &plain()).0.inputs);

    let wanted = ExampleOptions {
        size: Some((3, 4)),
        colour: Some(Colour::Rgb),
        ..plain()
    };
    let (large, told) = read(&[&one], &wanted);
    assert_eq!((large.media, told.len()), (image((3, 4), Colour::Rgb), 1));
    let shrunk = put(root, "e-idx3-ubyte", &idx(&[1, 65, 2], &[8; 130]));
    assert_eq!(
        read(&[&shrunk], &plain()).0.media,
        image((28, 28), Colour::Grey)
    );
}

#[test]
fn cifar_has_its_labels_and_its_planes_of_colour() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let pixels = values(3_072);
    let bytes = [&[3][..], &pixels, &record(&[0])].concat();
    let file = put(root, "data_batch_1.bin", &bytes);
    let (examples, told) = read(&[&file], &plain());
    assert_eq!(
        told,
        [
            "classes: data_batch_1.bin, CIFAR-10: the first byte of each image",
            "image size: 32x32: that of every image",
            "colour: rgb: 2 of 2 images have some",
        ]
    );
    assert_eq!(labels(&examples), ["3", "0"]);
    assert_eq!(ids(&examples), ["data_batch_1.bin#0", "data_batch_1.bin#1"]);
    assert_eq!(examples.media, image((32, 32), Colour::Rgb));
    let first = &sequences(&examples).items[0];
    for (x, y, channel) in [(0, 0, 0), (5, 9, 1), (31, 31, 2)] {
        let wanted = f64::from(pixels[1_024 * channel + 32 * y + x]) / 255.0;
        assert_eq!(first.dim(3 * x + channel)[y], wanted);
    }
    let in_memory = packed(&bytes);
    let files = [(Path::new("x.bin.gz"), &in_memory[..])];
    let (again, _) = read_examples_bytes(&files, &plain()).unwrap();
    assert_eq!(
        (again.inputs, again.labels),
        (examples.inputs, examples.labels)
    );

    put(root, "batches.meta.txt", b"a\nb\nc\nd\n\n");
    let (named, told) = read(&[&file], &plain());
    assert_eq!(labels(&named), ["d", "a"]);
    assert!(
        told[0].ends_with("with the names in batches.meta.txt"),
        "{told:?}"
    );
    put(root, "classes.txt", b"e\nf\ng\nh\n");
    assert_eq!(labels(&read(&[&file], &plain()).0), ["h", "e"]);
}

#[test]
fn cifar_100_is_known_by_its_length_and_its_fine_labels_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let bytes = [record(&[4, 1]), record(&[0, 2])].concat();
    let file = put(root, "train.bin", &bytes);
    put(root, "batches.meta.txt", b"a\nb\nc\n");
    let (examples, told) = read(&[&file], &plain());
    assert_eq!(labels(&examples), ["1", "2"]);
    assert_eq!(
        told[0],
        "classes: train.bin, CIFAR-100: the second byte of each image (fine, not coarse)"
    );
    put(root, "fine_label_names.txt", b"apple\nbaby\nbear\n");
    let (examples, told) = read(&[&file], &plain());
    assert_eq!(labels(&examples), ["baby", "bear"]);
    assert!(
        told[0].ends_with("with the names in fine_label_names.txt"),
        "{told:?}"
    );
}

#[test]
fn a_length_of_both_sets_is_that_of_cifar_10_unless_a_name_says_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    // 3,074 images of 3,073 bytes, or 3,073 of 3,074.
    let bytes = vec![0; 3_073 * 3_074];
    let one = ExampleOptions {
        size: Some((1, 1)),
        ..plain()
    };
    for (name, beside, count) in [
        ("a/test.bin", "notes.txt", 3_074),
        ("b/test.bin", "fine_label_names.txt", 3_073),
        ("c/CIFAR-100.bin", "notes.txt", 3_073),
        ("cifar100/test.bin", "notes.txt", 3_073),
    ] {
        let file = put(root, name, &bytes);
        put(file.parent().unwrap(), beside, b"apple\n");
        let (examples, told) = read(&[&file], &one);
        assert_eq!(examples.len(), count, "{name}");
        let set = if count == 3_073 {
            "CIFAR-100"
        } else {
            "CIFAR-10"
        };
        let said = format!(", read as {set}, of whole images of both");
        assert!(told[0].contains(&said), "{told:?}");
    }
}

#[test]
fn several_files_are_put_together_and_have_classes_all_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let a = put(root, "a.bin", &[record(&[1]), record(&[2])].concat());
    let b = put(root, "b.bin", &record(&[3]));
    let (both, told) = read(&[&a, &b], &plain());
    assert_eq!(labels(&both), ["1", "2", "3"]);
    assert_eq!(ids(&both), ["a.bin#0", "a.bin#1", "b.bin#0"]);
    assert_eq!(both.files, [a.clone(), b.clone()]);
    let files: Vec<usize> = both.origins.iter().map(|origin| origin.file).collect();
    assert_eq!(files, [0, 0, 1]);
    assert!(told[1].starts_with("classes: b.bin, CIFAR-10"), "{told:?}");

    let c = put(root, "c-idx3-ubyte", &idx(&[1, 2, 2], &[1; 4]));
    let said = refusal(&[&a, &c], &plain());
    assert!(
        said.contains("c-idx3-ubyte: of this file and ")
            && said.contains("a.bin, only the other has classes"),
        "{said}"
    );
    let (mixed, told) = read(&[&c, &a], &label(Labels::Absent));
    assert_eq!((mixed.len(), mixed.labels.is_none()), (3, true));
    assert_eq!(mixed.media, image((28, 28), Colour::Rgb));
    assert!(told[1].starts_with("colour: rgb: 2 of 3"), "{told:?}");

    let other = put(root, "x.png", b"");
    for paths in [[&*a, &*other], [&*other, &*a], [&*a, root]] {
        let said = refusal(&paths, &plain());
        assert!(
            said.contains("beside it are files of several images"),
            "{said}"
        );
    }
    let files = [(Path::new("x.png"), &b"x"[..]), (Path::new("a.bin"), b"x")];
    let said = read_examples_bytes(&files, &plain())
        .unwrap_err()
        .to_string();
    assert!(said.starts_with("x.png: beside it are"), "{said}");
}
