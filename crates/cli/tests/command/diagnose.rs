//! `ressac diagnose`: what it measures of a trained model, writes and refuses.

use std::fs;

use crate::harness::{Place, SMALL, entries};

#[test]
fn a_trained_model_is_diagnosed_in_a_page_numbers_and_figures() {
    let place = Place::with_load();
    place
        .run(&format!(
            "train forecast --data load.csv {SMALL} --model rnn --out model"
        ))
        .succeeded();
    let ran = place
        .run("diagnose model --windows 8 --rate-steps 30 --svg figures --json")
        .succeeded();
    let found = ran.json();
    assert_eq!(
        (&found["model"], &found["steps"], &found["items"]),
        (&"rnn".into(), &24.into(), &8.into())
    );
    assert_eq!(
        found["gradient"]["state"]["mean"].as_array().unwrap().len(),
        24
    );
    assert!(found["rate_test"]["rates"].as_array().unwrap().len() > 5);
    let sentence = found["verdict"]["sentence"].as_str().unwrap();
    assert!(ran.out.contains(sentence) && ran.out.contains("Is the gradient gone too early?"));
    let page = fs::read_to_string(place.path("model").join("diagnose.html")).unwrap();
    assert!(page.contains("Learning-rate range test") && !page.contains("://"));
    let numbers = fs::read_to_string(place.path("model").join("diagnose.json")).unwrap();
    let numbers: serde_json::Value = serde_json::from_str(&numbers).unwrap();
    assert_eq!(numbers["verdict"], found["verdict"]);
    let figures = entries(&place.path("figures"));
    for name in [
        "gradient.svg",
        "jacobian.svg",
        "memory.svg",
        "gate-1-h.svg",
        "learning-rate.svg",
    ] {
        assert!(figures.iter().any(|figure| figure == name), "{figures:?}");
    }

    // Other data: all its rows, and no learning rates.
    place
        .run("data load --out other --hours 300 --seed 5")
        .succeeded();
    fs::create_dir(place.path("here")).unwrap();
    let ran = place
        .run("diagnose model --data other/load.csv --out here/page.html --json")
        .succeeded();
    assert!(
        ran.err.contains("learning rates are not tested"),
        "{}",
        ran.err
    );
    assert!(ran.json()["rate_test"].is_null());
    assert_eq!(entries(&place.path("here")), ["page.html", "page.json"]);
}

#[test]
fn a_cell_of_another_form_and_what_stands_around_it_are_diagnosed_too() {
    let place = Place::with_load();
    for (name, options, gates) in [
        (
            "cell",
            "--model lstm --gates cell",
            &["i", "f", "g", "o", "tanh c"][..],
        ),
        (
            "before",
            "--model gru --reset before --layer-norm yes --zoneout 0.1 --layers 2 --residual yes",
            &["r", "z", "n", "r", "z", "n"],
        ),
    ] {
        place
            .run(&format!(
                "train forecast --data load.csv {SMALL} {options} --out {name}"
            ))
            .succeeded();
        let ran = place
            .run(&format!(
                "diagnose {name} --windows 4 --no-rate-test --json"
            ))
            .succeeded();
        let found = ran.json();
        let listed: Vec<&str> = found["saturation"]["gates"]
            .as_array()
            .unwrap()
            .iter()
            .map(|values| values["gate"].as_str().unwrap())
            .collect();
        assert_eq!(listed, gates);
        let mean = found["gradient"]["state"]["mean"].as_array().unwrap();
        assert!(
            mean.len() == 24 && mean[0].as_f64().unwrap() > 0.0,
            "{mean:?}"
        );
        assert!(
            found["jacobian"]["growth_rate"]
                .as_f64()
                .unwrap()
                .is_finite()
        );
    }
}

#[test]
fn what_diagnose_cannot_use_is_refused_by_name() {
    let place = Place::with_load();
    place
        .run("diagnose nowhere")
        .refused(1, &["nowhere", "not a model folder"]);
    place
        .run(&format!(
            "train forecast --data load.csv {SMALL} --out model"
        ))
        .succeeded();
    place
        .run("diagnose model --windows 1")
        .refused(2, &["--windows"]);
    place
        .run("diagnose model --no-rate-test --time-limit 5s")
        .refused(2, &["--no-rate-test", "--time-limit"]);
    place
        .run("diagnose model --out page.json")
        .refused(2, &["page.json", ".html"]);
    place.write(
        "other.csv",
        "time,price\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n",
    );
    place
        .run("diagnose model --data other.csv")
        .refused(1, &["other.csv"]);
    fs::write(place.path("model").join("weights.safetensors"), b"short").unwrap();
    place
        .run("diagnose model")
        .refused(1, &["weights.safetensors", "damaged"]);
}
