//! The reader, on the files people have: what it infers, what it refuses, and with which words.

use std::io::Write as _;
use std::path::Path;

use flate2::{Compression, write::GzEncoder};
use ressac_data::{
    Assumption, ColumnRef, DataError, ReadOptions, Step, Table, read_bytes, write_csv,
};

fn read(bytes: impl AsRef<[u8]>) -> Result<(Table, Vec<Assumption>), DataError> {
    read_with(bytes, &ReadOptions::default())
}

fn read_with(
    bytes: impl AsRef<[u8]>,
    options: &ReadOptions,
) -> Result<(Table, Vec<Assumption>), DataError> {
    read_bytes(Path::new("load.csv"), bytes.as_ref(), options)
}

#[track_caller]
fn refusal(bytes: impl AsRef<[u8]>) -> String {
    read(bytes).expect_err("the file is refused").to_string()
}

fn told(assumptions: &[Assumption], what: &str) -> Option<String> {
    assumptions
        .iter()
        .find(|a| a.what == what)
        .map(|a| a.found.clone())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_plain_file_is_read_and_every_assumption_told() {
    let (table, assumptions) =
        read("date,load,town\n2016-07-01 00:00,1.5,Lyon\n2016-07-01 01:00,,Lyon\n").unwrap();
    assert_eq!(table.names, ["load"]);
    assert_eq!((table.rows(), table.missing()), (2, 1));
    assert_eq!(table.column("load").unwrap()[0], 1.5);
    assert!(table.column("town").is_none());
    let time = table.time.unwrap();
    assert_eq!(
        (time.name.as_str(), time.step),
        ("date", Some(Step::Seconds(3_600)))
    );
    assert_eq!(time.write(time.future(1).unwrap()[0]), "2016-07-01 02:00");
    let expected = [
        ("separator", "comma"),
        ("header", "date, load, town"),
        ("time column", "date (yyyy-mm-dd HH:MM)"),
        ("time step", "1 hour"),
        ("left out, text", "town"),
        ("value columns", "load"),
        ("missing values", "1"),
    ];
    let found: Vec<(&str, &str)> = assumptions
        .iter()
        .map(|a| (a.what.as_str(), a.found.as_str()))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_french_spreadsheet_is_read_semicolons_decimal_commas_windows_1252_and_crlf() {
    let mut bytes =
        b"Date;Temp\xe9rature\r\n01/07/2016 00:00;-1,5\r\n01/07/2016 00:30;2\r\n".to_vec();
    let (table, assumptions) = read(&bytes).unwrap();
    assert_eq!(table.column("Température").unwrap(), [-1.5, 2.0]);
    assert_eq!(told(&assumptions, "decimal mark").as_deref(), Some("comma"));
    assert_eq!(
        told(&assumptions, "encoding").as_deref(),
        Some("Windows-1252 (line 1 is not UTF-8)")
    );
    assert_eq!(table.time.unwrap().step, Some(Step::Seconds(1_800)));
    // The same in UTF-8 with its mark: no assumption about the encoding, and no mark in the name.
    bytes = "\u{feff}Température;Date\r\n-1,5;01/07/2016 00:00\r\n2;01/07/2016 00:30\r\n".into();
    let (table, assumptions) = read(&bytes).unwrap();
    assert_eq!(table.column("Température").unwrap(), [-1.5, 2.0]);
    assert_eq!(told(&assumptions, "encoding"), None);
}

#[test]
fn a_tab_separates_and_a_point_stays_a_point_there() {
    let (table, assumptions) = read("a\tb\n1.5\t2\n3\t4\n").unwrap();
    assert_eq!(table.columns, [[1.5, 3.0], [2.0, 4.0]]);
    assert_eq!(told(&assumptions, "separator").as_deref(), Some("tab"));
    assert_eq!(told(&assumptions, "decimal mark"), None);
}

#[test]
fn numbers_without_a_header_are_all_kept() {
    let (table, assumptions) = read("1,2\n3,4\n").unwrap();
    assert_eq!(table.columns, [[1.0, 3.0], [2.0, 4.0]]);
    assert_eq!(table.names, ["column_1", "column_2"]);
    assert!(told(&assumptions, "header").unwrap().starts_with("none"));
    let with_text = read("2016-07-01,1,UP\n2016-07-02,2,DOWN\n").unwrap().0;
    assert_eq!(with_text.rows(), 2);
    let header = ReadOptions {
        header: Some(true),
        ..ReadOptions::default()
    };
    let (table, assumptions) = read_with("2016,2017\n3,4\n", &header).unwrap();
    assert_eq!(
        (table.names, table.columns),
        (
            vec!["2016".into(), "2017".into()],
            vec![vec![3.0], vec![4.0]]
        )
    );
    assert_eq!(told(&assumptions, "header"), None);
}

#[test]
fn columns_are_chosen_by_name_and_by_number_in_the_order_asked() {
    let choose = |columns: &[&str]| {
        let columns = columns
            .iter()
            .map(|c| c.parse::<ColumnRef>().unwrap())
            .collect();
        let options = ReadOptions {
            columns: Some(columns),
            ..ReadOptions::default()
        };
        read_with("date,a,b,c\n2016-07-01,1,x,3\n2016-07-02,4,y,6\n", &options)
    };
    assert_eq!(
        choose(&["c", "2"]).unwrap().0.columns,
        [[3.0, 6.0], [1.0, 4.0]]
    );
    let message = choose(&["a", "2"]).unwrap_err().to_string();
    assert_eq!(
        message,
        "load.csv: column `a` is asked for twice: name it once."
    );
    let message = choose(&["b"]).unwrap_err().to_string();
    assert!(
        message.starts_with("load.csv, line 2, column 3 (`b`): expected a number, found `x`."),
        "{message}"
    );
    let message = choose(&["dat"]).unwrap_err().to_string();
    assert!(
        message.contains("no column `dat`. Did you mean `date`? The columns are: date, a, b, c."),
        "{message}"
    );
}

#[test]
fn the_time_column_can_be_told_and_lie_anywhere() {
    let text = "made,load,valid\n2020-01-01,1,2020-01-02 00:00\n2020-01-01,2,2020-01-02 01:00\n";
    let options = ReadOptions {
        time: Some("valid".parse().unwrap()),
        ..ReadOptions::default()
    };
    let (table, _) = read_with(text, &options).unwrap();
    assert_eq!(table.time.unwrap().name, "valid");
    assert_eq!(table.names, ["load"]);
    let options = ReadOptions {
        time: Some("load".parse().unwrap()),
        ..ReadOptions::default()
    };
    let message = read_with(text, &options).unwrap_err().to_string();
    assert!(
        message.starts_with("load.csv, line 2, column 2 (`load`): expected a time written like"),
        "{message}"
    );
}

#[test]
fn day_and_month_are_told_apart_by_the_whole_column() {
    let american = "t,x\n01/12/2018,1\n01/13/2018,2\n01/14/2018,3\n";
    assert_eq!(
        read(american).unwrap().0.time.unwrap().step,
        Some(Step::Seconds(86_400))
    );
    // Each day could be a month here; only month first makes the days follow one another.
    let ambiguous = "t,x\n1/2/2018,1\n1/3/2018,2\n1/4/2018,3\n2/1/2018,4\n";
    assert!(read(ambiguous).is_ok());
    let padded_later = "t,x\n10/12/2018 9:00,1\n10/12/2018 10:00,2\n";
    let time = read(padded_later).unwrap().0.time.unwrap();
    assert_eq!(time.write(time.stamps[0]), "10/12/2018 9:00");
}

#[test]
fn gzip_is_read_whatever_the_file_is_called_and_a_cut_one_is_refused() {
    let text: String = (0..500)
        .map(|row| format!("{row},{}\n", row * 7_919 % 1_000))
        .collect();
    let packed = gzip(text.as_bytes());
    assert_eq!(read(&packed).unwrap().0.rows(), 500);
    for end in [
        2,
        9,
        12,
        packed.len() / 2,
        packed.len() - 9,
        packed.len() - 1,
    ] {
        let message = refusal(&packed[..end]);
        assert!(
            message.starts_with("load.csv: the gzip file is cut short"),
            "{end}: {message}"
        );
    }
    let mut damaged = packed.clone();
    let end = damaged.len() - 6;
    damaged[end] ^= 0x55;
    assert!(
        refusal(&damaged).contains("the gzip file is damaged"),
        "{}",
        refusal(&damaged)
    );
}

#[test]
fn what_is_no_text_says_what_it_is() {
    assert!(refusal(b"PK\x03\x04rest").contains("found a zip archive or a spreadsheet"));
    assert!(refusal(b"PAR1\x15\x00\x15").contains("Parquet"));
    assert!(refusal(b"\x7fELF\x02\x00").contains("found binary data"));
    assert!(refusal(b"\xff\xfea\x00,").contains("byte 4: the UTF-16 text ends"));
}

#[test]
fn a_file_with_nothing_in_it_says_so() {
    for bytes in [&b""[..], b"\n\n", b"\xef\xbb\xbf", b"  \n", &gzip(b"")] {
        assert_eq!(
            refusal(bytes),
            "load.csv: the file is empty: expected a header line and rows of values."
        );
    }
    assert!(refusal("date,load\n").contains("only a header line, no rows"));
    assert!(
        refusal("town,river\nLyon,Saône\n")
            .contains("no column of numbers was found. The columns are: town, river.")
    );
}

#[test]
fn a_text_in_a_column_of_numbers_is_placed() {
    let message = refusal("date,load\n2016-07-01,1\n\n2016-07-02,closed\n2016-07-03,2\n");
    assert_eq!(
        message,
        "load.csv, line 4, column 2 (`load`): expected a number, found `closed`. Correct the cell, or leave it empty if the value is missing."
    );
    // A break within quotes, a break without a line feed and a very long cell do not shift or flood it.
    let message = refusal(format!(
        "a,b\r\"two\nlines\",1\r\nx,2\nx,{}\nx,3\n",
        "é".repeat(5_000)
    ));
    assert!(
        message.starts_with("load.csv, line 5, column 2 (`b`)"),
        "{message}"
    );
    assert!(message.chars().count() < 250, "{message}");
    assert!(refusal("a,b\n1,\"2,5\"\n2,1\n3,1\n").contains("A decimal comma is read only"));
}

#[test]
fn rows_of_unequal_width_are_placed() {
    let message = refusal("date,load\n2016-07-01,1\n2016-07-02,1,2\n");
    assert_eq!(
        message,
        "load.csv, line 3: expected 2 cells, as in line 1, found 3. Add or remove commas, or quote the cells that contain one."
    );
    assert!(
        refusal("a;b;c\n1;2;3\n4;5\n6;7;8\n")
            .contains("line 3: expected 3 cells, as in line 1, found 2. Add or remove semicolons")
    );
}

#[test]
fn two_columns_of_one_name_are_refused() {
    assert_eq!(
        refusal("load,t,load\n1,2,3\n"),
        "load.csv, line 1: columns 1 and 3 are both named `load`: rename one."
    );
}

#[test]
fn times_that_do_not_increase_are_placed() {
    let message = refusal("t,x\n2016-07-01,1\n2016-07-02,1\n2016-07-02,2\n");
    assert!(
        message.starts_with(
            "load.csv, line 4, column `t`: the time 2016-07-02 is already that of line 3"
        ),
        "{message}"
    );
    let message = refusal("t,x\n2016-07-01,1\n2016-07-03,1\n2016-07-02,2\n");
    assert!(
        message.starts_with(
            "load.csv, line 4, column `t`: the time 2016-07-02 comes before 2016-07-03 of line 3"
        ),
        "{message}"
    );
    let message = refusal("t,x\n2016-07-01,1\n2016-07-02,1\nyesterday,2\n2016-07-04,2\n");
    assert!(message.starts_with("load.csv, line 4, column 1 (`t`): expected a time written like yyyy-mm-dd, found `yesterday`"), "{message}");
    let message = refusal("t,x\nNA,1\n2016-07-02,1\n2016-07-03,2\n");
    assert!(
        message.starts_with("load.csv, line 2, column 1 (`t`): expected a time"),
        "{message}"
    );
    let message = refusal("Date;Heures;MW\n01/01/2018;00:00;1\n01/01/2018;00:15;2\n");
    assert!(
        message.contains("Column `Heures` seems to hold the time of day"),
        "{message}"
    );
}

#[test]
fn an_uneven_step_is_told_and_not_an_error() {
    let (table, assumptions) = read("t,x\n2016-07-01,1\n2016-07-02,1\n2016-07-04,2\n").unwrap();
    assert_eq!(table.time.unwrap().step, None);
    assert_eq!(
        told(&assumptions, "time step").as_deref(),
        Some("not even: from 86400 to 172800 seconds")
    );
}

#[test]
fn a_column_without_values_is_left_out_or_refused_if_asked_for() {
    let text = "a,b\n1,\n2,NA\n";
    let (table, assumptions) = read(text).unwrap();
    assert_eq!(table.names, ["a"]);
    assert_eq!(
        told(&assumptions, "left out, every cell missing").as_deref(),
        Some("b")
    );
    let columns = Some(vec![ColumnRef::Number(2)]);
    let message = read_with(
        text,
        &ReadOptions {
            columns,
            ..ReadOptions::default()
        },
    )
    .unwrap_err()
    .to_string();
    assert_eq!(
        message,
        "load.csv, column 2 (`b`): every cell is missing. Leave this column out."
    );
}

#[test]
fn a_blank_line_between_rows_is_told_because_it_may_be_a_missing_value() {
    let (table, assumptions) = read("x\n1\n\n\n2\n\n").unwrap();
    assert_eq!(table.columns, [[1.0, 2.0]]);
    assert_eq!(
        told(&assumptions, "blank lines").as_deref(),
        Some("2 skipped, the first at line 3")
    );
    assert_eq!(
        told(&read("x\r\n1\r\n2\r\n\r\n").unwrap().1, "blank lines"),
        None
    );
}

#[test]
fn what_is_written_is_read_back_to_the_bit() {
    let text = "t,\"a, b\",c\n2016-07,0.1,-1e-300\n2016-08,,12345678.9\n2016-09,1e300,3\n";
    let (table, _) = read(text).unwrap();
    let mut written = Vec::new();
    write_csv(&table, &mut written).unwrap();
    let (again, _) = read(&written).unwrap();
    assert_eq!(again.names, table.names);
    assert_eq!(again.time, table.time);
    let bits = |table: &Table| -> Vec<u64> {
        table
            .columns
            .iter()
            .flatten()
            .map(|v| v.to_bits())
            .collect()
    };
    assert_eq!(bits(&again), bits(&table));
}

#[test]
fn a_full_disk_is_an_error_of_its_own() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let table = read("x\n1\n").unwrap().0;
    let error = write_csv(&table, Full).unwrap_err();
    assert!(
        matches!(&error, DataError::Unwritable { source } if source.kind() == std::io::ErrorKind::StorageFull)
    );
}

#[test]
fn a_missing_file_is_named() {
    let error =
        ressac_data::read_table(Path::new("no/such.csv"), &ReadOptions::default()).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("no/such.csv: cannot be read:"),
        "{error}"
    );
}
