//! Tests of labelled examples: what each form of file becomes, and what is refused.

mod bad_input;
mod classes;
mod rows;

use std::path::Path;

use super::*;
use crate::error::DataError;
use crate::read::Assumption;

fn read(name: &str, text: &str, options: &ExampleOptions) -> (Examples, Vec<String>) {
    match read_examples_bytes(&[(Path::new(name), text.as_bytes())], options) {
        Ok((examples, told)) => (examples, told.iter().map(said).collect()),
        Err(error) => panic!("{error}"),
    }
}

fn said(assumption: &Assumption) -> String {
    format!("{}: {}", assumption.what, assumption.found)
}

fn refusal(name: &str, text: &str, options: &ExampleOptions) -> String {
    let files = [(Path::new(name), text.as_bytes())];
    read_examples_bytes(&files, options)
        .unwrap_err()
        .to_string()
}

fn texts(examples: &Examples) -> &[String] {
    match &examples.inputs {
        Inputs::Texts(texts) => texts,
        Inputs::Sequences(_) => panic!("expected texts"),
    }
}

fn sequences(examples: &Examples) -> &Sequences {
    match &examples.inputs {
        Inputs::Sequences(sequences) => sequences,
        Inputs::Texts(_) => panic!("expected sequences"),
    }
}

fn labels(examples: &Examples) -> Vec<&str> {
    examples
        .labels
        .iter()
        .flatten()
        .map(String::as_str)
        .collect()
}

#[test]
fn texts_between_tabs_without_header_keep_their_quotes() {
    let text = "a \"good\" film , really\t1\n\"an open quote\t0\nso , so\t1\n\" again\t0\n";
    let (examples, told) = read("train.tsv", text, &ExampleOptions::default());
    assert_eq!(
        texts(&examples),
        [
            "a \"good\" film , really",
            "\"an open quote",
            "so , so",
            "\" again"
        ]
    );
    assert_eq!(labels(&examples), ["1", "0", "1", "0"]);
    assert_eq!(examples.origins[3].place, Place::Line(4));
    assert_eq!(
        told,
        [
            "quotes: characters like any other (line 2 has one alone)",
            "separator: tab",
            "header: none: columns are numbered from 1",
            "text column: column_1",
            "label column: column_2",
        ]
    );
}

#[test]
fn texts_and_classes_are_found_by_the_names_of_their_columns() {
    let text = "id,Sentiment,title,Review\n1,pos,a long title that says nothing,\"good, short\"\n\
                2,neg,another long title of no use,bad\n";
    let (examples, told) = read("r.csv", text, &ExampleOptions::default());
    assert_eq!(texts(&examples), ["good, short", "bad"]);
    assert_eq!(labels(&examples), ["pos", "neg"]);
    assert_eq!(examples.classes(), ["neg", "pos"]);
    assert!(told.contains(&"text column: Review".to_owned()), "{told:?}");
    assert!(
        told.contains(&"label column: Sentiment".to_owned()),
        "{told:?}"
    );
}

#[test]
fn without_known_names_the_longest_column_is_the_text_and_the_one_of_fewest_values_the_class() {
    let text = "n,said,where,mood\n1,what a fine day it is,Lyon,up\n2,how sad this rain is,Nice,down\n\
                3,nothing to be said of it,Metz,up\n";
    let (examples, told) = read("x.csv", text, &ExampleOptions::default());
    assert_eq!(texts(&examples)[1], "how sad this rain is");
    assert_eq!(labels(&examples), ["up", "down", "up"]);
    assert!(told.contains(&"header: n, said, where, mood".to_owned()));
    // The first row has a class that stands again below it: it is no header.
    let text = "what a fine day it is\tup\nhow sad this rain is\tdown\nwell well\tup\n";
    let (examples, _) = read("x.tsv", text, &ExampleOptions::default());
    assert_eq!(labels(&examples), ["up", "down", "up"]);
}

