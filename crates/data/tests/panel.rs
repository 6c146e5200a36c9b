//! Panels from the files people have: what is inferred, what is refused, and with which words.

use std::path::Path;

use proptest::prelude::*;
use ressac_data::{Assumption, ColumnRef, DataError, Panel, PanelOptions, Step, read_panel_bytes};

type Read = Result<(Panel, Vec<Assumption>), DataError>;

fn read_files(files: &[(&str, &str)], options: &PanelOptions) -> Read {
    let files: Vec<(&Path, &[u8])> = files
        .iter()
        .map(|(name, text)| (Path::new(*name), text.as_bytes()))
        .collect();
    read_panel_bytes(&files, options)
}

fn read_with(text: &str, options: &PanelOptions) -> Read {
    read_files(&[("load.csv", text)], options)
}

#[track_caller]
fn read(text: &str) -> (Panel, Vec<Assumption>) {
    match read_with(text, &PanelOptions::default()) {
        Ok(read) => read,
        Err(error) => panic!("{error}"),
    }
}

#[track_caller]
fn refusal_with(text: &str, options: &PanelOptions) -> String {
    read_with(text, options)
        .expect_err("the file is refused")
        .to_string()
}

#[track_caller]
fn refusal(text: &str) -> String {
    refusal_with(text, &PanelOptions::default())
}

fn told(assumptions: &[Assumption], what: &str) -> Option<String> {
    let found = assumptions.iter().find(|a| a.what == what);
    found.map(|a| a.found.clone())
}

fn columns(names: &[&str]) -> Vec<ColumnRef> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

fn series_is(column: &str) -> PanelOptions {
    PanelOptions {
        series: Some(column.parse().unwrap()),
        ..PanelOptions::default()
    }
}

/// Values with -1 for missing, so that they can be compared.
fn plain(values: &[f64]) -> Vec<f64> {
    let plain = values.iter().map(|v| if v.is_nan() { -1.0 } else { *v });
    plain.collect()
}

fn names(panel: &Panel) -> Vec<&str> {
    panel.series.iter().map(|s| s.name.as_str()).collect()
}

const SHOPS: &str = "day,shop,region,sales,price\n\
    2020-01-01,A,north,1,10\n\
    2020-01-01,B,south,5,11\n\
    2020-01-02,A,north,2,10\n\
    2020-01-02,B,south,6,\n\
    2020-01-03,B,south,7,12\n";

#[test]
fn series_are_told_apart_by_a_column_and_keep_their_own_times() {
    let options = PanelOptions {
        target: Some(columns(&["sales"])),
        known: columns(&["price"]),
        statics: columns(&["region"]),
        ..series_is("shop")
    };
    let (panel, assumptions) = read_with(SHOPS, &options).unwrap();
    assert_eq!(names(&panel), ["A", "B"]);
    assert_eq!(panel.series_column.as_deref(), Some("shop"));
    assert_eq!(panel.roles.targets, ["sales"]);
    assert_eq!(panel.series[0].targets, [[1.0, 2.0]]);
    assert_eq!(panel.series[1].targets, [[5.0, 6.0, 7.0]]);
    assert_eq!(plain(&panel.series[1].known[0]), [11.0, -1.0, 12.0]);
    assert_eq!(panel.series[1].statics, ["south"]);
    assert_eq!((panel.rows(), panel.missing()), (5, 0));
    assert_eq!(panel.series[1].time.as_ref().unwrap().stamps.len(), 3);
    assert_eq!(told(&assumptions, "time step").as_deref(), Some("1 day"));
    let missing = told(&assumptions, "missing values");
    assert_eq!(
        missing.as_deref(),
        Some("0 of the targets, 1 of the other columns")
    );
}

