//! Pairs read from lines and tables, what is said of them, and their languages.

use std::path::Path;

use super::*;
use crate::error::DataError;
use crate::read::Assumption;
use crate::table::ColumnRef;

fn parallel(source: &[u8], target: &[u8]) -> Result<Pairs, DataError> {
    let read = read_parallel(&[("a.en".as_ref(), source)], &[("a.fr".as_ref(), target)]);
    read.map(|(pairs, _)| pairs)
}

fn table(name: &str, text: &str) -> Result<(Pairs, Vec<Assumption>), String> {
    table_with(name, text, &PairOptions::default())
}

fn table_with(
    name: &str,
    text: &str,
    options: &PairOptions,
) -> Result<(Pairs, Vec<Assumption>), String> {
    read_pairs(&[(name.as_ref(), text.as_bytes())], options).map_err(|error| error.to_string())
}

fn made(rows: &[(&str, &str)]) -> Pairs {
    let lines = |side: fn(&(&str, &str)) -> String| {
        let lines: Vec<String> = rows.iter().map(side).collect();
        format!("{}\n", lines.join("\n"))
    };
    let (source, target) = (lines(|row| row.0.to_owned()), lines(|row| row.1.to_owned()));
    parallel(source.as_bytes(), target.as_bytes()).unwrap()
}

#[test]
fn lines_of_two_files_are_pairs_whatever_ends_them() {
    let pairs = parallel(
        "Go. \r\n\r\n\"Hi\r\n".as_bytes(),
        "Va !\n\nSalut, toi".as_bytes(),
    )
    .unwrap();
    assert_eq!(pairs.sources, ["Go.", "", "\"Hi"]);
    assert_eq!(pairs.targets, ["Va !", "", "Salut, toi"]);
    assert_eq!(pairs.place(2), "a.en and a.fr, line 3");
    let taken = pairs.subset(&[2, 0, 9]);
    assert_eq!((taken.len(), taken.place(0)), (2, pairs.place(2)));
    assert_eq!(pairs.exchanged().sources, pairs.targets);
}

#[test]
fn several_files_of_each_side_go_together_in_their_order() {
    let sources: [(&Path, &[u8]); 2] = [("a.en".as_ref(), b"1\n2"), ("b.en".as_ref(), b"3\n")];
    let targets: [(&Path, &[u8]); 2] =
        [("a.fr".as_ref(), b"un\ndeux"), ("b.fr".as_ref(), b"trois")];
    let (pairs, _) = read_parallel(&sources, &targets).unwrap();
    assert_eq!(pairs.targets, ["un", "deux", "trois"]);
    assert_eq!(pairs.place(2), "b.en and b.fr, line 1");
    let fewer = read_parallel(&sources, &targets[..1])
        .unwrap_err()
        .to_string();
    assert_eq!(
        fewer,
        "a.en: there are 2 files of sources and 1 file of targets. Give a file of targets for each file of sources, in the same order."
    );
    assert!(matches!(
        read_parallel(&[], &targets),
        Err(DataError::NoFile)
    ));
}

#[test]
fn unequal_lines_wrong_bytes_and_empty_files_are_refused() {
    let message = |a: &[u8], b: &[u8]| parallel(a, b).unwrap_err().to_string();
    assert_eq!(
        message(b"a\nb\n", b"a\n"),
        "a.en: it has 2 lines and a.fr has 1: expected a line of the second for each line of the first. Look for a line that is missing or cut in two in one of them, or give the pairs as a table."
    );
    assert!(message(b"a\n", b"\n\xe9\n").starts_with("a.fr, line 2: expected text in UTF-8"));
    assert!(message(b"", b"a").contains("it is empty"));
}

