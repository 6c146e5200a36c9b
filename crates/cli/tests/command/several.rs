//! `--label-separator`: examples of several classes at once, from a table to predictions, and what is refused.

use std::fs;

use crate::harness::Place;

/// Reports of faults with every class that they name, or none.
fn reports(count: usize) -> String {
    let mut rows = "text,tags\n".to_owned();
    for at in 0..count {
        let bits = at * 5 % 8;
        let holds = |class: usize| bits >> class & 1 == 1;
        let said = ["brakes squeal", "engine stalls", "door jams"];
        let words: Vec<&str> = (0..3).filter(|c| holds(*c)).map(|c| said[c]).collect();
        let names = ["brakes", "engine", "door"];
        let names: Vec<&str> = (0..3).filter(|c| holds(*c)).map(|c| names[c]).collect();
        rows += &format!(
            "report a{} b{} c{} of today {} as before,{}\n",
            at % 13,
            at % 17,
            at % 3,
            words.join(" and "),
            names.join(";")
        );
    }
    rows
}

const OPTIONS: &str =
    "--label tags --label-separator ; --steps 250 --hidden 12 --lr 0.02 --batch 16";

#[test]
fn texts_of_several_classes_go_from_a_table_to_predictions() {
    let place = Place::new();
    place.write("reports.csv", &reports(320));
    let checked = place.run("check classify --data reports.csv --label tags --label-separator ;");
    let checked = checked.succeeded();
    for told in [
        "320 texts of 3 classes",
        "1.50 in the mean, 3 at the most; 40 examples have none",
        "40 examples have an empty cell of classes",
    ] {
        let said = format!("{}{}", checked.out, checked.err);
        assert!(said.contains(told), "{told}: {said}");
    }
    place
        .run(&format!(
            "train classify --data reports.csv {OPTIONS} --out model"
        ))
        .succeeded();
    let figures = place.run("evaluate model --json").succeeded().json();
    assert!(figures["micro_f1"].as_f64().unwrap() > 0.9, "{figures}");
    assert!(figures["most frequent set"]["subset_accuracy"].is_number());
    assert!(figures["difference"]["micro_f1"].is_number());
    let told = place.run("evaluate model --report page.html").succeeded();
    for word in ["micro f1", "hamming loss", "brakes"] {
        assert!(told.out.contains(word), "{word}: {}", told.out);
    }
    let page = fs::read_to_string(place.path("page.html")).unwrap();
    assert!(page.contains("F1 by class") && page.contains("Class by class"));
    let shown = place.run("show model").succeeded();
    assert!(shown.out.contains("several at once"), "{}", shown.out);

    place.write(
        "new.csv",
        "text\ntoday engine stalls and door jams\nnothing\n",
    );
    let predicted = place.run("predict model --data new.csv").succeeded();
    let lines: Vec<&str> = predicted.out.lines().collect();
    assert_eq!(lines[0], "text,labels,p_brakes,p_door,p_engine");
    assert!(lines[1].contains(",door;engine,"), "{}", predicted.out);
    assert!(lines[2].starts_with("nothing,,"), "{}", predicted.out);
    let top = place.run("predict model --text brakes --top 2").succeeded();
    let lines: Vec<&str> = top.out.lines().collect();
    assert_eq!(lines[0], "text,label,probability,label_2,probability_2");
    assert_eq!(lines.len(), 2, "{}", top.out);
    place.run("draw model --out model.svg").succeeded();

    // Trained again from its own configuration: the same bytes.
    place
        .run("train classify --config model/config.toml --out again")
        .succeeded();
    assert!(place.weights("model") == place.weights("again"));
    // A class that the training part lacks.
    place.write("test.csv", "text,tags\nbrakes squeal,brakes;wipers\n");
    place
        .run("evaluate model --data test.csv")
        .refused(1, &["test.csv", "line 2", "wipers", "door"]);
    place
        .run(&format!(
            "train classify --data reports.csv --test test.csv {OPTIONS} --out other"
        ))
        .refused(1, &["test.csv", "line 2", "wipers"]);
}

#[test]
fn cells_without_classes_and_separators_that_never_occur_are_told() {
    let place = Place::new();
    place.write("empty.csv", "text,tags\na b,\nc d,\ne f,\n");
    let train = "train classify --label tags --out model --data";
    place
        .run(&format!("{train} empty.csv --label-separator ;"))
        .refused(1, &["empty.csv", "`tags` is empty"]);
    place.write("reports.csv", &reports(80));
    let other = "check classify --data reports.csv --label tags --label-separator |";
    let other = place.run(other);
    assert_eq!(other.code, 3, "{}", other.err);
    assert!(
        other.out.contains("`|` stands in none of their cells")
            && other.out.contains("--label-separator"),
        "{}",
        other.out
    );
    place.run("data waves --out .").succeeded();
    place
        .run("train classify --data waves.ts --label-separator ; --out model")
        .refused(1, &["waves.ts", "one for each example"]);
    place
        .run("data sounds --out sounds --count 12 --test 6")
        .succeeded();
    place
        .run("train classify --data sounds/train --label-separator ; --out model")
        .refused(1, &["sounds/train", "no table"]);
}

#[test]
fn sounds_of_a_table_may_have_several_classes_each() {
    let place = Place::new();
    place
        .run("data sounds --out made --count 24 --test 6 --seed 2")
        .succeeded();
    let mut table = String::new();
    for (folder, tags) in [
        ("tone", "[\"steady\", \"pitched\"]"),
        ("rise", "[\"pitched\"]"),
        ("burst", "[]"),
    ] {
        let mut files: Vec<_> = fs::read_dir(place.path(&format!("made/train/{folder}")))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        for file in files {
            table += &format!("{{\"file\": \"made/train/{folder}/{file}\", \"tags\": {tags}}}\n");
        }
    }
    place.write("sounds.jsonl", &table);
    let ran = place.run(
        "train classify --data sounds.jsonl --label tags --label-separator ; --steps 4 --hidden 5 --filters 4 --split 0.6,0.2,0.2 --out model",
    );
    ran.succeeded();
    let heard = place.run("predict model --data made/test/tone").succeeded();
    assert!(
        heard.out.starts_with("id,labels,p_pitched,p_steady"),
        "{}",
        heard.out
    );
}
