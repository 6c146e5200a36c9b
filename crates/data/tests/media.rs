//! Folders of sounds and images as labelled examples, and the tables that name such files.

use std::fs;
use std::path::{Path, PathBuf};

use ressac_data::examples::{
    ExampleOptions, Examples, Inputs, Labels, Media, Sequences, read_examples, read_examples_bytes,
};
use ressac_data::generate::{Heard, SOUND_RATE, sounds};
use ressac_data::picture::Colour;
use ressac_data::sound::write_wav;

fn fixture(name: &str) -> Vec<u8> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    fs::read(fixtures.join(name)).unwrap()
}

fn wav(rate: u32, samples: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let samples: Vec<i16> = (0..samples).map(|n| (n * 331 % 20_000) as i16).collect();
    write_wav(&samples, rate, &mut bytes).unwrap();
    bytes
}

fn put(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let file = folder.join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, bytes).unwrap();
    file
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
    read_examples(&paths, options).unwrap_err().to_string()
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
    examples
        .labels
        .iter()
        .flatten()
        .map(String::as_str)
        .collect()
}

fn from_folder() -> ExampleOptions {
    ExampleOptions {
        label: Labels::FromFolder,
        ..ExampleOptions::default()
    }
}

#[test]
fn each_sub_folder_of_sounds_is_a_class_and_all_that_is_assumed_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "dog/b.wav", &wav(16_000, 4_000));
    put(root, "dog/a.WAV", &wav(8_000, 2_000));
    put(root, "cat/tone.flac", &fixture("sound/tone.flac"));
    put(root, "cat/.hidden.wav", b"");
    put(root, "cat/notes.txt", b"meow");
    put(root, "cat/README", b"meow");
    put(root, "cat/more/deep.wav", b"");
    put(root, "README.md", b"");
    put(root, "beside.wav", &wav(8_000, 900));
    fs::create_dir(root.join("fox")).unwrap();
    let (examples, told) = read(&[root], &from_folder());
    assert_eq!(ids(&examples), ["cat/tone.flac", "dog/a.WAV", "dog/b.wav"]);
    assert_eq!(labels(&examples), ["cat", "dog", "dog"]);
    assert_eq!(
        examples.media,
        Some(Media::Sound {
            rate: 8_000,
            bands: 40,
            range: 60
        })
    );
    assert_eq!(
        told,
        [
            "left out: 3 files that are neither sounds nor images (1 .md, 1 .txt, 1 without ending)",
            "left out: 1 folders inside the folders of classes",
            "left out: 1 files beside the folders of classes",
            "left out: classes without a sound or an image: fox",
            "rate: 8000 Hz; resampled: 1 of 11025 Hz, 1 of 16000 Hz",
            "channels: 1 of 3 sounds have several: their mean is taken",
            "bands: 40",
        ]
    );
    let sequences = sequences(&examples);
    assert_eq!(
        (sequences.dims.len(), sequences.dims[0].as_str()),
        (40, "mel_1")
    );
    let steps: Vec<usize> = sequences.items.iter().map(|item| item.steps).collect();
    // Frames of 200 samples every 80, of 1,452, 2,000 and 2,000.
    assert_eq!(steps, [16, 23, 23]);

    // What was inferred, given, makes the same sequences and is not told again.
    let (inferred, said) = read(&[root], &ExampleOptions::default());
    assert_eq!(said[0], "classes: the names of the sub-folders");
    assert_eq!(inferred, examples);
    let given = ExampleOptions {
        rate: Some(8_000),
        bands: Some(40),
        ..from_folder()
    };
    let (again, said) = read(&[root], &given);
    assert_eq!(again, examples);
    assert!(
        said.iter()
            .any(|told| told.starts_with("rate: 8000 Hz; resampled")),
        "{said:?}"
    );
    assert!(
        !said.iter().any(|told| told.starts_with("bands")),
        "{said:?}"
    );

    // The files of one class, to predict.
    let absent = ExampleOptions {
        label: Labels::Absent,
        ..given
    };
    let (one, _) = read(&[&root.join("dog")], &absent);
    assert_eq!((ids(&one), &one.labels), (vec!["a.WAV", "b.wav"], &None));
    let (files, _) = read(
        &[&root.join("dog/b.wav"), &root.join("cat/tone.flac")],
        &from_folder(),
    );
    assert_eq!(
        (ids(&files), labels(&files)),
        (vec!["b.wav", "tone.flac"], vec!["dog", "cat"])
    );
    let (all, _) = read(
        &[root],
        &ExampleOptions {
            label: Labels::Absent,
            ..from_folder()
        },
    );
    assert_eq!(
        (ids(&all)[0], all.len(), &all.labels),
        ("beside.wav", 4, &None)
    );
}