#[test]
fn a_tsv_of_two_columns_is_read_literally() {
    let text =
        "He said \"go\".\tIl a dit, \"va\".\r\n\"Go.\"\t\"Va !\"\r\n5\" wide\t\"\r\n\tseul\r\n";
    let (pairs, told) = table("a.tsv", text).unwrap();
    assert_eq!(
        pairs.sources,
        ["He said \"go\".", "\"Go.\"", "5\" wide", ""]
    );
    assert_eq!(
        pairs.targets,
        ["Il a dit, \"va\".", "\"Va !\"", "\"", "seul"]
    );
    let told: Vec<String> = told
        .iter()
        .map(|t| format!("{}: {}", t.what, t.found))
        .collect();
    assert_eq!(
        told,
        [
            "quotes: characters like any other (line 3 has some)",
            "separator: tab",
            "header: none: columns are numbered from 1",
            "source column: column_1",
            "target column: column_2"
        ]
    );
    assert_eq!(pairs.place(1), "a.tsv, line 2");
    let quoted = "a\tb\n\"He \"\"goes\"\"\"\tIl va\n";
    assert_eq!(
        table("a.tsv", quoted).unwrap().0.sources,
        ["a", "He \"goes\""]
    );
    let long = format!("{}\tb\n", "word ".repeat(10_000));
    assert_eq!(table("a.txt", &long).unwrap().0.sources[0].len(), 49_999);
}

#[test]
fn columns_are_found_by_their_names() {
    let of = |text: &str| table("a.tsv", text).unwrap().0;
    assert_eq!(of("target\tsource\nun\tone\n").sources, ["one"]);
    assert_eq!(of("en\tfr\none\tun\n").targets, ["un"]);
    assert_eq!(
        of("id\tEnglish sentence\ttext_fr\n1\tone\tun\n").targets,
        ["un"]
    );
    let pairs = of("target\tsource\nun\tone\n");
    assert_eq!(
        pairs.columns,
        Some(["source".to_owned(), "target".to_owned()])
    );
    // Nothing that looks like a name: the first row is a pair.
    assert_eq!(of("Go.\tVa !\nHi.\tSalut.\n").len(), 2);
    assert_eq!(of("go\tva\nhi\tsalut\nyes\toui\n").len(), 3);
    let json =
        "{\"target\": \"un\", \"source\": \"one\"}\n{\"target\": null, \"source\": \"two\"}\n";
    let (pairs, _) = table("a.jsonl", json).unwrap();
    assert_eq!(
        (pairs.sources, pairs.targets[1].as_str()),
        (vec!["one".into(), "two".into()], "")
    );
    let csv = table("a.csv", "source;target\n\"a; b\";c, d\n").unwrap().0;
    assert_eq!(
        (csv.sources[0].as_str(), csv.targets[0].as_str()),
        ("a; b", "c, d")
    );
}

#[test]
fn columns_can_be_given_by_name_or_number() {
    let column = |text: &str| text.parse::<ColumnRef>().ok();
    let given = |source, target, header| PairOptions {
        source: column(source),
        target: column(target),
        header,
    };
    let anki = "Go.\tVa !\tCC-BY\nHi.\tSalut.\tCC-BY\n";
    let (pairs, told) = table_with("fra.txt", anki, &given("1", "2", None)).unwrap();
    assert_eq!(pairs.targets, ["Va !", "Salut."]);
    assert!(told.iter().all(|told| !told.what.contains("column")));
    let unclear = table("fra.txt", anki).unwrap_err();
    assert!(
        unclear.contains("unclear") && unclear.contains("column_3"),
        "{unclear}"
    );
    let named = table_with("a.tsv", "x\ty\n1\t2\n", &given("y", "x", None))
        .unwrap()
        .0;
    assert_eq!(named.sources, ["2"]);
    let header = table_with("a.tsv", "x\ty\n1\t2\n", &given("2", "1", Some(true)))
        .unwrap()
        .0;
    assert_eq!(header.sources, ["2"]);
    let one = PairOptions {
        target: column("x"),
        ..PairOptions::default()
    };
    assert_eq!(
        table_with("a.tsv", "x\ty\n1\t2\n", &one).unwrap().0.sources,
        ["2"]
    );
    let wrong = table_with(
        "a.tsv",
        "english\tfrench\n1\t2\n",
        &given("englich", "french", None),
    );
    assert!(wrong.unwrap_err().contains("Did you mean `english`"));
    let twice = table_with("a.tsv", "x\ty\n1\t2\n", &given("x", "x", None)).unwrap_err();
    assert!(twice.contains("asked for twice"), "{twice}");
}

