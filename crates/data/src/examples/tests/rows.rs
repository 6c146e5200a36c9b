//! Rows of features: which tables hold them, what becomes of their columns, and how other files are
//! read by the same ones.

use super::*;

const IRIS: &str = "Id,sepal length,sepal width,species\n1,5.1,3.5,setosa\n2,4.9,3.0,setosa\n\
    3,6.2,,virginica\n4,5.9,3.0,virginica\n";

fn named(label: &str) -> ExampleOptions {
    ExampleOptions {
        label: Labels::Column(label.parse().unwrap()),
        ..ExampleOptions::default()
    }
}

fn rows(examples: &Examples) -> Vec<Vec<f64>> {
    let items = &sequences(examples).items;
    assert!(items.iter().all(|item| item.steps == 1));
    items.iter().map(|item| item.values.clone()).collect()
}

fn columns(name: &str, text: &str, options: &ExampleOptions) -> (Examples, Columns) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, text).unwrap();
    let (examples, columns, _) = read_examples_with_columns(&[file], options).unwrap();
    (examples, columns)
}

fn like(
    text: &str,
    columns: &Columns,
    options: &ExampleOptions,
) -> Result<(Examples, Vec<String>), String> {
    let files = [(Path::new("new.csv"), text.as_bytes())];
    let read = read_examples_like(&files, columns, options);
    read.map(|(examples, told)| (examples, told.iter().map(said).collect()))
        .map_err(|error| error.to_string())
}

#[test]
fn a_table_of_numbers_and_classes_has_a_sequence_of_one_step_in_each_row() {
    let (examples, told) = read("iris.csv", IRIS, &ExampleOptions::default());
    assert_eq!(sequences(&examples).dims, ["sepal length", "sepal width"]);
    let values = rows(&examples);
    assert_eq!(values[0], [5.1, 3.5]);
    assert!(values[2][1].is_nan());
    assert_eq!(
        labels(&examples),
        ["setosa", "setosa", "virginica", "virginica"]
    );
    assert_eq!(examples.origins[1].id.as_deref(), Some("2"));
    assert_eq!(
        told,
        [
            "separator: comma",
            "header: Id, sepal length, sepal width, species",
            "label column: species",
            "left out, names of rows: Id",
            "feature columns: sepal length, sepal width",
        ]
    );
}

#[test]
fn the_column_of_classes_is_the_one_named_the_known_name_or_the_only_one_of_categories() {
    let of = |text: &str, options: &ExampleOptions| {
        let (examples, columns) = columns("x.csv", text, options);
        (columns.label, sequences(&examples).dims.clone())
    };
    let own = |dims: &[&str]| dims.iter().map(|d| (*d).to_owned()).collect::<Vec<_>>();
    let text = "a,b,kind\n1,2.5,up\n2,3.5,down\n3,4.5,up\n4,5.5,down\n";
    let inferred = ExampleOptions::default();
    assert_eq!(
        of(text, &inferred),
        (Some("kind".to_owned()), own(&["a", "b"]))
    );
    // Named, a column of numbers; the words are then a feature.
    assert_eq!(
        of(text, &named("a")),
        (Some("a".to_owned()), own(&["b", "kind=down", "kind=up"]))
    );
    // Without a header.
    let bare = "5.1,3.5,up\n4.9,3.0,up\n6.2,3.1,down\n5.9,3.0,down\n";
    assert_eq!(
        of(bare, &inferred),
        (Some("column_3".to_owned()), own(&["column_1", "column_2"]))
    );
    let absent = ExampleOptions {
        label: Labels::Absent,
        ..inferred.clone()
    };
    assert_eq!(of("x,class\n1,0\n2,1\n", &absent), (None, own(&["x"])));
    assert_eq!(of("a,b\n1,2\n3,4\n", &inferred), (None, own(&["a", "b"])));
}

#[test]
fn the_same_rows_come_from_every_format() {
    let expected = rows(&read("iris.csv", IRIS, &ExampleOptions::default()).0);
    let tabs = IRIS.replace(',', "\t");
    let mut lines = String::new();
    for line in IRIS.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let width = if cells[2].is_empty() {
            "null"
        } else {
            cells[2]
        };
        lines.push_str(&format!(
            "{{\"sepal length\": {}, \"sepal width\": {width}, \"species\": \"{}\"}}\n",
            cells[1], cells[3]
        ));
    }
    for (name, text) in [("iris.tsv", &tabs), ("iris.jsonl", &lines)] {
        let (examples, _) = read(name, text, &ExampleOptions::default());
        assert_eq!(
            format!("{:?}", rows(&examples)),
            format!("{expected:?}"),
            "{name}"
        );
        assert_eq!(examples.classes(), ["setosa", "virginica"]);
    }
}

