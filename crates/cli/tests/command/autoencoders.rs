//! Autoencoders through the command: rows with categories and missing values, false alarms, images, damaged and unfit files.

use std::fs;

use crate::harness::Place;

const NORMAL: &str = "--label state --normal normal";

#[test]
fn faulty_parts_are_found_named_and_counted_at_the_rate_asked_for() {
    let place = Place::new();
    place.run("data parts --out . --count 3000").succeeded();
    let checked = place
        .run(&format!(
            "check autoencode --data parts.csv {NORMAL} --json"
        ))
        .succeeded()
        .json();
    assert_eq!(checked["examples"], 3000);
    let trained = place.run(&format!(
        "train autoencode --data parts.csv {NORMAL} --widths 32,3 --steps 400 --out model"
    ));
    let trained = trained.succeeded();
    assert!(trained.err.contains("held back"), "{}", trained.err);
    let evaluated = place.run("evaluate model --json").succeeded().json();
    assert!(evaluated["auroc"].as_f64().unwrap() > 0.6, "{evaluated}");
    for rival in ["3 principal components", "one nearest neighbour"] {
        assert!(evaluated[rival]["auroc"].is_f64(), "{evaluated}");
    }
    let told = place
        .run("predict model --data parts.csv --alarms 1/100 --out scores.csv")
        .succeeded();
    assert!(
        told.err
            .contains("unusual at a rate of false alarms of 1/100"),
        "{}",
        told.err
    );
    let scores = fs::read_to_string(place.path("scores.csv")).unwrap();
    let mut lines = scores.lines();
    assert_eq!(lines.next(), Some("id,score,p_value,alarm,blame"));
    assert_eq!(lines.count(), 3000);
    place
        .run("predict model --data parts.csv --alarms 1/1000000")
        .refused(2, &["1/1000000", "999999", "--held-back"]);
    place
        .run("predict model --data parts.csv --alarms sometimes")
        .refused(2, &["--alarms", "1/1000"]);
    place
        .run("predict model --data parts.csv --give codes --out codes.csv")
        .succeeded();
    let codes = fs::read_to_string(place.path("codes.csv")).unwrap();
    assert!(codes.starts_with("id,code_1,code_2,code_3\n"));
    place.run("sample model").refused(2, &["--variational"]);
    place.run("draw model --out model.svg").succeeded();
    place.run("evaluate model --report report.html").succeeded();
    let report = fs::read_to_string(place.path("report.html")).unwrap();
    for heading in [
        "How unusual the examples are",
        "Map of codes",
        "where it is unusual",
    ] {
        assert!(report.contains(heading), "{heading}");
    }
    let shown = place.run("show model").succeeded();
    assert!(shown.out.contains("can be promised"), "{}", shown.out);
}

#[test]
fn a_variational_one_makes_rows_with_a_record_of_what_made_them() {
    let place = Place::new();
    place.run("data parts --out . --count 600").succeeded();
    place
        .run(&format!(
            "train autoencode --data parts.csv {NORMAL} --widths 16,2 --steps 60 --variational yes --out maker"
        ))
        .succeeded();
    place
        .run("sample maker --count 4 --seed 3 --out made.csv")
        .succeeded();
    let made = fs::read_to_string(place.path("made.csv")).unwrap();
    assert_eq!(made.lines().count(), 5);
    let record = fs::read_to_string(place.path("made.csv.json")).unwrap();
    assert!(record.contains("\"synthetic\": true"), "{record}");
    let printed = place.run("sample maker --count 4 --seed 3").succeeded();
    assert_eq!(printed.out, made);
}

#[test]
fn what_cannot_be_read_or_does_not_fit_is_named() {
    let place = Place::new();
    place.run("data parts --out . --count 400").succeeded();
    let train = |data: &str, options: &str| {
        place.run(&format!(
            "train autoencode --data {data} --steps 5 {options} --out none"
        ))
    };
    place.write("texts.csv", "review\n\"a long and rather sad story about the sea\"\n\"a short and happy story about the land\"\n");
    train("texts.csv", "").refused(1, &["texts.csv"]);
    place.write(
        "short-images-idx3-ubyte",
        &[0, 0, 8, 3, 0, 0, 0, 9, 0, 0, 0, 4, 0, 0, 0, 4, 1, 2],
    );
    train("short-images-idx3-ubyte", "").refused(1, &["short-images-idx3-ubyte"]);
    place.write("empty.csv", "");
    train("empty.csv", "").refused(1, &["empty.csv"]);
    train("parts.csv", "--label state --normal good").refused(1, &["good", "normal", "unusual"]);
    train("parts.csv", "--label colour --normal good").refused(1, &["colour"]);
    train("parts.csv", "--widths 0").refused(2, &["--widths"]);
    train("parts.csv", "--beta 2").refused(2, &["--beta", "variational"]);
    train("parts.csv", "--model recurrent --contraction 1").refused(2, &["--contraction"]);
    place.write(
        "constant.csv",
        &("a,b\n".to_owned() + &"1,2\n3,2\n2,2\n".repeat(80)),
    );
    let told = train("constant.csv", "").succeeded();
    assert!(
        told.err.contains("always the same") && told.err.contains('b'),
        "{}",
        told.err
    );
}
