//! `evaluate --slice`: errors told apart.

use crate::harness::{Place, SMALL};

/// A model of `load.csv`, of which it reads the load alone.
fn trained() -> Place {
    let place = Place::with_load();
    place
        .run(&format!(
            "train forecast --data load.csv {SMALL} --out model"
        ))
        .succeeded();
    place
}

#[test]
fn slices_hold_every_value_once_and_their_mean_is_the_whole() {
    let place = trained();
    let header = std::fs::read_to_string(place.path("load.csv")).unwrap();
    let header = header.lines().next().unwrap().to_owned();
    assert!(header.contains("temperature"), "{header}");
    // A unit of the calendar, a column the model reads, and one that it does not.
    for (by, least) in [
        ("hour", 24),
        ("weekday", 5),
        ("load", 4),
        ("temperature", 4),
    ] {
        let ran = place
            .run(&format!(
                "evaluate model --slice {by} --report {by}.html --json"
            ))
            .succeeded();
        let figures = ran.json();
        assert_eq!(figures["slice"], by);
        let slices = figures["slices"].as_array().unwrap();
        assert!(slices.len() >= least, "{by}: {}", slices.len());
        let number = |slice: &serde_json::Value, key: &str| slice[key].as_f64().unwrap();
        let values: f64 = slices.iter().map(|slice| number(slice, "values")).sum();
        assert_eq!(values, figures["windows"].as_f64().unwrap() * 6.0, "{by}");
        for key in ["mse", "mae"] {
            let sum: f64 = slices
                .iter()
                .map(|slice| number(slice, key) * number(slice, "values"))
                .sum();
            let (mean, whole) = (sum / values, figures[key].as_f64().unwrap());
            assert!((mean - whole).abs() < 1e-9 * whole.max(1.0), "{by} {key}");
        }
        assert!(ran.err.contains(&format!("by {by}")), "{}", ran.err);
        let page = std::fs::read_to_string(place.path(&format!("{by}.html"))).unwrap();
        assert!(page.contains(&format!("Error by {by}")));
    }
    // Without the option nothing is told apart.
    let plain = place.run("evaluate model --json").succeeded().json();
    assert!(plain.get("slices").is_none());
}

#[test]
fn a_column_to_slice_by_does_not_change_the_figures() {
    let place = trained();
    let plain = place.run("evaluate model --json").succeeded().json();
    let sliced = place
        .run("evaluate model --slice temperature --json")
        .succeeded()
        .json();
    assert_eq!(plain["mse"], sliced["mse"]);
    assert_eq!(plain["windows"], sliced["windows"]);
}

#[test]
fn a_slice_that_cannot_be_is_refused_with_what_can() {
    let place = trained();
    place
        .run("evaluate model --slice temprature")
        .refused(2, &["`--slice` is `temprature`", "temperature", "weekday"]);
    place
        .run("evaluate model --slice series")
        .refused(2, &["--slice", "one series"]);
}

#[test]
fn series_are_told_apart() {
    let place = Place::new();
    let mut text = "day,shop,sales\n".to_owned();
    let months = [31, 29, 31, 30];
    let days = months
        .into_iter()
        .zip(1..)
        .flat_map(|(days, month)| (1..=days).map(move |day| (month, day)));
    for (month, day) in days {
        for (shop, scale) in [("north", 1), ("south", 40)] {
            let value: u32 = scale * (10 + (month * 31 + day) % 7);
            text.push_str(&format!("2024-{month:02}-{day:02},{shop},{value}\n"));
        }
    }
    place.write("sales.csv", &text);
    place
        .run("train forecast --data sales.csv --series shop --target sales --every 1d --horizon 3 --context 7 --hidden 4 --epochs 1 --out model")
        .succeeded();
    let figures = place
        .run("evaluate model --slice shop --json")
        .succeeded()
        .json();
    let names: Vec<&str> = figures["slices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|slice| slice["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["north", "south"]);
}