#[test]
fn categories_are_a_dimension_each_and_the_same_ones_in_other_files() {
    let text = "size,colour,label\n1,red,a\n2,blue,b\n3,red,a\n4,,b\n5,blue,a\n";
    let (examples, columns) = columns("x.csv", text, &ExampleOptions::default());
    assert_eq!(
        sequences(&examples).dims,
        ["size", "colour=blue", "colour=red"]
    );
    assert_eq!(rows(&examples)[..2], [[1.0, 0.0, 1.0], [2.0, 1.0, 0.0]]);
    assert!(rows(&examples)[3][1].is_nan() && rows(&examples)[3][2].is_nan());
    assert_eq!(columns.features[1].categories, ["blue", "red"]);
    // One row, without classes, in another order, with a category that is new.
    let inferred = ExampleOptions::default();
    let absent = ExampleOptions {
        label: Labels::Absent,
        ..inferred.clone()
    };
    let (one, told) = like("colour,size\ngreen,7\n", &columns, &absent).unwrap();
    assert_eq!(sequences(&one).dims, sequences(&examples).dims);
    assert_eq!((rows(&one), one.labels), (vec![vec![7.0, 0.0, 0.0]], None));
    assert!(
        told.contains(
            &"unknown categories: 1 cell of `colour` not met in training, read as none of its categories: green"
                .to_owned()
        ),
        "{told:?}"
    );
    let (again, _) = like(text, &columns, &inferred).unwrap();
    assert_eq!(again.labels, examples.labels);
    let message = like("size,label\n7,a\n", &columns, &inferred).unwrap_err();
    assert!(message.contains("there is no column `colour`"), "{message}");
    let message = like("size,colour,label\nbig,red,a\n", &columns, &inferred).unwrap_err();
    assert!(
        message.starts_with("new.csv, line 2, column 1 (`size`): expected a number, found `big`"),
        "{message}"
    );
}

#[test]
fn texts_and_sequences_are_read_again_by_their_columns_too() {
    let inferred = ExampleOptions::default();
    let text =
        "n,said,mood\n1,what a fine day it is,up\n2,how sad this rain is,down\n3,well then,up\n";
    let (_, found) = columns("x.csv", text, &inferred);
    assert_eq!(found.text.as_deref(), Some("said"));
    let (one, _) = like(
        "said,n\n5,7\n",
        &found,
        &ExampleOptions {
            label: Labels::Absent,
            ..inferred.clone()
        },
    )
    .unwrap();
    assert_eq!(texts(&one), ["5"]);
    let (lines, _) = like("a line of plain text\nand another\n", &found, &inferred).unwrap();
    assert_eq!(texts(&lines)[1], "and another");
    let options = ExampleOptions {
        sequence: Some("who".parse().unwrap()),
        ..inferred.clone()
    };
    let text = "who,x,y,kind\nA,1,2,up\nA,2,3,up\nB,5,6,down\n";
    let (examples, found) = columns("s.csv", text, &options);
    let (again, _) = like(text, &found, &inferred).unwrap();
    assert_eq!(
        (again.inputs, again.labels),
        (examples.inputs, examples.labels)
    );
}

#[test]
fn a_table_with_texts_stays_one_of_texts() {
    for text in [
        "id,body,score,label\n1,yes,3,a\n2,no,4,b\n3,yes,5,a\n4,no,5,b\n",
        "n,said,label\n1,a first one of words,a\n2,a second of them,b\n",
        "good\t1\ngood\t1\nbad\t0\nbad\t0\n",
    ] {
        let (examples, told) = read("x.csv", text, &ExampleOptions::default());
        assert!(matches!(examples.inputs, Inputs::Texts(_)), "{told:?}");
    }
}

#[test]
fn numbers_that_are_infinite_or_none_are_named_and_nan_is_missing() {
    for wrong in ["inf", "-Infinity", "1e999", "x"] {
        let text = format!("a,b,label\n1,2,x\nNaN,3,y\n2,{wrong},x\n");
        assert_eq!(
            refusal("x.csv", &text, &ExampleOptions::default()),
            format!(
                "x.csv, line 4, column 2 (`b`): expected a number, found `{wrong}`. \
                 Correct the cell, or leave it empty if the value is missing."
            )
        );
    }
    let (examples, _) = read(
        "x.csv",
        "a,b,label\n1,2,x\nNaN,3,y\n",
        &ExampleOptions::default(),
    );
    assert!(rows(&examples)[1][0].is_nan());
}

