//! Panels in other forms than one long table: a series per row, rows that continue others, many
//! series written below one header.

use std::path::Path;

use ressac_data::{
    Assumption, ColumnRef, DataError, Layout, Panel, PanelOptions, Step, Table, read_panel_bytes,
    write_long_csv,
};

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

fn told(assumptions: &[Assumption], what: &str) -> Option<String> {
    let found = assumptions.iter().find(|a| a.what == what);
    found.map(|a| a.found.clone())
}

fn columns(names: &[&str]) -> Vec<ColumnRef> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

fn plain(values: &[f64]) -> Vec<f64> {
    let plain = values.iter().map(|v| if v.is_nan() { -1.0 } else { *v });
    plain.collect()
}

fn names(panel: &Panel) -> Vec<&str> {
    panel.series.iter().map(|s| s.name.as_str()).collect()
}

const WIDE: &str = "\"V1\",\"V2\",\"V3\",\"V4\"\n\"H1\",1,2,\n\"H2\",3,,5\n\"H3\",6,,\n";

#[test]
fn a_series_per_row_ends_where_its_values_end() {
    let (panel, assumptions) = read(WIDE);
    assert_eq!(names(&panel), ["H1", "H2", "H3"]);
    assert_eq!(panel.series[0].targets, [[1.0, 2.0]]);
    assert_eq!(plain(&panel.series[1].targets[0]), [3.0, -1.0, 5.0]);
    assert_eq!(panel.series[2].targets, [[6.0]]);
    assert_eq!(panel.roles.targets, ["value"]);
    assert!(told(&assumptions, "layout").is_some());
    assert_eq!(
        told(&assumptions, "series").as_deref(),
        Some("3 of 1 to 3 values")
    );
    // Without a header, and without the cells that only fill up.
    let bare = "H1,1,2\nH2,3,,5\nH3,6\n";
    assert_eq!(
        format!("{:?}", read(bare).0.series),
        format!("{:?}", panel.series)
    );
    let long = PanelOptions {
        layout: Some(Layout::Long),
        ..PanelOptions::default()
    };
    assert_eq!(
        read_with(WIDE, &long).unwrap().0.roles.targets,
        ["V2", "V3", "V4"]
    );
    assert!(refusal_with(bare, &long).contains("line 2: expected 3 cells, as in line 1, found 4"));
}

#[test]
fn what_wide_rows_cannot_have_is_refused() {
    let wide = PanelOptions {
        layout: Some(Layout::WideRows),
        ..PanelOptions::default()
    };
    let (panel, _) = read_with("1,2,3\n4,5,6\n", &wide).unwrap();
    assert_eq!(names(&panel), ["1", "2"]);
    let (panel, _) = read_with("shop,mon,tue\nA,1,2\nB,3,4\n", &wide).unwrap();
    assert_eq!(names(&panel), ["A", "B"]);
    let message = refusal_with(&WIDE.replace("H3", "H1"), &wide);
    assert!(
        message.starts_with("load.csv, line 4: the series `H1` is already that of line 2"),
        "{message}"
    );
    let message = refusal_with(&WIDE.replace("3,,5", "3,x,5"), &wide);
    assert!(
        message.starts_with("load.csv, line 3, column 3 (`V3`): expected a number, found `x`"),
        "{message}"
    );
    let known = PanelOptions {
        known: columns(&["V2"]),
        ..wide.clone()
    };
    assert!(refusal_with(WIDE, &known).contains("a known column was asked for"));
    let two = read_files(&[("a.csv", WIDE), ("b.csv", WIDE)], &wide);
    assert!(two.unwrap_err().to_string().contains("several files"));
    assert!(refusal_with("A,,\nB,,\n", &wide).contains("no column of numbers"));
    // A table of towns is not taken for one.
    let towns = read("town,people,area\nLyon,500,48\nNice,300,72\n").0;
    assert_eq!(towns.roles.targets, ["people", "area"]);
}

fn panel_of(text: &str) -> Panel {
    read(text).0
}