#[test]
fn columns_are_taken_as_the_user_names_them() {
    let text = "text,label,note\nlong text of no use,a,short\nanother long text,b,brief\n";
    let options = ExampleOptions {
        text: Some("note".parse().unwrap()),
        label: Labels::Column("2".parse().unwrap()),
        ..ExampleOptions::default()
    };
    let (examples, told) = read("x.csv", text, &options);
    assert_eq!(texts(&examples), ["short", "brief"]);
    assert_eq!(labels(&examples), ["a", "b"]);
    assert!(!told.iter().any(|told| told.contains("column")), "{told:?}");
    let absent = ExampleOptions {
        label: Labels::Absent,
        ..options.clone()
    };
    assert_eq!(read("x.csv", text, &absent).0.labels, None);
    let twice = ExampleOptions {
        label: Labels::Column("note".parse().unwrap()),
        ..options.clone()
    };
    assert!(refusal("x.csv", text, &twice).contains("`note` is asked for twice"));
    let unknown = ExampleOptions {
        label: Labels::Column("lable".parse().unwrap()),
        ..options
    };
    assert!(refusal("x.csv", text, &unknown).contains("Did you mean `label`?"));
}

#[test]
fn lines_of_plain_text_are_texts_without_classes() {
    let text = "One, two, three.\nFour, five.\n\nSix\n";
    let (examples, told) = read("x.txt", text, &ExampleOptions::default());
    assert_eq!(texts(&examples), ["One, two, three.", "Four, five.", "Six"]);
    assert_eq!(examples.labels, None);
    assert!(
        told.contains(&"label column: none: no column has values that repeat".to_owned()),
        "{told:?}"
    );
}

#[test]
fn json_lines_are_read_with_the_lines_of_their_objects() {
    let text = "{\"text\": \"a \\\"b\\\"\\n\", \"label\": 1, \"tags\": [1]}\n\n{\"label\": true, \"text\": \"é\"}\n";
    let (examples, told) = read("x.jsonl", text, &ExampleOptions::default());
    assert_eq!(texts(&examples), ["a \"b\"", "é"]);
    assert_eq!(labels(&examples), ["1", "true"]);
    assert_eq!(examples.origins[1].place, Place::Line(3));
    assert!(
        told.contains(&"left out, no cells: tags".to_owned()),
        "{told:?}"
    );
    let message = refusal(
        "x.jsonl",
        "{\"text\": \"a\"}\n{\"text\": \n",
        &ExampleOptions::default(),
    );
    assert!(
        message.starts_with("x.jsonl, line 2: expected a JSON object, such as"),
        "{message}"
    );
    assert!(refusal("x.json", "[1, 2]", &ExampleOptions::default()).contains("found `[1, 2]`"));
}

#[test]
fn a_class_that_is_missing_names_its_line_and_no_class_at_all_is_no_class() {
    let options = ExampleOptions::default();
    let message = refusal("x.csv", "text,label\na a,x\nb b,\nc,x\n", &options);
    assert_eq!(
        message,
        "x.csv, line 3: expected a class in column `label`, found an empty cell. Fill it in, or remove the row."
    );
    let (examples, told) = read("x.csv", "text,label\na a,\nb b,\n", &options);
    assert_eq!(examples.labels, None);
    assert!(told.contains(&"classes: none: every cell of label is empty".to_owned()));
    let message = refusal("x.csv", "a,label\n,x\n,y\n", &options);
    assert!(
        message.contains("no column of texts was found among a, label"),
        "{message}"
    );
    let message = refusal("x.csv", "text,label\n\"open,x\nb,y\n", &options);
    assert!(
        message.contains("x.csv, line 2: expected a closing quote"),
        "{message}"
    );
}

#[test]
fn several_files_are_put_together_and_files_of_two_kinds_refused() {
    let ts = "@problemName x\n@classLabel true a\n@data\n1:a\n";
    let files: [(&Path, &[u8]); 2] = [
        (Path::new("a.csv"), b"text,label\none two,x\n"),
        (Path::new("b.csv"), b"label,text\ny,three four\n"),
    ];
    let (examples, _) = read_examples_bytes(&files, &ExampleOptions::default()).unwrap();
    assert_eq!(labels(&examples), ["x", "y"]);
    assert_eq!(examples.origins[1].file, 1);
    let mixed = [files[0], (Path::new("c.ts"), ts.as_bytes())];
    let error = read_examples_bytes(&mixed, &ExampleOptions::default()).unwrap_err();
    assert!(
        error.to_string().contains("only one is a .ts file"),
        "{error}"
    );
    let error = read_examples_bytes(&[], &ExampleOptions::default()).unwrap_err();
    assert!(matches!(error, DataError::NoFile));
}

