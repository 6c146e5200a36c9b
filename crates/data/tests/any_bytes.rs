//! Whatever bytes a file holds, the reader answers: a table that keeps its promises, or a sentence.

use std::path::Path;

use proptest::prelude::*;
use ressac_data::{ColumnRef, ReadOptions, read_bytes};

/// Bytes near to tables, so that the stages after the first are reached too.
fn near_tables() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        ",",
        ",",
        ";",
        "\t",
        "\n",
        "\n",
        "\r\n",
        "\r",
        "\"",
        "1",
        "2.5",
        "-3,5",
        "1e9",
        "NA",
        "x",
        "é",
        " ",
        "2016-07-01",
        "2016-07-02 00:00",
        "01/07/2016 00:30",
        "1949-01",
        "00:15",
        "9999-12",
        "date",
        "load",
        "\u{feff}",
        "2016-07-01T00:00:00.000Z",
        "1/1/2018",
        "31/12/9999",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat().into_bytes())
}

fn options() -> impl Strategy<Value = ReadOptions> {
    let column = prop::sample::select(vec!["1", "2", "date", "load", "0", ""])
        .prop_map(|text| text.parse::<ColumnRef>().unwrap());
    (
        prop::option::of(column.clone()),
        prop::option::of(prop::collection::vec(column, 0..3)),
        prop::option::of(any::<bool>()),
    )
        .prop_map(|(time, columns, header)| ReadOptions {
            time,
            columns,
            header,
        })
}

fn check(bytes: &[u8], options: &ReadOptions) -> Result<(), TestCaseError> {
    match read_bytes(Path::new("any.csv"), bytes, options) {
        Ok((table, _)) => {
            prop_assert!(table.rows() > 0 && !table.columns.is_empty());
            prop_assert_eq!(table.names.len(), table.columns.len());
            for column in &table.columns {
                prop_assert_eq!(column.len(), table.rows());
                prop_assert!(
                    column
                        .iter()
                        .all(|value| value.is_nan() || value.is_finite())
                );
                prop_assert!(column.iter().any(|value| value.is_finite()));
            }
            if let Some(time) = &table.time {
                prop_assert_eq!(time.stamps.len(), table.rows());
                prop_assert!(time.stamps.windows(2).all(|pair| pair[0] < pair[1]));
                if let Some(future) = time.future(3) {
                    prop_assert!(time.stamps.last() < future.first());
                }
            }
        }
        Err(error) => {
            let message = error.to_string();
            prop_assert!(message.starts_with("any.csv"), "{}", message);
            prop_assert!(message.ends_with('.'), "{}", message);
            prop_assert!(!message.chars().any(char::is_control), "{:?}", message);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_give_a_table_or_a_sentence(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        check(&bytes, &ReadOptions::default())?;
    }

    #[test]
    fn anything_near_a_table_gives_a_table_or_a_sentence(bytes in near_tables(), options in options()) {
        check(&bytes, &options)?;
    }

    #[test]
    fn anything_behind_a_gzip_head_gives_a_table_or_a_sentence(
        bytes in prop::collection::vec(any::<u8>(), 0..100), flags: u8,
    ) {
        let mut packed = vec![0x1f, 0x8b, 8, flags & 0x1f];
        packed.extend(bytes);
        check(&packed, &ReadOptions::default())?;
    }
}