#[test]
fn tables_that_hold_no_pairs_are_refused() {
    let one = table("a.tsv", "a sentence\nanother one\n").unwrap_err();
    assert_eq!(
        one,
        "a.tsv: expected two columns, a source and its target, found one. Put a tab between the two texts of a line, or give two files of lines."
    );
    let ragged = table("a.tsv", "a\tb\nc\n").unwrap_err();
    assert!(
        ragged.starts_with("a.tsv, line 2: expected 2 cells"),
        "{ragged}"
    );
    assert!(table("a.tsv", "").unwrap_err().contains("empty"));
    assert!(
        table("a.jsonl", "{\"source\"\n")
            .unwrap_err()
            .starts_with("a.jsonl, line 1")
    );
}

#[test]
fn remarks_count_what_is_odd_and_name_the_first_place() {
    let long = "word ".repeat(31);
    let pairs = made(&[
        ("one two", "un deux"),
        ("", "seul"),
        ("alone", ""),
        ("", ""),
        ("", "seul"),
        (&long, "mot"),
        ("same", "same"),
        ("one two", "un deux"),
    ]);
    assert_eq!(
        remarks(&pairs, 30),
        [
            "2 pairs have an empty source beside a target; the first is a.en and a.fr, line 2",
            "1 pair has an empty target beside a source: a.en and a.fr, line 3",
            "1 pair has neither source nor target: a.en and a.fr, line 4",
            "1 pair has more than 30 words on one side: a.en and a.fr, line 6",
            "1 pair has one side more than 3 times as long as the other: a.en and a.fr, line 6",
            "1 pair has the same text on both sides (12 % of all): a.en and a.fr, line 7",
            "1 pair repeats an earlier one: a.en and a.fr, line 8",
        ]
    );
    assert!(remarks(&made(&[("a", "b"), ("c", "d")]), 30).is_empty());
}

#[test]
fn overlap_counts_sources_known_from_training() {
    let training = made(&[("One two", "un deux"), ("three", "trois"), ("", "")]);
    let test = made(&[
        ("four", "quatre"),
        ("one  two", "Un deux"),
        ("three", "3"),
        ("", ""),
    ]);
    let found = overlap(&training, &test);
    assert_eq!((found.sources, found.pairs, found.first), (2, 1, Some(1)));
    assert_eq!(
        found.sentence("test", &test).unwrap(),
        "2 of the 4 sources of the test part (50.0 %) stand in the training part too, 1 of them with the same target; the first is a.en and a.fr, line 2"
    );
    let none = overlap(&training, &made(&[("five", "cinq")]));
    assert_eq!((none.share(), none.sentence("test", &test)), (0.0, None));
}

#[test]
fn exchanged_languages_are_seen_and_only_with_enough_text() {
    let pairs = crate::generate::pairs(1, 1_200);
    let rows: Vec<usize> = (0..pairs.len()).collect();
    let tongues = Tongues::of(&pairs.subset(&rows[..600]));
    assert!(tongues.source.trigrams.len() <= 400);
    for part in rows[600..].chunks(20) {
        let part = pairs.subset(part);
        assert!(!tongues.are_exchanged(&part) && !tongues.are_targets(&part.sources));
        assert!(tongues.are_exchanged(&part.exchanged()) && tongues.are_targets(&part.targets));
    }
    let few = pairs.subset(&[700, 701]);
    assert!(!tongues.are_exchanged(&few.exchanged()) && !tongues.are_targets(&few.targets));
    // One language on both sides: nothing to tell apart.
    let same = Pairs {
        targets: pairs.sources.clone(),
        ..pairs
    };
    let tongues = Tongues::of(&same);
    assert!(!tongues.are_exchanged(&same.exchanged()) && !tongues.are_targets(&same.sources));
}

#[test]
fn what_is_written_is_read_again() {
    let pairs = made(&[
        ("He said \"go\", 5\"", "Il a dit « va »"),
        ("\"a\"", "\"b"),
        ("", ""),
    ]);
    let mut bytes = Vec::new();
    write_pairs(&pairs, &mut bytes).unwrap();
    let read = read_pairs(&[("a.tsv".as_ref(), &bytes)], &PairOptions::default())
        .unwrap()
        .0;
    assert_eq!(
        (&read.sources, &read.targets),
        (&pairs.sources, &pairs.targets)
    );
    let broken = Pairs {
        sources: vec!["a\tb".to_owned()],
        targets: vec![String::new()],
        ..Pairs::default()
    };
    let broken = write_pairs(&broken, Vec::new()).unwrap_err().to_string();
    assert_eq!(
        broken,
        "row 1 cannot be written: a tab or a line break stands in `a b`."
    );
}