#[test]
fn later_rows_continue_their_series() {
    let joined =
        Panel::append(panel_of("H1,1,2,3\nH2,4,5\n"), panel_of("H2,6,7\nH1,8,9\n")).unwrap();
    assert_eq!(joined.series[0].targets, [[1.0, 2.0, 3.0, 8.0, 9.0]]);
    assert_eq!(joined.series[1].targets, [[4.0, 5.0, 6.0, 7.0]]);
    let error = Panel::append(panel_of("H1,1,2\nH2,1,2\n"), panel_of("H1,3,4\nH3,1,2\n"));
    assert_eq!(
        error.unwrap_err().to_string(),
        "the later rows do not continue the earlier ones: the history has no series `H3` (the nearest is `H1`). Give the history of every series."
    );

    let history = "day,x,p\n2020-01-01,1,7\n2020-01-02,2,7\n";
    let later = |text: &str| Panel::append(panel_of(history), panel_of(text));
    let joined = later("day,x,p\n2020-01-03,3,7\n2020-01-04,4,7\n").unwrap();
    assert_eq!(joined.series[0].targets[0], [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(
        joined.series[0].time.as_ref().unwrap().step,
        Some(Step::Seconds(86_400))
    );
    let message = later("day,x,p\n2020-01-04,3,7\n2020-01-05,4,7\n")
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("every 1 day end at 2020-01-02 and go on at 2020-01-04"),
        "{message}"
    );
    assert!(
        later("day,x\n2020-01-03,3\n")
            .unwrap_err()
            .to_string()
            .contains("columns or their roles differ")
    );
    assert!(
        later("x,p\n3,1\n")
            .unwrap_err()
            .to_string()
            .contains("have times in one file")
    );
}

#[test]
fn rows_that_hold_only_the_future_of_known_columns_give_way_to_the_later_rows() {
    let options = PanelOptions {
        known: columns(&["p"]),
        ..PanelOptions::default()
    };
    let read = |text: &str| read_with(text, &options).unwrap().0;
    let history = read("day,x,p\n2020-01-01,1,7\n2020-01-02,2,7\n2020-01-03,,8\n2020-01-04,,8\n");
    assert_eq!(
        (
            history.rows(),
            history.series[0].observed(),
            history.missing()
        ),
        (4, 2, 0)
    );
    let joined = Panel::append(history, read("day,x,p\n2020-01-03,3,9\n")).unwrap();
    assert_eq!(joined.series[0].targets[0], [1.0, 2.0, 3.0]);
    assert_eq!(joined.series[0].known[0], [7.0, 7.0, 9.0]);
}

fn table_of(panel: &Panel, at: usize) -> (String, Table) {
    let series = &panel.series[at];
    let table = Table {
        names: panel.roles.targets.clone(),
        columns: series.targets.clone(),
        time: series.time.clone(),
    };
    (series.name.clone(), table)
}

#[test]
fn what_is_written_long_is_read_back_to_the_same_series() {
    let text = "day,\"the, shop\",x\n2020-01-01,\"A, 1\",1\n2020-01-02,\"A, 1\",\n2020-01-03,\"A, 1\",0.1\n2020-01-01,\"B \"\"q\"\"\",1e-300\n2020-01-02,\"B \"\"q\"\"\",3\n";
    let (panel, _) = read(text);
    let tables = [table_of(&panel, 0), table_of(&panel, 1)];
    let mut written = Vec::new();
    write_long_csv(&mut written, Some("the, shop"), &tables).unwrap();
    let written = String::from_utf8(written).unwrap();
    assert!(
        written.starts_with("\"the, shop\",day,x\n\"A, 1\",2020-01-01,1\n"),
        "{written}"
    );
    let again = read(&written).0;
    assert_eq!(format!("{:?}", again.series), format!("{:?}", panel.series));
    let mut other = tables.clone();
    other[1].1.names = vec!["y".to_owned()];
    let error = write_long_csv(Vec::new(), None, &other).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the columns of `B \"q\"` are not those"),
        "{error}"
    );
    let mut alone = Vec::new();
    write_long_csv(&mut alone, None, &tables[..1]).unwrap();
    assert!(
        String::from_utf8(alone)
            .unwrap()
            .starts_with("day,x\n2020-01-01,1\n")
    );
}
