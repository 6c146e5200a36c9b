//! Panels from the public data sets the project is developed with, where they are laid beside the
//! repository: see `development/mod.rs`.

mod development;

use std::path::PathBuf;

use development::folder;
use ressac_data::{Assumption, DataError, Panel, PanelOptions, Step, read_panel};

#[track_caller]
fn read(files: &[PathBuf], options: &PanelOptions) -> (Panel, Vec<Assumption>) {
    match read_panel(files, options) {
        Ok((panel, told)) => {
            for assumption in &told {
                println!("{}: {}", assumption.what, assumption.found);
            }
            (panel, told)
        }
        Err(error) => panic!("{error}"),
    }
}

fn told(assumptions: &[Assumption], what: &str) -> Option<String> {
    let found = assumptions.iter().find(|a| a.what == what);
    found.map(|a| a.found.clone())
}

#[test]
fn four_years_of_french_load_are_joined_from_files_in_any_order() {
    let Some(folder) = folder() else { return };
    let files =
        [2017, 2015, 2018, 2016].map(|year| folder.join(format!("rte_load_fr/rte_{year}.csv")));
    let (panel, assumptions) = read(&files, &PanelOptions::default());
    let load = &panel.series[0];
    assert_eq!((panel.rows(), panel.missing()), (70_128, 0));
    assert_eq!(load.targets[0][0], 74_494.0);
    let time = load.time.as_ref().unwrap();
    assert_eq!(time.name, "Date Heures");
    assert_eq!(time.step, Some(Step::Seconds(1_800)));
    assert_eq!(time.write(time.stamps[0]), "01/01/2015 00:00");
    assert_eq!(time.write(time.stamps[70_127]), "31/12/2018 23:30");
    assert_eq!(
        told(&assumptions, "rows").as_deref(),
        Some("every 15 minutes, values: every 30 minutes; the rows between are left out")
    );
    assert_eq!(
        told(&assumptions, "time columns, date and time of day").as_deref(),
        Some("Date Heures (dd/mm/yyyy HH:MM)")
    );

    let hourly = PanelOptions {
        every: Some(Step::Seconds(3_600)),
        ..PanelOptions::default()
    };
    let (panel, _) = read(&files, &hourly);
    assert_eq!((panel.rows(), panel.missing()), (35_064, 0));
    assert_eq!(panel.series[0].targets[0][1], load.targets[0][2]);
}

#[test]
fn the_hourly_series_of_the_m4_competition_are_read_and_continued_by_their_test_part() {
    let Some(folder) = folder() else { return };
    let part = |name: &str| {
        let files = [folder.join("m4_hourly").join(name)];
        read(&files, &PanelOptions::default()).0
    };
    let (train, test) = (part("Hourly-train.csv"), part("Hourly-test.csv"));
    assert_eq!((train.series.len(), test.series.len()), (414, 414));
    assert_eq!((train.missing(), test.missing()), (0, 0));
    let lengths = || train.series.iter().map(|series| series.rows());
    assert_eq!((lengths().min(), lengths().max()), (Some(700), Some(960)));
    assert_eq!((train.rows(), test.rows()), (353_500, 414 * 48));
    assert_eq!(train.series[0].name, "H1");
    assert_eq!(train.series[0].targets[0][..2], [605.0, 586.0]);
    let (rows, first_test) = (train.rows(), test.series[0].targets[0][0]);
    let joined = Panel::append(train, test).unwrap();
    assert_eq!(joined.rows(), rows + 414 * 48);
    assert_eq!(first_test, 619.0);
    assert_eq!(
        joined.series[0].targets[0][joined.series[0].rows() - 48],
        619.0
    );
}

#[test]
fn tables_of_one_series_are_read_as_such() {
    let Some(folder) = folder() else { return };
    let one = |name: &str| read(&[folder.join(name)], &PanelOptions::default());
    let (etth1, assumptions) = one("etth1/ETTh1.csv");
    assert_eq!(
        (etth1.series.len(), etth1.rows(), etth1.missing()),
        (1, 17_420, 0)
    );
    assert_eq!(etth1.roles.targets.len(), 7);
    assert_eq!(told(&assumptions, "time step").as_deref(), Some("1 hour"));
    let (rates, _) = one("exchange_rate/exchange_rate.txt.gz");
    assert_eq!((rates.rows(), rates.roles.targets.len()), (7_588, 8));
    assert_eq!(rates.series[0].time, None);
    let (airline, _) = one("classic_series/airline-passengers.csv");
    assert_eq!(
        airline.series[0].time.as_ref().unwrap().step,
        Some(Step::Months(1))
    );
    // Ten years of days, of which the file skips 31 December 1984 and 1988.
    let (days, assumptions) = one("classic_series/daily-min-temperatures.csv");
    assert_eq!((days.rows(), days.missing()), (3_652, 2));
    assert_eq!(
        told(&assumptions, "times").as_deref(),
        Some("2 missing, given missing values; the first: 1984-12-31")
    );
    // A day number and a class are numbers; there is no time.
    let (elec, _) = one("elec2/elec.csv");
    assert_eq!((elec.rows(), elec.roles.targets.len()), (45_312, 7));
}

#[test]
fn every_file_of_the_anomaly_benchmark_is_read_and_what_was_put_right_is_told() {
    let Some(folder) = folder() else { return };
    let mut files: Vec<PathBuf> = Vec::new();
    for kind in [
        "artificialNoAnomaly",
        "artificialWithAnomaly",
        "realAWSCloudwatch",
        "realKnownCause",
    ] {
        for entry in std::fs::read_dir(folder.join("nab").join(kind)).unwrap() {
            files.push(entry.unwrap().path());
        }
    }
    assert_eq!(files.len(), 18);
    let mut put_right = Vec::new();
    for file in &files {
        println!("-- {}", file.display());
        let (panel, assumptions) = read(std::slice::from_ref(file), &PanelOptions::default());
        assert_eq!(
            (panel.series.len(), panel.roles.targets.as_slice()),
            (1, &["value".to_owned()][..])
        );
        let name = file.file_stem().unwrap().to_string_lossy();
        for what in [
            "daylight saving, rows",
            "hour twice",
            "daylight saving, autumn",
        ] {
            if let Some(found) = told(&assumptions, what) {
                put_right.push(format!("{name}: {what}: {found}"));
            }
        }
    }
    put_right.sort();
    // The first two fill the hour that New York skipped with twelve rows stamped 03:00; in the
    // third the clock was put back by an hour, in January.
    assert_eq!(
        put_right,
        [
            "ec2_disk_write_bytes_1ef3de: daylight saving, rows: 2014-03-09 03:00:00: the rows with this same time fill the hour that clocks skip, and are spread over it",
            "ec2_request_latency_system_failure: daylight saving, rows: 2014-03-09 03:00:00: the rows with this same time fill the hour that clocks skip, and are spread over it",
            "machine_temperature_system_failure: hour twice: 2014-01-07 02:00:00: its rows stand twice and are averaged",
        ]
    );
}

#[test]
fn a_file_of_the_load_given_twice_is_refused() {
    let Some(folder) = folder() else { return };
    let file = folder.join("rte_load_fr/rte_2018.csv");
    let error = read_panel(&[file.clone(), file], &PanelOptions::default()).unwrap_err();
    assert!(matches!(error, DataError::Overlap { .. }), "{error}");
}