#[test]
fn images_keep_a_small_size_of_their_own_and_are_grey_where_all_are() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "a/1.jpg", &fixture("picture/grey.jpg"));
    put(root, "b/2.jpeg", &fixture("picture/grey.jpg"));
    let (examples, told) = read(&[root], &from_folder());
    let grey = Media::Image {
        size: (24, 16),
        colour: Colour::Grey,
    };
    assert_eq!(examples.media, Some(grey));
    assert_eq!(
        told,
        [
            "image size: 24x16: that of every image",
            "colour: grey: no image has any"
        ]
    );
    let of_grey = sequences(&examples);
    assert_eq!((of_grey.dims.len(), of_grey.items[0].steps), (24, 16));
    let given = ExampleOptions {
        size: Some((24, 16)),
        colour: Some(Colour::Grey),
        ..from_folder()
    };
    let (again, told) = read(&[root], &given);
    assert_eq!((again, told.len()), (examples, 0));

    put(root, "b/3.jpg", &fixture("picture/turned.jpg"));
    let (examples, told) = read(&[root], &from_folder());
    let rgb = Media::Image {
        size: (28, 28),
        colour: Colour::Rgb,
    };
    assert_eq!(examples.media, Some(rgb));
    assert_eq!(
        told,
        [
            "image size: 28x28: images of 2 sizes are stretched or shrunk",
            "colour: rgb: 1 of 3 images have some"
        ]
    );
    let of_rgb = sequences(&examples);
    assert_eq!(
        (of_rgb.dims.len(), of_rgb.dims[1].as_str()),
        (84, "green_1")
    );
    let values = of_rgb.items.iter().flat_map(|item| &item.values);
    assert!(values.into_iter().all(|value| (0.0..=1.0).contains(value)));
}

#[test]
fn a_table_that_names_files_gives_them_with_their_classes() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "x/a.wav", &wav(8_000, 1_000));
    put(root, "y/b.wav", &wav(8_000, 1_000));
    let table = put(
        root,
        "list.csv",
        b"speaker,filename,label\nann,y/b.wav,no\nbob,x/a.wav,yes\n",
    );
    let (examples, told) = read(&[&table], &ExampleOptions::default());
    assert_eq!(ids(&examples), ["y/b.wav", "x/a.wav"]);
    assert_eq!(labels(&examples), ["no", "yes"]);
    assert!(
        told.contains(&"file column: filename".to_owned()),
        "{told:?}"
    );
    assert!(told.contains(&"label column: label".to_owned()), "{told:?}");
    let (by_folder, _) = read(&[&table], &from_folder());
    assert_eq!(labels(&by_folder), ["y", "x"]);
    let named = ExampleOptions {
        file: Some("filename".parse().unwrap()),
        label: Labels::Column("speaker".parse().unwrap()),
        ..ExampleOptions::default()
    };
    assert_eq!(labels(&read(&[&table], &named).0), ["ann", "bob"]);

    let wrong = put(
        root,
        "wrong.csv",
        b"filename,label\nx/a.wav,yes\nx/a.txt,no\n",
    );
    let options = ExampleOptions {
        file: Some("filename".parse().unwrap()),
        ..ExampleOptions::default()
    };
    let said = refusal(&[&wrong], &options);
    assert!(
        said.contains("line 3") && said.contains("`x/a.txt`"),
        "{said}"
    );
    // Without the option it is a table of texts like any other.
    assert!(
        read(&[&wrong], &ExampleOptions::default())
            .0
            .media
            .is_none()
    );
    let captions = put(
        root,
        "captions.csv",
        b"image,caption\n1.jpg,a dog that runs\n2.jpg,a cat that sleeps\n",
    );
    assert!(
        read(&[&captions], &ExampleOptions::default())
            .0
            .media
            .is_none()
    );
    let missing = put(root, "missing.csv", b"filename,label\nx/none.wav,yes\n");
    assert!(refusal(&[&missing], &options).contains("none.wav: cannot be read"));
}