#[test]
fn sequences_are_the_rows_of_each_value_of_a_column() {
    let text = "who,x,y,kind,step\nA,1,2,up,0\nB,5,,down,0\nA,3,4,up,1\nA,5,6,up,2\n";
    let options = ExampleOptions {
        sequence: Some("who".parse().unwrap()),
        dims: Some(vec!["y".parse().unwrap(), "x".parse().unwrap()]),
        ..ExampleOptions::default()
    };
    let (examples, told) = read("s.csv", text, &options);
    let read_ = sequences(&examples);
    assert_eq!(read_.dims, ["y", "x"]);
    assert_eq!(read_.items[0].values, [2.0, 4.0, 6.0, 1.0, 3.0, 5.0]);
    assert_eq!(read_.items[0].dim(1), [1.0, 3.0, 5.0]);
    assert!(read_.items[1].dim(0)[0].is_nan() && read_.items[1].steps == 1);
    assert_eq!(labels(&examples), ["up", "down"]);
    assert_eq!(examples.origins[1].id.as_deref(), Some("B"));
    assert!(told.contains(&"label column: kind".to_owned()), "{told:?}");
    let message = refusal(
        "s.csv",
        &text.replace("4,up", "4,down"),
        &ExampleOptions {
            label: Labels::Column("kind".parse().unwrap()),
            ..options
        },
    );
    assert_eq!(
        message,
        "s.csv, line 4: expected the class `up` in column `kind`, as in the rows of sequence `A` before, found `down`. Give every row of a sequence the same class."
    );
}

const TS: &str = "# a comment\n@problemName Toy\n@timestamps false\n@missing true\n@univariate false\n\
    @dimensions 2\n@equalLength false\n@classLabel true a b\n@data\n1,2.5,?:4,5,6:a\n# another\n7:-8e1:b\n";

#[test]
fn ts_files_are_read_with_their_dimensions_missing_values_and_lengths() {
    let (examples, told) = read("toy.ts", TS, &ExampleOptions::default());
    let read_ = sequences(&examples);
    assert_eq!(read_.dims, ["dim_1", "dim_2"]);
    assert_eq!((read_.items[0].steps, read_.items[1].steps), (3, 1));
    assert!(read_.items[0].dim(0)[2].is_nan());
    assert_eq!(read_.items[0].dim(1), [4.0, 5.0, 6.0]);
    assert_eq!(read_.items[1].values, [7.0, -80.0]);
    assert_eq!(labels(&examples), ["a", "b"]);
    assert_eq!(examples.origins[1].place, Place::Line(12));
    assert_eq!(told, Vec::<String>::new());
    // Known by its first tag too, and read without its classes.
    let absent = ExampleOptions {
        label: Labels::Absent,
        ..ExampleOptions::default()
    };
    assert_eq!(read("toy.txt", TS, &absent).0.labels, None);
}

