//! Classes: which a classifier can be trained on, numbers among them, and several at once.

use super::*;

fn of(text: &str, column: Option<&str>) -> Result<(), String> {
    let (examples, _) = read("x.csv", text, &ExampleOptions::default());
    require_classes(&examples, column).map_err(|error| error.to_string())
}

fn table(labels: impl Iterator<Item = String>) -> String {
    let rows = labels.enumerate();
    let rows: String = rows
        .map(|(row, label)| format!("{row}.5,{label}\n"))
        .collect();
    format!("x,label\n{rows}")
}

#[test]
fn one_class_alone_or_none_cannot_be_trained_on() {
    assert_eq!(
        of("text,label\na b,x\nc d,x\n", Some("label")).unwrap_err(),
        "x.csv: every one of 2 examples has the class `x` in column `label`: there is nothing to tell apart. \
         Give examples of at least two classes, or name another column of classes."
    );
    assert_eq!(
        of("text,label\na b,\nc d,\n", None).unwrap_err(),
        "x.csv: the examples have no classes. \
         Name the column that holds them, or give files that have them."
    );
    assert_eq!(of("text,label\na b,x\nc d,y\n", Some("label")), Ok(()));
}

#[test]
fn few_numbers_are_classes_and_many_are_a_measure() {
    let accepted = |text: &str| {
        assert_eq!(of(text, Some("label")), Ok(()));
        let (_, told) = read("x.csv", text, &ExampleOptions::default());
        told.into_iter().find(|told| told.starts_with("classes"))
    };
    let of_count = |count: usize, each: usize, step: usize| {
        table((0..count * each).map(move |row| (row % count * step).to_string()))
    };
    assert_eq!(accepted(&of_count(2, 5, 1)), None);
    assert_eq!(
        accepted(&of_count(5, 4, 1)).as_deref(),
        Some("classes: the 5 numbers in label from 0 to 4, each a class")
    );
    // Half stars, few-shot codes without gaps, codes with gaps and enough of each.
    accepted(&table((0..40).map(|row| format!("{}.5", row % 5))));
    accepted(&of_count(52, 2, 1));
    accepted(&of_count(30, 6, 10));
    for text in [
        of_count(30, 2, 10),
        table((0..50).map(|row| row.to_string())),
        table((0..50).map(|row| format!("{}.25", row % 30))),
        table((0..10).map(|row| format!("{row}.125"))),
    ] {
        let message = of(&text, Some("label")).unwrap_err();
        assert!(
            message.starts_with("x.csv: column `label` holds "),
            "{message}"
        );
        assert!(message.contains(" different numbers in "), "{message}");
        // A file that names its classes itself is believed.
        assert_eq!(of(&text, None), Ok(()));
    }
}

#[test]
fn classes_that_differ_by_the_spaces_around_them_are_one_and_told_with_their_counts() {
    let text = "text,label\na b,good\nc d, good\ne f,\"good \"\ng h, bad\ni j, bad\nk l,good\n";
    let (examples, told) = read("x.csv", text, &ExampleOptions::default());
    assert_eq!(examples.classes(), ["bad", "good"]);
    assert!(
        told.contains(
            &"classes read as one: ` good` (1) and `good` (2) and `good ` (1)".to_owned()
        ),
        "{told:?}"
    );
    let json = "{\"text\": \"a b\", \"label\": \"x \"}\n{\"text\": \"c d\", \"label\": \"x\"}\n";
    let (_, told) = read("x.jsonl", json, &ExampleOptions::default());
    assert!(
        told.contains(&"classes read as one: `x` (1) and `x ` (1)".to_owned()),
        "{told:?}"
    );
}

fn several() -> ExampleOptions {
    ExampleOptions {
        label: Labels::Several {
            column: None,
            separator: "|".to_owned(),
        },
        ..ExampleOptions::default()
    }
}

#[test]
fn a_cell_may_hold_several_classes_or_none() {
    let text = "text,labels\na b,war|love\nc d,love | war|love\ne f,\ng h,comedy\n";
    let (examples, _) = read("x.csv", text, &several());
    assert_eq!(labels(&examples), ["love|war", "love|war", "", "comedy"]);
    let sets = examples.label_sets("|").unwrap();
    assert_eq!(sets.classes, ["comedy", "love", "war"]);
    assert_eq!(sets.sets, [vec![1, 2], vec![1, 2], vec![], vec![0]]);
    assert_eq!(sets.counts(), [1, 2, 2]);
    #[rustfmt::skip]
    assert_eq!(sets.indicators(), [
        false, true, true,
        false, true, true,
        false, false, false,
        true, false, false,
    ]);
    assert!(sets.require_classes(&examples).is_ok());
    assert_eq!(
        remarks_of_sets(&examples, &sets),
        [LabelRemark::Single {
            classes: vec!["comedy".to_owned()]
        }]
    );
    // JSON lines have them as a list as well.
    let json = "{\"text\": \"a b\", \"labels\": [\"war\", \"love\"]}\n{\"text\": \"c d\", \"labels\": []}\n\
                {\"text\": \"e f\", \"labels\": \"war\"}\n";
    let (listed, _) = read("x.jsonl", json, &several());
    assert_eq!(labels(&listed), ["love|war", "", "war"]);
}

#[test]
fn several_classes_are_numbered_as_a_model_knows_them_and_unknown_ones_named() {
    let (examples, _) = read("x.csv", "text,labels\na b,war\nc d,love|odd\n", &several());
    let sets = examples.label_sets("|").unwrap();
    let own = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let among = sets
        .among(&own(&["a", "love", "odd", "war"]), &examples)
        .unwrap();
    assert_eq!(among.sets, [vec![3], vec![1, 2]]);
    assert_eq!(
        sets.among(&own(&["love", "war"]), &examples)
            .unwrap_err()
            .to_string(),
        "x.csv, line 3: expected classes of the 2 that the model knows (love, war), found `odd`. \
         Correct it, or train on examples of it."
    );
    let (same, _) = read("x.csv", "text,labels\na b,war\nc d,war\n", &several());
    let message = same
        .label_sets("|")
        .unwrap()
        .require_classes(&same)
        .unwrap_err();
    assert!(
        message
            .to_string()
            .contains("every one of 2 examples has the same classes (war)")
    );
    let empty = ExampleOptions {
        label: Labels::Several {
            column: None,
            separator: String::new(),
        },
        ..ExampleOptions::default()
    };
    assert!(
        refusal("x.csv", "text,labels\na b,war\n", &empty)
            .contains("separator between the classes")
    );
    let ts = "@problemName x\n@classLabel true a\n@data\n1:a\n";
    assert!(refusal("x.ts", ts, &several()).contains("several classes were asked for"));
    let none = refusal("x.csv", "text,labels\na b,\nc d,\n", &several());
    assert!(
        none.contains("every cell of column `labels` is empty"),
        "{none}"
    );
}