#[test]
fn the_one_text_column_that_puts_the_times_in_order_is_the_series_column() {
    let text = SHOPS
        .replace(",region", "")
        .replace(",north", "")
        .replace(",south", "");
    let (panel, assumptions) = read(&text);
    assert_eq!(names(&panel), ["A", "B"]);
    assert_eq!(
        told(&assumptions, "series column").as_deref(),
        Some("shop (2 series)")
    );
    assert_eq!(panel.roles.targets, ["sales", "price"]);
    // Stacked instead of interleaved: times go back instead of repeating.
    let stacked =
        "day,shop,sales\n2020-01-01,A,1\n2020-01-02,A,2\n2020-01-01,B,1\n2020-01-02,B,2\n";
    assert_eq!(names(&read(stacked).0), ["A", "B"]);
    // Two columns that could be it, and none.
    let message = refusal(SHOPS);
    assert!(
        message.starts_with(
            "load.csv, line 3, column `day`: the time 2020-01-01 is already that of line 2"
        ) && message.contains("(shop, region): name one with --series COL."),
        "{message}"
    );
    let remarks = "day,x,remark\n2020-01-01,1,fine\n2020-01-01,2,odd\n2020-01-02,2,late\n";
    assert!(refusal(remarks).contains("line 3, column `day`"));
    let message = refusal("day,sales\n2020-01-01,1\n2020-01-01,2\n2020-01-02,2\n");
    assert!(
        message.contains("name the column that tells them apart with --series"),
        "{message}"
    );
}

#[test]
fn what_is_wrong_with_one_series_names_it() {
    let options = PanelOptions {
        statics: columns(&["region"]),
        target: Some(columns(&["sales"])),
        ..series_is("shop")
    };
    let message = refusal_with(&SHOPS.replace("03,B,south", "03,B,west"), &options);
    assert_eq!(
        message,
        "load.csv, line 6, column `region`: expected `south`, as in every row of series `B` before, found `west`: a static column has one value for a series. Correct the cell, or give the column as known or past."
    );
    let message = refusal_with(&SHOPS.replace("03,B,", "03,,"), &options);
    assert!(
        message.starts_with("load.csv, line 6, column `shop`: the cell is empty"),
        "{message}"
    );
    let message = refusal_with(&SHOPS.replace("2020-01-03,B", "2020-01-02,B"), &options);
    assert!(
        message.contains("line 6, column `day`: the time 2020-01-02 is already that of line 5"),
        "{message}"
    );
    let known = PanelOptions {
        known: columns(&["region"]),
        ..series_is("shop")
    };
    let message = refusal_with(SHOPS, &known);
    assert!(
        message.starts_with(
            "load.csv, line 2, column 3 (`region`): expected a number, found `north`."
        ),
        "{message}"
    );
    let twice = PanelOptions {
        past: columns(&["price"]),
        known: columns(&["5"]),
        ..series_is("shop")
    };
    assert_eq!(
        refusal_with(SHOPS, &twice),
        "load.csv: column `price` is asked for twice: name it once."
    );
    let message = refusal_with(SHOPS, &series_is("shpo"));
    assert!(
        message.contains("no column `shpo`. Did you mean `shop`?"),
        "{message}"
    );
}

#[test]
fn a_series_too_short_to_learn_from_is_kept_and_told() {
    let text = "day,shop,sales\n2020-01-01,A,1\n2020-01-02,A,2\n2020-01-01,B,1\n2020-01-02,B,\n2020-01-01,C,\n";
    let (panel, assumptions) = read_with(text, &series_is("shop")).unwrap();
    assert_eq!(names(&panel), ["A", "B", "C"]);
    assert_eq!(
        told(&assumptions, "short series").as_deref(),
        Some("2 of 3, with fewer than two rows: B, C")
    );
}

