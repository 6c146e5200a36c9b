//! Whatever bytes a file holds, the readers answer: a table or a panel that keeps its promises, or a
//! sentence. Damaged Parquet files have their own such tests in `parquet.rs`.

use std::path::Path;

use proptest::prelude::*;
use ressac_data::{
    ColumnRef, Layout, Panel, PanelOptions, ReadOptions, Step, read_bytes, read_panel_bytes,
};

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
        "2018-10-28 02:00",
        "2018-10-28 03:00",
        "2018-03-25T03:00:00+02:00",
        "00:30",
        "\nA,2018-10-28 02:00,1",
        "\nB,2018-10-28 02:30,2",
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

fn panel_options() -> impl Strategy<Value = PanelOptions> {
    let column = || {
        prop::sample::select(vec!["1", "2", "3", "date", "load", "0", ""])
            .prop_map(|text| text.parse::<ColumnRef>().unwrap())
    };
    let few = || prop::collection::vec(column(), 0..2);
    let every = prop::sample::select(vec![
        None,
        None,
        Some(Step::Seconds(1_800)),
        Some(Step::Months(1)),
        Some(Step::Seconds(0)),
    ]);
    let layout = prop::sample::select(vec![None, Some(Layout::Long), Some(Layout::WideRows)]);
    let roles = (prop::option::of(few()), few(), few(), few());
    let header = prop::option::of(any::<bool>());
    (
        few(),
        prop::option::of(column()),
        roles,
        every,
        layout,
        header,
    )
        .prop_map(
            |(time, series, (target, known, past, statics), every, layout, header)| PanelOptions {
                header,
                time,
                target,
                series,
                known,
                past,
                statics,
                every,
                layout,
            },
        )
}

fn check_panel(files: &[&[u8]], options: &PanelOptions) -> Result<(), TestCaseError> {
    let named: Vec<(&Path, &[u8])> = files.iter().map(|b| (Path::new("any.csv"), *b)).collect();
    match read_panel_bytes(&named, options) {
        Ok((panel, _)) => keeps_its_promises(&panel),
        Err(error) => {
            let message = error.to_string();
            prop_assert!(message.ends_with('.'), "{}", message);
            prop_assert!(!message.chars().any(char::is_control), "{:?}", message);
            Ok(())
        }
    }
}

fn keeps_its_promises(panel: &Panel) -> Result<(), TestCaseError> {
    prop_assert!(!panel.series.is_empty() && !panel.roles.targets.is_empty());
    for series in &panel.series {
        prop_assert_eq!(series.targets.len(), panel.roles.targets.len());
        prop_assert_eq!(series.known.len(), panel.roles.known.len());
        prop_assert_eq!(series.past.len(), panel.roles.past.len());
        prop_assert_eq!(series.statics.len(), panel.roles.statics.len());
        let columns = series
            .targets
            .iter()
            .chain(&series.known)
            .chain(&series.past);
        for column in columns {
            prop_assert_eq!(column.len(), series.rows());
            prop_assert!(column.iter().all(|v| v.is_nan() || v.is_finite()));
        }
        if let Some(time) = &series.time {
            prop_assert_eq!(time.stamps.len(), series.rows());
            prop_assert!(time.stamps.is_sorted_by(|a, b| a < b));
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

    #[test]
    fn any_bytes_give_a_panel_or_a_sentence(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        check_panel(&[&bytes], &PanelOptions::default())?;
    }

    #[test]
    fn anything_near_a_table_gives_a_panel_or_a_sentence(
        bytes in near_tables(), options in panel_options(), cut: prop::sample::Index,
    ) {
        check_panel(&[&bytes], &PanelOptions::default())?;
        check_panel(&[&bytes], &options)?;
        let (first, second) = bytes.split_at(cut.index(bytes.len() + 1));
        check_panel(&[first, second], &options)?;
    }

    #[test]
    fn anything_behind_a_gzip_or_a_parquet_head_gives_a_panel_or_a_sentence(
        bytes in prop::collection::vec(any::<u8>(), 0..100), flags: u8,
    ) {
        for head in [&[0x1f, 0x8b, 8, flags & 0x1f][..], b"PAR1", b"PARE"] {
            check_panel(&[&[head, &bytes].concat()], &PanelOptions::default())?;
        }
    }

    #[test]
    fn rows_with_times_of_every_kind_give_a_panel_or_a_sentence(
        rows in prop::collection::vec((
            prop::sample::select(vec!["A", "B", "C"]),
            prop::sample::select(vec![
                "2018-10-28 01:30", "2018-10-28 02:00", "2018-10-28 02:30", "2018-10-28 03:00",
                "2018-03-25 01:30", "2018-03-25 03:00", "2018-03-25 03:30", "9999-12-31 23:30",
                "0001-01-01 00:00",
            ]),
            prop::sample::select(vec!["1", "2.5", "", "-3"]),
        ), 1..20),
        sorted: bool, every in prop::sample::select(vec![None, Some(Step::Seconds(3_600)), Some(Step::Months(12))]),
    ) {
        let mut rows = rows;
        if sorted {
            rows.sort_by_key(|row| row.1);
        }
        let mut text = String::from("id,t,x\n");
        for (id, time, value) in rows {
            text.push_str(&format!("{id},{time},{value}\n"));
        }
        for series in [None, Some(ColumnRef::Number(1))] {
            let options = PanelOptions { series, every, ..PanelOptions::default() };
            check_panel(&[text.as_bytes()], &options)?;
        }
    }
}
