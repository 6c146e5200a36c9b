//! Autoencoders of every kind, trained on small data made here.

mod formulas;
mod series;

use std::f64::consts::TAU;

use toml::Table;

use ressac_data::rows::{Cell, Collected};
use ressac_kernels::context;
use ressac_nn::random::Stream;

use crate::model::{Model, Sources};
use crate::testing::{Workplace, figure};

/// Rows on a circle in three columns, with a column of categories that tells its half; one in ten off the circle, though no column alone
/// shows it.
fn circle(count: usize, seed: u64) -> String {
    let mut generator = Stream::new(seed, "circle").generator();
    let mut text = "x,y,z,half,state\n".to_owned();
    for row in 0..count {
        let angle = TAU * generator.uniform();
        let unusual = row % 10 == 9;
        let radius = if unusual { 0.3 } else { 1.0 };
        let noise = |generator: &mut ressac_nn::random::Generator| 0.03 * generator.normal();
        let x = radius * angle.cos() + noise(&mut generator);
        let y = radius * angle.sin() + noise(&mut generator);
        let z = x * y + noise(&mut generator);
        let half = if x > 0.0 { "right" } else { "left" };
        let state = if unusual { "off" } else { "on" };
        // A cell is missing now and then.
        let y = if row % 23 == 5 {
            String::new()
        } else {
            y.to_string()
        };
        text.push_str(&format!("{x},{y},{z},{half},{state}\n"));
    }
    text
}

/// Sine waves of some frequencies, `steps` of them or up to as many again; one in eight has a flat half.
fn waves(count: usize, steps: usize, unequal: bool, seed: u64) -> String {
    let mut generator = Stream::new(seed, "waves").generator();
    let mut text =
        "@problemName waves\n@univariate true\n@classLabel true whole broken\n@data\n".to_owned();
    for wave in 0..count {
        let broken = wave % 8 == 7;
        let phase = TAU * generator.uniform();
        let length = steps + if unequal { wave % 5 } else { 0 };
        let values = (0..length).map(|step| {
            let value = (phase + 0.5 * step as f64).sin() + 0.05 * generator.normal();
            let flat = broken && step > length / 2;
            format!("{:.4}", if flat { 0.9 } else { value })
        });
        let values: Vec<String> = values.collect();
        let label = if broken { "broken" } else { "whole" };
        text.push_str(&format!("{}:{label}\n", values.join(",")));
    }
    text
}

const SIDE: usize = 10;

/// Images of one bar across at some height, with noise; an IDX file.
fn bars(count: usize, seed: u64) -> Vec<u8> {
    let mut generator = Stream::new(seed, "bars").generator();
    let sizes = [count, SIDE, SIDE].map(|size| (size as u32).to_be_bytes());
    let mut bytes = [&[0, 0, 8, 3][..], &sizes.concat()].concat();
    for _ in 0..count {
        let at = generator.below(SIDE as u64) as usize;
        for row in 0..SIDE {
            for _ in 0..SIDE {
                let noise = 30.0 * generator.uniform();
                bytes.push((noise + if row == at { 200.0 } else { 0.0 }) as u8);
            }
        }
    }
    bytes
}

fn place() -> Workplace {
    let place = Workplace::new("autoencode");
    place.write("rows.csv", circle(600, 1));
    place.write("waves.ts", waves(240, 16, false, 2));
    place.write("unequal.ts", waves(240, 12, true, 3));
    place.write("bars-images-idx3-ubyte", bars(300, 4));
    place
}

fn options(place: &Workplace, file: &str, text: &str) -> Table {
    place.options(
        &["batch = 17\nsteps = 300\nlr = 0.01\n", text],
        &[("data", &[file])],
    )
}

fn predicted(model: &dyn Model, sources: &Sources, ask: &str) -> Vec<Vec<Cell<'static>>> {
    let mut rows = Collected::default();
    let ask: Table = ask.parse().unwrap();
    model.predict(sources, &ask, &mut rows).unwrap();
    rows.rows().to_vec()
}