#[test]
fn columns_of_features_are_taken_as_the_user_names_them() {
    let dims = |names: &[&str], label| ExampleOptions {
        dims: Some(names.iter().map(|n| n.parse().unwrap()).collect()),
        label,
        ..ExampleOptions::default()
    };
    let kind = || Labels::Column("species".parse().unwrap());
    let (examples, _) = read("iris.csv", IRIS, &dims(&["sepal width", "Id"], kind()));
    assert_eq!(sequences(&examples).dims, ["sepal width", "Id"]);
    let message = refusal("iris.csv", IRIS, &dims(&["species"], kind()));
    assert!(
        message.contains("`species` is asked for twice"),
        "{message}"
    );
    let message = refusal(
        "x.csv",
        "a,b,label\n1,,x\n2,,y\n",
        &dims(&["b"], Labels::Inferred),
    );
    assert!(
        message.contains("column 2 (`b`): every cell is missing"),
        "{message}"
    );
    let names: String = (0..120).map(|k| format!("{k},name {k},x\n")).collect();
    let message = refusal(
        "x.csv",
        &format!("a,b,label\n{names}"),
        &dims(&["b"], Labels::Inferred),
    );
    assert!(
        message.contains("column `b` holds 120 different values"),
        "{message}"
    );
    let text = ExampleOptions {
        text: Some("species".parse().unwrap()),
        ..dims(&["Id"], Labels::Absent)
    };
    assert!(refusal("iris.csv", IRIS, &text).contains("a column of texts was named, and others"));
}

#[test]
fn names_of_rows_that_stand_twice_are_told_with_their_places() {
    let text = "id,x,label\na,1,u\nb,2,v\na,3,u\n";
    let (examples, told) = read("x.csv", text, &ExampleOptions::default());
    assert_eq!(examples.len(), 3);
    assert!(
        told.contains(
            &"repeated names of rows: 1 is that of an earlier row in `id`: `a` stands at line 2 and line 4"
                .to_owned()
        ),
        "{told:?}"
    );
    let files: [(&Path, &[u8]); 2] = [
        (Path::new("a.csv"), b"who,x,class\nA,1,u\nA,2,u\n"),
        (Path::new("b.csv"), b"who,x,class\nA,3,v\n"),
    ];
    let options = ExampleOptions {
        sequence: Some("who".parse().unwrap()),
        ..ExampleOptions::default()
    };
    let (examples, told) = read_examples_bytes(&files, &options).unwrap();
    assert_eq!(examples.len(), 2);
    let told: Vec<String> = told.iter().map(said).collect();
    assert!(
        told.contains(
            &"repeated names of sequences: 1 of `who` in more than one file, a sequence of its own in each: A"
                .to_owned()
        ),
        "{told:?}"
    );
}

#[test]
fn a_column_of_times_names_the_rows_and_is_none_of_their_features() {
    let table = "stamp,load,other\n2024-01-01 00:00,5,7\n2024-01-01 00:30,6,8\n\
        2024-01-01 01:00,7,9\n2024-01-01 01:30,8,9\n";
    let (examples, found) = columns("load.csv", table, &ExampleOptions::default());
    assert_eq!(sequences(&examples).dims, ["load", "other"]);
    assert_eq!(examples.origins[2].id.as_deref(), Some("2024-01-01 01:00"));
    let time = found.time.clone().unwrap();
    assert_eq!((time.name.as_str(), time.every), ("stamp", Some(1_800)));
    // Another file may have no times, or others.
    let (later, _) = like("load,other\n1,2\n", &found, &ExampleOptions::default()).unwrap();
    assert_eq!(later.origins[0].id, None);
    let uneven = table.replace("00:30", "00:31");
    let (_, found) = columns("load.csv", &uneven, &ExampleOptions::default());
    assert_eq!(found.time.unwrap().every, None);
}

#[test]
fn plain_numbers_are_no_times_unless_someone_says_so_and_a_named_column_must_hold_some() {
    // 1019.6 could be June 1019.
    let table = "pressure,load\n1019.06,1\n1020.07,2\n1018.11,3\n";
    let (examples, found) = columns("air.csv", table, &ExampleOptions::default());
    assert_eq!(sequences(&examples).dims, ["pressure", "load"]);
    assert_eq!(found.time, None);
    let named = |name: &str| ExampleOptions {
        time: Some(name.parse().unwrap()),
        ..ExampleOptions::default()
    };
    let dates = "begin,end,load\n2024-01-01,2024-02-01,1\n2024-01-02,2024-02-03,2\n2024-01-03,2024-02-05,3\n";
    let (_, found) = columns("two.csv", dates, &named("end"));
    assert_eq!(found.time.unwrap().every, Some(172_800));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("air.csv");
    std::fs::write(&file, "place,load\nhere,1\nthere,2\n").unwrap();
    let error = read_examples_with_columns(&[file], &named("place")).unwrap_err();
    assert!(error.to_string().contains("place"), "{error}");
}