#[test]
fn ts_files_that_contradict_themselves_are_refused_with_their_line() {
    let options = ExampleOptions::default();
    for (from, to, said) in [
        (
            "@timestamps false",
            "@timeStamps true",
            "line 3: expected values without time stamps",
        ),
        (
            "@missing true",
            "@missing perhaps",
            "line 4: expected true or false after the tag, found `perhaps`",
        ),
        (
            "@missing true",
            "@missing false",
            "line 10: expected a number as value 3 of dimension 1, after @missing false, found `?`",
        ),
        (
            "@univariate false",
            "@univariate true",
            "line 9: expected one dimension, after @univariate true, found @dimensions 2",
        ),
        (
            "@dimensions 2",
            "@dimensions 3",
            "line 10: expected 3 dimensions, separated by colons, found 2",
        ),
        (
            "@dimensions 2",
            "@dimensions 0",
            "line 6: expected a whole number from 1",
        ),
        (
            "@dimensions 2",
            "@dimnsions 2",
            "line 6: expected a tag of the format .ts, such as @univariate or @data, found `@dimnsions` (did you mean @dimensions?)",
        ),
        (
            "@equalLength false",
            "@equalLength true",
            "line 12: expected 3 values, after @equalLength true, found 1",
        ),
        (
            "@equalLength false",
            "@seriesLength 4\n@equalLength true",
            "line 11: expected 4 values",
        ),
        (
            "@classLabel true a b",
            "@classLabel true a",
            "line 12: expected a class that @classLabel names, found `b`",
        ),
        (
            "@classLabel true a b",
            "@classLabel true",
            "line 8: expected the names of the classes",
        ),
        (
            "@classLabel true a b\n",
            "",
            "line 8: expected a line `@classLabel true`",
        ),
        (
            "@classLabel true a b",
            "@targetlabel true",
            "line 8: expected classes (@classLabel), found @targetlabel true",
        ),
        (
            "@data\n",
            "",
            "line 9: expected a tag (@…) or a comment (#…) above the line `@data`",
        ),
        (
            "4,5,6",
            "4,5",
            "line 10: expected 3 values in dimension 2, as in dimension 1, found 2",
        ),
        (
            "4,5,6",
            "",
            "line 10: expected values in dimension 2, found none",
        ),
        (
            "4,5,6",
            "4,x,6",
            "line 10: expected a number as value 2 of dimension 2, found `x`",
        ),
        (
            "4,5,6",
            "4,inf,6",
            "line 10: expected a number as value 2 of dimension 2, found `inf`",
        ),
        (
            "7:-8e1:b",
            "7",
            "line 12: expected the class after the last colon, found no colon",
        ),
    ] {
        let message = refusal("toy.ts", &TS.replacen(from, to, 1), &options);
        assert!(
            message.starts_with(&format!("toy.ts, {said}")),
            "{to}: {message}"
        );
        assert!(message.ends_with('.'), "{message}");
    }
    let head = &TS[..TS.find("@data").unwrap()];
    assert!(refusal("toy.ts", head, &options).contains("found the end of the file"));
    let empty = format!("{head}@data\n");
    assert!(refusal("toy.ts", &empty, &options).contains("no rows"));
    let named = ExampleOptions {
        text: Some("1".parse().unwrap()),
        ..options
    };
    assert!(refusal("toy.ts", TS, &named).contains("columns were named, and a .ts file has none"));
}

#[test]
fn what_is_written_as_ts_is_read_again() {
    let (examples, _) = read("toy.ts", TS, &ExampleOptions::default());
    let mut bytes = Vec::new();
    write_ts(&examples, "Toy", &mut bytes).unwrap();
    let (again, _) = read(
        "toy.ts",
        std::str::from_utf8(&bytes).unwrap(),
        &ExampleOptions::default(),
    );
    assert_eq!(again.inputs.first_same(), [0, 1]);
    assert_eq!(
        format!("{:?}", again.inputs),
        format!("{:?}", examples.inputs)
    );
    assert_eq!(again.labels, examples.labels);
    assert!(write_ts(&examples, "a b", Vec::new()).is_err());
    let (of_texts, _) = read("x.txt", "one\ntwo\n", &ExampleOptions::default());
    assert!(write_ts(&of_texts, "x", Vec::new()).is_err());
}

#[test]
fn remarks_name_the_classes_and_examples_they_are_about() {
    let text = "text,label\nsame words,Good\nsame words,bad\nother words,good\n,bad\ntwice,bad\ntwice,bad\nx y,odd\n";
    let (examples, _) = read("x.csv", text, &ExampleOptions::default());
    let counts = label_counts(&examples);
    let counts: Vec<(&str, usize)> = counts.iter().map(|(c, n)| (c.as_str(), *n)).collect();
    assert_eq!(counts, [("Good", 1), ("bad", 4), ("good", 1), ("odd", 1)]);
    let own = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        remarks(&examples),
        [
            LabelRemark::Single {
                classes: own(&["Good", "good", "odd"])
            },
            LabelRemark::Alike {
                classes: own(&["Good", "good"])
            },
            LabelRemark::EmptyTexts { examples: vec![3] },
            LabelRemark::Repeated { examples: vec![5] },
            LabelRemark::Contradictory {
                groups: vec![vec![0, 1]]
            },
        ]
    );
}

#[test]
fn classes_are_in_the_order_of_their_values_or_names() {
    let (examples, _) = read(
        "x.csv",
        "text,label\na b,10\nc d,9\ne,-1\n",
        &ExampleOptions::default(),
    );
    assert_eq!(examples.classes(), ["-1", "9", "10"]);
}