#[test]
fn every_kind_finds_what_is_unusual_and_knows_its_own_sizes() {
    let place = place();
    for (name, file, text, least) in [
        (
            "rows",
            "rows.csv",
            "normal = [\"on\"]\nlabel = \"state\"\nwidths = [32, 16, 2]",
            0.95,
        ),
        (
            "dense",
            "waves.ts",
            "normal = [\"whole\"]\nwidths = [32, 3]",
            0.95,
        ),
        (
            "convolutional",
            "waves.ts",
            "normal = [\"whole\"]\nmodel = \"convolutional\"\nwidths = [8, 8, 3]\nfunction = \"leaky-relu\"",
            0.95,
        ),
        (
            "recurrent",
            "unequal.ts",
            "normal = [\"whole\"]\nmodel = \"recurrent\"\nwidths = [24, 4]\nsteps = 500",
            0.85,
        ),
    ] {
        let trained = place.train(name, &options(&place, file, text), None, false);
        let evaluated = trained.evaluated.unwrap();
        let found = figure(&evaluated, "auroc");
        assert!(found > least, "{name}: {found}");
        let model = place.open(name).unwrap();
        let structure = model.structure();
        let layers = structure.stages.iter().flat_map(|stage| &stage.layers);
        let sum: usize = layers.map(|layer| layer.parameters).sum();
        assert_eq!(sum, structure.parameters, "{name}");
        // The files are read again and the model says the same of them.
        let files = Sources::files(&model.trained_on(), true);
        let again = model.evaluate(&files, &Table::new()).unwrap();
        assert_eq!(figure(&again, "auroc"), found, "{name}");
    }
}

#[test]
fn a_curved_surface_is_written_better_than_by_as_many_principal_components() {
    let place = place();
    place.write("bent.csv", {
        let rows = circle(900, 5);
        // The columns of numbers alone.
        let lines = rows
            .lines()
            .map(|line| line.split(',').take(3).collect::<Vec<_>>().join(","));
        lines
            .filter(|line| !line.contains(",,"))
            .collect::<Vec<_>>()
            .join("\n")
    });
    let text = "widths = [32, 16, 1]\nsteps = 1500\nfunction = \"tanh\"";
    let trained = place.train("bent", &options(&place, "bent.csv", text), None, false);
    let evaluated = trained.evaluated.unwrap();
    let rival = evaluated.figures["1 principal component"]["mse"]
        .as_f64()
        .unwrap();
    let own = figure(&evaluated, "mse");
    assert!(own < 0.6 * rival, "{own} beside {rival}");
    assert!(
        evaluated
            .verdict
            .starts_with("Better than 1 principal component")
    );
}

#[test]
fn what_is_asked_of_the_code_changes_it_and_images_come_back_as_pixels() {
    let place = place();
    let file = "bars-images-idx3-ubyte";
    for (name, text) in [
        ("plain", "model = \"dense\"\nwidths = [32, 4]"),
        ("noise", "model = \"dense\"\nwidths = [32, 4]\nnoise = 0.3"),
        (
            "sparse",
            "model = \"dense\"\nwidths = [32, 24]\nsparsity = 0.1",
        ),
        (
            "narrow",
            "model = \"dense\"\nwidths = [32, 4]\ncontraction = 0.01",
        ),
        ("drawn", "widths = [8, 4]\nvariational = true"),
    ] {
        let trained = place.train(name, &options(&place, file, text), None, false);
        let evaluated = trained.evaluated.unwrap();
        let mse = figure(&evaluated, "mse");
        // Bars of 200 of 255 over a tenth of the pixels: the mean image has 0.055.
        assert!(mse < 0.05, "{name}: {mse}");
        assert_eq!(evaluated.figures.contains_key("elbo"), name == "drawn");
        if name == "drawn" {
            // What values of mean 0 and variance 1 have that depend on nothing: ½ ln 2πe nats less each.
            let bound = figure(&evaluated, "elbo");
            assert!(bound > -1.419 * (SIDE * SIDE) as f64, "{bound}");
        }
        let model = place.open(name).unwrap();
        let sources = Sources::files(&[place.path(file)], true);
        let codes = predicted(model.as_ref(), &sources, "give = \"codes\"");
        let code = |cell: &Cell<'_>| match cell {
            Cell::Number(value) => *value,
            other => panic!("{other:?}"),
        };
        if name == "sparse" {
            let all = codes.iter().flat_map(|row| &row[1..]).map(code);
            let (sum, count) =
                all.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
            let mean: f64 = sum / count;
            assert!(mean > 0.0 && mean < 0.25, "{mean}");
        }
        let written = predicted(model.as_ref(), &sources, "give = \"reconstructions\"");
        assert_eq!(written.len(), 300 * SIDE);
        let pixels = written.iter().flat_map(|row| &row[2..]).map(code);
        assert!(pixels.into_iter().all(|value| (0.0..=1.0).contains(&value)));
    }
}

