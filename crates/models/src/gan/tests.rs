//! GANs trained for a few steps on small images made here: losses, penalties, bits, alarms, what is refused.

mod formulas;

use toml::Table;

use ressac_kernels::context::{self, Context};
use ressac_nn::random::Stream;
use ressac_stats::generative::mean_pairwise_distance;

use super::judge::FEATURES;
use crate::model::{Model, Sources};
use crate::testing::{Workplace, figure};

const SIDE: usize = 8;

/// Images of one bright bar, across (class 0) or down (class 1), at some place, with noise; an IDX file and that of its classes.
fn bars(count: usize, side: usize, seed: u64) -> [Vec<u8>; 2] {
    let mut generator = Stream::new(seed, "bars").generator();
    let size = |size: usize| (size as u32).to_be_bytes();
    let mut images = [
        &[0, 0, 8, 3][..],
        &[size(count), size(side), size(side)].concat(),
    ]
    .concat();
    let mut labels = [&[0, 0, 8, 1][..], &size(count)].concat();
    for image in 0..count {
        let at = generator.below(side as u64) as usize;
        let down = image % 2;
        labels.push(down as u8);
        for place in 0..side * side {
            let own = [place / side, place % side][down] == at;
            let noise = 30.0 * generator.uniform();
            images.push((noise + if own { 200.0 } else { 0.0 }) as u8);
        }
    }
    [images, labels]
}

fn place() -> Workplace {
    let place = Workplace::new("gan");
    let [images, labels] = bars(160, SIDE, 1);
    place.write("bars-images-idx3-ubyte", images);
    place.write("bars-labels-idx1-ubyte", labels);
    let [images, _] = bars(120, 12, 2);
    place.write("plain-images-idx3-ubyte", images);
    place
}

const BARS: &str = "bars-images-idx3-ubyte";
const PLAIN: &str = "plain-images-idx3-ubyte";

/// Small networks for a few steps.
fn options(place: &Workplace, file: &str, text: &str) -> Table {
    let small = "batch = 16\nsteps = 12\nvalidate_every = 6\nlatent = 8\nwidths = [16, 8]\nsplit = \"0.7,0.15,0.15\"\n";
    place.options(&[small, text], &[("data", &[file])])
}

fn sampled(model: &dyn Model, ask: &str, seed: u64) -> Vec<u8> {
    let ask: Table = ask.parse().unwrap();
    let (pictures, _) = model
        .sample()
        .unwrap()
        .pictures(&ask, seed)
        .unwrap()
        .unwrap();
    pictures.sheet().unwrap()
}