#[test]
fn a_target_without_any_value_is_refused_and_other_columns_may_have_none() {
    let text = "day,load,price\n2020-01-01,,\n2020-01-02,,\n";
    let options = PanelOptions {
        target: Some(columns(&["load"])),
        ..PanelOptions::default()
    };
    assert_eq!(
        refusal_with(text, &options),
        "load.csv, column 2 (`load`): every cell is missing. Leave this column out."
    );
    let options = PanelOptions {
        past: columns(&["price"]),
        ..PanelOptions::default()
    };
    assert!(read_with(&text.replace("01,", "01,3"), &options).is_ok());
}

#[test]
fn date_and_time_of_day_in_two_columns_make_one_axis() {
    let text = "Date;Heures;MW\n01/02/2018;23:30;1\n01/02/2018;23:45:00;2\n02/02/2018;0:00;3\n";
    let (panel, assumptions) = read(text);
    let time = panel.series[0].time.as_ref().unwrap();
    assert_eq!(
        (time.name.as_str(), time.step),
        ("Date Heures", Some(Step::Seconds(900)))
    );
    assert_eq!(time.write(time.stamps[2]), "02/02/2018 00:00:00");
    assert!(told(&assumptions, "time columns, date and time of day").is_some());
    let both = |names: &[&str]| PanelOptions {
        time: columns(names),
        ..PanelOptions::default()
    };
    assert_eq!(
        read_with(text, &both(&["Date", "Heures"])).unwrap().0,
        panel
    );
    let message = refusal_with(text, &both(&["Date"]));
    assert!(message.contains("--time Date,Heures."), "{message}");
    let message = refusal_with(&text.replace("0:00", "noon"), &both(&["Date", "Heures"]));
    assert!(
        message.starts_with(
            "load.csv, line 4, column 2 (`Heures`): expected a time written like 13:45"
        ),
        "{message}"
    );
    assert!(refusal_with(text, &both(&["Date", "Heures", "MW"])).contains("given as 3 columns"));
    let whole = "t,c,x\n2018-02-01 00:00,00:00,1\n2018-02-01 01:00,01:00,2\n";
    assert!(refusal_with(whole, &both(&["t", "c"])).contains("`t` already holds the time of day"));
}

#[test]
fn a_column_of_dates_with_another_role_is_not_the_time() {
    let text = "opened,day,x\n1999-05-01,2020-01-01,1\n1999-05-01,2020-01-02,2\n";
    let options = PanelOptions {
        statics: columns(&["opened"]),
        ..PanelOptions::default()
    };
    let (panel, _) = read_with(text, &options).unwrap();
    assert_eq!(panel.series[0].time.as_ref().unwrap().name, "day");
    assert_eq!(panel.series[0].statics, ["1999-05-01"]);
}

#[test]
fn times_with_offsets_are_moved_to_universal_time() {
    let text = "t,x\n2018-03-25T01:00:00+01:00,1\n2018-03-25T03:00:00+02:00,2\n2018-03-25T04:00:00+02:00,3\n";
    let (panel, assumptions) = read(text);
    let time = panel.series[0].time.as_ref().unwrap();
    assert_eq!(time.step, Some(Step::Seconds(3_600)));
    assert_eq!(time.write(time.stamps[0]), "2018-03-25T00:00:00Z");
    assert!(told(&assumptions, "time zone").is_some());
}