#[test]
fn a_variational_one_makes_new_examples_and_others_say_why_they_do_not() {
    let place = place();
    let text = "normal = [\"whole\"]\nmodel = \"recurrent\"\nwidths = [8, 2]\nsteps = 40\nvariational = true\nbeta = 0.5";
    place.train("drawn", &options(&place, "unequal.ts", text), None, false);
    let model = place.open("drawn").unwrap();
    let sampled = |ask: &str, seed: u64| {
        let mut rows = Collected::default();
        let ask: Table = ask.parse().unwrap();
        let told = model.sample().unwrap().sample(&ask, seed, &mut rows);
        told.map(|_| rows.rows().to_vec())
            .map_err(|error| error.to_string())
    };
    let seven = sampled("count = 7\nlength = 9", 3).unwrap();
    assert_eq!(seven.len(), 63);
    assert_eq!(seven, sampled("count = 7\nlength = 9", 3).unwrap());
    assert_ne!(seven, sampled("count = 7\nlength = 9", 4).unwrap());
    // An example depends on the seed and its place alone.
    assert_eq!(seven[..27], sampled("count = 3\nlength = 9", 3).unwrap());
    assert_eq!(
        sampled("count = 6\nlength = 5\ninterpolate = 3", 3)
            .unwrap()
            .len(),
        30
    );
    assert!(
        sampled("interpolate = 1", 3)
            .unwrap_err()
            .contains("`interpolate`")
    );
    assert!(
        sampled("temperature = -1.0", 3)
            .unwrap_err()
            .contains("`temperature`")
    );
    let text = "normal = [\"whole\"]\nwidths = [8, 2]\nsteps = 5";
    place.train("plain", &options(&place, "waves.ts", text), None, false);
    let plain = place.open("plain").unwrap();
    let error = plain
        .sample()
        .unwrap()
        .sample(&Table::new(), 0, &mut Collected::default());
    assert!(error.unwrap_err().to_string().contains("`variational`"));
}

#[test]
fn training_is_the_same_for_any_threads_and_after_a_stop() {
    let place = place();
    let text = "normal = [\"whole\"]\nsteps = 40\nvariational = true\nnoise = 0.1\naveraging = \"ema:0.9\"";
    for (file, kind) in [
        ("waves.ts", "widths = [8, 2]"),
        ("waves.ts", "model = \"convolutional\"\nwidths = [4, 6, 2]"),
        ("unequal.ts", "model = \"recurrent\"\nwidths = [8, 2]"),
    ] {
        let options = options(&place, file, &format!("{text}\n{kind}"));
        let folder = |name: &str| format!("{name}-{}", kind.len() + file.len());
        context::set_threads(1);
        place.train(&folder("whole"), &options, None, false);
        context::set_threads(2);
        place.train(&folder("parts"), &options, Some(21), false);
        place.train(&folder("parts"), &options, None, true);
        assert!(
            place.weights(&folder("whole")) == place.weights(&folder("parts")),
            "{kind}"
        );
        let saved =
            std::fs::read_to_string(place.path(&folder("whole")).join("config.toml")).unwrap();
        let mut saved: Table = saved.parse().unwrap();
        saved.retain(|key, _| !["run", "version", "task"].contains(&key));
        place.train(&folder("again"), &saved, None, false);
        assert!(
            place.weights(&folder("whole")) == place.weights(&folder("again")),
            "{kind}"
        );
    }
}

#[test]
fn an_example_has_the_same_score_alone_and_beside_others() {
    let place = place();
    let text = "normal = [\"whole\"]\nmodel = \"recurrent\"\nwidths = [8, 2]\nsteps = 5";
    place.train("model", &options(&place, "unequal.ts", text), None, false);
    let model = place.open("model").unwrap();
    let all = waves(9, 12, true, 8);
    let head: Vec<&str> = all.lines().take(4).collect();
    let seventh = all.lines().nth(4 + 6).unwrap();
    place.write("all.ts", &all);
    place.write("one.ts", format!("{}\n{seventh}\n", head.join("\n")));
    let scores = |file: &str| {
        let sources = Sources::files(&[place.path(file)], false);
        predicted(model.as_ref(), &sources, "alarms = \"1/10\"")
    };
    let (all, one) = (scores("all.ts"), scores("one.ts"));
    assert_eq!(all.len(), 9);
    assert_eq!(one[0][1..], all[6][1..]);
    // The score, its p-value, the alarm and what is to blame.
    assert_eq!(one[0].len(), 5);
    assert!(matches!(&one[0][4], Cell::Text(blame) if blame.starts_with("step ")));
}

