//! Files nobody prepared: many series, missing values, covariates, and the check before training.

use std::fmt::Write as _;

use crate::harness::Place;

/// Options of a training of a second.
const QUICK: &str = "--horizon 3 --context 6 --hidden 8 --epochs 2";

/// `rows` days of sales of each shop, one below the other, with a price known ahead.
fn shops(place: &Place, rows: usize, ahead: usize) {
    let mut text = String::from("day,shop,region,sales,price\n");
    for day in 0..rows + ahead {
        for (shop, region, level) in [("A", "north", 10), ("B", "south", 1000)] {
            let sales = match day < rows {
                true => (level + level * (day % 7) / 7).to_string(),
                false => String::new(),
            };
            let _ = writeln!(
                text,
                "2021-01-{:02},{shop},{region},{sales},{}",
                1 + day,
                day % 3
            );
        }
    }
    place.write("shops.csv", &text);
}

#[test]
fn one_model_for_many_shops_forecasts_each_in_long_form() {
    let place = Place::new();
    shops(&place, 28, 3);
    let data = "--data shops.csv --target sales --series shop --known price --static region";
    let trained = place
        .run(&format!(
            "train forecast {data} {QUICK} --split 0.6,0.2,0.2 --out model"
        ))
        .succeeded();
    assert!(trained.err.contains("2 series"), "{}", trained.err);
    let predicted = place.run("predict model --data shops.csv").succeeded();
    let lines: Vec<&str> = predicted.out.lines().collect();
    assert_eq!(lines[0], "shop,day,sales,sales_q0.1,sales_q0.9");
    assert_eq!(lines.len(), 7);
    assert!(lines[1].starts_with("A,2021-01-29,"), "{}", lines[1]);
    assert!(lines[4].starts_with("B,2021-01-29,"), "{}", lines[4]);
    let shown = place.run("show model").succeeded();
    assert!(
        shown.out.contains("price, region, the calendar"),
        "{}",
        shown.out
    );

    // Without its future the known column is not known.
    shops(&place, 28, 1);
    place.run("predict model --data shops.csv").refused(
        1,
        &[
            "shops.csv",
            "known columns reach 1 rows",
            "needs them for 3",
        ],
    );
}

#[test]
fn missing_values_are_counted_masked_and_never_come_out() {
    let place = Place::new();
    let rows: String = (0..120)
        .map(|row| match row % 11 {
            3 => format!("{row},\n"),
            _ => format!("{row},{}\n", row % 5),
        })
        .collect();
    place.write("gaps.csv", &format!("step,value\n{rows}"));
    let trained = place
        .run(&format!(
            "train forecast --data gaps.csv --target value {QUICK} --out model"
        ))
        .succeeded();
    assert!(
        trained.err.contains("missing values: 11"),
        "{}",
        trained.err
    );
    let predicted = place.run("predict model").succeeded();
    assert!(!predicted.out.contains("NaN"), "{}", predicted.out);
}

#[test]
fn a_value_too_large_to_be_squared_is_refused_before_training() {
    let place = Place::new();
    let rows: String = (0..100)
        .map(|row| format!("{row},1e{}\n", 3 * row))
        .collect();
    place.write("huge.csv", &format!("step,value\n{rows}"));
    place
        .run(&format!(
            "train forecast --data huge.csv --target value {QUICK} --out model"
        ))
        .refused(1, &["huge.csv", "`value`", "1e102", "larger unit"]);
    assert!(!place.path("model").exists());
}

#[test]
fn rows_that_are_series_are_scored_on_a_file_that_holds_only_their_future() {
    let place = Place::new();
    let row = |name: &str, from: usize, to: usize, level: usize| -> String {
        let values: Vec<String> = (from..to)
            .map(|step| (level + step % 4).to_string())
            .collect();
        format!("{name},{}\n", values.join(","))
    };
    let header = |count: usize| -> String {
        let names: Vec<String> = (0..=count).map(|column| format!("V{column}")).collect();
        format!("{}\n", names.join(","))
    };
    place.write(
        "train.csv",
        &format!(
            "{}{}{}",
            header(60),
            row("H1", 0, 60, 5),
            row("H2", 0, 60, 50)
        ),
    );
    place.write(
        "test.csv",
        &format!(
            "{}{}{}",
            header(3),
            row("H1", 60, 63, 5),
            row("H2", 60, 63, 50)
        ),
    );
    place
        .run(&format!(
            "train forecast --data train.csv {QUICK} --season 4 --split rest,3,0 --out model"
        ))
        .succeeded();
    place
        .run("train forecast --config model/config.toml --out again")
        .succeeded();
    assert_eq!(place.weights("model"), place.weights("again"));
    let figures = place
        .run("evaluate model --data test.csv --history train.csv --json")
        .succeeded()
        .json();
    assert_eq!(figures["windows"], 2);
    assert_eq!(figures["seasonal-naive"]["mae"], 0.0);
    assert!(figures["smape"].as_f64().unwrap() > 0.0);
    place
        .run("evaluate model --history train.csv")
        .refused(2, &["`--history`", "with `--data`"]);
}

