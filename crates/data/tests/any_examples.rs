//! Whatever bytes a file holds, the reader of examples answers: examples that keep their promises,
//! or a sentence.

use std::path::Path;

use proptest::prelude::*;
use ressac_data::ColumnRef;
use ressac_data::examples::{
    ExampleOptions, Examples, Inputs, Labels, label_counts, read_examples_bytes, remarks,
    remarks_of_sets, write_ts,
};
use ressac_data::split::stratified;

/// Pieces of files of texts, JSON lines and `.ts`, so that the stages after the first are reached.
fn near_files() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        ",",
        "\t",
        ";",
        "\n",
        "\n",
        "\r\n",
        "\"",
        ":",
        "?",
        "text",
        "label",
        "good",
        "a long text , of no use",
        "1",
        "-2.5",
        "{\"text\": \"a\", \"label\": \"b\"}\n",
        "{\"text\": [1], \"label\": null}\n",
        "{\"",
        "}",
        "@problemName x\n",
        "@classLabel true a b\n",
        "@classLabel false\n",
        "@univariate true\n",
        "@dimensions 2\n",
        "@equalLength true\n",
        "@data\n",
        "1,2,?:3,4,5:a\n",
        "1,2:b\n",
        "# ",
        "é",
        "\u{feff}",
        "inf",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat().into_bytes())
}

fn options() -> impl Strategy<Value = ExampleOptions> {
    let column = || {
        prop::sample::select(vec!["1", "2", "text", "label", "0", ""])
            .prop_map(|name| name.parse::<ColumnRef>().unwrap())
    };
    let label = prop_oneof![
        Just(Labels::Inferred),
        Just(Labels::Absent),
        column().prop_map(Labels::Column),
        (
            prop::option::of(column()),
            prop::sample::select(vec!["|", ",", ""])
        )
            .prop_map(|(column, separator)| Labels::Several {
                column,
                separator: separator.to_owned()
            }),
    ];
    let header = prop::option::of(any::<bool>());
    let dims = prop::option::of(prop::collection::vec(column(), 0..2));
    let one = || prop::option::of(column());
    (header, one(), label, one(), dims).prop_map(|(header, text, label, sequence, dims)| {
        ExampleOptions {
            header,
            text,
            label,
            sequence,
            dims,
            ..ExampleOptions::default()
        }
    })
}

const NAMES: [&str; 6] = [
    "any.csv",
    "any.tsv",
    "any.txt",
    "any.ts",
    "any.jsonl",
    "any",
];

fn check(name: &str, bytes: &[u8], options: &ExampleOptions) -> Result<(), TestCaseError> {
    match read_examples_bytes(&[(Path::new(name), bytes)], options) {
        Ok((examples, _)) => {
            let several = matches!(options.label, Labels::Several { .. });
            keeps_its_promises(&examples, several)
        }
        Err(error) => {
            let message = error.to_string();
            prop_assert!(message.starts_with(name), "{}", message);
            prop_assert!(message.ends_with('.'), "{}", message);
            prop_assert!(!message.chars().any(char::is_control), "{:?}", message);
            Ok(())
        }
    }
}

fn keeps_its_promises(examples: &Examples, several: bool) -> Result<(), TestCaseError> {
    let count = examples.len();
    prop_assert!(count > 0);
    prop_assert_eq!(examples.origins.len(), count);
    if let Some(labels) = &examples.labels {
        prop_assert_eq!(labels.len(), count);
        prop_assert!(several || labels.iter().all(|label| !label.is_empty()));
    }
    if let Inputs::Sequences(sequences) = &examples.inputs {
        prop_assert!(!sequences.dims.is_empty());
        for item in &sequences.items {
            prop_assert!(item.steps > 0);
            prop_assert_eq!(item.values.len(), item.steps * sequences.dims.len());
            prop_assert!(item.values.iter().all(|v| v.is_nan() || v.is_finite()));
        }
    }
    let counted: usize = label_counts(examples).iter().map(|(_, count)| count).sum();
    prop_assert_eq!(counted, examples.labels.as_ref().map_or(0, Vec::len));
    remarks(examples);
    if let Some(sets) = examples.label_sets(",") {
        prop_assert_eq!(
            sets.indicators().len(),
            sets.sets.len() * sets.classes.len()
        );
        remarks_of_sets(examples, &sets);
    }
    prop_assert!(stratified(examples, [0.5, 0.25, 0.25], 1).is_ok());
    let mut bytes = Vec::new();
    if write_ts(examples, "x", &mut bytes).is_ok() {
        let files = [(Path::new("x.ts"), &bytes[..])];
        let (again, _) = read_examples_bytes(&files, &ExampleOptions::default()).unwrap();
        prop_assert_eq!(&again.labels, &examples.labels);
        prop_assert_eq!(again.len(), count);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_give_examples_or_a_sentence(
        bytes in prop::collection::vec(any::<u8>(), 0..200), name in prop::sample::select(NAMES.to_vec()),
    ) {
        check(name, &bytes, &ExampleOptions::default())?;
    }

    #[test]
    fn anything_near_a_file_of_examples_gives_examples_or_a_sentence(
        bytes in near_files(), name in prop::sample::select(NAMES.to_vec()), options in options(),
    ) {
        check(name, &bytes, &ExampleOptions::default())?;
        check(name, &bytes, &options)?;
    }

    #[test]
    fn anything_in_utf_16_gives_examples_or_a_sentence(bytes in near_files(), big: bool, cut in 0_usize..3) {
        let text = String::from_utf8(bytes).unwrap();
        let units = text.encode_utf16();
        let mut wide: Vec<u8> = match big {
            true => units.flat_map(u16::to_be_bytes).collect(),
            false => units.flat_map(u16::to_le_bytes).collect(),
        };
        wide.truncate(wide.len().saturating_sub(cut));
        for name in NAMES {
            check(name, &wide, &ExampleOptions::default())?;
        }
    }
}