#[test]
fn files_are_joined_in_the_order_of_time_and_their_columns_by_name() {
    let first = ("a.csv", "day,x,y\n2020-01-03,3,30\n2020-01-04,4,40\n");
    let second = ("b.csv", "y,day,x\n10,2020-01-01,1\n20,2020-01-02,2\n");
    let (panel, _) = read_files(&[first, second], &PanelOptions::default()).unwrap();
    assert_eq!(panel.series[0].targets[0], [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(panel.series[0].targets[1], [10.0, 20.0, 30.0, 40.0]);
    let both = |other: (&str, &str)| {
        let read = read_files(&[first, other], &PanelOptions::default());
        read.unwrap_err().to_string()
    };
    assert_eq!(
        both(("c.csv", "day,x,z\n2020-01-01,1,1\n")),
        "c.csv: its columns are not those of a.csv: `z` is only in the former. Give files of the same columns."
    );
    assert!(both(("c.csv", "day,x\n2020-01-01,1\n")).contains("`y` is only in the latter"));
    assert_eq!(
        both(("c.csv", "day,x,y\n2020-01-01,1,1\n2020-01-03,2,1\n")),
        "c.csv and a.csv overlap: the second begins at 2020-01-03, the first ends at 2020-01-03. Remove the rows that stand in both."
    );
    let message = both(("c.csv", "day,x,y\n2020-01-01,1,1\n2020-01-02,oops,1\n"));
    assert!(
        message.starts_with("c.csv, line 3, column 2 (`x`)"),
        "{message}"
    );
    // The number of the column is that of its own file.
    let message = both(("c.csv", "x,y,day\n1,1,2020-01-01\noops,1,2020-01-02\n"));
    assert!(
        message.starts_with("c.csv, line 3, column 1 (`x`)"),
        "{message}"
    );
    assert!(matches!(
        read_files(&[], &PanelOptions::default()),
        Err(DataError::NoFile)
    ));
}

#[test]
fn files_without_times_are_joined_as_given_and_it_is_told() {
    let (panel, assumptions) = read_files(
        &[("a.csv", "x\n1\n2\n"), ("b.csv", "x\n3\n")],
        &PanelOptions::default(),
    )
    .unwrap();
    assert_eq!(panel.series[0].targets[0], [1.0, 2.0, 3.0]);
    assert_eq!(panel.series[0].time, None);
    assert!(told(&assumptions, "rows of several files").is_some());
}

#[test]
fn skipped_times_become_missing_values_and_the_first_is_named() {
    let (panel, assumptions) = read("day,x\n2020-01-01,1\n2020-01-02,2\n2020-01-05,5\n");
    assert_eq!(
        plain(&panel.series[0].targets[0]),
        [1.0, 2.0, -1.0, -1.0, 5.0]
    );
    assert_eq!(
        told(&assumptions, "times").as_deref(),
        Some("2 missing, given missing values; the first: 2020-01-03")
    );
    assert_eq!(told(&assumptions, "missing values").as_deref(), Some("2"));
    let (panel, assumptions) = read("day,x\n2020-01-01,1\n2020-01-02,2\n2020-03-05,5\n");
    assert_eq!(panel.rows(), 3);
    assert_eq!(panel.series[0].time.as_ref().unwrap().step, None);
    assert!(
        told(&assumptions, "time step")
            .unwrap()
            .starts_with("not even")
    );
}

#[test]
fn both_nights_of_daylight_saving_are_put_right_and_told() {
    let text =
        "t,x\n2018-10-28 01:00,1\n2018-10-28 02:00,2\n2018-10-28 02:00,4\n2018-10-28 03:00,5\n";
    let (panel, assumptions) = read(text);
    assert_eq!(panel.series[0].targets[0], [1.0, 3.0, 5.0]);
    assert_eq!(
        told(&assumptions, "daylight saving, autumn").as_deref(),
        Some("2018-10-28 02:00: the hour that stands twice is averaged")
    );
    let text =
        "t,x\n2018-03-25 00:00,1\n2018-03-25 01:00,2\n2018-03-25 03:00,4\n2018-03-25 04:00,5\n";
    let (panel, assumptions) = read(text);
    assert_eq!(
        plain(&panel.series[0].targets[0]),
        [1.0, 2.0, -1.0, 4.0, 5.0]
    );
    assert_eq!(
        told(&assumptions, "daylight saving, spring").as_deref(),
        Some("2018-03-25 02:00: the hour that clocks skip has missing values")
    );
    assert_eq!(told(&assumptions, "times"), None);
    // The same stamps on another day are an error, and a hole.
    let message = refusal("t,x\n2018-10-30 01:00,1\n2018-10-30 02:00,2\n2018-10-30 02:00,4\n");
    assert!(
        message.contains("line 4, column `t`: the time 2018-10-30 02:00 is already that of line 3"),
        "{message}"
    );
}

#[test]
fn rows_finer_than_their_values_are_thinned_and_every_keeps_the_value_at_that_time() {
    let mut text = String::from("t,x\n");
    for quarter in 0..16 {
        let value = if quarter % 2 == 0 {
            quarter.to_string()
        } else {
            String::new()
        };
        text.push_str(&format!(
            "2018-01-01 {:02}:{:02},{value}\n",
            quarter / 4,
            quarter % 4 * 15
        ));
    }
    let (panel, assumptions) = read(&text);
    assert_eq!(
        panel.series[0].targets[0],
        [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0]
    );
    assert_eq!(
        told(&assumptions, "rows").as_deref(),
        Some("every 15 minutes, values: every 30 minutes; the rows between are left out")
    );
    let every = |step: &str| PanelOptions {
        every: Some(step.parse().unwrap()),
        ..PanelOptions::default()
    };
    let (panel, assumptions) = read_with(&text, &every("1h")).unwrap();
    assert_eq!(panel.series[0].targets[0], [0.0, 4.0, 8.0, 12.0]);
    assert_eq!(
        told(&assumptions, "rows kept").as_deref(),
        Some("every 1 hour: 4 of 16")
    );
    let message = refusal_with(&text, &every("10min"));
    assert_eq!(
        message,
        "load.csv: rows every 10 minutes were asked for, but the rows are every 15 minutes. Ask for the same step or a multiple of it."
    );
    assert!(refusal_with("x\n1\n2\n", &every("1h")).contains("no column of times"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn interleaved_series_come_apart_whole_whatever_their_order(
        lengths in prop::collection::vec(1_usize..8, 1..6), seed in any::<u64>(),
    ) {
        // Draws the next row from a series that still has one.
        let mut left = lengths.clone();
        let mut text = String::from("day,id,x\n");
        let mut state = seed;
        while left.iter().any(|rows| *rows > 0) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = (state >> 33) as usize % left.len();
            if left[at] > 0 {
                let row = lengths[at] - left[at];
                text.push_str(&format!("2020-01-{:02},{at},{}\n", row + 1, 100 * at + row));
                left[at] -= 1;
            }
        }
        let (panel, _) = read_with(&text, &series_is("id")).unwrap();
        prop_assert_eq!(panel.series.len(), lengths.len());
        for series in &panel.series {
            let at: usize = series.name.parse().unwrap();
            let values: Vec<f64> = (0..lengths[at]).map(|row| (100 * at + row) as f64).collect();
            prop_assert_eq!(&series.targets[0], &values);
        }
    }

    #[test]
    fn rows_cut_into_files_give_the_same_panel_in_any_order(
        rows in 4_usize..40, cuts in prop::collection::vec(0_usize..40, 0..4), rotate in 0_usize..5,
    ) {
        let row = |row: usize| format!("2020-{:02}-{:02},{row}\n", 1 + row / 28, 1 + row % 28);
        let mut ends: Vec<usize> = cuts.into_iter().filter(|cut| *cut < rows).chain([0, rows]).collect();
        ends.sort_unstable();
        ends.dedup();
        let mut parts: Vec<String> = ends.windows(2)
            .map(|pair| format!("day,x\n{}", (pair[0]..pair[1]).map(row).collect::<String>()))
            .collect();
        let whole = format!("day,x\n{}", (0..rows).map(row).collect::<String>());
        let by = rotate % parts.len();
        parts.rotate_left(by);
        let files: Vec<(&str, &str)> = parts.iter().map(|part| ("part.csv", part.as_str())).collect();
        let joined = read_files(&files, &PanelOptions::default()).unwrap().0;
        // Holes are missing values, which are not equal to themselves.
        prop_assert_eq!(format!("{joined:?}"), format!("{:?}", read(&whole).0));
    }
}
