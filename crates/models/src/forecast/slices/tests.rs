//! Labels, quarters, refusals and figures of slices.

use super::*;
use ressac_data::panel::{Layout, Roles, Series};
use ressac_data::{StampFormat, TimeAxis};

/// Two series of four rows, six hours apart over the turn of the year 2018 (a Sunday), and one
/// column of each role.
fn panel() -> Panel {
    let start = 17_531 * 86_400 + 43_200;
    let series = |name: &str, region: &str| Series {
        name: name.into(),
        time: Some(TimeAxis::new(
            "time",
            (0..4).map(|row| start + row * 21_600).collect(),
            StampFormat::ISO,
        )),
        targets: vec![vec![1.0; 4], vec![2.0; 4]],
        known: vec![vec![0.0, 1.0, 1.0, f64::NAN]],
        past: vec![],
        statics: vec![region.into()],
    };
    Panel {
        roles: Roles {
            targets: vec!["load".into(), "price".into()],
            known: vec!["holiday".into()],
            past: vec![],
            statics: vec!["region".into()],
        },
        series_column: Some("shop".into()),
        layout: Layout::Long,
        series: vec![series("b", "south"), series("a", "south")],
    }
}

fn labels(by: &SliceBy, series: usize, target: usize) -> Vec<&str> {
    (0..4)
        .map(|row| by.labels[by.place(series, target, row)].as_str())
        .collect()
}

#[test]
fn a_moment_has_the_label_of_its_time_column_or_series() {
    let panel = panel();
    let by = |name: &str| SliceBy::new(&panel, name).unwrap();
    for (name, expected) in [
        ("hour", ["12:00", "18:00", "00:00", "06:00"]),
        ("weekday", ["Sunday", "Sunday", "Monday", "Monday"]),
        ("month", ["December", "December", "January", "January"]),
        (
            "quarter",
            ["quarter 4", "quarter 4", "quarter 1", "quarter 1"],
        ),
        ("year", ["2017", "2017", "2018", "2018"]),
        ("holiday", ["0", "1", "1", "missing"]),
        ("region", ["south"; 4]),
        ("shop", ["b"; 4]),
        ("series", ["b"; 4]),
        ("column", ["price"; 4]),
    ] {
        assert_eq!(labels(&by(name), 0, 1), expected, "{name}");
    }
    assert_eq!(labels(&by("shop"), 1, 0), ["a"; 4]);
    assert_eq!(by("shop").labels, ["a", "b"]);
}

#[test]
fn a_column_of_many_values_is_cut_into_quarters() {
    let values: Vec<f64> = (0..40).map(|value| f64::from((value * 7) % 40)).collect();
    let by = SliceBy::of_values("load", &[&values]);
    assert_eq!(
        by.labels,
        [
            "0 to 9",
            "above 9 to 19",
            "above 19 to 29",
            "above 29 to 39",
            "missing"
        ]
    );
    let mut counts = [0; 4];
    for (row, value) in values.iter().enumerate() {
        let place = by.place(0, 0, row);
        assert_eq!(place, (*value / 10.0) as usize, "{value}");
        counts[place] += 1;
    }
    assert_eq!(counts, [10; 4]);
    // Half of the values are one: the quarters that would be empty are not there.
    let many: Vec<f64> = (0..40)
        .map(|value| f64::from((value - 20).max(0)))
        .collect();
    let by = SliceBy::of_values("rain", &[&many]);
    assert_eq!(by.labels[0], "0 to 0");
    assert_eq!(by.labels.len(), 4);
}

#[test]
fn what_cannot_tell_slices_apart_is_refused_with_the_nearest_name() {
    let mut panel = panel();
    let problem = |panel: &Panel, name: &str| SliceBy::new(panel, name).unwrap_err().to_string();
    let found = problem(&panel, "regoin");
    assert!(found.contains("did you mean `region`?"), "{found}");
    let found = problem(&panel, "zzz");
    assert!(found.contains("no column of the file. Beside"), "{found}");
    panel.series.truncate(1);
    assert!(problem(&panel, "series").contains("one series"));
    panel.series[0].time = None;
    assert!(problem(&panel, "weekday").contains("no column of times"));
}

#[test]
fn figures_are_means_over_the_values_of_a_slice() {
    let by = SliceBy::new(&panel(), "weekday").unwrap();
    let mut sums = SliceSums::new(&by);
    for (row, truth, errors, inside) in [
        (0, 10.0, [1.0, 2.0, 4.0], true),
        (1, 20.0, [3.0, 2.0, 8.0], false),
        (2, 0.0, [5.0, 5.0, 5.0], true),
    ] {
        sums.add(&Forecast {
            series: 0,
            target: 0,
            row,
            truth,
            errors,
            deviation: 2.0,
            inside,
        });
    }
    let found = sums.slices(2, true);
    let slice = |name: &str, values, mse, mae, reference, mape, inside| Slice {
        name: name.to_owned(),
        values,
        mse,
        mae,
        reference,
        mape,
        inside: Some(inside),
    };
    // In the order of the week, and only the days there are.
    assert_eq!(
        found.slices,
        [
            slice("Monday", 1, 6.25, 2.5, 2.5, None, 1.0),
            slice("Sunday", 2, 1.25, 1.0, 3.0, Some(12.5), 0.5),
        ]
    );
    assert_eq!(sums.slices(1, false).slices[1].reference, 1.0);
    assert_eq!(sums.slices(1, false).slices[1].inside, None);
}
