//! What is wrong with such files, with those beside them, or with what is asked of them.

use std::path::Path;

use ressac_data::examples::{ExampleOptions, Labels, MediaKind, read_examples_bytes};

use super::*;

#[test]
fn what_no_such_file_can_be_is_refused_with_what_to_do() {
    let good = idx(&[2, 3, 4], &values(24));
    let zipped = packed(&good);
    let cases: [(&str, &[u8], &str); 26] = [
        ("a-idx3-ubyte", b"", "the file is empty: expected IDX. Copy"),
        (
            "a-idx3-ubyte",
            b"\x89PNG",
            "found 89 50 4E 47. Check what the file is",
        ),
        ("a-idx3-ubyte", &[0, 0], "found 00 00."),
        ("a-idx3-ubyte", &[0, 0, 8, 0, 9], "found 00 00 08 00."),
        (
            "a-idx3-ubyte",
            &[0, 0, 0x0D, 3],
            "expected bytes (IDX type 0x08), found type 0x0D",
        ),
        (
            "a-idx3-ubyte",
            &good[..9],
            "a header of 16 bytes for 3 dimensions, found 9 bytes. Copy",
        ),
        (
            "a-idx3-ubyte",
            &[0, 0, 8, 255, 1],
            "a header of 1024 bytes for 255 dimensions",
        ),
        (
            "a-idx3-ubyte",
            &good[..39],
            "says 2 x 3 x 4: expected 24 bytes behind it, found 23. Copy",
        ),
        (
            "a-idx3-ubyte",
            &[&good[..], b"x"].concat(),
            "expected 24 bytes behind it, found 25",
        ),
        ("a-idx3-ubyte", &idx(&[0, 3, 4], b""), "it holds no images"),
        (
            "a-idx3-ubyte",
            &idx(&[1, 0, 4], b""),
            "images of 4x0: expected 1 to 67108864 pixels",
        ),
        (
            "a-idx3-ubyte",
            &idx(&[1, 8_193, 8_192], b""),
            "images of 8192x8193: expected",
        ),
        (
            "a-idx3-ubyte",
            &idx(&[u32::MAX; 3], b""),
            "images of 4294967295x4294967295",
        ),
        (
            "a-idx3-ubyte",
            &idx(&[u32::MAX, 8_192, 8_192], b""),
            "expected 288230376084602880 bytes behind it, found 0",
        ),
        (
            "a-idx3-ubyte",
            &idx(&[2, 3], b""),
            "found 2 (2 x 3). Give a file of images.",
        ),
        (
            "a-idx4-ubyte",
            &idx(&[1, 2, 2, 2], b""),
            "or 4 with 1 or 3 channels last, found 4 (1 x 2 x 2 x 2)",
        ),
        (
            "a-idx4-ubyte",
            &idx(&[1, 3, 2, 2], b""),
            "as the last dimension, found 1 x 3 x 2 x 2. Write",
        ),
        (
            "a-idx3-ubyte",
            &idx(&[1; 9], b""),
            "found 9 (1 x 1 x 1 x 1 x 1 x 1 x …)",
        ),
        (
            "labels-idx1-ubyte",
            &idx(&[2], &[1, 2]),
            "it holds 2 labels, and no images. Give the file of the images",
        ),
        (
            "unnamed",
            &idx(&[2], &[1, 2]),
            "it holds 2 labels, and no images.",
        ),
        (
            "a-idx3-ubyte.gz",
            &zipped[..zipped.len() - 9],
            "the gzip file is cut short",
        ),
        (
            "a.bin",
            b"",
            "the file is empty: expected the images of CIFAR-10 or CIFAR-100.",
        ),
        (
            "a.bin",
            &[0; 3_072],
            "CIFAR-10 (3073 bytes each) or CIFAR-100 (3074 bytes each), found 3072 bytes. Copy",
        ),
        (
            "a.bin",
            &good,
            "if it is IDX, let its name end in -idx3-ubyte.",
        ),
        ("a.bin.gz", &packed(&record(&[1, 2, 3])), "found 3075 bytes"),
        (
            "a.bin.gz",
            &packed(&record(&[1]))[..20],
            "the gzip file is cut short",
        ),
    ];
    for (name, bytes, part) in cases {
        let folder = tempfile::tempdir().unwrap();
        let file = put(folder.path(), name, bytes);
        let said = refusal(&[&file], &plain());
        assert!(
            said.contains(name) && said.contains(part),
            "{said} / {part}"
        );
        let files = [(Path::new(name), bytes)];
        let said = read_examples_bytes(&files, &plain())
            .unwrap_err()
            .to_string();
        assert!(
            said.starts_with(name) && said.contains(part),
            "{said} / {part}"
        );
    }
}

#[test]
fn labels_that_do_not_belong_to_the_images_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let file = put(root, "images-idx3-ubyte", &idx(&[2, 1, 1], &[0, 255]));
    let whole = idx(&[2], &[1, 0]);
    for (written, part) in [
        (idx(&[3], &[1, 0, 1]), "it holds 3 labels, and "),
        (
            idx(&[1], &[1]),
            "images-idx3-ubyte has 2 images. Put the labels of these images",
        ),
        (
            whole[..9].to_vec(),
            "says 2: expected 2 bytes behind it, found 1",
        ),
        (
            idx(&[2, 1], &[1, 0]),
            "expected labels, which have 1 dimension, found 2 (2 x 1)",
        ),
        (Vec::new(), "the file is empty"),
        (packed(&whole)[..12].to_vec(), "the gzip file is cut short"),
    ] {
        put(root, "labels-idx1-ubyte", &written);
        let said = refusal(&[&file], &plain());
        assert!(
            said.contains("labels-idx1-ubyte: ") && said.contains(part),
            "{said} / {part}"
        );
    }
}

#[test]
fn options_that_such_files_do_not_have_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let file = put(root, "a.bin", &record(&[1]));
    let column = || "x".parse().unwrap();
    let separator = ";".to_owned();
    for (options, part) in [
        (
            label(Labels::FromFolder),
            "the names of folders, and it holds",
        ),
        (
            label(Labels::Column(column())),
            "a column of classes was named",
        ),
        (
            label(Labels::Several {
                column: None,
                separator,
            }),
            "several classes in a cell were asked for",
        ),
        (
            ExampleOptions {
                file: Some(column()),
                ..plain()
            },
            "a column of files was named",
        ),
        (
            ExampleOptions {
                text: Some(column()),
                ..plain()
            },
            "images have none",
        ),
        (
            ExampleOptions {
                rate: Some(8_000),
                ..plain()
            },
            "the examples are images",
        ),
        (
            ExampleOptions {
                size: Some((0, 1)),
                ..plain()
            },
            "images of 0x1 were asked for",
        ),
    ] {
        let said = refusal(&[&file], &options);
        assert!(
            said.contains("a.bin: ") && said.contains(part),
            "{said} / {part}"
        );
    }
    let said = refusal(&[root], &plain());
    assert!(said.contains("Give its files of several images"), "{said}");
    let said = refusal(&[&root.join("none-idx3-ubyte.gz")], &plain());
    assert!(
        said.contains("none-idx3-ubyte.gz: cannot be read"),
        "{said}"
    );
    let list = put(root, "list.csv", b"file,label\na.bin,x\nb.bin,y\n");
    assert!(read(&[&list], &plain()).0.media.is_none());
    assert_eq!(MediaKind::of(&file), Some(MediaKind::Stack));
    assert_eq!(MediaKind::of(Path::new("a.ubyte")), None);
}
