//! Images: convolutions alone or in front of recurrent layers.

use toml::Table;

use ressac_data::rows::{Cell, Collected};
use ressac_kernels::context;
use ressac_nn::random::Stream;

use crate::model::{Source, Sources};
use crate::testing::{Workplace, figure};

const SIDE: usize = 12;

/// Images of one line somewhere, across, down or aslant, with noise: which it is no pixel tells by itself.
fn lines(count: usize, seed: u64) -> (Vec<u8>, Vec<u8>) {
    let mut generator = Stream::new(seed, "lines").generator();
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    for image in 0..count {
        let class = image % 3;
        let start = (generator.uniform() * (SIDE as f64 - 2.0)) as usize + 1;
        for row in 0..SIDE {
            for column in 0..SIDE {
                let on = match class {
                    0 => row == start,
                    1 => column == start,
                    _ => (row + column) % SIDE == start,
                };
                let noise = 60.0 * generator.uniform();
                pixels.push((noise + if on { 150.0 } else { 0.0 }) as u8);
            }
        }
        labels.push(class as u8);
    }
    (pixels, labels)
}

/// An IDX file of images, and one of their classes.
fn write_idx(place: &Workplace, name: &str, count: usize, seed: u64) {
    let (pixels, labels) = lines(count, seed);
    let sizes = [count, SIDE, SIDE].map(|size| (size as u32).to_be_bytes());
    let head = [&[0, 0, 8, 3][..], &sizes.concat()].concat();
    place.write(
        &format!("{name}-images-idx3-ubyte"),
        [head, pixels].concat(),
    );
    let head = [&[0, 0, 8, 1][..], &(count as u32).to_be_bytes()].concat();
    place.write(
        &format!("{name}-labels-idx1-ubyte"),
        [head, labels].concat(),
    );
}

fn place() -> Workplace {
    let place = Workplace::new("classify");
    write_idx(&place, "train", 240, 1);
    write_idx(&place, "test", 60, 2);
    place
}

const FILES: [(&str, &[&str]); 2] = [
    ("data", &["train-images-idx3-ubyte"]),
    ("test", &["test-images-idx3-ubyte"]),
];

fn options(place: &Workplace, text: &str) -> Table {
    place.options(&["batch = 17\nfilters = 8\nlr = 0.01\n", text], &FILES)
}

#[test]
fn convolutions_see_what_no_pixel_tells_alone_and_in_front_of_recurrent_layers() {
    let place = place();
    for (name, text) in [
        ("alone", "steps = 160\nstem = [3, 3]"),
        (
            "recurrent",
            "steps = 160\nstem = [3]\nlayers = 1\nhidden = 16",
        ),
    ] {
        let options = options(&place, text);
        let trained = place.train(name, &options, None, false);
        let evaluated = trained.evaluated.unwrap();
        let accuracy = figure(&evaluated, "accuracy");
        let rival = evaluated.figures["logistic regression"]["accuracy"]
            .as_f64()
            .unwrap();
        assert!(accuracy > 0.85, "{name}: {accuracy}");
        assert!(accuracy > rival + 0.1, "{name}: {accuracy} beside {rival}");
        let model = place.open(name).unwrap();
        let structure = model.structure();
        let learnt: usize = (structure.stages.iter())
            .flat_map(|stage| &stage.layers)
            .map(|layer| layer.parameters)
            .sum();
        // All but the running averages.
        let averages = match name {
            "alone" => 2 * (8 + 16),
            _ => 2 * 8,
        };
        assert_eq!(learnt + averages, structure.parameters, "{name}");
    }
}

#[test]
fn an_image_is_classified_alike_alone_and_beside_others() {
    let place = place();
    place.train("model", &options(&place, "steps = 5"), None, false);
    let model = place.open("model").unwrap();
    let predicted = |sources: &Sources| {
        let mut rows = Collected::default();
        model.predict(sources, &Table::new(), &mut rows).unwrap();
        let text = |row: &Vec<Cell<'static>>| format!("{row:?}");
        rows.rows().iter().map(text).collect::<Vec<_>>()
    };
    let all = predicted(&Sources::files(
        &[place.path("test-images-idx3-ubyte")],
        false,
    ));
    assert_eq!(all.len(), 60);
    let (pixels, _) = lines(60, 2);
    let head = [
        0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, SIDE as u8, 0, 0, 0, SIDE as u8,
    ];
    let bytes = [&head[..], &pixels[7 * SIDE * SIDE..8 * SIDE * SIDE]].concat();
    let source = Source::Bytes {
        name: "one-images-idx3-ubyte".into(),
        bytes,
    };
    let alone = predicted(&Sources {
        of: vec![source],
        trained_on: false,
    });
    // The rows begin with what the image is called.
    let after_name = |row: &String| row.split_once(", ").unwrap().1.to_owned();
    assert_eq!(after_name(&alone[0]), after_name(&all[7]));
}

#[test]
fn running_averages_are_part_of_what_is_resumed_and_do_not_depend_on_threads() {
    let place = place();
    let text = "steps = 40\naveraging = \"ema:0.9\"\nensemble = 2";
    let options = options(&place, text);
    context::set_threads(1);
    place.train("whole", &options, None, false);
    context::set_threads(2);
    place.train("parts", &options, Some(21), false);
    place.train("parts", &options, None, true);
    assert!(place.weights("whole") == place.weights("parts"));
    // The saved configuration gives the same model again.
    let saved = std::fs::read_to_string(place.path("whole").join("config.toml")).unwrap();
    let mut saved: Table = saved.parse().unwrap();
    saved.retain(|key, _| !["run", "version", "task"].contains(&key));
    place.train("again", &saved, None, false);
    assert!(place.weights("whole") == place.weights("again"));
}

#[test]
fn what_does_not_concern_images_or_convolutions_is_refused_with_its_key() {
    let place = place();
    for (text, key) in [
        ("stride = 2", "`stride`"),
        ("stem = [4]", "`stem`"),
        ("hidden = 32", "`layers`"),
        ("model = \"gru\"", "`layers`"),
        ("pool = \"last\"", "`pool`"),
        ("stem = []\nlayers = 0", "`filters`"),
        ("tokenizer = \"words\"", "`tokenizer`"),
    ] {
        let error = place.refusal(&options(&place, text));
        assert!(error.contains(key), "{text}: {error}");
    }
}