#[test]
fn both_models_and_every_loss_train_make_images_and_are_evaluated() {
    let place = place();
    for (name, file, text) in [
        ("residual", BARS, ""),
        (
            "dcgan",
            PLAIN,
            "model = \"dcgan\"\nwidths = [8]\nloss = \"non-saturating\"",
        ),
        (
            "hinge",
            PLAIN,
            "loss = \"hinge\"\nspectral = true\npenalty = 0",
        ),
        (
            "squares",
            BARS,
            "loss = \"least-squares\"\nconditional = false\naugment = 0",
        ),
        (
            "wasserstein",
            PLAIN,
            "loss = \"wasserstein\"\ndiscriminator_steps = 2\ndiscriminator_lr = 0.0005\naveraging = \"none\"",
        ),
    ] {
        let trained = place.train(name, &options(&place, file, text), None, false);
        let evaluated = trained.evaluated.unwrap();
        for key in [
            "kid",
            "frechet",
            "precision",
            "recall",
            "density",
            "coverage",
            "diversity",
        ] {
            assert!(figure(&evaluated, key).is_finite(), "{name}: {key}");
        }
        // Real images are nearer to real ones than noise is.
        let kid = |rival: &str| evaluated.figures[rival]["kid"].as_f64().unwrap();
        assert!(
            kid("training images") < kid("normal distribution"),
            "{name}"
        );
        let model = place.open(name).unwrap();
        let layers: usize = (model.structure().stages.iter())
            .flat_map(|stage| &stage.layers)
            .map(|layer| layer.parameters)
            .sum();
        assert_eq!(layers, model.parameters(), "{name}");
        let files = place.path(name);
        for step in [6, 12] {
            assert!(files.join(format!("samples/{step:07}.png")).is_file());
        }
        let report = std::fs::read_to_string(files.join("report.html")).unwrap();
        for heading in [
            "What it makes",
            "From one to another",
            "What made images are nearest to",
            "The same vectors as training went on",
            "Losses by step",
        ] {
            assert!(report.contains(heading), "{name}: {heading}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bits_for_any_number_of_threads_and_when_resumed() {
    let place = place();
    let before = Context::global().threads();
    for (name, file, text) in [
        ("residual", BARS, "spectral = true\ndiscriminator_steps = 2"),
        ("dcgan", PLAIN, "model = \"dcgan\"\nwidths = [8]"),
    ] {
        let options = options(&place, file, text);
        let folder = |how: &str| format!("{name}-{how}");
        context::set_threads(1);
        place.train(&folder("one"), &options, None, false);
        context::set_threads(3);
        place.train(&folder("three"), &options, None, false);
        let whole = place.weights(&folder("one"));
        assert_eq!(whole, place.weights(&folder("three")), "{name}");
        // Before the encoder is trained, and after.
        for stop in [4, 8] {
            let broken = folder(&format!("broken-{stop}"));
            place.train(&broken, &options, Some(stop), false);
            place.train(&broken, &options, None, true);
            assert_eq!(whole, place.weights(&broken), "{name} stopped at {stop}");
        }
    }
    context::set_threads(before);
}

#[test]
fn a_seed_gives_the_same_images_and_what_is_asked_for_is_what_is_made() {
    let place = place();
    place.train("told", &options(&place, BARS, ""), None, false);
    let model = place.open("told").unwrap();
    let ask = "count = 6\ntruncation = 0.7";
    assert_eq!(sampled(&*model, ask, 3), sampled(&*model, ask, 3));
    assert_ne!(sampled(&*model, ask, 3), sampled(&*model, ask, 4));
    assert_ne!(sampled(&*model, ask, 3), sampled(&*model, "count = 6", 3));
    assert_ne!(
        sampled(&*model, "count = 4\nlabel = \"0\"", 3),
        sampled(&*model, "count = 4\nlabel = \"1\"", 3)
    );
    let way = sampled(&*model, "count = 12\ninterpolate = 6", 3);
    let size = ressac_data::picture::dimensions("x".as_ref(), &way).unwrap();
    assert_eq!(size, (6 * (SIDE + 2) + 2, 2 * (SIDE + 2) + 2));
    let refused = |ask: &str, words: &[&str]| {
        let ask: Table = ask.parse().unwrap();
        let error = model.sample().unwrap().pictures(&ask, 0).unwrap_err();
        for word in words {
            assert!(error.to_string().contains(word), "{error}");
        }
    };
    refused("label = \"7\"", &["`7`", "0, 1"]);
    refused("truncation = 0", &["`truncation`"]);
    refused("interpolate = 1", &["`interpolate`"]);
    refused("count = 0", &["`count`"]);
    let nothing = model.predict(
        &Sources::files(&model.trained_on(), true),
        &Table::new(),
        &mut ressac_data::rows::Collected::default(),
    );
    assert!(nothing.unwrap_err().to_string().contains("`sample`"));
}

#[test]
fn images_that_cannot_be_learnt_from_are_refused_with_what_to_do() {
    let place = place();
    let [mut images, _] = bars(40, SIDE, 5);
    let first = images[16..16 + SIDE * SIDE].to_vec();
    for image in images[16..].chunks_exact_mut(SIDE * SIDE) {
        image.copy_from_slice(&first);
    }
    place.write("same-images-idx3-ubyte", images);
    let [images, _] = bars(1, SIDE, 6);
    place.write("one-images-idx3-ubyte", images);
    let [images, _] = bars(40, 5, 7);
    place.write("tiny-images-idx3-ubyte", images);
    place.write("rows.csv", "x,y\n1,2\n3,4\n5,6\n");
    for (file, text, words) in [
        (
            "same-images-idx3-ubyte",
            "",
            &["the same", "pixel for pixel"][..],
        ),
        ("one-images-idx3-ubyte", "", &["images to learn from", "16"]),
        ("tiny-images-idx3-ubyte", "", &["5x5", "`size`"]),
        ("rows.csv", "", &["rows", "`data`"]),
        (PLAIN, "conditional = true", &["`conditional`", "classes"]),
        (BARS, "widths = [8, 8, 8, 8, 8]", &["`widths`"]),
        (BARS, "augment = 2", &["`augment`"]),
        (BARS, "penalty = -1", &["`penalty`"]),
        (BARS, "latent = 0", &["`latent`"]),
        (BARS, "discriminator_steps = 0", &["`discriminator_steps`"]),
        (BARS, "discriminator_lr = 0", &["`discriminator_lr`"]),
    ] {
        let error = place.refusal(&options(&place, file, text));
        for word in words {
            assert!(
                error.contains(word),
                "{file}, {text}: no {word:?} in {error:?}"
            );
        }
    }
}

#[test]
fn features_of_one_image_again_and_again_do_not_differ() {
    let same: Vec<f64> = (0..5)
        .flat_map(|_| (0..FEATURES).map(|at| at as f64))
        .collect();
    assert_eq!(mean_pairwise_distance(&same, FEATURES), Some(0.0));
    assert_eq!(super::learner::diversity(&same, &[0; 5]), Some(0.0));
}