#[test]
fn sounds_and_images_in_memory_are_examples_too() {
    let (a, b) = (wav(8_000, 700), fixture("sound/tone.flac"));
    let files: [(&Path, &[u8]); 2] = [(Path::new("u/a.wav"), &a), (Path::new("v/b.flac"), &b)];
    let (examples, _) = read_examples_bytes(&files, &from_folder()).unwrap();
    assert_eq!(
        (ids(&examples), labels(&examples)),
        (vec!["a.wav", "b.flac"], vec!["u", "v"])
    );
    let image = fixture("picture/red.jpg");
    let files: [(&Path, &[u8]); 2] = [files[0], (Path::new("c.jpg"), &image)];
    let said = read_examples_bytes(&files, &ExampleOptions::default()).unwrap_err();
    assert!(
        said.to_string()
            .starts_with("c.jpg: of this file and u/a.wav"),
        "{said}"
    );
}

#[test]
fn what_cannot_be_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let sound = put(root, "s/a.wav", &wav(8_000, 700));
    let image = put(root, "i/b.jpg", &fixture("picture/red.jpg"));
    let texts = put(root, "t/t.csv", b"text,label\ngood,1\nbad,0\nfair,1\n");
    let damaged = put(root, "d/d.wav", b"RIFF");
    put(root, "outer/train/s/a.wav", &wav(8_000, 700));
    fs::create_dir(root.join("empty")).unwrap();
    let plain = ExampleOptions::default;
    let column = || ExampleOptions {
        label: Labels::Column("label".parse().unwrap()),
        ..plain()
    };
    let text = || ExampleOptions {
        text: Some("text".parse().unwrap()),
        ..plain()
    };
    let file = || ExampleOptions {
        file: Some("file".parse().unwrap()),
        ..plain()
    };
    let rate = |rate| ExampleOptions {
        rate: Some(rate),
        ..plain()
    };
    let bands = |bands| ExampleOptions {
        bands: Some(bands),
        ..plain()
    };
    let size = |size| ExampleOptions {
        size: Some(size),
        ..plain()
    };
    let (empty, outer, t) = (root.join("empty"), root.join("outer"), root.join("t"));
    let s = root.join("s");
    let cases: [(&[&Path], ExampleOptions, &str); 20] = [
        (&[root], plain(), "only one is among the sounds"),
        (&[&sound, &image], plain(), "only one is among the sounds"),
        (&[&sound, &texts], plain(), "it is none of them"),
        (&[&damaged], plain(), "d.wav: "),
        (&[&empty], plain(), "no sound (.wav, .flac) and no image"),
        (&[&t], plain(), "no sound (.wav, .flac) and no image"),
        (&[&s], from_folder(), "it has no sub-folders"),
        (
            &[&outer],
            from_folder(),
            "the one whose sub-folders are the classes",
        ),
        (&[&s], column(), "the column `label` was named"),
        (&[&sound], column(), "the column `label` was named"),
        (
            &[&sound],
            text(),
            "columns were named, and sounds have none",
        ),
        (&[&sound], file(), "this is no table"),
        (
            &[&sound],
            rate(10),
            "a rate of 10 samples a second was asked for",
        ),
        (&[&sound], bands(0), "0 bands at 8000 Hz: expected 1 to"),
        (&[&sound], size((3, 3)), "the examples are sounds"),
        (&[&image], rate(8_000), "the examples are images"),
        (&[&image], size((0, 3)), "images of 0x3 were asked for"),
        (&[&texts], rate(8_000), "neither sounds nor images"),
        (&[&texts], size((3, 3)), "neither sounds nor images"),
        (&[&texts], from_folder(), "this is a file of examples"),
    ];
    for (paths, options, part) in cases {
        let said = refusal(paths, &options);
        assert!(
            said.contains(part) && said.ends_with('.'),
            "{said} / {part}"
        );
    }
    let bytes = fs::read(&texts).unwrap();
    let files = [(Path::new("t.csv"), &bytes[..])];
    let said = read_examples_bytes(&files, &file())
        .unwrap_err()
        .to_string();
    assert!(
        said.contains("a table in memory has no files beside it"),
        "{said}"
    );
}