#[test]
fn a_check_tells_what_is_wrong_before_any_training_and_exits_with_3() {
    let place = Place::new();
    let rows: String = (0..200)
        .map(|row| {
            let strange = if row == 77 { 1_000_000 } else { row % 24 };
            let thin = if row % 2 == 0 {
                String::new()
            } else {
                row.to_string()
            };
            format!("{row},{strange},7,{thin}\n")
        })
        .collect();
    place.write("odd.csv", &format!("step,load,flat,thin\n{rows}"));
    place
        .run("check forecast --data odd.csv --target load,flat,thin --horizon 5 --season 24")
        .refused(3, &["3 problems found"]);
    let told = place.run("check forecast --data odd.csv --target load,flat,thin --json");
    for part in [
        "row 78",
        "`flat` is constant",
        "`thin` lacks 50 % of its values",
    ] {
        assert!(told.out.contains(part), "{part} in {}", told.out);
    }
    let place = Place::with_load();
    let fine = place
        .run("check forecast --data load.csv --horizon 6")
        .succeeded();
    assert!(fine.out.contains("no problem found"), "{}", fine.out);
    assert_eq!(crate::harness::entries(&place.path("")), ["load.csv"]);
}

#[test]
fn what_is_read_is_never_written_over() {
    let place = Place::with_load();
    let train = format!("train forecast --data load.csv {QUICK} --target load --out model");
    place.run(&train).succeeded();
    let before = std::fs::read(place.path("load.csv")).unwrap();
    place
        .run("predict model --data load.csv --out load.csv")
        .refused(2, &["load.csv", "would be lost"]);
    place
        .run("evaluate model --data load.csv --report load.csv")
        .refused(2, &["load.csv", "would be lost"]);
    assert_eq!(std::fs::read(place.path("load.csv")).unwrap(), before);
}

#[test]
fn a_folder_whose_files_do_not_belong_together_is_refused_before_anything_is_computed() {
    let place = Place::with_load();
    let train = format!("train forecast --data load.csv {QUICK} --target load --out model");
    place.run(&train).succeeded();
    let config = std::fs::read_to_string(place.path("model").join("config.toml")).unwrap();
    let pipeline = std::fs::read_to_string(place.path("model").join("pipeline.json")).unwrap();
    for (from, to) in [
        ("horizon = 3", "horizon = 0"),
        ("context = 6", "context = 0"),
        ("context = 6", "context = 2"),
        ("hidden = 8", "hidden = 900000"),
        ("lags = []", "lags = [2400]"),
        ("quantiles = [0.1", "quantiles = [0.2"),
    ] {
        assert!(config.contains(from), "{from} in {config}");
        place.write("model/config.toml", &config.replace(from, to));
        // A shorter context is another model, but one that can run.
        if to != "context = 2" {
            place.run("predict model").refused(1, &["do not fit"]);
        }
    }
    place.write(
        "model/config.toml",
        &config.replace("hidden = 8", "hidden = \"x\""),
    );
    place
        .run("predict model")
        .refused(1, &["config.toml", "damaged"]);
    place.write("model/config.toml", &config);
    for (from, to) in [
        ("\"pooled\": [", "\"pooled\": [], \"unused\": ["),
        ("\"deviation\": ", "\"deviation\": -"),
        ("\"corrections\": [", "\"corrections\": [[], "),
    ] {
        assert!(pipeline.contains(from), "{from} in {pipeline}");
        place.write("model/pipeline.json", &pipeline.replacen(from, to, 1));
        place.run("predict model").refused(1, &["copy"]);
    }
    place.write("model/pipeline.json", &pipeline);
    place.run("predict model").succeeded();
}

#[test]
fn holidays_and_origins_that_cannot_be_are_refused_in_words() {
    let place = Place::with_load();
    let train = format!("train forecast --data load.csv {QUICK} --target load --out model");
    place
        .run(&format!("{train} --holidays FRA"))
        .refused(2, &["--holidays", "FRA", "FR"]);
    place
        .run(&format!("{train} --calendar no --holidays FR"))
        .refused(2, &["--holidays", "calendar"]);
    place
        .run(&format!("{train} --loss mse --quantiles 0.1,0.9"))
        .refused(2, &["--quantiles", "mse"]);
    place
        .run(&format!("{train} --lags 2"))
        .refused(2, &["--lags", "at least the horizon"]);
    place
        .run(&format!("{train} --schedule cosin"))
        .refused(2, &["--schedule", "cosine"]);
    place
        .run(&format!("{train} --every 1fortnight"))
        .refused(2, &["--every", "15min"]);
    place.run(&train).succeeded();
    place
        .run("evaluate model --origin 25:00")
        .refused(2, &["--origin", "00:00"]);
    let scored = place
        .run("evaluate model --origin 06:00 --json")
        .succeeded();
    let all = place.run("evaluate model --json").succeeded();
    let windows = |ran: &crate::harness::Ran| ran.json()["windows"].as_u64().unwrap();
    assert!(windows(&scored) * 20 < windows(&all));
}
