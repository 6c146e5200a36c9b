//! The reader on the public data sets the project is developed with, where they are laid beside
//! the repository: see `development/mod.rs`.

mod development;

use std::path::Path;

use development::folder;
use ressac_data::{ColumnRef, DataError, ReadOptions, Step, Table, fingerprint, read_table};

#[track_caller]
fn read(path: &Path) -> Table {
    match read_table(path, &ReadOptions::default()) {
        Ok((table, _)) => table,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn etth1_has_its_seven_variables_hour_by_hour() {
    let Some(folder) = folder() else { return };
    let path = folder.join("etth1/ETTh1.csv");
    let table = read(&path);
    assert_eq!(
        table.names,
        ["HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT"]
    );
    assert_eq!((table.rows(), table.missing()), (17_420, 0));
    assert_eq!(table.column("OT").unwrap()[0], 30.531_000_137_329_1);
    let time = table.time.unwrap();
    assert_eq!(time.step, Some(Step::Seconds(3_600)));
    assert_eq!(
        time.write(time.future(1).unwrap()[0]),
        "2018-06-26 20:00:00"
    );
    assert_eq!(
        fingerprint::file(&path).unwrap(),
        "f18de3ad269cef59bb07b5438d79bb3042d3be49bdeecf01c1cd6d29695ee066"
    );
}

#[test]
fn the_classic_series_are_read_with_their_months_and_days() {
    let Some(folder) = folder() else { return };
    let folder = folder.join("classic_series");
    let airline = read(&folder.join("airline-passengers.csv"));
    assert_eq!(
        (airline.names.as_slice(), airline.rows()),
        (&["Passengers".to_owned()][..], 144)
    );
    let time = airline.time.unwrap();
    assert_eq!(time.step, Some(Step::Months(1)));
    assert_eq!(time.write(time.future(2).unwrap()[1]), "1961-02");
    let sunspots = read(&folder.join("monthly-sunspots.csv"));
    assert_eq!(
        (sunspots.rows(), sunspots.time.unwrap().step),
        (2_820, Some(Step::Months(1)))
    );
    // Ten years of days without 31 December 1984 and 1988.
    let temperatures = read(&folder.join("daily-min-temperatures.csv"));
    assert_eq!(
        (temperatures.rows(), temperatures.time.unwrap().step),
        (3_650, None)
    );
}

#[test]
fn the_exchange_rates_are_read_without_header_and_without_time_from_gzip() {
    let Some(folder) = folder() else { return };
    let table = read(&folder.join("exchange_rate/exchange_rate.txt.gz"));
    assert_eq!(
        (table.rows(), table.columns.len(), table.missing()),
        (7_588, 8, 0)
    );
    assert_eq!(table.columns[0][0], 0.7855);
    assert_eq!(table.time, None);
}

#[test]
fn each_file_of_the_anomaly_benchmark_is_read_or_refused_for_its_repeated_times() {
    let Some(folder) = folder() else { return };
    let (mut read, mut refused) = (0, Vec::new());
    for kind in [
        "artificialNoAnomaly",
        "artificialWithAnomaly",
        "realAWSCloudwatch",
        "realKnownCause",
    ] {
        for entry in std::fs::read_dir(folder.join("nab").join(kind)).unwrap() {
            let path = entry.unwrap().path();
            match read_table(&path, &ReadOptions::default()) {
                Ok((table, _)) => {
                    assert_eq!(table.names, ["value"]);
                    assert_eq!(table.time.unwrap().name, "timestamp");
                    read += 1;
                }
                Err(error) => refused.push(error),
            }
        }
    }
    assert_eq!(read + refused.len(), 18);
    for error in &refused {
        assert!(
            matches!(
                error,
                DataError::UnorderedTime { .. } | DataError::DuplicateTime { .. }
            ),
            "{error}"
        );
    }
    println!("read {read}, refused: {refused:#?}");
}

#[test]
fn the_french_load_in_two_time_columns_is_refused_with_the_way_out() {
    let Some(folder) = folder() else { return };
    let path = folder.join("rte_load_fr/rte_2018.csv");
    let message = read_table(&path, &ReadOptions::default())
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("line 3, column `Date`: the time 01/01/2018 is already that of line 2"),
        "{message}"
    );
    assert!(
        message.contains("Column `Heures` seems to hold the time of day"),
        "{message}"
    );
}

#[test]
fn tables_without_times_are_read_whole() {
    let Some(folder) = folder() else { return };
    let elec = read(&folder.join("elec2/elec.csv"));
    assert_eq!(
        (elec.rows(), elec.columns.len(), elec.time),
        (45_312, 7, None)
    );
    let sea = read(&folder.join("sea/SEA_training_data.csv"));
    assert_eq!((sea.rows(), sea.columns.len()), (50_000, 3));
    assert_eq!(
        read(&folder.join("sea/SEA_training_class.csv")).rows(),
        50_000
    );
    let m4 = read(&folder.join("m4_hourly/Hourly-test.csv"));
    assert_eq!((m4.rows(), m4.columns.len()), (414, 48));
    let beats = read(&folder.join("ecg5000/ECG5000_rest_binary.csv"));
    assert_eq!(
        beats.rows() + usize::from(beats.names[0] != "column_1"),
        4_500
    );
    let one = ReadOptions {
        columns: Some(vec![ColumnRef::Number(3)]),
        ..ReadOptions::default()
    };
    let (table, _) = read_table(&folder.join("elec2/elec.csv"), &one).unwrap();
    assert_eq!(table.names, ["nswdemand"]);
}