#[test]
fn the_sounds_that_are_made_are_told_apart_by_the_means_of_their_bands() {
    // One nearest neighbour over the mean and the deviation of each band in time: what little a network must beat.
    let features = |made: &[ressac_data::generate::MadeSound]| -> Vec<Vec<f64>> {
        let bytes: Vec<Vec<u8>> = made
            .iter()
            .map(|sound| {
                let mut bytes = Vec::new();
                write_wav(&sound.samples, SOUND_RATE, &mut bytes).unwrap();
                bytes
            })
            .collect();
        let files: Vec<(&Path, &[u8])> =
            bytes.iter().map(|b| (Path::new("a.wav"), &b[..])).collect();
        let (examples, _) = read_examples_bytes(&files, &ExampleOptions::default()).unwrap();
        let of = |item: &ressac_data::examples::Sequence| {
            let moments = (0..40).flat_map(|band| {
                let values = item.dim(band);
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                let spread = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>();
                [mean, (spread / values.len() as f64).sqrt()]
            });
            moments.collect()
        };
        sequences(&examples).items.iter().map(of).collect()
    };
    let share = |noise: f64, heard: Heard| {
        let (known, asked) = (
            sounds(1, 120, Heard::Seen, Some(noise)),
            sounds(2, 60, heard, Some(noise)),
        );
        let (of_known, of_asked) = (features(&known), features(&asked));
        let right = of_asked.iter().zip(&asked).filter(|(asked, made)| {
            let apart = |known: &Vec<f64>| -> f64 {
                known
                    .iter()
                    .zip(*asked)
                    .map(|(a, b)| (a - b) * (a - b))
                    .sum()
            };
            let nearest = (0..known.len())
                .min_by(|a, b| apart(&of_known[*a]).total_cmp(&apart(&of_known[*b])));
            nearest.is_some_and(|at| known[at].class == made.class)
        });
        right.count() as f64 / 60.0
    };
    let (clear, noisy) = (share(20.0, Heard::Seen), share(-15.0, Heard::Seen));
    let unseen = share(20.0, Heard::Unseen);
    println!("nearest neighbour: 20 dB {clear:.2}, -15 dB {noisy:.2}, unseen at 20 dB {unseen:.2}");
    assert!(
        clear > 0.6 && noisy < clear && unseen < clear,
        "{clear} {noisy} {unseen}"
    );
}

#[test]
fn broken_files_are_an_error_or_left_out_and_named_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let whole = wav(8_000, 2_000);
    put(root, "dog/a.wav", &whole);
    put(root, "dog/b.wav", &whole[..30]);
    put(root, "cat/c.wav", &wav(16_000, 4_000));
    put(root, "cat/d.wav", b"not a sound");
    assert!(refusal(&[root], &from_folder()).contains(".wav"));
    let skipping = ExampleOptions {
        skip_broken: true,
        ..from_folder()
    };
    let (examples, told) = read(&[root], &skipping);
    assert_eq!(ids(&examples), ["cat/c.wav", "dog/a.wav"]);
    let left_out = told
        .iter()
        .find(|told| told.starts_with("left out, cannot be read"));
    let left_out = left_out.unwrap();
    assert!(
        left_out.contains("2 of 4: cat/d.wav, dog/b.wav"),
        "{left_out}"
    );
    // With nothing left it is an error again, and of a table it says nothing.
    fs::remove_file(root.join("dog/a.wav")).unwrap();
    fs::remove_file(root.join("cat/c.wav")).unwrap();
    assert!(refusal(&[root], &skipping).contains("d.wav"));
    let table = put(root, "rows.csv", b"a,b\n1,2\n3,4\n");
    let of_table = ExampleOptions {
        label: Labels::Absent,
        ..skipping
    };
    assert!(refusal(&[&table], &of_table).contains("broken"));
}