#[test]
fn normal_rows_are_called_unusual_as_often_as_was_asked_for() {
    let place = place();
    place.write("many.csv", circle(3_000, 11));
    place.write("more.csv", circle(6_000, 12));
    let mut options = options(
        &place,
        "many.csv",
        "normal = [\"on\"]\nlabel = \"state\"\nwidths = [16, 2]\nsteps = 200\nheld_back = 0.4",
    );
    options.insert(
        "test".into(),
        place.path("more.csv").display().to_string().into(),
    );
    place.train("model", &options, None, false);
    let model = place.open("model").unwrap();
    for rate in ["1%", "5%", "1/10"] {
        let ask: Table = format!("alarms = \"{rate}\"").parse().unwrap();
        let files = Sources::files(&model.trained_on(), true);
        let evaluated = model.evaluate(&files, &ask).unwrap();
        let counts = &evaluated.figures["false_alarm_counts"];
        assert_eq!(counts["of"], 5_400);
        let got = counts["got"].as_u64().unwrap();
        let expected: Vec<u64> = serde_json::from_value(counts["expected"].clone()).unwrap();
        assert!(
            (expected[0]..=expected[1]).contains(&got),
            "{rate}: {counts}"
        );
    }
}

#[test]
fn what_does_not_fit_is_refused_with_its_key() {
    let place = place();
    place.write(
        "words.csv",
        "text,kind\nit rained all day in the north,a\nthe sun shone over the bay,b\n",
    );
    for (file, text, word) in [
        ("unequal.ts", "model = \"dense\"", "`model`"),
        ("unequal.ts", "model = \"convolutional\"", "`model`"),
        ("rows.csv", "model = \"convolutional\"", "`dense`"),
        ("unequal.ts", "widths = [4]", "`widths`"),
        (
            "waves.ts",
            "model = \"convolutional\"\nwidths = [4]",
            "`widths`",
        ),
        ("waves.ts", "cell = \"lstm\"", "`cell`"),
        ("unequal.ts", "function = \"tanh\"", "`function`"),
        ("unequal.ts", "contraction = 0.1", "`contraction`"),
        ("waves.ts", "beta = 2.0", "`beta`"),
        (
            "waves.ts",
            "variational = true\nsparsity = 1.0",
            "`sparsity`",
        ),
        ("waves.ts", "widths = []", "`widths`"),
        ("waves.ts", "held_back = 1.0", "`held_back`"),
        ("waves.ts", "normal = [\"round\"]", "`round`"),
        (
            "rows.csv",
            "normal = [\"on\"]\nlabel = \"colour\"",
            "colour",
        ),
        ("bars-images-idx3-ubyte", "normal = [\"a\"]", "`label`"),
    ] {
        let error = place.refusal(&options(&place, file, text));
        assert!(error.contains(word), "{file} {text}: {error}");
    }
    let text = "normal = [\"on\"]\nlabel = \"state\"\nsteps = 5\nwidths = [2]\nheld_back = 0.1";
    place.train("rows", &options(&place, "rows.csv", text), None, false);
    let model = place.open("rows").unwrap();
    let refused = |name: &str, content: &str, ask: &str| {
        let sources = Sources::files(&[place.write(name, content)], false);
        let ask: Table = ask.parse().unwrap();
        let error = model.predict(&sources, &ask, &mut Collected::default());
        error.unwrap_err().to_string()
    };
    // A reconstruction has the columns of the data: a category is one of those known.
    let sources = Sources::files(&[place.path("rows.csv")], true);
    let mut rows = Collected::default();
    let ask: Table = "give = \"reconstructions\"".parse().unwrap();
    model.predict(&sources, &ask, &mut rows).unwrap();
    let names: Vec<&str> = rows.columns().iter().map(|of| of.name.as_str()).collect();
    assert_eq!(names, ["id", "x", "y", "z", "half"]);
    let halves = rows.rows().iter().map(|row| &row[4]);
    let known =
        |half: &Cell<'_>| matches!(half, Cell::Text(half) if half == "left" || half == "right");
    assert!(halves.into_iter().all(known));
    let good = "x,y,z,half\n0.1,0.2,0.02,left\n";
    assert!(refused("a.csv", good, "alarms = \"1/1000\"").contains("999"));
    assert!(refused("a.csv", good, "alarms = \"often\"").contains("`alarms`"));
    assert!(refused("a.csv", good, "give = \"codes\"\nalarms = \"1/20\"").contains("`give`"));
    assert!(refused("b.csv", "x,y,half\n0.1,0.2,left\n", "").contains('z'));
    // A category that was never met is told, and is none of those that were.
    let sources = Sources::files(
        &[place.write("c.csv", "x,y,z,half\n0.1,0.2,0.02,above\n")],
        false,
    );
    let mut rows = Collected::default();
    let told = model.predict(&sources, &Table::new(), &mut rows).unwrap();
    assert_eq!(rows.rows().len(), 1);
    assert!(told.iter().any(|line| line.contains("above")), "{told:?}");
}
